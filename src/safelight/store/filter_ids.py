"""Which photos pass filters, as an array of their ids."""

from __future__ import annotations

from collections.abc import Sequence

import apsw
import numpy as np

from safelight.core.order import Order
from safelight.core.query import Filter, Group, Part, Phrase
from safelight.store import filters, orders
from safelight.store.filters import Restriction
from safelight.store.vectors import Ids

_FEW = 10_000
"""Up to this many photos are sorted one by one; more are picked from all photos, which an index orders."""


def matching_ids(db: apsw.Connection, asked: Sequence[Restriction], phrases: Sequence[Phrase] = ()) -> Ids:
    """Visible photos that meet every restriction and contain every phrase in their words: int64 (n,), each
    once, in no particular order, and read-only."""
    small, large = _by_size(asked)
    clauses = filters.clauses(small, phrases)
    found = _passing(db, clauses[: filters.MAX_CONDITIONS])
    for start in range(filters.MAX_CONDITIONS, len(clauses), filters.MAX_CONDITIONS):
        found = found[np.isin(found, _passing(db, clauses[start : start + filters.MAX_CONDITIONS]))]
    for group in large:
        found = found[np.isin(found, _of_group(db, group), invert=group.negated)]
    found.flags.writeable = False
    return found


def matching_ids_newest_first(
    db: apsw.Connection, asked: Sequence[Restriction], phrases: Sequence[Phrase] = ()
) -> Ids:
    """The same photos by date."""
    small, large = _by_size(asked)
    clauses = filters.clauses(small, phrases)
    if not large and len(clauses) <= filters.MAX_CONDITIONS and filters.is_index_led(db, clauses):
        return _numbers(filters.select_matching(db, "group_concat(id)", clauses, newest_first=True))
    found = matching_ids(db, asked, phrases)
    if len(found) <= _FEW:
        return np.array(orders.sort_ids(db, found.tolist(), Order.NEWEST), np.int64)
    everything = _numbers(filters.select_matching(db, "group_concat(id)", (), newest_first=True))
    return everything[np.isin(everything, found)]


def _by_size(asked: Sequence[Restriction]) -> tuple[list[Restriction], list[Group]]:
    """Restrictions that go into a statement, and groups that are too large for one.

    A group counts with all its conditions, of which a statement takes :data:`filters.MAX_CONDITIONS`.
    """
    small: list[Restriction] = []
    large: list[Group] = []
    room = filters.MAX_CONDITIONS
    for each in asked:
        if not isinstance(each, Group):
            small.append(each)
        elif (size := filters.size(each)) <= room:
            room -= size
            small.append(each)
        else:
            large.append(each)
    return small, large


def _of_group(db: apsw.Connection, group: Group) -> Ids:
    """Photos that meet one of the alternatives, whether or not the group is negated."""
    plain = [each for each in group.alternatives if filters.size(Group((each,))) == 1]
    parts = [
        matching_ids(db, [Group(tuple(plain[start : start + filters.MAX_CONDITIONS]))])
        for start in range(0, len(plain), filters.MAX_CONDITIONS)
    ]
    parts += [
        matching_ids(db, _restrictions(each))
        for each in group.alternatives
        if filters.size(Group((each,))) > 1
    ]
    return np.unique(np.concatenate(parts))


def _restrictions(parts: Sequence[Part]) -> list[Restriction]:
    return [part for part in parts if isinstance(part, Filter | Phrase | Group)]


def _passing(db: apsw.Connection, clauses: Sequence[filters.Clause]) -> Ids:
    return _numbers(filters.select_matching(db, "group_concat(id)", clauses))


def _numbers(listed: str | None) -> Ids:
    """Ids from comma-separated numbers. A million take a third of the time as one text instead of rows."""
    return np.zeros(0, np.int64) if listed is None else np.fromstring(listed, np.int64, sep=",")
