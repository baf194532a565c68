"""The schema, step by step, and how an older library is brought up to date."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import apsw

from safelight.core.errors import LibraryDamagedError, LibraryTooNewError
from safelight.core.private_files import make_folder
from safelight.store.connect import (
    APPLICATION_ID,
    PAGE_SIZE,
    blank,
    platform_tag,
    pragma_int,
    transaction,
)
from safelight.store.recovery import backup_notes
from safelight.store.recovery.copying import verified_copy
from safelight.store.schema import v1 as schema_v1
from safelight.store.schema import v2 as schema_v2
from safelight.store.schema import v3 as schema_v3
from safelight.store.schema import v4 as schema_v4
from safelight.store.schema import v5 as schema_v5

Step = Callable[[apsw.Connection], None]

BACKUPS = "backups"
"""Folder of backups, within the library's own."""


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


def _v3(db: apsw.Connection) -> None:
    for statement in schema_v3.STATEMENTS:
        db.execute(statement)


def _v4(db: apsw.Connection) -> None:
    for statement in schema_v4.STATEMENTS:
        db.execute(statement)


def _v5(db: apsw.Connection) -> None:
    for statement in schema_v5.STATEMENTS:
        db.execute(statement)
    schema_v5.convert_reasons(db)


STEPS: tuple[Step, ...] = (_v1, _v2, _v3, _v4, _v5)
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
        raise LibraryDamagedError(
            "{path} is not a Safelight library; move it away or name another folder.", path=path
        )
    if found < 0:
        raise LibraryDamagedError(
            "{path} states an impossible version ({found}); restore a backup.", path=path, found=found
        )
    if found > newest:
        raise LibraryTooNewError(
            "{path} was written by a newer Safelight (library version {found}, this program knows {newest}); "
            "install the newest Safelight to open it.",
            path=path,
            found=found,
            newest=newest,
        )
    return found


def upgrade(db: apsw.Connection, path: Path, steps: Sequence[Step] = STEPS) -> None:
    """Apply the steps that are missing, each with its version in one transaction.

    An existing library is first copied to ``backups/library-before-vN.db``, N being the version it is
    about to have. Raises as :func:`check_version`, and LibraryDamagedError if the copy is not sound.
    """
    found = check_version(db, path, len(steps))
    if found == len(steps):
        return
    if found > 0:
        backups = path.parent / BACKUPS
        make_folder(backups)
        notes = backup_notes.next_notes(backups, time.time())
        verified_copy(db, backups / f"library-before-v{len(steps)}.db", notes)
    apply(db, found, len(steps), steps)


def apply(db: apsw.Connection, found: int, wanted: int, steps: Sequence[Step] = STEPS) -> None:
    """Bring a database from version ``found`` to ``wanted``, without a backup."""
    for number, step in enumerate(steps[found:wanted], start=found + 1):
        with transaction(db):
            step(db)
            db.execute(f"PRAGMA user_version = {number}")


@lru_cache
def schema_of(version: int) -> frozenset[tuple[str, str, str]]:
    """(type, name, statement) of everything in the schema of a version, white space reduced."""
    db = blank()
    try:
        apply(db, 0, version)
        rows = db.execute("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
        return frozenset((str(kind), str(name), " ".join(str(sql).split())) for kind, name, sql in rows)
    finally:
        db.close()


def tables_of(version: int) -> frozenset[str]:
    """The names of all tables of a version, virtual ones and their parts included."""
    return frozenset(name for kind, name, _ in schema_of(version) if kind == "table")


def prepare_empty(db: apsw.Connection) -> None:
    """Settings that must precede the first table: the page size."""
    db.execute(f"PRAGMA page_size = {PAGE_SIZE}")
