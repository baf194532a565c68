"""The settings page and the sheet of keyboard shortcuts."""
