"""Image models: which are installed, loading them, and encoding pictures and texts.

Importing this package or its catalogue costs nothing; torch is imported when a model is loaded.
"""
