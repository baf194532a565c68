"""Centres vectors on the mean of the library.

In some models all vectors have nearly the same direction, so that unrelated photos have a cosine of 0.5. The
cosine of centred vectors shows how much two photos differ.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from safelight.core.encoder import Vectors
from safelight.store import revisions, sampling, vectors
from safelight.store.library import Connection

_MIN_PHOTOS = 256
"""Libraries with fewer photos are not centred, because the mean of few photos describes just these photos."""

_SAMPLE_SIZE = 4096
"""The number of photos from which the mean is computed."""

_CHANGE_DIVISOR = 20
"""The mean is computed again when the library has grown or shrunk by one in this many photos. A smaller
change affects the mean less than drawing another sample does."""

MIN_DISTANCE = 0.03
"""Below this distance from the mean, the direction is mostly rounding error."""


@dataclass(frozen=True, slots=True)
class Centre:
    """The mean of a model's vectors, with the state of the library from which it was computed."""

    model_id: int
    generation: int
    photos: int
    mean: Vectors
    """Float32 (dim,); zero in a small library."""

    def directions(self, rows: Vectors) -> Vectors:
        """Unit vectors from the mean to float32 rows (n, dim); shorter ones for rows close to the mean."""
        # The length of stored vectors may differ from 1 by a thousandth.
        centred = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        if self.mean.any():
            centred -= self.mean
            centred /= np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), MIN_DISTANCE)
        return np.asarray(centred, np.float32)


class Centring:
    """Caches the mean between runs, because reading the sample takes longer than comparing a photo."""

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
            or (known.photos >= _MIN_PHOTOS) is not (photos >= _MIN_PHOTOS)
            or abs(photos - known.photos) * _CHANGE_DIVISOR > known.photos
        ):
            mean = np.zeros(vectors.dimensions(db, model_id), np.float32)
            if photos >= _MIN_PHOTOS:
                sample = sampling.draw(db, model_id, _SAMPLE_SIZE)
                if len(sample):
                    mean = sample.vectors.mean(0)
            self._known = known = Centre(model_id, generation, photos, mean)
        return known
