"""Moves files to the trash, for duplicates and for photos that the user chose, and back."""
