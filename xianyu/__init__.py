"""xianyu: a second-hand marketplace that a neighbourhood runs for itself."""
