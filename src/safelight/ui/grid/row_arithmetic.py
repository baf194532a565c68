"""Which rows hold which photos, and what changed between two lists of them: over whole arrays at once.

A module of its own because NumPy is needed for changes only, and an empty grid is painted without it.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]
Rows = npt.NDArray[np.intp]


_PIECE = 65_536
"""Ids compared at once: where the first differs, the other million are not looked at."""


class Difference(NamedTuple):
    """From one list of photos to another."""

    gone: Rows
    """Of the old list, those that the new one lacks."""
    come: Rows
    """Of the new list, those that the old one lacks."""
    in_order: bool
    """Whether all others follow each other as before."""


class RowArithmetic:
    """All methods leave their arguments as they are; rows ascend."""

    def view(self, ids: array[int]) -> Ids:
        """The ids as NumPy sees them; must not outlive the statement, or the array cannot grow."""
        return np.frombuffer(ids, np.int64) if ids else np.empty(0, np.int64)

    def row_of(self, ids: array[int], photo_id: int) -> int | None:
        rows = np.flatnonzero(self.view(ids) == photo_id)
        return int(rows[0]) if rows.size else None

    def rows_of(self, ids: array[int], wanted: Collection[int]) -> Rows:
        return np.flatnonzero(np.isin(self.view(ids), np.fromiter(wanted, np.int64, len(wanted))))

    def compared(self, old: Ids, new: Ids) -> Difference:
        """What came and what went. Mostly a few photos did: only between the first and the last difference is
        anything looked up."""
        shared = min(len(old), len(new))
        head = _alike(old[:shared], new[:shared])
        tail = _alike(old[len(old) - shared + head :][::-1], new[len(new) - shared + head :][::-1])
        before, after = old[head : len(old) - tail], new[head : len(new) - tail]
        stays, known = np.isin(before, after), np.isin(after, before)
        return Difference(
            head + np.flatnonzero(~stays),
            head + np.flatnonzero(~known),
            np.array_equal(before[stays], after[known]),
        )

    def same(self, first: Ids, second: Ids) -> bool:
        return np.array_equal(first, second)

    def at_the_end(self, ids: array[int], rows: Rows) -> Ids:
        """The ids with those of ``rows`` behind all others."""
        stays = np.ones(len(ids), np.bool_)
        stays[rows] = False
        view = self.view(ids)
        return np.concatenate([view[stays], view[~stays]])

    def places(self, held: Sequence[int], final: Ids) -> list[int]:
        """In which row of ``final`` each of the ids held is."""
        order = np.argsort(final)
        rows: list[int] = order[np.searchsorted(final, np.array(held, np.int64), sorter=order)].tolist()
        return rows

    def runs(self, rows: Rows) -> list[tuple[int, int]]:
        """Rows as (first, last) of each contiguous run."""
        if not rows.size:
            return []
        breaks = np.flatnonzero(np.diff(rows) != 1)
        firsts = rows[np.concatenate([[0], breaks + 1])]
        lasts = rows[np.concatenate([breaks, [rows.size - 1]])]
        return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


def _alike(first: Ids, second: Ids) -> int:
    """How many ids at the front of two rows of equal length are the same."""
    for start in range(0, len(first), _PIECE):
        differ = first[start : start + _PIECE] != second[start : start + _PIECE]
        if differ.any():
            return start + int(differ.argmax())
    return len(first)
