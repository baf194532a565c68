"""Backups of the library: making, checking, ordering and counting them.

A backup is one SQLite file with rows, marks, vectors and the journal, but without thumbnails, which can be
made again. It gets its name only after it was read back, found sound, and found to hold as many rows of
each table as the library at that moment.
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

from safelight.core.errors import LibraryDamagedError, LibraryTooNewError, LibraryUnavailableError
from safelight.core.output_file import check_target
from safelight.core.private_files import make_folder
from safelight.store.connect import APPLICATION_ID, damage, uri
from safelight.store.faults import translate_errors
from safelight.store.library_location import FILE_NAME as LIBRARY_NAME
from safelight.store.recovery import backup_notes
from safelight.store.recovery.backup_notes import Backup
from safelight.store.recovery.copying import verified_copy
from safelight.store.schema import migrations

FOLDER = migrations.BACKUPS

MAX_DAILY_BACKUPS = 7
"""Daily backups to keep."""

_NAME = re.compile(r"library-\d{8}-\d{6}(-\d+)?\.db")


@dataclass(frozen=True, slots=True)
class Contents:
    """What a user would miss, each as a set, so that two libraries can be compared."""

    photos: frozenset[bytes]
    marks: frozenset[tuple[object, ...]]
    tags: frozenset[tuple[object, ...]]
    albums: frozenset[tuple[object, ...]]
    decisions: frozenset[tuple[object, ...]]
    searches: frozenset[tuple[object, ...]]
    themes: frozenset[tuple[object, ...]] = frozenset()
    """What was decided about themes."""
    concepts: frozenset[tuple[object, ...]] = frozenset()
    """Taught concepts with their examples, and refused suggestions."""

    def beyond(self, other: Contents) -> ContentCounts:
        """How much of this is not in ``other``."""
        return ContentCounts(
            photos=len(self.photos - other.photos),
            marks=len(self.marks - other.marks),
            tags=len(self.tags - other.tags),
            albums=len(self.albums - other.albums),
            decisions=len(self.decisions - other.decisions),
            searches=len(self.searches - other.searches),
            themes=len(self.themes - other.themes),
            concepts=len(self.concepts - other.concepts),
        )

    def tally(self) -> ContentCounts:
        return self.beyond(_NOTHING)


_EMPTY: frozenset[tuple[object, ...]] = frozenset()
_NOTHING = Contents(frozenset(), _EMPTY, _EMPTY, _EMPTY, _EMPTY, _EMPTY)


@dataclass(frozen=True, slots=True)
class ContentCounts:
    """How many photos, marks, … there are; ``albums`` counts albums and their entries."""

    photos: int = 0
    marks: int = 0
    tags: int = 0
    albums: int = 0
    decisions: int = 0
    searches: int = 0
    themes: int = 0
    concepts: int = 0

    def __bool__(self) -> bool:
        return self != ContentCounts()

    def __str__(self) -> str:
        """``3 photos, 2 marks of photos`` — or ``nothing``."""
        named = (
            (self.photos, "photo", "photos"),
            (self.marks, "mark of a photo", "marks of photos"),
            (self.tags, "tag of a photo", "tags of photos"),
            (self.albums, "album entry", "album entries"),
            (self.decisions, "decision about duplicates", "decisions about duplicates"),
            (self.searches, "saved search", "saved searches"),
            (self.themes, "choice about a theme", "choices about themes"),
            (self.concepts, "example of a concept", "examples of concepts"),
        )
        return ", ".join(f"{n:,} {one if n == 1 else many}" for n, one, many in named if n) or "nothing"


def make(db: apsw.Connection, directory: Path, now: float) -> Path:
    """Back up the open library, and remove its oldest backups beyond :data:`MAX_DAILY_BACKUPS`.

    ``db`` must show one moment throughout (a read or write transaction, or the only writer). Raises
    LibraryDamagedError where the library is not sound; nothing is removed then.
    """
    folder = directory / FOLDER
    make_folder(folder)
    notes = backup_notes.next_notes(folder, now)
    target = _free_name(folder, now)
    verified_copy(db, target, notes, replace=False)
    prune(directory)
    return target


def _free_name(folder: Path, now: float) -> Path:
    """A name by the date. It is for people to read; the number inside the file is what orders backups."""
    dated = time.strftime("library-%Y%m%d-%H%M%S", time.localtime(now))
    names = (f"{dated}{suffix}.db" for suffix in ("", *(f"-{n}" for n in range(2, 1000))))
    return next(folder / name for name in names if not os.path.lexists(folder / name))


def prune(directory: Path, kept: int = MAX_DAILY_BACKUPS) -> None:
    """Remove daily backups but the newest ``kept``, and unfinished files of a backup that was killed."""
    for path in daily(directory)[kept:]:
        path.unlink(missing_ok=True)
    for part in (directory / FOLDER).glob("*.part*"):
        part.unlink(missing_ok=True)


def daily(directory: Path) -> list[Path]:
    """Daily backups, the newest first."""
    return [each.path for each in all_backups(directory) if _NAME.fullmatch(each.path.name)]


def all_backups(directory: Path) -> list[Backup]:
    """Every backup, those made before a migration included, the newest first."""
    return sorted(map(backup_notes.describe, _files(directory)), reverse=True)


def names(directory: Path) -> tuple[str, ...]:
    """The names of all backups, to notice cheaply that one was added or removed."""
    return tuple(sorted(path.name for path in _files(directory)))


def _files(directory: Path) -> list[Path]:
    folder = directory / FOLDER
    return [p for p in folder.glob("library-*.db") if p.is_file()] if folder.is_dir() else []


@contextmanager
def opened(path: Path) -> Iterator[apsw.Connection]:
    """Open a backup, or a library without a writer, for reading. It is checked first.

    Raises LibraryDamagedError, LibraryTooNewError, LibraryUnavailableError.
    """
    if not path.is_file():
        raise LibraryUnavailableError("There is no file {path}. Check the name.", path=path)
    with translate_errors(path.parent):
        try:
            db = apsw.Connection(uri(path, "mode=ro"), flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
        except apsw.CantOpenError as error:
            raise LibraryUnavailableError(
                "{path} cannot be read; check its permissions.", path=path
            ) from error
        try:
            # A file from elsewhere must not run anything from its schema.
            db.config(apsw.SQLITE_DBCONFIG_ENABLE_VIEW, 0)
            db.config(apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER, 0)
            db.execute("PRAGMA trusted_schema = OFF")
            try:
                found = migrations.check_version(db, path)
                harm = damage(db)
            except (apsw.NotADBError, apsw.CorruptError, apsw.SQLError) as error:
                raise LibraryDamagedError(
                    "{path} is not a Safelight library, or is damaged.", path=path
                ) from error
            if found == 0:
                raise LibraryDamagedError("{path} is empty; it is not a backup.", path=path)
            if harm:
                raise LibraryDamagedError("The backup {path} is damaged; take an older one.", path=path)
            yield db
        finally:
            db.close()


def newest_sound(directory: Path) -> Path | None:
    """The newest backup that is sound; None where there is none."""
    for backup in all_backups(directory):
        try:
            with opened(backup.path):
                return backup.path
        except (LibraryDamagedError, LibraryTooNewError, LibraryUnavailableError):
            continue
    return None


_CONCEPTS = (
    "SELECT c.name, e.content_hash, e.shows FROM concept_example AS e "
    "JOIN concept AS c ON c.id = e.concept_id "
    "UNION ALL SELECT tag, content_hash, 'refused' FROM refused_tag"
)

_THEME_CHOICES = (
    "SELECT c.name, c.hidden, c.is_top, min(e.content_hash), max(e.part) FROM theme_choice AS c "
    "LEFT JOIN theme_example AS e ON e.choice_id = c.id GROUP BY c.id"
)


def contents(db: apsw.Connection) -> Contents:
    """The contents of a library, read from ``db``, of any schema version."""

    def rows(statement: str) -> frozenset[tuple[object, ...]]:
        return frozenset(db.execute(statement))

    # Schema 2 had neither labels nor texts, schema 3 no turns.
    columns = {name for (name,) in db.execute("SELECT name FROM pragma_table_info('mark')")}
    has_texts = "caption" in columns
    turns = "m.turns" if "turns" in columns else "0"
    has_themes = bool(db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'theme_choice'").get)
    has_concepts = bool(db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'concept_example'").get)
    texts = "m.label, m.title, m.caption" if has_texts else "'', '', ''"
    any_text = "OR m.label <> '' OR m.title <> '' OR m.caption <> ''" if has_texts else ""
    return Contents(
        photos=frozenset(
            h for (h,) in db.execute("SELECT content_hash FROM photo WHERE orphaned_at IS NULL")
        ),
        marks=rows(
            f"SELECT p.content_hash, m.favourite, m.rating, m.hidden, {texts}, {turns} FROM mark AS m "  # noqa: S608
            f"JOIN photo AS p ON p.id = m.photo_id WHERE m.favourite OR m.rating OR m.hidden "
            f"OR {turns} {any_text}"
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
        themes=rows(_THEME_CHOICES) if has_themes else frozenset(),
        concepts=rows(_CONCEPTS) if has_concepts else frozenset(),
    )


def check_copy_target(target: Path) -> Backup | None:
    """The older backup that a copy to ``target`` would replace; None for a new name.

    Raises LibraryUnavailableError for anything else that exists, a library in use included.
    """
    if not check_target(target):
        return None
    if not is_backup(target):
        raise LibraryUnavailableError(
            "{path} exists and is not a backup; name a new file for the backup.", path=target
        )
    return backup_notes.describe(target)


def is_backup(path: Path) -> bool:
    """Whether a regular file is a backup of ours, rather than a library or anything else.

    Older versions did not mark backups. Theirs differ from a library in the journal mode: a library that was
    opened once is a WAL database (bytes 18 and 19 of the header).
    """
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except OSError:
        return False
    ours = header[68:72] == APPLICATION_ID.to_bytes(4, "big") and header.startswith(b"SQLite format 3\0")
    if not ours or path.with_name(path.name + "-wal").exists():
        return False
    if path.name == LIBRARY_NAME and path.with_name("library.lock").exists():
        return False
    return backup_notes.is_marked(path) or header[18:20] == b"\1\1"


def copy_to(db: apsw.Connection, target: Path, now: float, *, replace: bool = False) -> None:
    """Write a verified copy of the open library to a path that the user chose.

    Only a new name is written, or with ``replace`` that of an older backup. Raises
    LibraryUnavailableError where anything else has that name, or the place cannot be written.
    """
    existing = check_copy_target(target)
    if existing is not None and not replace:
        raise LibraryUnavailableError(
            "{path} is an older backup; add --yes to replace it, or name a new file.", path=target
        )
    try:
        notes = backup_notes.next_notes(target.parent, now)
        verified_copy(db, target, notes, replace=existing is not None)
    except OSError as error:
        raise LibraryUnavailableError(
            "The backup cannot be written to {path} ({reason}); name another place.",
            path=target,
            reason=error.strerror or error,
        ) from error
