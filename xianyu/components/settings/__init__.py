"""The cards of the settings page, one file a subject."""
