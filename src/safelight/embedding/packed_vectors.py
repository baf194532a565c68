"""Vectors of texts that come with a model, in one compact file beside its weights. No torch here.

The vectors of all texts are in the space that the last layer of the text tower spans, which can have fewer
dimensions than the vectors. The file holds a basis of that space in float32 and coordinates in float16: for
the built-in model half the size of float16 vectors, at the same precision.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from safelight.core.encoder import Vectors
from safelight.embedding.companion_files import read_companion

PACKED_NAME = "text_vectors.safetensors"
BASIS = "basis"
"""The tensor (rank, dim) with the basis; every other tensor holds the coordinates (n, rank) of a set."""


def unpacked(folder: Path, name: str, count: int, dim: int) -> Vectors | None:
    """The set of vectors of a name (count, dim), unit rows, from the model in ``folder``.

    None where there is no such set, it has another shape, or the file is damaged.
    """
    found = read_companion(folder / PACKED_NAME, (name, BASIS))
    if found is None:
        return None
    coordinates, basis = found.tensors
    if coordinates.ndim != 2 or basis.shape != (coordinates.shape[1], dim) or len(coordinates) != count:
        return None
    rows = coordinates @ basis
    with np.errstate(invalid="ignore", divide="ignore"):  # the caller checks for damaged numbers
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)
