"""Finds duplicates, and explains why photos are duplicates."""
