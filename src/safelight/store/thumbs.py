"""``thumbs.db``: the thumbnails, which can always be made again.

The file is attached to a connection as ``thumbs``, so that a photo's row, vector and thumbnail are written
by one COMMIT. In WAL mode SQLite makes that atomic for each file but not across the two. After a crash or on
a full disk during the COMMIT, the library, which is written first, may be ahead of the thumbnails. A photo
then lacks its thumbnail; :func:`safelight.store.stored_thumbnails.missing` finds it.
"""

# ruff: noqa: S608 (statements are put together from constants of this module; values are bound)

from __future__ import annotations

import logging
from contextlib import closing, suppress
from pathlib import Path

import apsw

from safelight.core.errors import LibraryTooNewError
from safelight.store.connect import (
    PAGE_SIZE,
    THUMBS_APPLICATION_ID,
    damage,
    open_plain,
    pragma_int,
    reserve,
    transaction,
    uri,
)

_log = logging.getLogger(__name__)

FILE_NAME = "thumbs.db"
_VERSION = 1
_HIGHEST_VERSION = 1_000
"""A file with a higher version is damaged, and not of a newer program."""

_STAGE = "(SELECT id FROM main.stage WHERE name = 'thumbnail' AND variant = 0)"
_SCHEMA = (
    "CREATE TABLE thumbs.owner (uuid TEXT NOT NULL)",
    "CREATE TABLE thumbs.thumbnail (photo_id INTEGER PRIMARY KEY, jpeg BLOB NOT NULL)",
)
_FRAMES = (
    "CREATE TABLE thumbs.frame (photo_id INTEGER NOT NULL, number INTEGER NOT NULL, seconds REAL NOT NULL, "
    "jpeg BLOB NOT NULL, PRIMARY KEY (photo_id, number)) WITHOUT ROWID"
)
"""Frames of videos. Files of earlier versions lack this table, which is added when they are opened."""


def attach_writable(db: apsw.Connection, directory: Path, library: str) -> None:
    """Attach the thumbnails of the library whose uuid is ``library``; replace a file that is not its own.

    Raises LibraryTooNewError, and leaves the file alone, where a newer program wrote it: making all
    thumbnails again takes hours in a large library.
    """
    path = directory / FILE_NAME
    if not (_attach_existing(db, path, library) and _drop_strangers(db)):
        _check_version(path)
        discard(directory)
        reserve(path)
        db.execute("ATTACH ? AS thumbs", (uri(path),))
        db.execute(f"PRAGMA thumbs.page_size = {PAGE_SIZE}")
        db.pragma("journal_mode", "wal", schema="thumbs")
        with transaction(db):
            for statement in (*_SCHEMA, _FRAMES):
                db.execute(statement)
            db.execute("INSERT INTO thumbs.owner VALUES (?)", (library,))
            db.execute(f"DELETE FROM main.stage_state WHERE stage_id = {_STAGE}")
            db.execute(f"PRAGMA thumbs.application_id = {THUMBS_APPLICATION_ID}")
            db.execute(f"PRAGMA thumbs.user_version = {_VERSION}")
    if not db.execute("SELECT 1 FROM thumbs.sqlite_schema WHERE name = 'frame'").get:
        db.execute(_FRAMES)
    _record_state(db)
    db.execute("PRAGMA thumbs.synchronous = NORMAL")


def _record_state(db: apsw.Connection) -> None:
    """Record which photos have a thumbnail, in a library that was upgraded or restored.

    Both leave the state empty: only the thumbnails themselves can tell.
    """
    if not db.execute(f"SELECT EXISTS (SELECT 1 FROM main.stage_state WHERE stage_id = {_STAGE})").get:
        # Thumbnails after a damaged page are made again later.
        with suppress(apsw.CorruptError), transaction(db):
            db.execute(
                "INSERT INTO main.stage_state (stage_id, photo_id, version) "
                f"SELECT {_STAGE}, t.photo_id, 1 FROM thumbs.thumbnail AS t "
                "JOIN main.photo AS p ON p.id = t.photo_id"
            )


