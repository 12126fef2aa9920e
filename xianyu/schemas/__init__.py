"""What crosses the borders: frozen views for the interface, events for open tabs, checked input."""
