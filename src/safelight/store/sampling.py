"""A sample of photos that represents the whole library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import apsw
import numpy as np

from safelight.core.encoder import Vectors
from safelight.store import vectors
from safelight.store.rows import ids_of
from safelight.store.vectors import Ids

_ID, _ODD, _SCATTERED = 0x7FFF_FFFF, 2_654_435_761, 0xFFFF_FFFF
"""Multiplication by a large odd number modulo 2^32 scatters consecutive ids (Knuth, TAOCP 3, 6.4)."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Visible photos and their vectors by one model: those with the smallest scattered ids. They are spread
    over the library, and the sample is the same as long as the library is the same.
    """

    wanted: int
    """The size of the sample, if the library has enough photos."""
    spare: int
    """Further photos that are kept in memory, to replace sampled photos that are removed."""
    drawn: Ids
    """Photos in the order of their scattered ids; the first ones are the sample."""
    rows: Vectors
    """Float32 (n, dim): the vectors of the drawn photos."""
    is_all: bool
    """Whether the sample holds all visible photos with a vector."""

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def ids(self) -> Ids:
        """(n,)."""
        return self.drawn[: self.wanted]

    @property
    def vectors(self) -> Vectors:
        """(n, dim)."""
        return self.rows[: self.wanted]

    def after(self, db: apsw.Connection, model_id: int, changed: Sequence[int]) -> Sample | None:
        """The sample after these photos were added, removed or got other vectors; None where it has to be
        drawn again.
        """
        asked = np.asarray(changed, np.int64)
        if not self.is_all:
            asked = asked[_scattered(asked) <= _scattered(self.drawn[-1:])]
        stay = ~np.isin(self.drawn, asked)
        came, rows = vectors.of_visible(db, model_id, asked.tolist())
        ids, rows = np.concatenate([self.drawn[stay], came]), np.concatenate([self.rows[stay], rows])
        if len(ids) < self.wanted and not self.is_all:
            return None
        return _first(self.wanted, self.spare, ids, rows, is_all=self.is_all)


def draw(db: apsw.Connection, model_id: int, count: int, *, spare: int = 0) -> Sample:
    """Draw a sample of up to ``count`` photos. Takes as long as reading all ids. Request spare photos for a
    sample that will be updated.
    """
    drawn = ids_of(
        db.execute(
            "SELECT e.photo_id FROM embedding AS e CROSS JOIN photo AS p ON p.id = e.photo_id "
            "WHERE e.model_id = ? AND p.orphaned_at IS NULL "
            "ORDER BY ((e.photo_id & ?) * ?) & ? LIMIT ?",
            (model_id, _ID, _ODD, _SCATTERED, count + spare),
        )
    )
    ids, rows = vectors.of_visible(db, model_id, drawn)
    return _first(count, spare, ids, rows, is_all=len(drawn) < count + spare)


def _first(wanted: int, spare: int, ids: Ids, rows: Vectors, *, is_all: bool) -> Sample:
    order = np.argsort(_scattered(ids), kind="stable")[: wanted + spare]
    return Sample(wanted, spare, ids[order], rows[order], is_all and len(ids) <= wanted + spare)


def _scattered(ids: Ids) -> Ids:
    return ((ids & _ID) * _ODD) & _SCATTERED
