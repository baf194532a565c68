"""The schema of the library, step by step."""
