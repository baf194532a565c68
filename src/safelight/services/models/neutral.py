"""Descriptions of everyday pictures as a model sees them: the background that searches are measured against,
and the proof that another way to encode texts is the same."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from safelight import paths
from safelight.core.encoder import Encoder, Vectors
from safelight.store import vectors

_log = logging.getLogger(__name__)

_PROBES = 8
_LEAST_COSINE = 0.9999
"""Float32 in another order of addition moves cosines by 1e-6."""


def neutral_prompts() -> tuple[str, ...]:
    """A few hundred short descriptions of everyday pictures; no one library shows them all."""
    text = (paths.resources_dir() / "prompts" / "neutral.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line)


def encoded_prompts(encoder: Encoder, folder: Path) -> Vectors:
    """The prompts' vectors (n, dim) by a model, from ``folder`` where they have been kept there.

    They depend on the model and the prompts alone, and a large model takes seconds for them. Where they
    cannot be kept, as on read-only media, they are computed each time; what is kept and does not fit is
    computed anew.
    """
    prompts = neutral_prompts()
    place = _place(encoder.info.key, prompts, folder)
    kept = _kept(place, (len(prompts), encoder.info.dim))
    if kept is not None:
        return kept
    found = encoder.encode_texts(prompts)
    try:
        _save(place, found)
    except OSError as error:
        _log.info("the vectors of the neutral prompts could not be kept: %s", type(error).__name__)
    return found


def agrees(encode: Callable[[Sequence[str]], Vectors], key: str, dim: int, folder: Path) -> bool:
    """Whether another way to encode texts gives what the whole model of this key, which proves itself each
    time it is loaded, gave for prompts that were kept in ``folder``. False where none were."""
    prompts = neutral_prompts()
    kept = _kept(_place(key, prompts, folder), (len(prompts), dim))
    if kept is None:
        return False
    asked = range(0, len(prompts), max(1, len(prompts) // _PROBES))
    found = encode([prompts[number] for number in asked])
    nearness = np.sum(found * kept[asked], axis=1)
    return bool((nearness >= _LEAST_COSINE).all())


def _place(key: str, prompts: Sequence[str], folder: Path) -> Path:
    name = hashlib.sha256("\n".join((key, *prompts)).encode()).hexdigest()[:16]
    return folder / f"prompts-{name}.npy"


def _kept(place: Path, shape: tuple[int, int]) -> Vectors | None:
    try:
        rows = np.load(place, allow_pickle=False)
    except (OSError, ValueError, EOFError):  # not there, or no whole file of this kind
        return None
    if not isinstance(rows, np.ndarray) or rows.dtype != np.float32 or rows.shape != shape:
        return None
    good = np.abs(np.linalg.norm(rows, axis=1) - 1) <= vectors.NORM_TOLERANCE  # NaN is not
    return rows if bool(good.all()) else None


def _save(place: Path, rows: Vectors) -> None:
    """Under another name first, so that another process never reads half a file."""
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=place.stem, suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            np.save(file, rows)
        part.replace(place)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
