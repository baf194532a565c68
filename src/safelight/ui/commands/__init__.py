"""The commands of the window, their keys, and those that act on photos, folders and files."""
