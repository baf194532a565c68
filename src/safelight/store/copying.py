"""Copying an open database so that the copy is whole, checked, and there at once or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import apsw

from safelight.core.errors import LibraryDamagedError
from safelight.store.connect import damage, reserve


def verified_copy(db: apsw.Connection, target: Path) -> None:
    """Copy the open library to ``target``; it appears under its name only when sound and complete.

    Raises LibraryDamagedError if the copy is not sound or has other numbers of rows, apsw errors and
    OSError; then no file is left, and one that lay at ``target`` before is as it was.
    """
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    try:
        reserve(part)
        copy = apsw.Connection(os.fspath(part))
        try:
            with copy.backup("main", db, "main") as backup:
                backup.step()
            # One file that stands by itself, without a WAL beside it.
            copy.pragma("journal_mode", "delete")
            if damage(copy) or row_counts(copy) != row_counts(db):
                raise LibraryDamagedError(
                    "The library is damaged, so no backup was made and it was not upgraded; "
                    "restore a backup: safelight restore."
                )
        finally:
            copy.close()
        part.replace(target)
        sync_folder(target.parent)
    finally:
        part.unlink(missing_ok=True)


def row_counts(db: apsw.Connection) -> dict[str, int]:
    """Rows of every ordinary table of the main database."""
    names = [
        name
        for (name,) in db.execute(
            "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY name"
        )
    ]
    quoted = {name: '"' + name.replace('"', '""') + '"' for name in names}
    # Names come from the schema; values would be bound.
    return {name: int(db.execute(f"SELECT count(*) FROM main.{quoted[name]}").get) for name in names}  # noqa: S608


def sync_folder(folder: Path) -> None:
    """See that a rename in ``folder`` outlives a power cut, where the system can."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
