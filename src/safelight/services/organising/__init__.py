"""The user's descriptions of photos, shared with other programs."""
