"""Manages models, and chooses the one that answers searches."""
