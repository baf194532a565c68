"""The only module that opens an encoded picture with Pillow.

``Image.open`` without ``formats`` tries every plugin on the bytes. One of them (EPS) starts Ghostscript, and
others read formats that Safelight does not support. Bytes that claim to be a thumbnail may come from an
untrusted file, so every caller must name the formats it expects.
"""

from __future__ import annotations

from collections.abc import Collection
from io import BytesIO
from typing import BinaryIO

from PIL import Image

from safelight.imaging.formats import FORMATS

ALLOWED = frozenset(each.plugin for each in FORMATS if each.plugin)
"""Names of the Pillow plugins that may be used. EPS is not among them."""

THUMBNAIL_PIXELS = 16_000_000
"""Safelight writes thumbnails of at most 384 by 384. A ``thumbs.db`` from elsewhere may hold anything."""


def open_encoded(source: bytes | BinaryIO, formats: Collection[str]) -> Image.Image:
    """Open a picture with the named Pillow plugins only. The pixels are decoded on first use.

    Raises ValueError for a plugin that is not in :data:`ALLOWED`, and whatever Pillow raises for damaged or
    unexpected data (OSError, ValueError, SyntaxError, EOFError, DecompressionBombError).
    """
    if not formats or not ALLOWED.issuperset(formats):
        raise ValueError(f"not among the formats that Safelight opens: {sorted(set(formats) - ALLOWED)}")
    return Image.open(BytesIO(source) if isinstance(source, bytes) else source, formats=tuple(formats))


def open_thumbnail(jpeg: bytes) -> Image.Image:
    """Open a stored thumbnail: a JPEG of at most :data:`THUMBNAIL_PIXELS`.

    Raises OSError, ValueError or SyntaxError for anything else, a decompression bomb included.
    """
    try:
        image = open_encoded(jpeg, ("JPEG",))
    except Image.DecompressionBombError as error:
        raise ValueError("too large for a thumbnail") from error
    if image.width * image.height > THUMBNAIL_PIXELS:
        raise ValueError("too large for a thumbnail")
    return image
