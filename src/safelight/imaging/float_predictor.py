"""Decodes TIFF files with floats that were compressed with Deflate and the floating-point predictor (Adobe
Photoshop TIFF Technical Note 3), as programs that use libtiff write them by default.

tifffile needs the large package imagecodecs for them.
"""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
import numpy.typing as npt

_DEFLATE = (8, 32946)
_PREDICTOR = 3
_SEPARATE = 2
"""A planar configuration: each colour is stored apart."""

Floats = npt.NDArray[np.floating[Any]]


def read_floats(page: Any) -> Floats | None:
    """The samples of a page of tifffile, in its shape; None if they are compressed otherwise.

    Missing and damaged strips are black. Raises zlib.error and ValueError if nothing can be decoded.
    """
    if page.predictor != _PREDICTOR or page.compression not in _DEFLATE:
        return None
    height, width, size = page.imagelength, page.imagewidth, page.dtype.itemsize
    planes, samples = 1, int(page.samplesperpixel)
    if page.planarconfig == _SEPARATE:
        planes, samples = samples, 1
    if page.is_tiled:
        rows, columns = int(page.tilelength), int(page.tilewidth)
    else:
        rows, columns = min(int(page.rowsperstrip), height), width
    across, down = -(-width // columns), -(-height // rows)
    whole = np.zeros((planes, height, width, samples), page.dtype)
    line = columns * samples * size
    for packed, number in page.parent.filehandle.read_segments(page.dataoffsets, page.databytecounts):
        plane, place = divmod(number, across * down)
        if packed is None or plane >= planes:
            continue
        top, left = place // across * rows, place % across * columns
        coded = zlib.decompressobj().decompress(packed, rows * line)
        lines = min(len(coded) // line, height - top)
        part = _decoded(np.frombuffer(coded, np.uint8, lines * line).reshape(lines, -1), samples, size)
        whole[plane, top : top + lines, left : left + columns] = part[:, : width - left]
    return whole[..., 0] if planes > 1 else whole[0] if samples > 1 else whole[0, ..., 0]


def _decoded(coded: npt.NDArray[np.uint8], samples: int, size: int) -> Floats:
    """Lines of bytes (lines, bytes of a line) as floats (lines, columns, samples).

    A line holds the first bytes of all numbers, then the second ones, and so on; of each byte, its difference
    from that of the pixel before.
    """
    lines = len(coded)
    summed = np.cumsum(coded.reshape(lines, -1, samples), axis=1, dtype=np.uint8)
    numbers = summed.reshape(lines, size, -1).transpose(0, 2, 1)
    floats: Floats = np.ascontiguousarray(numbers).view(f">f{size}")
    return floats.reshape(lines, -1, samples)
