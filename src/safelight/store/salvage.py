"""A sound library out of a damaged one: what can still be read, filled up from the newest backup."""

# ruff: noqa: S608 (statements are put together from names of the schema; values are bound)

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import apsw

from safelight.core.errors import LibraryUnavailableError
from safelight.store import backups, mending, migrations, vectors
from safelight.store.backups import Tally
from safelight.store.connect import PAGE_SIZE, connect, damage, reserve, transaction
from safelight.store.library import FILE_NAME, locked
from safelight.store.restoring import Replacement

_STAGED = "library.db.rebuilt"
_HARMED = "library.db.harmed"
_DERIVED = ("sqlite_", "vec_", "photo_text", "embedding", "meta", "sketch", "likeness", "quality")
"""Tables, by the beginning of their names, that are made from others."""

_KINDS: dict[str, type | tuple[type, ...]] = {
    "TEXT": str,
    "BLOB": bytes,
    "INTEGER": int,
    "REAL": (float, int),
}
"""What values of a column of each type are in Python."""

_AGREEING = 0.9
"""Share of the photos with one id that must have one content, for two databases to be one library."""

_HEADER = 100
"""Bytes (https://www.sqlite.org/fileformat2.html#the_database_header)."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What became of a damaged library."""

    holds: Tally
    incomplete: tuple[str, ...]
    """Tables that could not be read to their end."""
    backup: Path | None
    """What filled them up."""
    aside: Path | None
    """Where the damaged library is kept."""


def rebuild(directory: Path) -> Rebuilt:
    """Replace a damaged library by what can be read of it and, for the rest, of its newest sound backup.

    Photos, files, marks, tags, albums, decisions, searches and vectors are kept; words are made anew. The
    damaged files are kept aside. Raises LibraryInUseError, LibraryUnavailableError.
    """
    directory = directory.absolute()
    with locked(directory):
        staged, harmed = directory / _STAGED, directory / _HARMED
        try:
            _discard(staged, harmed)
            incomplete, doubtful = _rebuild_into(staged, directory, harmed)
            backup = backups.newest_good(directory) if incomplete or doubtful else None
            if backup is not None:
                with _source(backup) as source:
                    _pour(staged, source, same_library_only=True)
            _finish(staged)
            with backups.opened(staged) as db:
                holds = backups.contents(db).tally()
            aside = Replacement(directory, staged).carry_out()
        except OSError as error:
            raise LibraryUnavailableError(
                f"The library in {directory} could not be rebuilt ({error.strerror or error}); "
                "free some space or check the permissions. It is as it was."
            ) from error
        finally:
            _discard(staged, harmed)
    return Rebuilt(holds, incomplete, backup, aside)


def _rebuild_into(staged: Path, directory: Path, harmed: Path) -> tuple[tuple[str, ...], bool]:
    """Make an empty library at ``staged`` and pour in what the damaged one still says.

    Returns the tables that could not be read to their end, and whether there may be gaps in the others
    too: a page that was emptied, or that belongs elsewhere, reads like one without rows.
    """
    reserve(staged)
    db = connect(staged, writable=True)
    try:
        migrations.prepare_empty(db)
        migrations.upgrade(db, staged)
    finally:
        db.close()
    for suffix in ("", "-wal"):
        path = directory / (FILE_NAME + suffix)
        if path.exists():
            copy = harmed.with_name(harmed.name + suffix)
            reserve(copy)
            shutil.copyfile(path, copy)
    if not harmed.exists():
        return ("everything",), True
    for page_size in (None, PAGE_SIZE, 4096, 1024):
        if page_size is not None:
            _give_header(harmed, staged, page_size)
        with contextlib.suppress(apsw.Error, ValueError), _source(harmed) as source:
            if source.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'photo'").get:
                return _pour(staged, source), bool(damage(source, thorough=True))
    return ("everything",), True


def _give_header(harmed: Path, template: Path, page_size: int) -> None:
    """Replace a header that was overwritten by one of our own, as SQLite needs only that to read on."""
    with template.open("rb") as file:
        header = bytearray(file.read(_HEADER))
    pages = harmed.stat().st_size // page_size
    header[16:18] = page_size.to_bytes(2, "big")
    header[18:20] = b"\1\1"  # not a WAL database: its WAL was of the lost header
    header[28:32] = pages.to_bytes(4, "big")
    header[32:40] = bytes(8)  # no free pages, so that none is trusted
    header[92:96] = header[24:28]
    with harmed.open("r+b") as file:
        file.write(header)


@contextlib.contextmanager
def _source(path: Path) -> Iterator[apsw.Connection]:
    db = apsw.Connection(os.fspath(path))
    try:
        db.execute("PRAGMA trusted_schema = OFF")
        # Reads on where an entry of the schema itself is not well formed.
        db.execute("PRAGMA writable_schema = ON")
        yield db
    finally:
        db.close()


