"""Compares the quality of pictures of the same scene: compression and sharpness."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

from safelight.core.errors import ImageError
from safelight.imaging.encoded import open_encoded, open_thumbnail
from safelight.imaging.source import opened

# The luminance table of ITU-T T.81, annex K.1, in row order.
# fmt: off
_LUMINANCE = np.array([
    16, 11, 10, 16,  24,  40,  51,  61,
    12, 12, 14, 19,  26,  58,  60,  55,
    14, 13, 16, 24,  40,  57,  69,  56,
    14, 17, 22, 29,  51,  87,  80,  62,
    18, 22, 37, 56,  68, 109, 103,  77,
    24, 35, 55, 64,  81, 104, 113,  92,
    49, 64, 78, 87, 103, 121, 120, 101,
    72, 92, 95, 98, 112, 100, 103,  99,
], dtype=np.int64)
# fmt: on

_SHARPNESS_SIDE = 384
"""Long side in pixels at which pictures of different sizes are compared."""


def jpeg_quality(path: bytes | str) -> int | None:
    """The IJG quality, 1 to 100, that a JPEG was most likely saved with, or None for other formats.

    The quality whose luminance table (``jpeg_set_quality`` of the Independent JPEG Group's library: the
    standard table scaled by 5000/q below 50, 200 − 2q above) is nearest to the file's. Encoders with their
    own tables get the quality of about the same loss. Reads only the header.
    """
    try:
        with opened(path) as (file, _), open_encoded(file, ("JPEG",)) as image:
            tables = getattr(image, "quantization", None)
    except (ImageError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        return None
    return quality_of_table(tables[0]) if tables and len(tables.get(0, ())) == _LUMINANCE.size else None


def quality_of_table(luminance: list[int]) -> int:
    """The IJG quality whose table is nearest to this one (64 values in row order)."""
    qualities = np.arange(1, 101)
    scale = np.where(qualities < 50, 5000 // qualities, 200 - 2 * qualities)
    tables = np.clip((_LUMINANCE * scale[:, np.newaxis] + 50) // 100, 1, 255)
    # Compared as ratios: a difference of 1 matters for small values, not for large ones.
    distance = np.abs(np.log(tables) - np.log(np.maximum(np.asarray(luminance), 1))).sum(axis=1)
    return int(qualities[distance.argmin()])


def sharpness(jpeg: bytes) -> float:
    """Variance of the Laplacian of a picture's luminance (Pech-Pacheco et al., "Diatom autofocusing in
    brightfield microscopy: a comparative study", ICPR 2000); 0 for a single colour.

    Measured at a long side of 384 pixels, so that pictures of different sizes are comparable. For our own
    thumbnails: raises whatever Pillow raises for unreadable data.
    """
    with open_thumbnail(jpeg) as image:
        grey = image.convert("L")
    longest = max(grey.size)
    if longest != _SHARPNESS_SIDE:
        width, height = (max(1, round(side * _SHARPNESS_SIDE / longest)) for side in grey.size)
        grey = grey.resize((width, height), Image.Resampling.BICUBIC)
    return _laplacian_variance(np.asarray(grey, dtype=np.float64))


def _laplacian_variance(luminance: npt.NDArray[np.float64]) -> float:
    if min(luminance.shape) < 3:
        return 0.0
    middle = luminance[1:-1, 1:-1]
    around = luminance[:-2, 1:-1] + luminance[2:, 1:-1] + luminance[1:-1, :-2] + luminance[1:-1, 2:]
    return float((around - 4 * middle).var())
