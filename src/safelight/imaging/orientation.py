"""EXIF orientations."""

from __future__ import annotations

from PIL import Image

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""The change that each orientation asks for."""
_TURNED_RIGHT = {1: 6, 6: 3, 3: 8, 8: 1, 2: 7, 7: 4, 4: 5, 5: 2}
"""The orientation that shows a picture a quarter further clockwise than another one."""
QUARTER_TURNS = frozenset((5, 6, 7, 8))
"""The orientations that exchange width and height."""


def turned(image: Image.Image, orientation: int) -> Image.Image:
    """The image turned upright; the image itself if there is nothing to turn."""
    method = _UPRIGHT.get(orientation)
    if method is None:
        return image
    upright = image.transpose(method)
    upright.info = image.info  # transpose() keeps none of it, and transparency is part of the pixels
    return upright


def orientation_after(orientation: int, turns: int) -> int:
    """The orientation that shows a picture so many clockwise quarters further than ``orientation`` does."""
    for _ in range(turns % 4):
        orientation = _TURNED_RIGHT[orientation]
    return orientation


def turned_right(image: Image.Image, turns: int) -> Image.Image:
    """An upright image turned by so many clockwise quarters; the image itself for none."""
    return turned(image, orientation_after(1, turns))
