"""Replacing a library by a backup. The replaced library is kept aside."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import apsw

from safelight.core.errors import (
    LibraryDamagedError,
    LibraryTooNewError,
    LibraryUnavailableError,
    SafelightError,
)
from safelight.store.connect import connect, damage
from safelight.store.faults import translate_errors
from safelight.store.library import FILE_NAME
from safelight.store.library_lock import hold_lock
from safelight.store.recovery import backup_notes, backups, foreign
from safelight.store.recovery.backups import ContentCounts
from safelight.store.recovery.copying import sync_folder
from safelight.store.schema import migrations

_STAGED = "library.db.restoring"
_COPY = "library.db.foreign"


@dataclass(frozen=True, slots=True)
class RestorePlan:
    """What restoring a backup would do, for the user to confirm."""

    source: Path
    made_at: float
    """Seconds since the epoch."""
    holds: ContentCounts
    lost: ContentCounts | None
    """What the library has and the backup has not; None where the library cannot be read."""
    library_exists: bool
    left_out: int = 0
    """Rows of the backup that hold values no library can have, and are not restored."""
    library_is_newer: bool = False
    """Whether a newer program wrote the library, so that what would be lost is unknown."""


@contextlib.contextmanager
def prepare_restore(directory: Path, source: Path | None = None) -> Iterator[tuple[RestorePlan, Replacement]]:
    """Check a backup (the newest sound one if ``source`` is None) against the library, which stays locked.

    The backup is read row by row into a fresh library of the newest version; see
    :mod:`safelight.store.recovery.foreign`. Nothing is changed until :meth:`Replacement.carry_out`. Raises
    LibraryInUseError while another process has the library open for writing, LibraryTooNewError,
    LibraryDamagedError for a file that is no library, LibraryUnavailableError where there is no backup,
    NoSpaceError.
    """
    directory = directory.absolute()
    with hold_lock(directory):
        chosen = source if source is not None else backups.newest_sound(directory)
        if chosen is None:
            raise LibraryUnavailableError(
                "There is no sound backup in {directory}; name one: safelight restore FILE.",
                directory=directory / backups.FOLDER,
            )
        chosen = chosen.absolute()
        staged, copy = directory / _STAGED, directory / _COPY
        try:
            discard(staged, copy)
            with translate_errors(directory):
                foreign.copy_aside(chosen, copy)
                transfer = foreign.build(staged, copy, _trust(chosen, directory), name=str(chosen))
            discard(copy)
            with backups.opened(staged) as db:
                offered = backups.contents(db)
            held, is_newer = current_contents(directory / FILE_NAME)
            plan = RestorePlan(
                source=chosen,
                made_at=backup_notes.describe(chosen).made_at,
                holds=offered.tally(),
                lost=held.beyond(offered) if held is not None else None,
                library_exists=(directory / FILE_NAME).exists(),
                left_out=transfer.left_out,
                library_is_newer=is_newer,
            )
            yield plan, Replacement(directory, staged)
        except OSError as error:
            raise LibraryUnavailableError(
                "The backup could not be put into {directory} ({reason}); free some space or check the "
                "permissions. The library is as it was.",
                directory=directory,
                reason=error.strerror or error,
            ) from error
        finally:
            discard(staged, copy)


def _trust(source: Path, directory: Path) -> foreign.Trust:
    """A backup that this library made in its own folder may have a journal of moved files."""
    own = source.resolve().is_relative_to(directory.resolve())
    return foreign.Trust.OWN_BACKUP if own else foreign.Trust.STRANGER


def discard(*paths: Path) -> None:
    """Remove databases with whatever SQLite put beside them."""
    for path in paths:
        for suffix in ("", "-wal", "-shm", "-journal"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)


class Replacement:
    """A checked database that waits beside the library to take its place."""

    def __init__(self, directory: Path, staged: Path) -> None:
        self._directory = directory
        self._staged = staged

    def carry_out(self) -> Path | None:
        """Replace the library; return the folder that now holds the replaced one, if there was one.

        At every instant there is a ``library.db``: first the old one gets a second name aside, then the
        new one takes the old name in one step.
        """
        with self._staged.open("rb+") as file:
            os.fsync(file.fileno())
        aside = set_aside(self._directory)
        # Its content is in the database by now, or the database cannot be read; left beside another one,
        # it would be played into that.
        for suffix in ("-wal", "-shm"):
            (self._directory / (FILE_NAME + suffix)).unlink(missing_ok=True)
        self._staged.replace(self._directory / FILE_NAME)
        sync_folder(self._directory)
        return aside


def set_aside(directory: Path) -> Path | None:
    """Keep the library's files, under second names, in a folder ``replaced-…`` of their own."""
    present = [
        directory / (FILE_NAME + suffix)
        for suffix in ("", "-wal")
        if (directory / (FILE_NAME + suffix)).exists()
    ]
    if not present:
        return None
    stamp = time.strftime("replaced-%Y%m%d-%H%M%S")
    aside = next(
        place
        for place in (directory / f"{stamp}{suffix}" for suffix in ("", *(f"-{n}" for n in range(2, 1000))))
        if not place.exists()
    )
    aside.mkdir(mode=0o700)
    for path in present:
        try:
            os.link(path, aside / path.name)
        except OSError:  # file systems without second names (FAT)
            shutil.copy2(path, aside / path.name)
    sync_folder(aside)
    return aside


def current_contents(path: Path) -> tuple[backups.Contents | None, bool]:
    """The contents of the library (None if missing or unreadable), and whether a newer program wrote it.

    The WAL of a library that can be read is written back to it.
    """
    if not path.exists():
        return None, False
    try:
        db = connect(path, writable=True)
    except apsw.Error:
        return None, False
    try:
        if migrations.check_version(db, path) == 0 or damage(db):
            return None, False
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return backups.contents(db), False
    except LibraryTooNewError:
        return None, True
    except (apsw.Error, SafelightError):
        return None, False
    finally:
        db.close()


def is_damaged(directory: Path) -> bool:
    """Whether the library's database cannot be read as one, or SQLite's own check finds fault with it."""
    path = directory / FILE_NAME
    try:
        db = connect(path, writable=False)
    except (apsw.NotADBError, apsw.CorruptError):
        return True
    except apsw.Error:
        return False
    try:
        migrations.check_version(db, path)
        return bool(damage(db))
    except LibraryDamagedError:
        return True
    except apsw.Error:
        return True
    finally:
        db.close()
