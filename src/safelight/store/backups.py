"""Copies of the library that can stand in for it: making, checking and counting them.

A backup is one SQLite file that stands by itself: rows, marks, vectors, journal, but no thumbnails,
which are made again. It appears under its name only after it was read back, found sound and found to hold
as many rows of everything as the library did at that moment.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import apsw

from safelight.core.errors import LibraryDamagedError, LibraryUnavailableError
from safelight.store import migrations
from safelight.store.connect import damage, reserve, uri
from safelight.store.copying import verified_copy
from safelight.store.faults import translated

FOLDER = migrations.BACKUPS

KEPT = 7
"""Daily backups that are kept."""

_NAME = re.compile(r"library-\d{8}-\d{6}\.db")


@dataclass(frozen=True, slots=True)
class Contents:
    """What a person would miss, each as a set, so that two libraries can be held against each other."""

    photos: frozenset[bytes]
    marks: frozenset[tuple[object, ...]]
    tags: frozenset[tuple[object, ...]]
    albums: frozenset[tuple[object, ...]]
    decisions: frozenset[tuple[object, ...]]
    searches: frozenset[tuple[object, ...]]

    def beyond(self, other: Contents) -> Tally:
        """How much of this is not in ``other``."""
        return Tally(
            photos=len(self.photos - other.photos),
            marks=len(self.marks - other.marks),
            tags=len(self.tags - other.tags),
            albums=len(self.albums - other.albums),
            decisions=len(self.decisions - other.decisions),
            searches=len(self.searches - other.searches),
        )

    def tally(self) -> Tally:
        return self.beyond(_NOTHING)


_EMPTY: frozenset[tuple[object, ...]] = frozenset()
_NOTHING = Contents(frozenset(), _EMPTY, _EMPTY, _EMPTY, _EMPTY, _EMPTY)


@dataclass(frozen=True, slots=True)
class Tally:
    """Numbers of what :class:`Contents` names; ``albums`` counts albums and their entries."""

    photos: int = 0
    marks: int = 0
    tags: int = 0
    albums: int = 0
    decisions: int = 0
    searches: int = 0

    def __bool__(self) -> bool:
        return any((self.photos, self.marks, self.tags, self.albums, self.decisions, self.searches))

    def __str__(self) -> str:
        """``3 photos, 2 favourites or ratings`` — or ``nothing``."""
        named = (
            (self.photos, "photo", "photos"),
            (self.marks, "favourite or rating", "favourites or ratings"),
            (self.tags, "tag of a photo", "tags of photos"),
            (self.albums, "album entry", "album entries"),
            (self.decisions, "decision about duplicates", "decisions about duplicates"),
            (self.searches, "saved search", "saved searches"),
        )
        return ", ".join(f"{n:,} {one if n == 1 else many}" for n, one, many in named if n) or "nothing"


def make(db: apsw.Connection, directory: Path, now: float) -> Path:
    """Back the open library up into its folder of backups and drop the oldest beyond :data:`KEPT`.

    ``db`` must show one moment throughout (a read or write transaction, or the only writer). Raises
    LibraryDamagedError where the library is not sound; nothing is dropped then.
    """
    folder = directory / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / time.strftime("library-%Y%m%d-%H%M%S.db", time.localtime(now))
    verified_copy(db, target)
    prune(directory)
    return target


def prune(directory: Path, kept: int = KEPT) -> None:
    """Remove daily backups but the newest ``kept``, and what a killed backup left unfinished."""
    for path in daily(directory)[kept:]:
        path.unlink(missing_ok=True)
    for part in (directory / FOLDER).glob("*.part*"):
        part.unlink(missing_ok=True)


def daily(directory: Path) -> list[Path]:
    """Daily backups, the newest first."""
    return sorted(
        (path for path in _files(directory) if _NAME.fullmatch(path.name)), key=lambda p: p.name, reverse=True
    )


def known(directory: Path) -> list[Path]:
    """Every backup, those made before a migration included, the newest first."""
    return sorted(_files(directory), key=lambda path: path.stat().st_mtime_ns, reverse=True)


def _files(directory: Path) -> list[Path]:
    folder = directory / FOLDER
    return [p for p in folder.glob("library-*.db") if p.is_file()] if folder.is_dir() else []


@contextmanager
def opened(path: Path) -> Iterator[apsw.Connection]:
    """A backup, or a library that nobody writes to, for reading: checked to be one, and sound.

    Raises LibraryDamagedError, LibraryTooNewError, LibraryUnavailableError.
    """
    if not path.is_file():
        raise LibraryUnavailableError(f"There is no file {path}. Check the name.")
    with translated(path.parent):
        try:
            db = apsw.Connection(uri(path, "mode=ro"), flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
        except apsw.CantOpenError as error:
            raise LibraryUnavailableError(f"{path} cannot be read; check its permissions.") from error
        try:
            # A file from elsewhere must not run functions from its schema.
            db.execute("PRAGMA trusted_schema = OFF")
            try:
                found = migrations.check_version(db, path)
                harm = damage(db)
            except (apsw.NotADBError, apsw.CorruptError, apsw.SQLError) as error:
                raise LibraryDamagedError(f"{path} is no Safelight library, or is damaged.") from error
            if found == 0:
                raise LibraryDamagedError(f"{path} is empty; it is no backup.")
            if harm:
                raise LibraryDamagedError(f"The backup {path} is damaged; take an older one.")
            yield db
        finally:
            db.close()


def newest_good(directory: Path) -> Path | None:
    """The newest backup that is sound; None where there is none."""
    for path in known(directory):
        try:
            with opened(path):
                return path
        except (LibraryDamagedError, LibraryUnavailableError):
            continue
    return None


def contents(db: apsw.Connection) -> Contents:
    """What a library holds, read from ``db`` whatever its schema's version."""

    def rows(statement: str) -> frozenset[tuple[object, ...]]:
        return frozenset(db.execute(statement))

    return Contents(
        photos=frozenset(
            h for (h,) in db.execute("SELECT content_hash FROM photo WHERE orphaned_at IS NULL")
        ),
        marks=rows(
            "SELECT p.content_hash, m.favourite, m.rating, m.hidden FROM mark AS m "
            "JOIN photo AS p ON p.id = m.photo_id WHERE m.favourite OR m.rating OR m.hidden"
        ),
        tags=rows(
            "SELECT p.content_hash, lower(t.name) FROM photo_tag AS pt "
            "JOIN photo AS p ON p.id = pt.photo_id JOIN tag AS t ON t.id = pt.tag_id"
        ),
        albums=rows(
            "SELECT a.name, p.content_hash FROM album AS a LEFT JOIN album_photo AS b ON b.album_id = a.id "
            "LEFT JOIN photo AS p ON p.id = b.photo_id"
        ),
        decisions=rows("SELECT first, second, verdict FROM decision"),
        searches=rows("SELECT name, query FROM saved_search"),
    )


