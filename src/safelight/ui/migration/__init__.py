"""The page that imports from another program."""
