"""Three hashes of a picture: of its bytes, of its pixels, of its appearance."""

from __future__ import annotations

import hashlib
import os

import numpy as np
from PIL import Image

from safelight.imaging.source import digest_file

DIGEST_SIZE = 20

_STRIP_BYTES = 8 * 2**20

_HASH_SIDE = 32
_FREQUENCIES = np.arange(1, 9)[:, np.newaxis]
# The rows 1 to 8 of the type II discrete cosine transform of 32 samples. Row 0, the mean, is left out.
_BASIS = np.cos(np.pi / _HASH_SIDE * _FREQUENCIES * (np.arange(_HASH_SIDE)[np.newaxis, :] + 0.5))
# Coefficients this small (of up to about 10^5) are rounding errors.
_NOISE = 1e-3


def content_hash(data: bytes) -> bytes:
    """BLAKE2b-160 of a file's bytes."""
    return hashlib.blake2b(data, digest_size=DIGEST_SIZE).digest()


def content_hash_of_file(path: bytes | str) -> tuple[bytes, os.stat_result]:
    """:func:`content_hash` of a file's present content on disk, and its stat. Raises ImageError."""
    return digest_file(path, DIGEST_SIZE)


def pixel_hash(image: Image.Image, width: int, height: int, further: bytes = b"") -> bytes:
    """BLAKE2b-160 of upright pixels as the decoder gave them, and of the full dimensions.

    ``further`` is the digest of the frames after the first (:class:`FurtherFrames`). Equal for files that
    differ in their metadata only. Values are taken before colour conversion, so a profile that was removed
    changes nothing. Decoders round differently between versions and machines: unequal hashes from different
    machines do not prove that the pixels differ.
    """
    digest = hashlib.blake2b(further, digest_size=DIGEST_SIZE)
    digest.update(f"{image.mode} {width}x{height} {image.width}x{image.height}\n".encode())
    if image.palette is not None:
        digest.update(image.palette.tobytes())
    # In strips, because tobytes() copies what it is asked for: a panorama may take a gigabyte.
    rows = max(1, _STRIP_BYTES // (4 * image.width))
    if rows >= image.height:
        digest.update(image.tobytes())
    else:
        for top in range(0, image.height, rows):
            strip = image.crop((0, top, image.width, min(top + rows, image.height)))
            digest.update(strip.tobytes())
    return digest.digest()


def perceptual_hash(image: Image.Image) -> int:
    """64-bit DCT hash of the luminance, as a signed integer (Zauner, "Implementation and Benchmarking of
    Perceptual Image Hash Functions", 2010, section 3.2.1).

    The luminance is scaled to 32 × 32; the 64 lowest frequencies without the mean are compared with their
    median. Hashes differ little after re-encoding, scaling and changes of brightness, and much after crops
    and rotations. A picture of a single colour hashes to 0, which does not describe its appearance.
    """
    small = image.convert("L").resize((_HASH_SIDE, _HASH_SIDE), Image.Resampling.BICUBIC)
    luminance = np.asarray(small, dtype=np.float64)
    coefficients = _BASIS @ luminance @ _BASIS.T
    coefficients[np.abs(coefficients) < _NOISE] = 0.0
    bits = (coefficients > np.median(coefficients)).ravel()
    return int.from_bytes(np.packbits(bits).tobytes(), signed=True)
