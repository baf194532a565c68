"""Measures the program on this machine, in temporary libraries."""
