"""Differences between two lists of photos, computed on whole arrays.

A separate module because it needs NumPy, which is loaded after the first paint.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]
Rows = npt.NDArray[np.intp]


_CHUNK = 65_536
"""Ids compared per step, so that the comparison stops soon after the first difference."""


class Difference(NamedTuple):
    """The difference between two lists of photos."""

    removed: Rows
    """Rows of the old list that the new one lacks."""
    added: Rows
    """Rows of the new list that the old one lacks."""
    in_order: bool
    """Whether all other photos keep their relative order."""


class RowArithmetic:
    """Methods do not change their arguments. Rows are ascending."""

    def view(self, ids: array[int]) -> Ids:
        """A NumPy view of the ids. Use it within one statement: the array cannot grow while a view exists."""
        return np.frombuffer(ids, np.int64) if ids else np.empty(0, np.int64)

    def row_of(self, ids: array[int], photo_id: int) -> int | None:
        rows = np.flatnonzero(self.view(ids) == photo_id)
        return int(rows[0]) if rows.size else None

    def rows_of(self, ids: array[int], wanted: Collection[int]) -> Rows:
        return np.flatnonzero(np.isin(self.view(ids), np.fromiter(wanted, np.int64, len(wanted))))

    def compared(self, old: Ids, new: Ids) -> Difference:
        """The rows removed and added. Only the part between the first and the last difference is examined,
        since most changes concern few photos.
        """
        shared = min(len(old), len(new))
        head = _common_prefix_length(old[:shared], new[:shared])
        tail = _common_prefix_length(
            old[len(old) - shared + head :][::-1], new[len(new) - shared + head :][::-1]
        )
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
        """The ids, with those of ``rows`` moved to the end."""
        stays = np.ones(len(ids), np.bool_)
        stays[rows] = False
        view = self.view(ids)
        return np.concatenate([view[stays], view[~stays]])

    def places(self, held: Sequence[int], final: Ids) -> list[int]:
        """For each id held, its row in ``final``."""
        order = np.argsort(final)
        rows: list[int] = order[np.searchsorted(final, np.array(held, np.int64), sorter=order)].tolist()
        return rows

    def runs(self, rows: Rows) -> list[tuple[int, int]]:
        """Rows as (first, last) of each contiguous range."""
        if not rows.size:
            return []
        breaks = np.flatnonzero(np.diff(rows) != 1)
        firsts = rows[np.concatenate([[0], breaks + 1])]
        lasts = rows[np.concatenate([breaks, [rows.size - 1]])]
        return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


def _common_prefix_length(first: Ids, second: Ids) -> int:
    """The length of the common prefix of two id arrays of equal length."""
    for start in range(0, len(first), _CHUNK):
        differ = first[start : start + _CHUNK] != second[start : start + _CHUNK]
        if differ.any():
            return start + int(differ.argmax())
    return len(first)
