"""Vectors relative to the mean of their library, so that a cosine shows how two photos differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from safelight.core.encoder import Vectors
from safelight.store import revisions, sampling, vectors
from safelight.store.library import Connection

_FROM = 256
"""Photos from which on vectors are taken about their mean. Those of some models all point much the same
way, so that strangers have a cosine of a half."""

_SAMPLE = 4096
"""Photos of which the mean is taken."""

_MOVES = 20
"""The mean is taken anew once the library has grown, or shrunk, by one part in so many. That of a sample
moves less by it than by taking another sample."""

LEAST = 0.03
"""Distance from the mean below which a direction from there is mostly rounding."""


@dataclass(frozen=True, slots=True)
class Centre:
    """What the vectors of a model are taken about."""

    model_id: int
    generation: int
    photos: int
    mean: Vectors
    """Float32 (dim,); zero in a small library."""

    def directions(self, rows: Vectors) -> Vectors:
        """Unit vectors from the mean to float32 rows (n, dim), or shorter ones for those that lie at it."""
        # Stored vectors may be a thousandth off unit length.
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
        """Of the vectors of a model. Raises ModelError for one that is not registered."""
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
