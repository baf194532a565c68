"""Copying an open database so that the copy is complete and checked before it gets its name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import apsw

from safelight.core.errors import LibraryDamagedError
from safelight.core.output_file import put_in_place, reserve_part
from safelight.store.connect import damage, open_plain


def verified_copy(
    db: apsw.Connection, target: Path, notes: Mapping[str, str] | None = None, *, replace: bool = True
) -> None:
    """Copy the open library to ``target``, which appears only when the copy is sound and complete.

    ``notes`` are added to the copy's table ``meta``. Without ``replace`` nothing that exists is overwritten.
    Raises LibraryDamagedError if the copy is not sound or has other numbers of rows, FileExistsError, apsw
    errors and OSError. After an error no new file is left, and a file at ``target`` is as it was.
    """
    part = reserve_part(target)
    try:
        copy = open_plain(part)
        try:
            with copy.backup("main", db, "main") as backup:
                backup.step()
            # One file without a WAL beside it.
            copy.pragma("journal_mode", "delete")
            if damage(copy) or row_counts(copy) != row_counts(db):
                raise LibraryDamagedError(
                    "The library is damaged, so no backup was made and it was not upgraded; "
                    "restore a backup: safelight restore."
                )
            if notes:
                copy.executemany("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", notes.items())
        finally:
            copy.close()
        put_in_place(part, target, replace=replace)
        sync_folder(target.parent)
    finally:
        for suffix in ("", "-journal", "-wal", "-shm"):
            part.with_name(part.name + suffix).unlink(missing_ok=True)


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
    """Make a rename in ``folder`` survive a power cut, where the system can."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
