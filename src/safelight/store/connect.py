"""Opening SQLite files the way this library needs them."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import sqlite_vec

APPLICATION_ID = 0x53664C74
"""``SfLt``: the application id in the header, which ``file`` and other programs read."""

THUMBS_APPLICATION_ID = 0x53665468
"""``SfTh``."""

BUSY_MILLISECONDS = 5000

PAGE_SIZE = 16384
"""Vectors are stored in blobs of a few MB and thumbnails in blobs of 20 to 40 KB: against the default of 4096
this made inserting 50,000 vectors of 512 dimensions 1.6 times as fast and reading them all 1.4 times."""

LOWER = "safelight_lower"
"""SQL function of every connection here: a text in lower case. SQLite's own converts ASCII letters only."""


def platform_tag() -> str:
    """The platform that the bytes of a ``vec0`` table depend on."""
    return f"{sys.platform}-{platform.machine().lower()}-{sys.byteorder}"


def uri(path: Path, query: str = "") -> str:
    """A ``file:`` address; percent-encoded, so that folders that are not valid UTF-8 work too."""
    return path.absolute().as_uri() + (f"?{query}" if query else "")


def open_plain(path: Path) -> apsw.Connection:
    """A writable connection to an existing file, without sqlite-vec. Raises apsw errors.

    apsw encodes names as UTF-8, which a folder from an older system need not be; an address can have any.
    """
    return apsw.Connection(uri(path), flags=apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_URI)


def reserve(path: Path) -> None:
    """Create an empty file that only its owner can read, if it is missing. SQLite gives the WAL the same
    mode.
    """
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600))


def connect(path: Path, *, writable: bool, immutable: bool = False) -> apsw.Connection:
    """A connection with sqlite-vec loaded. Never creates the file. Raises apsw errors."""
    flags = apsw.SQLITE_OPEN_READWRITE if writable else apsw.SQLITE_OPEN_READONLY
    query = "mode=ro&immutable=1" if immutable else ""
    db = apsw.Connection(uri(path, query), flags=flags | apsw.SQLITE_OPEN_URI)
    try:
        db.set_busy_timeout(BUSY_MILLISECONDS)
        _extend(db)
        # A file from elsewhere must not run functions from its schema.
        db.execute("PRAGMA trusted_schema = OFF")
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA mmap_size = 0")
        db.execute("PRAGMA cache_size = -16000")
        # The first statement that reads the file: it fails if the file is no database.
        db.execute("SELECT count(*) FROM main.sqlite_schema").fetchall()
    except BaseException:
        db.close()
        raise
    return db


def blank() -> apsw.Connection:
    """An empty database in memory with the functions and modules that libraries need."""
    db = apsw.Connection(":memory:")
    _extend(db)
    return db


def _extend(db: apsw.Connection) -> None:
    db.enable_load_extension(True)
    db.load_extension(sqlite_vec.loadable_path())
    db.enable_load_extension(False)
    db.create_scalar_function(LOWER, _lower, 1, deterministic=True)


def _lower(*values: object) -> str | None:
    (text,) = values
    return text.lower() if isinstance(text, str) else None


@contextmanager
def transaction(db: apsw.Connection) -> Iterator[None]:
    """Commit at the end of the block, roll back when an exception passes."""
    # IMMEDIATE: a transaction that turns from reading to writing after another's commit fails at once.
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        # On a full disk SQLite has rolled back by itself already.
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def pragma_int(db: apsw.Connection, name: str, schema: str = "main") -> int:
    """The value of ``PRAGMA schema.name``."""
    value = db.pragma(name, schema=schema)
    assert isinstance(value, int)
    return value


def damage(db: apsw.Connection, schema: str = "main", *, thorough: bool = False) -> str:
    """The first problem that SQLite's own check finds; empty if none. The check reads the whole file.

    A ``thorough`` check also compares every index with its table and takes several times as long.
    """
    try:
        # WORKAROUND (SQLite 3.54.1): the check of a full-text table trusts what this connection remembers
        # of it, and reports false damage after another connection's change. A new cursor reads it again.
        words = db.execute(
            f"SELECT name FROM {schema}.sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL TABLE%USING fts5%'"  # noqa: S608
        ).fetchall()
        for (name,) in words:
            db.execute(f'SELECT 1 FROM {schema}."{name}" WHERE rowid = -1').fetchall()  # noqa: S608
        found = db.pragma("integrity_check" if thorough else "quick_check", 1, schema=schema)
    except apsw.Error as error:
        # The check itself can fail on damaged pages.
        return str(error)
    # Several lines become one.
    return "" if found == "ok" else " ".join(str(found).split())