def _pour(staged: Path, source: apsw.Connection, *, same_library_only: bool = False) -> tuple[str, ...]:
    """Add the rows of ``source`` that the library at ``staged`` lacks; name the tables read in part."""
    db = connect(staged, writable=True)
    try:
        db.execute("PRAGMA foreign_keys = OFF")
        with transaction(db):
            if not _adopt_uuid(db, source) and same_library_only:
                return ()
            if same_library_only:
                _correct_hashes(db, source)
            incomplete = [table for table in _tables(db) if not _copy(db, source, table)]
            poured = [vectors.salvage(db, model.id, source) for model in vectors.models(db)]
            if not all(poured):
                incomplete.append("vectors")
        return tuple(incomplete)
    finally:
        db.close()


def _adopt_uuid(db: apsw.Connection, source: apsw.Connection) -> bool:
    """Whether both are one library, an empty one becoming what the source is."""
    try:
        theirs = source.execute("SELECT value FROM meta WHERE key = 'uuid'").get
        if not db.execute("SELECT EXISTS (SELECT 1 FROM photo) OR EXISTS (SELECT 1 FROM folder)").get:
            if isinstance(theirs, str):
                db.execute("UPDATE meta SET value = ? WHERE key = 'uuid'", (theirs,))
            return True
        if db.execute("SELECT value FROM meta WHERE key = 'uuid'").get == theirs:
            return True
        # The damaged one may not have known its own name any more: then its photos tell.
        hashes = dict(source.execute("SELECT id, content_hash FROM photo"))
    except (apsw.Error, ValueError):
        return False
    ours = db.execute("SELECT id, content_hash FROM photo")
    agreeing = [hashes[photo] == digest for photo, digest in ours if photo in hashes]
    return bool(sum(agreeing) > _AGREEING * len(agreeing))


def _correct_hashes(db: apsw.Connection, backup: apsw.Connection) -> None:
    """A photo's hash never changes: where the damaged library says another, the backup is right."""
    for photo, digest in backup.execute("SELECT id, content_hash FROM photo"):
        db.execute(
            "UPDATE OR IGNORE photo SET content_hash = ?2 WHERE id = ?1 AND content_hash <> ?2",
            (photo, digest),
        )


def _tables(db: apsw.Connection) -> list[str]:
    """Ordinary tables with rows of their own, in the order in which they were made: parents first."""
    rows = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY rowid")
    return [name for (name,) in rows if not name.startswith(_DERIVED)]


def _copy(db: apsw.Connection, source: apsw.Connection, table: str) -> bool:
    """Copy the rows that can be read; False if that was not all of them."""
    try:
        theirs = [name for (name,) in source.execute("SELECT name FROM pragma_table_info(?)", (table,))]
    except (apsw.Error, ValueError):
        return False
    ours: list[tuple[str, str, int]] = [
        (str(name), str(kind), int(key))
        for name, kind, key in db.execute("SELECT name, type, pk FROM pragma_table_info(?)", (table,))
    ]
    common = [(f'"{name}"', _KINDS.get(kind, object)) for name, kind, _ in ours if name in theirs]
    columns, kinds = [name for name, _ in common], [kind for _, kind in common]
    if not columns:
        return not theirs  # an older library has fewer tables
    keys = [f'"{name}"' for name, _, key in sorted(ours, key=lambda column: column[2]) if key]
    insert = (
        f'INSERT OR IGNORE INTO "{table}" ({", ".join(columns)}) VALUES ({", ".join("?" * len(columns))})'
    )
    whole = True
    # From both ends: behind a damaged page there are more.
    for direction in ("ASC", "DESC"):
        order = ", ".join(f"{key} {direction}" for key in keys) or f"rowid {direction}"
        try:
            for row in source.execute(f'SELECT {", ".join(columns)} FROM "{table}" ORDER BY {order}'):
                if not all(
                    value is None or isinstance(value, kind) for value, kind in zip(row, kinds, strict=True)
                ):
                    whole = False  # no row of ours: its bytes are damaged
                    continue
                with contextlib.suppress(apsw.ConstraintError, apsw.MismatchError):
                    db.execute(insert, row)
            return whole and direction == "ASC"
        except (apsw.Error, ValueError):
            continue
    return False


def _finish(staged: Path) -> None:
    """Make what is derived, and one file of it all."""
    db = connect(staged, writable=True)
    try:
        db.execute("PRAGMA foreign_keys = OFF")
        with transaction(db):
            mending.drop_dangling(db)
            mending.set_flags(db)
            mending.rebuild_words(db)
        db.pragma("journal_mode", "delete")
    finally:
        db.close()


def _discard(*paths: Path) -> None:
    for path in paths:
        for suffix in ("", "-wal", "-shm", "-journal"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
