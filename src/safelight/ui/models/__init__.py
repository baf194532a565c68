"""The page on which models are chosen."""
