"""Searches that the user saved under a name."""

from __future__ import annotations

from dataclasses import dataclass

import apsw

from safelight.core.errors import SafelightError, UsageError
from safelight.core.plain_text import without_surrogates
from safelight.store.connect import LOWER

_SELECT = "SELECT id, name, query FROM saved_search"
_SAME_NAME = f"{LOWER}(name) = {LOWER}(?)"

MAX_NAME_LENGTH = 100
"""Characters."""


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """``query`` is text of the search language. Its results are not stored."""

    id: int
    name: str
    query: str


def all_searches(db: apsw.Connection) -> list[SavedSearch]:
    """Every saved search by name."""
    return [SavedSearch(*row) for row in db.execute(f"{_SELECT} ORDER BY {LOWER}(name), id")]


def by_name(db: apsw.Connection, name: str) -> SavedSearch | None:
    """The saved search of a name. Case does not matter."""
    row = db.execute(f"{_SELECT} WHERE {_SAME_NAME}", (_cleaned(name),)).fetchone()
    return None if row is None else SavedSearch(*row)


def get(db: apsw.Connection, search_id: int) -> SavedSearch | None:
    row = db.execute(f"{_SELECT} WHERE id = ?", (search_id,)).fetchone()
    return None if row is None else SavedSearch(*row)


def save(db: apsw.Connection, name: str, query: str, now: float) -> int:
    """Keep a query under a name; a search that has the name already is replaced. Returns its id.

    Raises UsageError for an empty name or query.
    """
    name, query = _cleaned(name), without_surrogates(query).strip()
    if not name:
        raise UsageError("A saved search needs a name.")
    if not query:
        raise UsageError("There is no search to save; type one first.")
    old = by_name(db, name)
    if old is not None:
        db.execute("UPDATE saved_search SET name = ?, query = ? WHERE id = ?", (name, query, old.id))
        return old.id
    return int(
        db.execute(
            "INSERT INTO saved_search (name, query, created_at) VALUES (?, ?, ?) RETURNING id",
            (name, query, now),
        ).get
    )


def rename(db: apsw.Connection, search_id: int, name: str) -> None:
    """Give a search another name. Raises UsageError for an empty name, SafelightError where another search
    has it."""
    name = _cleaned(name)
    if not name:
        raise UsageError("A saved search needs a name.")
    other = by_name(db, name)
    if other is not None and other.id != search_id:
        raise SafelightError(
            "There is a saved search called {name} already; choose another name.", name=other.name
        )
    db.execute("UPDATE saved_search SET name = ? WHERE id = ?", (name, search_id))


def delete(db: apsw.Connection, search_id: int) -> float:
    """Delete a search; return when it was saved (epoch seconds), 0 where there is no such search."""
    created_at = db.execute("DELETE FROM saved_search WHERE id = ? RETURNING created_at", (search_id,)).get
    return float(created_at or 0.0)


def restore(db: apsw.Connection, search: SavedSearch, created_at: float) -> None:
    """Give a search its former name and query, or make it again under its former id. Where another search
    has that name by now, a number is added."""
    name, number = search.name, 1
    while (other := by_name(db, name)) is not None and other.id != search.id:
        number += 1
        name = f"{search.name} ({number})"
    db.execute(
        "INSERT INTO saved_search (id, name, query, created_at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (id) DO UPDATE SET name = excluded.name, query = excluded.query",
        (search.id, name, search.query, created_at),
    )


def _cleaned(name: str) -> str:
    """A text on one line and of limited length."""
    return " ".join(without_surrogates(name).split())[:MAX_NAME_LENGTH].strip()
