"""Folders that a scan could not list. Nothing below them counts as deleted; they are shown as problems."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable

import apsw

from safelight.core.errors import FailureKind
from safelight.core.message import Message
from safelight.core.photo import Failure
from safelight.store.rows import SEPARATOR, absolute, json_ids


def replace(
    db: apsw.Connection, folder_id: int, below: bytes, found: Iterable[tuple[bytes, Message]], now: float
) -> bool:
    """Note what a scan of ``below`` (relative to the root; empty for all) found, in place of what was known.

    ``found`` holds (path relative to the root, reason). Returns whether anything changed.
    """
    known = {
        path: reason
        for path, reason in db.execute("SELECT path, reason FROM unlisted WHERE folder_id = ?", (folder_id,))
        if not below or path == below or path.startswith(below + SEPARATOR)
    }
    new = {path: reason.to_json() for path, reason in found}
    if known == new:
        return False
    db.executemany(
        "DELETE FROM unlisted WHERE folder_id = ? AND path = ?", [(folder_id, path) for path in known]
    )
    db.executemany(
        "INSERT OR REPLACE INTO unlisted (folder_id, path, reason, noticed_at) VALUES (?, ?, ?, ?)",
        [(folder_id, path, reason, now) for path, reason in new.items()],
    )
    return True


def failures(db: apsw.Connection) -> list[Failure]:
    """The failures as in :func:`safelight.store.files.failures`, latest first. ``file_id`` is the negative id
    of the row.
    """
    rows = db.execute(
        "SELECT u.id, r.path, u.path, u.reason, u.noticed_at FROM unlisted AS u "
        "JOIN folder AS r ON r.id = u.folder_id ORDER BY u.noticed_at DESC, u.id DESC"
    )
    return [
        Failure(
            -row_id,
            os.fsdecode(absolute(root, path) if path else root),
            FailureKind.UNREADABLE,
            Message.from_json(reason),
            when,
        )
        for row_id, root, path, reason, when in rows
    ]


def count(db: apsw.Connection, folder_ids: Collection[int] | None = None) -> int:
    """How many, in these roots or in all."""
    found: int = db.execute(
        "SELECT count(*) FROM unlisted WHERE ?1 IS NULL OR folder_id IN (SELECT value FROM json_each(?1))",
        (None if folder_ids is None else json_ids(folder_ids),),
    ).get
    return found


def ids(db: apsw.Connection) -> list[int]:
    """The ids of all, as :func:`failures` gives them."""
    return [-row_id for (row_id,) in db.execute("SELECT id FROM unlisted")]


def roots_of(db: apsw.Connection, row_ids: Collection[int]) -> list[int]:
    """The roots of these rows, whose ids are given as :func:`failures` gives them."""
    rows = db.execute(
        "SELECT DISTINCT folder_id FROM unlisted WHERE -id IN (SELECT value FROM json_each(?))",
        (json_ids(row_ids),),
    )
    return [folder_id for (folder_id,) in rows]
