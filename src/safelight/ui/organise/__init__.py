"""Tags, albums, marks and the command palette."""
