"""Vectors of fixed texts by a model, kept in a file so that they are computed once."""

from __future__ import annotations

import hashlib
import io
import logging
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from safelight.core.encoder import Encoder, Vectors
from safelight.core.errors import ImageError
from safelight.imaging.source import read_file
from safelight.store import vectors

_log = logging.getLogger(__name__)

_BATCH = 256


def encoded(encoder: Encoder, folder: Path, kind: str, texts: Sequence[str]) -> Vectors:
    """The vectors of the texts (n, dim), from ``folder`` if they are kept there.

    Where they cannot be kept, as on read-only media, they are computed each time. A file that is damaged or
    has another shape is replaced. Raises ModelError.
    """
    kept = load(folder, kind, encoder.info.key, texts, encoder.info.dim)
    if kept is not None:
        return kept
    found = np.concatenate(
        [encoder.encode_texts(texts[start : start + _BATCH]) for start in range(0, len(texts), _BATCH)]
    )
    save(folder, kind, encoder.info.key, texts, found)
    return found


def save(folder: Path, kind: str, key: str, texts: Sequence[str], rows: Vectors) -> None:
    """Keep the vectors, unless the folder cannot be written to."""
    try:
        _write(_path(folder, kind, key, texts), rows)
    except OSError as error:
        _log.info("the vectors of the %s could not be kept: %s", kind, type(error).__name__)


def load(folder: Path, kind: str, key: str, texts: Sequence[str], dim: int) -> Vectors | None:
    """The vectors (n, dim) that were kept for the model of this key, or None."""
    header = _header(len(texts), dim)
    size = len(header) + 4 * len(texts) * dim
    try:
        data = read_file(str(_path(folder, kind, key, texts)), size)
    except ImageError:  # no such file, or something else of its name
        return None
    # The header is compared and not parsed: NumPy's parser raises errors of any kind for a damaged one.
    if len(data) != size or not data.startswith(header):
        return None
    rows = np.frombuffer(data, "<f4", offset=len(header)).reshape(len(texts), dim).astype(np.float32)
    good = np.abs(np.linalg.norm(rows, axis=1) - 1) <= vectors.NORM_TOLERANCE  # False for NaN
    return rows if bool(good.all()) else None


def _path(folder: Path, kind: str, key: str, texts: Sequence[str]) -> Path:
    name = hashlib.sha256("\n".join((key, *texts)).encode()).hexdigest()[:16]
    return folder / f"{kind}-{name}.npy"


def _header(count: int, dim: int) -> bytes:
    """How a NumPy file of (count, dim) float32 begins."""
    written = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        written, {"descr": "<f4", "fortran_order": False, "shape": (count, dim)}
    )
    return written.getvalue()


def _write(path: Path, rows: Vectors) -> None:
    """Write under another name first, so that another process never reads half a file."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            np.save(file, np.ascontiguousarray(rows, "<f4"))
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
