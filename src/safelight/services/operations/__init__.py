"""Applying what a user does to the library, and undoing it."""
