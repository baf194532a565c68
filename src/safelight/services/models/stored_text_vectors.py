"""Stores the vectors of fixed texts, so that each model computes them only once.

They are in the file that comes with a model, in the model's folder, which all libraries of the user share, or
in the folder of the library. The name of a set contains digests of the model's key and of the texts, so that
vectors of other models or texts are never used.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import logging
import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from safelight.core.encoder import Encoder, ModelInfo, Vectors
from safelight.core.errors import ImageError
from safelight.embedding.catalogue import STARTER
from safelight.embedding.packed_vectors import unpacked
from safelight.imaging.source import read_file
from safelight.store import vectors

_log = logging.getLogger(__name__)

_BATCH_SIZE = 256

_OUTDATED_NAME = re.compile(r"(prompts|references|words|tag-words)-[0-9a-f]{16}\.npy")


def load_or_encode(encoder: Encoder, directory: Path, kind: str, texts: Sequence[str]) -> Vectors:
    """The vectors of texts that every library needs (n, dim), stored or computed.

    If they cannot be stored, as on read-only media, they are computed each time. A file that is damaged or
    has another shape is replaced. ``directory`` is the folder of the library. Raises ModelError.
    """
    kept = load(encoder.info, directory, kind, texts)
    if kept is not None:
        return kept
    found = np.concatenate(
        [
            encoder.encode_texts(texts[start : start + _BATCH_SIZE])
            for start in range(0, len(texts), _BATCH_SIZE)
        ]
    )
    save(encoder.info, directory, kind, texts, found)
    return found


def save(
    info: ModelInfo, directory: Path, kind: str, texts: Sequence[str], rows: Vectors, *, shared: bool = True
) -> None:
    """Store vectors in the model's folder. If that fails, or they are not ``shared``, store them in the
    folder of the library. They replace the model's earlier vectors of their kind in that folder."""
    name = set_name(kind, info.key, texts)
    folders = [directory]
    if shared and info.folder is not None and info.name != STARTER:  # whose folder belongs to the program
        folders.insert(0, info.folder)
    for folder in folders:
        try:
            _write(folder / f"{name}.npy", rows)
        except OSError as error:
            _log.info("the vectors of the %s could not be kept: %s", kind, type(error).__name__)
            continue
        for other in folder.glob(f"{_model_prefix(kind, info.key)}-*.npy"):
            if other.stem != name:
                with contextlib.suppress(OSError):
                    other.unlink()
        return


def load(info: ModelInfo, directory: Path, kind: str, texts: Sequence[str]) -> Vectors | None:
    """The stored vectors (n, dim) of texts by the model; None if there are none."""
    name = set_name(kind, info.key, texts)
    shape = len(texts), info.dim
    if info.folder is not None:
        rows = unpacked(info.folder, name, *shape)
        if rows is not None and _are_unit(rows):
            return rows
        rows = _read(info.folder / f"{name}.npy", *shape)
        if rows is not None:
            return rows
    return _read(directory / f"{name}.npy", *shape)


def set_name(kind: str, key: str, texts: Sequence[str]) -> str:
    """The name of a set: its kind, and digests of the model's key and of the texts."""
    digest = hashlib.sha256("\n".join(texts).encode()).hexdigest()
    return f"{_model_prefix(kind, key)}-{digest[:16]}"


def delete_outdated(directory: Path) -> None:
    """Delete files of earlier versions from the folder of a library, which are not read any more."""
    for path in directory.glob("*.npy"):
        if _OUTDATED_NAME.fullmatch(path.name):
            with contextlib.suppress(OSError):
                path.unlink()


def _model_prefix(kind: str, key: str) -> str:
    return f"{kind}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"


def _read(path: Path, count: int, dim: int) -> Vectors | None:
    header = _header(count, dim)
    size = len(header) + 4 * count * dim
    try:
        data = read_file(str(path), size)
    except ImageError:  # there is no such file, or it is not a regular file
        return None
    # The header is compared and not parsed: NumPy's parser raises errors of any kind for a damaged one.
    if len(data) != size or not data.startswith(header):
        return None
    rows = np.frombuffer(data, "<f4", offset=len(header)).reshape(count, dim).astype(np.float32)
    return rows if _are_unit(rows) else None


def _are_unit(rows: Vectors) -> bool:
    good = np.abs(np.linalg.norm(rows, axis=1) - 1) <= vectors.NORM_TOLERANCE  # False for NaN
    return bool(good.all())


def _header(count: int, dim: int) -> bytes:
    """The header of a NumPy file of (count, dim) float32."""
    written = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        written, {"descr": "<f4", "fortran_order": False, "shape": (count, dim)}
    )
    return written.getvalue()


def _write(path: Path, rows: Vectors) -> None:
    """Write a file atomically, so that another process never reads a part of it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            np.save(file, np.ascontiguousarray(rows, "<f4"))
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
