"""Bytes to pixels: decoding, orientation, colour, thumbnails, metadata and hashes. Pillow and numpy only."""