def attach_read_only(db: apsw.Connection, directory: Path, library: str, *, immutable: bool) -> None:
    """Attach the thumbnails, or an empty table where the file is missing or not the library's own."""
    path = directory / FILE_NAME
    if not _attach_existing(db, path, library, "mode=ro&immutable=1" if immutable else "mode=ro"):
        # A read-only connection cannot create a table even in memory, but accepts a finished image.
        blank = apsw.Connection(":memory:")
        blank.execute("CREATE TABLE thumbnail (photo_id INTEGER PRIMARY KEY, jpeg BLOB NOT NULL)")
        db.execute("ATTACH ':memory:' AS thumbs")
        db.deserialize("thumbs", blank.serialize("main"))
        blank.close()


def are_damaged(directory: Path) -> bool:
    """Whether SQLite's own check finds damage in the file of thumbnails, which it reads whole."""
    path = directory / FILE_NAME
    if not path.is_file():
        return False
    try:
        flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
        with closing(apsw.Connection(uri(path, "mode=ro"), flags=flags)) as db:
            return bool(damage(db))
    except apsw.Error:
        return False


def discard(directory: Path) -> None:
    """Delete the thumbnails. No connection may have them attached for writing."""
    for suffix in ("", "-wal", "-shm"):
        (directory / (FILE_NAME + suffix)).unlink(missing_ok=True)


def _attach_existing(db: apsw.Connection, path: Path, library: str, query: str = "") -> bool:
    if not path.is_file() or path.stat().st_size == 0:
        return False
    try:
        db.execute("ATTACH ? AS thumbs", (uri(path, query),))
    except (apsw.NotADBError, apsw.CorruptError, apsw.CantOpenError, apsw.SQLError):
        return False  # SQLError: its header names another text encoding than the library's
    try:
        if (
            pragma_int(db, "application_id", "thumbs") == THUMBS_APPLICATION_ID
            and pragma_int(db, "user_version", "thumbs") == _VERSION
            and _has_own_schema(db)
            and db.execute("SELECT uuid FROM thumbs.owner").get == library
        ):
            return True
        _log.info("The thumbnails belong to another library or version; they are made again.")
    except (apsw.NotADBError, apsw.CorruptError, apsw.CantOpenError, apsw.SQLError):
        _log.info("The thumbnails cannot be read; they are made again.")
    db.execute("DETACH thumbs")
    return False


def _check_version(path: Path) -> None:
    """Raise LibraryTooNewError for thumbnails of a newer version. Any other file passes."""
    if not path.is_file() or path.stat().st_size == 0:
        return
    with suppress(apsw.Error), closing(open_plain(path)) as db:
        found = pragma_int(db, "user_version")
        if pragma_int(db, "application_id") == THUMBS_APPLICATION_ID and _VERSION < found <= _HIGHEST_VERSION:
            raise LibraryTooNewError(
                "{path} was written by a newer Safelight (thumbnails version {found}, this program knows "
                "{newest}). Install the newest Safelight, or delete the file, and it is made again.",
                path=path,
                found=found,
                newest=_VERSION,
            )


def _has_own_schema(db: apsw.Connection) -> bool:
    """Whether the schema is exactly ours: a trigger, a view or another constraint would run on every use."""
    ours = {statement.replace("thumbs.", "", 1) for statement in _SCHEMA}
    frames = _FRAMES.replace("thumbs.", "", 1)
    rows = db.execute("SELECT sql FROM thumbs.sqlite_schema LIMIT 4")
    found = [str(sql) for (sql,) in rows]
    return set(found) in (ours, ours | {frames}) and len(set(found)) == len(found)


def _drop_strangers(db: apsw.Connection) -> bool:
    """Remove thumbnails of ids that were never committed; return False, detached, if the file is damaged.

    SQLite takes a file for read-only if its header names a version of the format that does not exist. If the
    thumbnails were ahead after a crash, the next photo with that id would show another's thumbnail.
    """
    try:
        db.execute(
            "DELETE FROM thumbs.thumbnail WHERE photo_id > (SELECT coalesce(max(id), 0) FROM main.photo)"
        )
        if db.execute("SELECT 1 FROM thumbs.sqlite_schema WHERE name = 'frame'").get:
            db.execute(
                "DELETE FROM thumbs.frame WHERE photo_id > (SELECT coalesce(max(id), 0) FROM main.photo)"
            )
    except (apsw.CorruptError, apsw.ReadOnlyError):
        _log.info("The thumbnails are damaged; they are made again.")
        db.execute("DETACH thumbs")
        return False
    return True
