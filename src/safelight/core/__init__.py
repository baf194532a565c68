"""Values and rules. Nothing here reads a file, a database or a network."""
