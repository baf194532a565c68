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
    ids: Ids
    """(n,), at most as many as wanted, by their scattered ids."""
    vectors: Vectors
    """Float32 (n, dim)."""

    def __len__(self) -> int:
        return len(self.ids)

    def stands_after(self, changed: Sequence[int]) -> bool:
        """Whether it would be drawn again, though these photos came, left or got other vectors."""
        return len(self) == self.wanted and bool((_scattered(changed) > _scattered(self.ids[-1:])).all())


def draw(db: apsw.Connection, model_id: int, count: int) -> Sample:
    """A sample of up to ``count`` photos. Takes as long as reading the ids of all."""
    drawn = ids_of(
        db.execute(
            "SELECT e.photo_id FROM embedding AS e CROSS JOIN photo AS p ON p.id = e.photo_id "
            "WHERE e.model_id = ? AND p.orphaned_at IS NULL "
            "ORDER BY ((e.photo_id & ?) * ?) & ? LIMIT ?",
            (model_id, _ID, _ODD, _SCATTERED, count),
        )
    )
    ids, rows = vectors.shown(db, model_id, drawn)
    order = np.argsort(_scattered(ids), kind="stable")
    return Sample(count, ids[order], rows[order])


def _scattered(ids: Sequence[int] | Ids) -> Ids:
    return ((np.asarray(ids, np.int64) & _ID) * _ODD) & _SCATTERED
