"""The reference descriptions nearest to each photo, for one model."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from safelight.core import relevance
from safelight.core.bands import Numbers
from safelight.core.encoder import Vectors
from safelight.services.models.references import References
from safelight.store.vectors import Ids

Weights = npt.NDArray[np.float16]


class PhotoReferences:
    """A table with 256 bytes for each photo. Its values depend only on the photo's vector and the model, so
    they never have to be computed again. For one thread at a time.
    """

    def __init__(self, references: References) -> None:
        self.references = references
        kept = min(relevance.DESCRIPTIONS_PER_PHOTO, len(references.vectors))
        self._photo_ids: Ids = np.zeros(0, np.int64)
        self._ids: relevance.DescriptionIds = np.zeros((0, kept), np.uint16)
        self._weights: Weights = np.zeros((0, kept), np.float16)

    def __len__(self) -> int:
        return len(self._photo_ids)

    def missing(self, photo_ids: Ids) -> npt.NDArray[np.bool_]:
        """Which of these photos are not in the table, (n,)."""
        return ~self._rows(photo_ids)[1]

    def measure(self, photo_ids: Ids, vectors: Vectors, spread: Numbers) -> None:
        """Add photos from their vectors (n, dim) and the spread of each one's neutral similarities (n,)."""
        self.put(photo_ids, *relevance.nearest_descriptions(vectors, self.references.vectors, spread))

    def put(self, photo_ids: Ids, ids: relevance.DescriptionIds, weights: Weights) -> None:
        """Add photos that are not in the table, with their nearest descriptions."""
        joined = np.concatenate([self._photo_ids, photo_ids])
        order = np.argsort(joined, kind="stable")
        self._photo_ids = joined[order]
        self._ids = np.concatenate([self._ids, ids])[order]
        self._weights = np.concatenate([self._weights, weights])[order]

    def get(self, photo_ids: Ids) -> tuple[relevance.DescriptionIds, Weights]:
        """The nearest descriptions of photos, (n, k). Photos that are not in the table have weights of 0."""
        rows, known = self._rows(photo_ids)
        if not len(self._photo_ids):
            shape = len(photo_ids), self._ids.shape[1]
            return np.zeros(shape, np.uint16), np.zeros(shape, np.float16)
        weights = self._weights[rows]
        if not known.all():
            weights[~known] = 0
        return self._ids[rows], weights

    def _rows(self, photo_ids: Ids) -> tuple[Ids, npt.NDArray[np.bool_]]:
        if not len(self._photo_ids):
            return np.zeros(len(photo_ids), np.int64), np.zeros(len(photo_ids), np.bool_)
        rows = np.minimum(np.searchsorted(self._photo_ids, photo_ids), len(self._photo_ids) - 1)
        return rows, self._photo_ids[rows] == photo_ids
