"""The photo of each unit of a matrix, and searching for photos by their best unit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from safelight.core.nearest import Ids, VectorMatrix
from safelight.core.photo_units import Match
from safelight.store.spaces import best_units

_WIDENING_FACTOR = 2
"""Factor by which a search widens until it has met enough photos."""

_NO_PHOTO = 0


class UnitOwners:
    """Takes 4 bytes for each unit id up to the largest. For one thread at a time."""

    def __init__(self) -> None:
        self._owner: npt.NDArray[np.int32] = np.zeros(0, np.int32)
        self._units = 0

    def put(self, units: Ids, photos: Ids) -> None:
        """Record the photo of each of these units, which were not known before."""
        if not len(units):
            return
        largest = int(units.max())
        if largest >= len(self._owner):
            more = largest + largest // 4 + 1 - len(self._owner)
            self._owner = np.concatenate([self._owner, np.full(more, _NO_PHOTO, np.int32)])
        self._owner[units] = photos
        self._units += len(units)

    def forget(self, photos: Ids) -> Ids:
        """Forget the units of photos, and return their ids."""
        gone = np.flatnonzero(np.isin(self._owner, photos) & (self._owner != _NO_PHOTO))
        self._owner[gone] = _NO_PHOTO
        self._units -= len(gone)
        return np.asarray(gone, np.int64)

    def nearest(
        self,
        matrix: VectorMatrix,
        query: npt.NDArray[np.float32],
        k: int,
        allowed: Ids | Sequence[int] | None,
    ) -> list[Match]:
        """The ``k`` photos (of ``allowed``, if given) whose best unit is nearest to a unit query.

        Exact as far as the matrix is: it asks for the nearest units, and for more of them until they belong
        to k photos. A photo that is not among them has no better unit than the last of these.
        """
        units = None if allowed is None else self._units_of(np.asarray(allowed, np.int64))
        most = self._units if units is None else len(units)
        if k <= 0 or not most:
            return []
        ask = min(most, 2 * k)
        while True:
            ids, scores = matrix.nearest(query, ask, units)
            found = best_units(self._owner[ids].astype(np.int64), ids, scores, k)
            if len(found) == k or ask >= most:
                return found
            ask = min(most, _WIDENING_FACTOR * ask)

    def _units_of(self, photos: Ids) -> Ids:
        """The units of photos."""
        wanted = np.zeros(int(max(self._owner.max(initial=0), photos.max(initial=0))) + 1, np.bool_)
        wanted[photos[photos > _NO_PHOTO]] = True
        return np.asarray(np.flatnonzero(wanted[self._owner]), np.int64)
