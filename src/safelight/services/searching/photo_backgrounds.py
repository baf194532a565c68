"""The background of each photo: mean and spread of its similarities to the neutral texts, by one model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from safelight.core import bands
from safelight.core.encoder import Vectors
from safelight.services.searching.library_growth import has_changed_much
from safelight.store import revisions, sampling, vectors
from safelight.store.library import Connection, LibraryStore
from safelight.store.revisions import Revision
from safelight.store.sampling import Sample
from safelight.store.vectors import Ids

SAMPLE_SIZE = 1024
"""Photos in the sample of the library from which a query's background is estimated."""


class PhotoBackgrounds:
    """Backgrounds of a library's photos by one model. For one thread at a time.

    Keeps the id, mean and spread of each photo (16 bytes; 16 MB for a million photos), and the vectors of a
    sample of 1,024. The sample depends only on the present library, so that equal libraries give equal
    answers. A photo's background depends only on its vector, so it never becomes stale: a new photo is
    measured when it is first a hit, and all are measured in one pass when the library has grown or shrunk by
    a tenth. One pass over 100,000 vectors of 512 with 392 prompts took 0.3 s, about as long as one search
    through them.
    """

    def __init__(self, store: LibraryStore, model_id: int, prompts: Vectors) -> None:
        """``prompts`` are the vectors of the neutral texts."""
        self._store = store
        self._model_id = model_id
        self._prompts = prompts
        self._measured = -1
        self.ids: Ids = np.zeros(0, np.int64)
        """The photos that have been measured, sorted."""
        self._mean: bands.Numbers = np.zeros(0, np.float32)
        self.spread: bands.Numbers = np.zeros(0, np.float32)
        """One value for each of :attr:`ids`."""
        self._drawn_at: Revision | None = None
        self.sample = Sample(
            SAMPLE_SIZE, SAMPLE_SIZE, self.ids, np.zeros((0, prompts.shape[1]), np.float32), is_all=True
        )
        self.sample_mean = self.sample_spread = self._mean

    def refresh(self, photos: int) -> None:
        """Prepare for the present library, with this many photos with a vector. Raises ModelError for a model
        that is not registered.
        """
        with self._store.read() as db:
            if self._measured < 0 or has_changed_much(self._measured, photos):
                self._keep(
                    [
                        (ids, *bands.photo_background(rows, self._prompts))
                        for ids, rows in vectors.all_vectors(db, self._model_id)
                    ]
                )
                self._measured = photos
            self._draw(db)

    def of(self, ids: Ids) -> tuple[bands.Numbers, bands.Numbers]:
        """Mean and spread of photos; measures those that were added since the last pass."""
        place, known = self._places(ids)
        if not known.all():
            self._measure(ids[~known])
            place, known = self._places(ids)
        mean, spread = np.zeros((2, len(ids)), np.float32)
        mean[known], spread[known] = self._mean[place[known]], self.spread[place[known]]
        return mean, spread

    def _draw(self, db: Connection) -> None:
        """Bring the sample up to date."""
        now = revisions.current(db, self._model_id)
        if now == self._drawn_at:
            return
        changed = None if self._drawn_at is None else revisions.changed_photos(db, self._drawn_at, now)
        sample = None if changed is None else self.sample.after(db, self._model_id, changed)
        if sample is None:
            sample = sampling.draw(db, self._model_id, SAMPLE_SIZE, spare=SAMPLE_SIZE)
        self.sample = sample
        self._drawn_at = now
        new = ~self._places(self.sample.ids)[1]
        if new.any():
            self._add(self.sample.ids[new], self.sample.vectors[new])
        self.sample_mean, self.sample_spread = self.of(self.sample.ids)

    def _places(self, ids: Ids) -> tuple[Ids, npt.NDArray[np.bool_]]:
        """The row of each photo, and whether it has one."""
        if not len(self.ids):
            return np.zeros(len(ids), np.int64), np.zeros(len(ids), np.bool_)
        place = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        return place, self.ids[place] == ids

    def _measure(self, ids: Ids) -> None:
        """Add photos to the table, except those that were just removed from the library."""
        with self._store.read() as db:
            rows = [(photo, vectors.get(db, self._model_id, photo)) for photo in ids.tolist()]
        late = [(photo, row) for photo, row in rows if row is not None]
        if late:
            self._add(np.array([photo for photo, _ in late], np.int64), np.stack([row for _, row in late]))

    def _add(self, ids: Ids, rows: Vectors) -> None:
        """Photos that are not in the table yet."""
        measured = bands.photo_background(rows, self._prompts)
        self._keep([(self.ids, self._mean, self.spread), (ids, *measured)])

    def _keep(self, parts: Sequence[tuple[Ids, bands.Numbers, bands.Numbers]]) -> None:
        if not parts:
            return
        ids = np.concatenate([part[0] for part in parts])
        order = np.argsort(ids)
        self.ids = ids[order]
        self._mean = np.concatenate([part[1] for part in parts])[order]
        self.spread = np.concatenate([part[2] for part in parts])[order]
