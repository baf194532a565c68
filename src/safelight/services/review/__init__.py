"""Carrying out the user's decisions about duplicates: moving files to the trash, and back."""
