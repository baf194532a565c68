"""Backups, repairs, and databases that somebody else may have written or that are damaged."""
