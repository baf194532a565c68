"""The viewer: one photo at a time."""
