"""One route a module: layout only."""
