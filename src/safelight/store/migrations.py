"""The schema, step by step, and how an older library is brought up to date."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import apsw

from safelight.core.errors import LibraryDamagedError, LibraryTooNewError
from safelight.store import schema_v1, schema_v2
from safelight.store.connect import (
    APPLICATION_ID,
    PAGE_SIZE,
    damage,
    platform_tag,
    pragma_int,
    reserve,
    transaction,
)

Step = Callable[[apsw.Connection], None]


def _v1(db: apsw.Connection) -> None:
    for statement in schema_v1.STATEMENTS:
        db.execute(statement)
    db.execute(
        "INSERT INTO meta VALUES ('uuid', lower(hex(randomblob(16)))), ('platform', ?)", (platform_tag(),)
    )
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def _v2(db: apsw.Connection) -> None:
    for statement in schema_v2.STATEMENTS:
        db.execute(statement)


STEPS: tuple[Step, ...] = (_v1, _v2)
"""Step n makes version n + 1 out of version n. Released steps are never changed."""


def version(db: apsw.Connection) -> int:
    return pragma_int(db, "user_version")


def check_version(db: apsw.Connection, path: Path, newest: int = len(STEPS)) -> int:
    """The schema's version; 0 for an empty database.

    Raises LibraryDamagedError for a database that is not ours, LibraryTooNewError for a version this
    program does not know.
    """
    found = version(db)
    empty = found == 0 and db.execute("SELECT count(*) FROM main.sqlite_schema").get == 0
    if not empty and pragma_int(db, "application_id") != APPLICATION_ID:
        raise LibraryDamagedError(f"{path} is not a Safelight library; move it away or name another folder.")
    if found > newest:
        raise LibraryTooNewError(
            f"The library at {path.parent} was written by a newer Safelight (library version {found}, this "
            f"program knows {newest}); install the newest Safelight to open it."
        )
    return found


def upgrade(db: apsw.Connection, path: Path, steps: Sequence[Step] = STEPS) -> None:
    """Apply the steps that are missing, each with its version in one transaction.

    An existing library is copied to ``library-before-vN.db`` beside it first, N being the version it is
    about to have. Raises as :func:`check_version`, and LibraryDamagedError if the copy is not sound.
    """
    found = check_version(db, path, len(steps))
    if found == len(steps):
        return
    if found > 0:
        verified_copy(db, path.with_name(f"library-before-v{len(steps)}.db"))
    for number, step in enumerate(steps[found:], start=found + 1):
        with transaction(db):
            step(db)
            db.execute(f"PRAGMA user_version = {number}")


def verified_copy(db: apsw.Connection, target: Path) -> None:
    """Copy the open library to ``target`` and check the copy; it appears under its name only when sound."""
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    reserve(part)
    copy = apsw.Connection(os.fspath(part))
    try:
        with copy.backup("main", db, "main") as backup:
            backup.step()
        # One file that stands by itself, without a WAL beside it.
        copy.pragma("journal_mode", "delete")
        if damage(copy):
            raise LibraryDamagedError(
                f"The library at {target.parent} is damaged, so it was not upgraded; restore a backup."
            )
    finally:
        copy.close()
    part.replace(target)


def prepare_empty(db: apsw.Connection) -> None:
    """What must be set before the first table: the size of a page."""
    db.execute(f"PRAGMA page_size = {PAGE_SIZE}")
