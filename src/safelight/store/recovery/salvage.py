"""Rebuilding a damaged library: what can still be read, completed from the newest sound backup."""

# ruff: noqa: S608 (statements are put together from names of the schema; values are bound)

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path

import apsw

from safelight.core.errors import LibraryDamagedError, LibraryUnavailableError
from safelight.store import vectors
from safelight.store.connect import PAGE_SIZE, connect, damage, open_plain, reserve, transaction
from safelight.store.faults import translate_errors
from safelight.store.library import FILE_NAME
from safelight.store.library_lock import hold_lock
from safelight.store.recovery import backups, foreign, foreign_tables
from safelight.store.recovery.backups import ContentCounts
from safelight.store.recovery.foreign import Trust
from safelight.store.recovery.restoring import Replacement, discard
from safelight.store.schema import migrations

_STAGED = "library.db.rebuilt"
_HARMED = "library.db.harmed"
_BACKUP = "library.db.backup"

_AGREEING = 0.9
"""Share of the photos with one id that must have one content for two databases to be one library."""

_HEADER = 100
"""Bytes (https://www.sqlite.org/fileformat2.html#the_database_header)."""


@dataclass(frozen=True, slots=True)
class RebuildResult:
    """The result of rebuilding a damaged library."""

    holds: ContentCounts
    incomplete: tuple[str, ...]
    """Tables that could not be read to their end."""
    backup: Path | None
    """The backup whose rows were added."""
    aside: Path | None
    """Where the damaged library is kept."""


def rebuild(directory: Path) -> RebuildResult:
    """Replace a damaged library by what can be read of it and, for the rest, of its newest sound backup.

    Photos, files, marks, tags, albums, decisions, searches and vectors are kept; words are indexed again.
    The damaged files are kept aside. Raises LibraryInUseError, LibraryUnavailableError, NoSpaceError.
    """
    directory = directory.absolute()
    with hold_lock(directory):
        staged, harmed, copy = (directory / name for name in (_STAGED, _HARMED, _BACKUP))
        try:
            discard(staged, harmed, copy)
            with translate_errors(directory):
                incomplete, doubtful = _rebuild_into(staged, directory, harmed)
                backup = backups.newest_sound(directory) if incomplete or doubtful else None
                if backup is not None:
                    _complete(staged, backup, copy)
                _finish(staged)
            with backups.opened(staged) as db:
                holds = backups.contents(db).tally()
            aside = Replacement(directory, staged).carry_out()
        except OSError as error:
            raise LibraryUnavailableError(
                "The library in {directory} could not be rebuilt ({reason}); free some space or check the "
                "permissions. It is as it was.",
                directory=directory,
                reason=error.strerror or error,
            ) from error
        finally:
            discard(staged, harmed, copy)
    return RebuildResult(holds, incomplete, backup, aside)


def _rebuild_into(staged: Path, directory: Path, harmed: Path) -> tuple[tuple[str, ...], bool]:
    """Build a library at ``staged`` from what the damaged one still holds.

    Returns the tables that could not be read to their end, and whether there may be gaps in the others
    too: a page that was zeroed, or that belongs elsewhere, reads like one without rows.
    """
    for suffix in ("", "-wal"):
        path = directory / (FILE_NAME + suffix)
        if path.exists():
            copy = harmed.with_name(harmed.name + suffix)
            reserve(copy)
            shutil.copyfile(path, copy)
    for page_size in (None, PAGE_SIZE, 4096, 1024):
        if not harmed.exists():
            break
        if page_size is not None:
            _give_header(harmed, page_size)
        with contextlib.suppress(apsw.Error, ValueError):
            _fold(harmed)
            with foreign.opened(harmed, damaged=True) as source:
                readable = source.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'photo'").get
                doubtful = bool(damage(source, thorough=True))
            if readable:
                discard(staged)
                transfer = foreign.build(staged, harmed, Trust.OWN_LIBRARY, damaged=True)
                return transfer.incomplete, doubtful
    discard(staged)
    _empty(staged)
    return ("everything",), True


def _empty(staged: Path) -> None:
    reserve(staged)
    db = connect(staged, writable=True)
    try:
        migrations.prepare_empty(db)
        migrations.apply(db, 0, len(migrations.STEPS))
        db.pragma("journal_mode", "delete")
    finally:
        db.close()


