"""Recognising a library that was not written here, and making it safe to open.

A library belongs to a user, a machine and a folder. A copy from elsewhere may have been prepared by an
attacker: file moves that it lists as in progress are not resumed, and its undo history is dropped.
"""

from __future__ import annotations

import hashlib
import os
import platform
from pathlib import Path

import apsw

from safelight.core.errors import LibraryDamagedError
from safelight.store.connect import transaction
from safelight.store.recovery.value_rules import relative_path
from safelight.store.schema import migrations

_KEY = "home"
_MACHINE_ID = Path("/etc/machine-id")
_PARENT = b".."


def check_schema(db: apsw.Connection, version: int, path: Path) -> None:
    """Raise LibraryDamagedError where the schema holds a trigger or view that is not ours."""
    expected = migrations.schema_of(version)
    rows = db.execute("SELECT type, name, sql FROM main.sqlite_schema WHERE type IN ('trigger', 'view')")
    for kind, name, sql in rows:
        if (kind, name, " ".join(str(sql).split())) not in expected:
            raise LibraryDamagedError(
                "{path} holds a {kind} that Safelight did not write; safelight doctor --mend copies what "
                "is valid into a new library.",
                path=path,
                kind=kind,
            )


def adopt(db: apsw.Connection, directory: Path) -> None:
    """Make a library from elsewhere safe to use, and record that it belongs to this user, machine and folder.

    Raises LibraryDamagedError where it names files outside its folders.
    """
    here = _identity(directory)
    known = db.execute("SELECT value FROM meta WHERE key = ?", (_KEY,)).get
    if known == here:
        return
    if names_outside(db):
        raise LibraryDamagedError(
            "The library at {directory} names files outside its folders; safelight doctor --mend copies "
            "what is valid into a new library.",
            directory=directory,
        )
    with transaction(db):
        if known is not None:
            _drop_moves(db)
        end_moves(db)
        db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (_KEY, here))


def end_moves(db: apsw.Connection) -> None:
    """Abandon file moves in progress: files on their way to the trash stay where they are, files that were
    being restored stay in the trash.
    """
    db.execute("UPDATE journal_file SET state = 'spared' WHERE state = 'intended'")
    db.execute("UPDATE journal_file SET state = 'trashed' WHERE state = 'restoring'")


def _drop_moves(db: apsw.Connection) -> None:
    db.execute("DELETE FROM journal WHERE id IN (SELECT journal_id FROM journal_file)")
    db.execute("DELETE FROM journal_file")
    db.execute("DELETE FROM removed_file")
    db.execute("DELETE FROM removed_folder")
    db.execute("DELETE FROM excluded_file")


def names_outside(db: apsw.Connection) -> bool:
    """Whether a file's path leads out of its root, as no path that Safelight wrote does."""
    try:
        for table in ("file", "removed_file"):
            rows = db.execute(
                f"SELECT path FROM {table} WHERE typeof(path) <> 'blob' OR instr(path, ?1) "  # noqa: S608
                "OR substr(path, 1, 1) = ?2",
                (_PARENT, os.fsencode(os.sep)),
            )
            for (path,) in rows:
                relative_path(path)
    except ValueError:
        return True
    return False


def _identity(directory: Path) -> str:
    """A digest that does not reveal its input."""
    try:
        machine = _MACHINE_ID.read_bytes().strip()
    except OSError:
        machine = platform.node().encode()
    user = str(os.getuid()) if hasattr(os, "getuid") else os.environ.get("USERNAME", "")
    parts = (machine, user.encode(), str(directory.stat().st_ino).encode())
    return hashlib.blake2b(b"\0".join(parts), digest_size=16).hexdigest()
