"""A finished model, loaded and asked through the program's own code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from safelight.core.encoder import Encoder, Vectors
from safelight.core.errors import SafelightError, UsageError
from safelight.embedding.catalogue import ModelSpec
from safelight.embedding.config import WEIGHTS_NAME, declared_input_spec, read_dim
from safelight.embedding.load import load_encoder
from safelight.imaging.read import decode_photo
from starter.pictures import Picture

_BATCH = 64


def load(folder: Path, threads: int) -> Encoder:
    """The model in ``folder``. Raises ModelError for one that cannot be loaded."""
    folder = folder.resolve()
    spec = ModelSpec(
        name=folder.name,
        title=folder.name,
        source=folder,
        licence="",
        dim=read_dim(folder),
        size_bytes=(folder / WEIGHTS_NAME).stat().st_size,
        input_spec=declared_input_spec(folder),
    )
    return load_encoder(spec, threads=threads)


def encoded(encoder: Encoder, pictures: Sequence[Picture]) -> tuple[list[Picture], Vectors]:
    """The pictures that can be decoded, and their vectors row by row; the others are named on standard error.

    Raises UsageError where none can be decoded.
    """
    readable: list[Picture] = []
    parts: list[Vectors] = []
    for start in range(0, len(pictures), _BATCH):
        inputs = []
        for picture in pictures[start : start + _BATCH]:
            try:
                pixels = decode_photo(str(picture.path), encoder.input_spec).model_input
            except SafelightError as error:
                print(f"{picture.path}: {error} Left out.", file=sys.stderr)
                continue
            if pixels is not None:
                inputs.append(pixels)
                readable.append(picture)
        if inputs:
            parts.append(encoder.encode_images(np.stack(inputs)))
    if not parts:
        raise UsageError("None of the pictures can be read.")
    return readable, np.concatenate(parts)