def _fold(harmed: Path) -> None:
    """Let SQLite read the WAL once, so that what is newest in it is in the file."""
    db = open_plain(harmed)
    try:
        db.execute("PRAGMA trusted_schema = OFF")
        db.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        with contextlib.suppress(apsw.Error):
            db.pragma("journal_mode", "delete")
    finally:
        db.close()


def _give_header(harmed: Path, page_size: int) -> None:
    """Replace a header that was overwritten by that of an empty library, so that SQLite reads on."""
    template = harmed.with_name(harmed.name + ".header")
    try:
        _empty(template)
        with template.open("rb") as file:
            header = bytearray(file.read(_HEADER))
    finally:
        discard(template)
    pages = harmed.stat().st_size // page_size
    header[16:18] = page_size.to_bytes(2, "big")
    header[18:20] = b"\1\1"  # not a WAL database: its WAL belonged to the lost header
    header[28:32] = pages.to_bytes(4, "big")
    header[32:40] = bytes(8)  # no free pages, so that none is trusted
    header[60:64] = bytes(4)  # the version is found by the tables
    header[92:96] = header[24:28]
    with harmed.open("r+b") as file:
        file.write(header)


def _complete(staged: Path, backup: Path, copy: Path) -> None:
    """Add the rows of a backup that the library at ``staged`` lacks, if both are one library."""
    built = copy.with_name(copy.name + ".built")
    try:
        foreign.copy_aside(backup, copy)
        foreign.build(built, copy, Trust.OWN_BACKUP, name=str(backup))
        _merge(staged, built)
    except LibraryDamagedError:
        return
    finally:
        discard(built)


def _merge(staged: Path, built: Path) -> None:
    db = connect(staged, writable=True)
    source = connect(built, writable=False)
    try:
        db.execute("PRAGMA foreign_keys = OFF")
        with transaction(db):
            if not _is_same_library(db, source):
                return
            _correct_hashes(db, source)
            for table in (*foreign_tables.COPIED, *foreign_tables.OWN_ONLY):
                _add_missing(db, source, table)
            for model in vectors.models(db):
                vectors.salvage(db, model.id, source)
    finally:
        source.close()
        db.close()


def _finish(staged: Path) -> None:
    db = connect(staged, writable=True)
    try:
        db.execute("PRAGMA foreign_keys = OFF")
        with transaction(db):
            foreign.finish(db)
        db.pragma("journal_mode", "delete")
    finally:
        db.close()


def _add_missing(db: apsw.Connection, source: apsw.Connection, table: str) -> None:
    """Both databases were built by us and have one schema, so the rows need no further check."""
    columns = [str(name) for (name,) in db.execute("SELECT name FROM pragma_table_info(?)", (table,))]
    if not columns:
        return
    names = ", ".join(f'"{name}"' for name in columns)
    places = ", ".join("?" * len(columns))
    db.executemany(
        f'INSERT OR IGNORE INTO "{table}" ({names}) VALUES ({places})',
        source.execute(f'SELECT {names} FROM "{table}"'),
    )


def _is_same_library(db: apsw.Connection, source: apsw.Connection) -> bool:
    """Whether both are one library, by their uuids, or by their photos where the damaged one lost its uuid.

    A library that is still empty becomes the same one.
    """
    if not db.execute("SELECT EXISTS (SELECT 1 FROM photo) OR EXISTS (SELECT 1 FROM folder)").get:
        theirs = source.execute("SELECT value FROM meta WHERE key = 'uuid'").get
        db.execute("UPDATE meta SET value = ? WHERE key = 'uuid'", (theirs,))
        return True
    uuids = [each.execute("SELECT value FROM meta WHERE key = 'uuid'").get for each in (db, source)]
    if uuids[0] == uuids[1]:
        return True
    hashes = dict(source.execute("SELECT id, content_hash FROM photo"))
    ours = db.execute("SELECT id, content_hash FROM photo")
    agreeing = [hashes[photo] == digest for photo, digest in ours if photo in hashes]
    return bool(sum(agreeing) > _AGREEING * len(agreeing))


def _correct_hashes(db: apsw.Connection, backup: apsw.Connection) -> None:
    """A photo's hash never changes: where the damaged library has another, the backup is right."""
    for photo, digest in backup.execute("SELECT id, content_hash FROM photo"):
        db.execute(
            "UPDATE OR IGNORE photo SET content_hash = ?2 WHERE id = ?1 AND content_hash <> ?2",
            (photo, digest),
        )
