"""Writes copies and sidecars, which share the user's descriptions of photos with other programs."""
