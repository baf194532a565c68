"""Failures that a person does not want to be told of: left out of every list until the file changes."""

from __future__ import annotations

from collections.abc import Collection

import apsw

from safelight.store.rows import json_ids

TOLD = (
    "NOT EXISTS (SELECT 1 FROM ignored_failure AS i "
    "WHERE i.file_id = f.id AND i.size = f.size AND i.mtime_ns = f.mtime_ns)"
)
"""Condition on a failed file ``f``: the person has not waved it aside as it is now."""


def ignore(db: apsw.Connection, file_ids: Collection[int]) -> None:
    """Tell no more of these failed files, as they are now."""
    db.execute(
        "INSERT OR REPLACE INTO ignored_failure (file_id, size, mtime_ns) "
        "SELECT id, size, mtime_ns FROM file "
        "WHERE state = 'failed' AND id IN (SELECT value FROM json_each(?))",
        (json_ids(file_ids),),
    )


def tell_again(db: apsw.Connection) -> None:
    """Whatever was ignored is told of again."""
    db.execute("DELETE FROM ignored_failure")
