"""Which photos pass filters, as an array of their ids."""

from __future__ import annotations

from collections.abc import Sequence

import apsw
import numpy as np

from safelight.core.order import Order
from safelight.core.query import Filter, Phrase
from safelight.store import filters, orders
from safelight.store.vectors import Ids

_FEW = 10_000
"""So many photos are sorted by asking for each; more are picked from all, which an index holds in order."""


def allowed(db: apsw.Connection, asked: Sequence[Filter], phrases: Sequence[Phrase] = ()) -> Ids:
    """Visible photos that pass every filter and bear every phrase in their words: int64 (n,), each once, in
    no order, and not to be written to."""
    clauses = filters.clauses(asked, phrases)
    found = _passing(db, clauses[: filters.AT_ONCE])
    for start in range(filters.AT_ONCE, len(clauses), filters.AT_ONCE):
        found = found[np.isin(found, _passing(db, clauses[start : start + filters.AT_ONCE]))]
    found.flags.writeable = False
    return found


def newest_first(db: apsw.Connection, asked: Sequence[Filter], phrases: Sequence[Phrase] = ()) -> Ids:
    """The same photos by their dates."""
    clauses = filters.clauses(asked, phrases)
    if len(clauses) <= filters.AT_ONCE and filters.led_by_an_index(db, clauses):
        return _numbers(filters.of_passing(db, "group_concat(id)", clauses, newest_first=True))
    found = allowed(db, asked, phrases)
    if len(found) <= _FEW:
        return np.array(orders.ordered(db, found.tolist(), Order.NEWEST), np.int64)
    everything = _numbers(filters.of_passing(db, "group_concat(id)", (), newest_first=True))
    return everything[np.isin(everything, found)]


def _passing(db: apsw.Connection, clauses: Sequence[filters.Clause]) -> Ids:
    return _numbers(filters.of_passing(db, "group_concat(id)", clauses))


def _numbers(listed: str | None) -> Ids:
    """From numbers with commas between: a million as one text take a third of what they do as rows."""
    return np.zeros(0, np.int64) if listed is None else np.fromstring(listed, np.int64, sep=",")
