"""A few bytes by which likely copies of a picture are found, in any of the eight orientations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from safelight.imaging.encoded import open_thumbnail

_SIDE = 32
_BASIS = np.cos(np.pi / _SIDE * np.arange(8)[:, np.newaxis] * (np.arange(_SIDE)[np.newaxis, :] + 0.5))


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The coarse appearance of a thumbnail."""

    hash: int
    """Signs of the 64 lowest coefficients of the cosine transform, as a signed integer; see
    :func:`safelight.core.hamming.orientations` for those of the turned and mirrored picture."""
    texture: float
    """Standard deviation of the luminance, 0 to 127. The signs of a picture with nearly none are noise."""


def fingerprint(jpeg: bytes) -> Fingerprint:
    """The fingerprint of an encoded thumbnail; raises Pillow's errors for anything unreadable.

    The hash is the DCT hash of Zauner ("Implementation and Benchmarking of Perceptual Image Hash Functions",
    2010) compared with zero instead of the median, so that mirroring negates and transposing transposes it
    exactly (the cosine transform of a reversed signal has its odd coefficients negated). Bit 63 is the
    mean's and always 0.
    """
    with open_thumbnail(jpeg) as image:
        image.draft("L", (2 * _SIDE, 2 * _SIDE))
        small = image.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX)
    luminance = np.asarray(small, dtype=np.float64)
    coefficients = _BASIS @ luminance @ _BASIS.T
    bits = coefficients.ravel() > 0
    bits[0] = False
    return Fingerprint(int.from_bytes(np.packbits(bits).tobytes(), signed=True), float(luminance.std()))
