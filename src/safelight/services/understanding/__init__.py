"""Finds what the photos of a library show, without a query."""
