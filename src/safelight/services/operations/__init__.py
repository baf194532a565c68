"""Applies the user's operations to the library, and undoes them."""
