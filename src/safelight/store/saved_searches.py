"""Searches that the person gave a name."""

from __future__ import annotations

from dataclasses import dataclass

import apsw

from safelight.core.errors import SafelightError, UsageError
from safelight.store.connect import LOWER

_SELECT = "SELECT id, name, query FROM saved_search"
_SAME_NAME = f"{LOWER}(name) = {LOWER}(?)"

LONGEST_NAME = 100
"""Characters."""


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """``query`` is text of the search language; what it finds is not kept but looked for each time."""

    id: int
    name: str
    query: str


def all_searches(db: apsw.Connection) -> list[SavedSearch]:
    """By name."""
    return [SavedSearch(*row) for row in db.execute(f"{_SELECT} ORDER BY {LOWER}(name), id")]


def by_name(db: apsw.Connection, name: str) -> SavedSearch | None:
    """Whatever its case."""
    row = db.execute(f"{_SELECT} WHERE {_SAME_NAME}", (_cleaned(name),)).fetchone()
    return None if row is None else SavedSearch(*row)


def save(db: apsw.Connection, name: str, query: str, now: float) -> int:
    """Keep a query under a name; one that has the name already gives way. Returns its id.

    Raises UsageError for an empty name or query.
    """
    name, query = _cleaned(name), _stored(query).strip()
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
    """Raises UsageError for an empty name, SafelightError where another search has it."""
    name = _cleaned(name)
    if not name:
        raise UsageError("A saved search needs a name.")
    other = by_name(db, name)
    if other is not None and other.id != search_id:
        raise SafelightError(f"There is a saved search called {other.name} already; choose another name.")
    db.execute("UPDATE saved_search SET name = ? WHERE id = ?", (name, search_id))


def delete(db: apsw.Connection, search_id: int) -> None:
    db.execute("DELETE FROM saved_search WHERE id = ?", (search_id,))


def _cleaned(name: str) -> str:
    """In one line of bearable length."""
    return " ".join(_stored(name).split())[:LONGEST_NAME].strip()


def _stored(text: str) -> str:
    """Without what UTF-8 cannot hold."""
    return text.encode("utf-8", "replace").decode()
