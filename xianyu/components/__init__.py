"""Functions from vars to components."""
