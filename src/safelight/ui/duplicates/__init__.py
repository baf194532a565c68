"""The page on which duplicates are reviewed."""
