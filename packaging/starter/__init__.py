"""Trains the starter model that ships with Safelight. See README.md beside this file."""
