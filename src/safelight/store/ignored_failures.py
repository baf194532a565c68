"""Failures that the user has chosen to ignore: left out of every list until the file changes."""

# ruff: noqa: S608 (the condition is a constant of this module; values are bound)

from __future__ import annotations

from collections.abc import Collection

import apsw

from safelight.store.rows import ids_of, json_ids

TOLD = (
    "NOT EXISTS (SELECT 1 FROM ignored_failure AS i "
    "WHERE i.file_id = f.id AND i.size = f.size AND i.mtime_ns = f.mtime_ns)"
)
"""SQL condition on a failed file ``f``: the user has not ignored it in its present state."""


def ignore(db: apsw.Connection, file_ids: Collection[int]) -> list[int]:
    """Do not list these failed files any more in their present state. Returns those that were listed
    until now.
    """
    rows = db.execute(
        "INSERT OR REPLACE INTO ignored_failure (file_id, size, mtime_ns) "
        "SELECT id, size, mtime_ns FROM file AS f "
        f"WHERE state = 'failed' AND id IN (SELECT value FROM json_each(?)) AND {TOLD} RETURNING file_id",
        (json_ids(file_ids),),
    )
    return sorted(ids_of(rows))


def list_again(db: apsw.Connection, file_ids: Collection[int]) -> int:
    """Undo :func:`ignore`; returns how many of these files were ignored."""
    db.execute(
        "DELETE FROM ignored_failure WHERE file_id IN (SELECT value FROM json_each(?))", (json_ids(file_ids),)
    )
    return db.changes()


def clear_all(db: apsw.Connection) -> None:
    """List every ignored failure again."""
    db.execute("DELETE FROM ignored_failure")
