"""Where faces are in pictures of Apple Photos, as its library and osxphotos state them.

https://github.com/RhetTbull/osxphotos (``osxphotos/personinfo.py``) describes the values. They refer to the
picture as Photos shows it: upright, and edited if it was edited.
"""

from __future__ import annotations

from safelight.core.photo import FaceRegion
from safelight.services.migration.record import face_at, number_of


def photos_face(
    name: str, circle: tuple[object, object, object], shown: tuple[object, object], *, edited: bool
) -> FaceRegion | None:
    """The square around a face, or None where its place in the original is not known.

    ``circle``: its centre as fractions of the width, and of the height from the bottom; its diameter as a
    fraction of the longer side. ``shown``: width and height of the upright picture in pixels.
    """
    x, y, diameter = (number_of(each) for each in circle)
    width, height = (number_of(each) for each in shown)
    if edited or x is None or y is None or diameter is None or width is None or height is None:
        return None
    across, down, radius = x * width, (1 - y) * height, diameter * max(width, height) / 2
    # A face at the edge of the picture has a square that is partly outside of it.
    left, right = max(across - radius, 0), min(across + radius, width)
    top, bottom = max(down - radius, 0), min(down + radius, height)
    return face_at(name, (left, top, right - left, bottom - top), width, height)
