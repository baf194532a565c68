"""Reads the safetensors files that come with a model, beside its weights. No torch here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from safetensors import SafetensorError, safe_open

from safelight.core.encoder import Vectors


class Companion(NamedTuple):
    """Some tensors of a file, and its metadata."""

    tensors: tuple[Vectors, ...]
    """In float32, of any shape, in the order of the names that were asked for."""
    metadata: Mapping[str, str]


def read_companion(path: Path, names: Sequence[str]) -> Companion | None:
    """The tensors of these names; None where there is no such file, one is missing, or it is damaged."""
    if not path.is_file():
        return None
    try:
        file: Any = safe_open(path, "np")
        with file:
            tensors = tuple(np.asarray(file.get_tensor(name), np.float32) for name in names)
            return Companion(tensors, file.metadata() or {})
    except (SafetensorError, OSError, TypeError, ValueError):
        return None
