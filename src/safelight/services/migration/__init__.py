"""Importing what other programs know about photos."""
