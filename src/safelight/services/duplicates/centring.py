"""Vectors relative to the mean of their library, so that a cosine shows how two photos differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from safelight.core.encoder import Vectors
from safelight.store import revisions, sampling, vectors
from safelight.store.library import Connection

_FROM = 256
"""Number of photos from which vectors are centred. In some models all vectors point in nearly the same
direction, so that unrelated photos have a cosine of 0.5."""

_SAMPLE = 4096
"""Photos that the mean is computed from."""

_MOVES = 20
"""The mean is computed again when the library has grown or shrunk by this fraction. Such a change affects the
mean of the sample less than drawing another sample does."""

LEAST = 0.03
"""Distance from the mean below which the direction is mostly rounding error."""


@dataclass(frozen=True, slots=True)
class Centre:
    """The mean that a model's vectors are relative to."""

    model_id: int
    generation: int
    photos: int
    mean: Vectors
    """Float32 (dim,); zero in a small library."""

    def directions(self, rows: Vectors) -> Vectors:
        """Unit vectors from the mean to float32 rows (n, dim), or shorter ones for rows close to the mean."""
        # The length of stored vectors may differ from 1 by a thousandth.
        about = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        if self.mean.any():
            about -= self.mean
            about /= np.maximum(np.linalg.norm(about, axis=1, keepdims=True), LEAST)
        return np.asarray(about, np.float32)


class Centring:
    """Keeps the mean from one run to the next, as reading the sample takes longer than comparing a photo."""

    def __init__(self) -> None:
        self._known: Centre | None = None

    def centre(self, db: Connection, model_id: int) -> Centre:
        """The mean of a model's vectors. Raises ModelError for a model that is not registered."""
        generation = revisions.current(db, model_id).generation
        photos = vectors.count(db, model_id)
        known = self._known
        if (
            known is None
            or (known.model_id, known.generation) != (model_id, generation)
            or (known.photos >= _FROM) is not (photos >= _FROM)
            or abs(photos - known.photos) * _MOVES > known.photos
        ):
            mean = np.zeros(vectors.dimensions(db, model_id), np.float32)
            if photos >= _FROM:
                sample = sampling.draw(db, model_id, _SAMPLE)
                if len(sample):
                    mean = sample.vectors.mean(0)
            self._known = known = Centre(model_id, generation, photos, mean)
        return known
