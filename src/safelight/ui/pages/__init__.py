"""The pages of the window, as declarations, and those that belong to no feature."""
