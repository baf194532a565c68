"""A few photos that stand for the whole library."""

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
    """Visible photos and their vectors by one model: those whose scattered ids are the least, so that they
    are spread over the library and are the same as long as it is the same."""

    wanted: int
    spare: int
    """How many more are kept at hand, so that photos which leave are made up for."""
    drawn: Ids
    """By their scattered ids; the first so many as are wanted are the sample."""
    rows: Vectors
    """Float32 (n, dim): of those that were drawn."""
    is_all: bool
    """There are no others."""

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
        """As it would be drawn now that these photos came, left or got other vectors; None where only drawing
        it can tell."""
        asked = np.asarray(changed, np.int64)
        if not self.is_all:
            asked = asked[_scattered(asked) <= _scattered(self.drawn[-1:])]
        stay = ~np.isin(self.drawn, asked)
        came, rows = vectors.shown(db, model_id, asked.tolist())
        ids, rows = np.concatenate([self.drawn[stay], came]), np.concatenate([self.rows[stay], rows])
        if len(ids) < self.wanted and not self.is_all:
            return None
        return _first(self.wanted, self.spare, ids, rows, is_all=self.is_all)


def draw(db: apsw.Connection, model_id: int, count: int, *, spare: int = 0) -> Sample:
    """A sample of up to ``count`` photos. Takes as long as reading the ids of all. One that is to be brought
    up to date should have some to spare."""
    drawn = ids_of(
        db.execute(
            "SELECT e.photo_id FROM embedding AS e CROSS JOIN photo AS p ON p.id = e.photo_id "
            "WHERE e.model_id = ? AND p.orphaned_at IS NULL "
            "ORDER BY ((e.photo_id & ?) * ?) & ? LIMIT ?",
            (model_id, _ID, _ODD, _SCATTERED, count + spare),
        )
    )
    ids, rows = vectors.shown(db, model_id, drawn)
    return _first(count, spare, ids, rows, is_all=len(drawn) < count + spare)


def _first(wanted: int, spare: int, ids: Ids, rows: Vectors, *, is_all: bool) -> Sample:
    order = np.argsort(_scattered(ids), kind="stable")[: wanted + spare]
    return Sample(wanted, spare, ids[order], rows[order], is_all and len(ids) <= wanted + spare)


def _scattered(ids: Ids) -> Ids:
    return ((ids & _ID) * _ODD) & _SCATTERED
