"""Bytes to pixels: decoding, orientation, colour, thumbnails, metadata and hashes. Uses Pillow and NumPy
only.
"""
