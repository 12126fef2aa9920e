"""The outside world: database, passwords, pictures, messages, open tabs."""
