"""The page Explore: themes of the library, and fixed searches."""
