"""Filters of the search language as conditions of a statement: which photos can be found at all.

:mod:`safelight.store.filter_sql` has the SQL of each condition. :mod:`safelight.store.filter_ids` asks which
photos pass; this module does not import NumPy, which the window loads only after its first paint.
"""

# ruff: noqa: S608 (statements are put together from this module's own constants; values are bound)

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import apsw

from safelight.core.query import (
    AfterCondition,
    BeforeCondition,
    Condition,
    DateRangeCondition,
    Filter,
    Group,
    Part,
    Phrase,
    leaves,
)
from safelight.store.filter_sql import Value, condition_sql, reads_row, stored_form

Restriction = Filter | Phrase | Group
"""What decides whether a photo can be found; nothing in a group ranks."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A condition on a photo ``p`` in SQL, and its bound values."""

    sql: str
    values: tuple[Value, ...]
    reads_row: bool
    """Whether it needs columns that no index has."""
    by_date: bool
    """Whether the index of dates finds the photos."""


MAX_CONDITIONS = 50
"""Conditions in one statement: SQLite limits the depth of an expression to 1000."""

_FEW = 20_000
"""Up to this many photos, rows are read one by one in the order of the index of dates; beyond that the whole
table is read in its own order. A million photos by their width took 0.1 s that way, and 4.7 s by date."""


def clauses(restrictions: Sequence[Restriction], phrases: Sequence[Phrase] = ()) -> list[Clause]:
    """Each restriction and each phrase, once, as a condition on a photo ``p`` with its bound values.

    A group has to be small enough for one statement: see :func:`size`. No names of places are known yet,
    so ``place:`` matches no photo, and ``-place:`` all.
    """
    return [_clause(each) for each in dict.fromkeys((*restrictions, *phrases))]


def size(restriction: Restriction) -> int:
    """How many conditions it has."""
    return sum(1 for _ in leaves((restriction,)))


def count_matching(db: apsw.Connection, asked: Filter) -> int:
    """How many visible photos pass a filter."""
    found: int = select_matching(db, "count(*)", [_clause(asked)])
    return found


def select_matching(
    db: apsw.Connection, what: str, conditions: Sequence[Clause], *, newest_first: bool = False
) -> Any:
    """Evaluate an SQL aggregate, ``what``, over the ``id`` of the visible photos that meet all conditions.

    At most :data:`MAX_CONDITIONS`. ``newest_first`` is free if an index of dates is read, and else expensive.
    """
    indexed = "" if is_index_led(db, conditions) else "NOT INDEXED"
    asked = " AND ".join(["p.orphaned_at IS NULL", *(each.sql for each in conditions)])
    order = "ORDER BY p.date DESC, p.id DESC" if newest_first else ""
    return db.execute(
        f"SELECT {what} FROM (SELECT p.id AS id FROM photo AS p {indexed} WHERE {asked} {order})",
        _bound(conditions),
    ).get


def is_index_led(db: apsw.Connection, conditions: Sequence[Clause]) -> bool:
    """Whether an index has all the columns, or leads to few rows.

    By itself, SQLite always reads the index of visible photos and then looks up each of them in the table.
    """
    if not any(each.reads_row for each in conditions):
        return True
    dates = [each for each in conditions if each.by_date]
    if not dates:
        return False
    asked = " AND ".join(["p.orphaned_at IS NULL", *(each.sql for each in dates)])
    further = f"SELECT 1 FROM photo AS p WHERE {asked} LIMIT 1 OFFSET {_FEW}"
    return db.execute(further, _bound(dates)).get is None


def _bound(conditions: Sequence[Clause]) -> tuple[Value, ...]:
    return tuple(value for each in conditions for value in each.values)


def _clause(asked: Part) -> Clause:
    match asked:
        case Filter():
            return _filter(asked)
        case Phrase():
            return _phrase(asked)
        case Group():
            return _group(asked)
        case _:
            raise TypeError(f"{type(asked).__name__} is no restriction")


def _group(asked: Group) -> Clause:
    alternatives = [[_clause(part) for part in each] for each in asked.alternatives]
    every = [each for alternative in alternatives for each in alternative]
    inner = " OR ".join(
        "(" + " AND ".join(each.sql for each in alternative) + ")" for alternative in alternatives
    )
    return Clause(
        f"NOT ({inner})" if asked.negated else f"({inner})",
        _bound(every),
        any(each.reads_row for each in every),
        # An index of dates helps only if every alternative is limited by it.
        not asked.negated and all(each.by_date for each in every),
    )


def _filter(asked: Filter) -> Clause:
    sql, values = condition_sql(asked.condition)
    return Clause(
        f"NOT ({sql})" if asked.negated else f"({sql})",
        values,
        reads_row(asked.condition),
        _is_by_date(asked.condition),
    )


def _is_by_date(condition: Condition) -> bool:
    """Whether the index of dates finds the photos."""
    if isinstance(condition, DateRangeCondition):
        return condition.key == "date"
    return isinstance(condition, BeforeCondition | AfterCondition)


def _phrase(asked: Phrase) -> Clause:
    # Inside the quotation marks of a full-text phrase nothing is an operator.
    expression = '"' + stored_form(asked.phrase).replace('"', " ") + '"'
    matching = (
        "(p.id IN (SELECT rowid FROM photo_text WHERE photo_text MATCH ?) "
        "OR p.id IN (SELECT rowid FROM caption_text WHERE caption_text MATCH ?))"
    )
    return Clause(matching, (expression, expression), reads_row=False, by_date=False)
