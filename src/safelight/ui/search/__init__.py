"""The search box: its text, its chips, its completion, and saved searches."""