def copy_to(db: apsw.Connection, target: Path) -> None:
    """A verified copy of the open library at a place of the person's choosing, replacing an older backup.

    Raises LibraryUnavailableError where another kind of file has that name, or the place cannot be written.
    """
    try:
        if target.exists() and target.stat().st_size and not _is_ours(target):
            raise LibraryUnavailableError(f"{target} is another kind of file; name a new one for the backup.")
        verified_copy(db, target)
    except OSError as error:
        raise LibraryUnavailableError(
            f"The backup cannot be written to {target} ({error.strerror or error}); name another place."
        ) from error


def _is_ours(path: Path) -> bool:
    try:
        with opened(path):
            return True
    except LibraryDamagedError:
        with path.open("rb") as file:
            return b"SfLt" in file.read(100)[68:72]


def staged(source: Path, target: Path) -> None:
    """Copy a backup to ``target`` as it is, with a WAL beside it folded in; ``target`` is then checked.

    Raises as :func:`opened`.
    """
    if not source.is_file():
        raise LibraryUnavailableError(f"There is no file {source}. Check the name.")
    for suffix in ("", "-wal"):
        beside = source.with_name(source.name + suffix)
        copy = target.with_name(target.name + suffix)
        copy.unlink(missing_ok=True)
        if beside.is_file():
            reserve(copy)
            with beside.open("rb") as read, copy.open("wb") as write:
                while chunk := read.read(1 << 20):
                    write.write(chunk)
                os.fsync(write.fileno())
    try:
        db = apsw.Connection(os.fspath(target))
        try:
            db.pragma("journal_mode", "delete")
        finally:
            db.close()
    except (apsw.NotADBError, apsw.CorruptError) as error:
        raise LibraryDamagedError(f"{source} is no Safelight library, or is damaged.") from error
    try:
        with opened(target):
            pass
    except LibraryDamagedError as error:
        raise LibraryDamagedError(f"{source} is no Safelight library, or is damaged.") from error
