"""What the marketplace does. Plain functions: a session and an actor first, no commit, no Reflex."""
