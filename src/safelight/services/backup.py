"""Makes a backup each day, and copies and exports on request."""

from __future__ import annotations

import json
import logging
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safelight.core.errors import (
    ImageError,
    LibraryDamagedError,
    LibraryUnavailableError,
    NoSpaceError,
    SafelightError,
)
from safelight.core.message import Message
from safelight.core.output_file import check_target, put_in_place, reserve_part
from safelight.core.private_files import make_folder
from safelight.core.user_paths import is_folder
from safelight.imaging.source import read_file
from safelight.store import photos, user_data_export
from safelight.store.library import FILE_NAME, LibraryStore
from safelight.store.recovery import backup_notes, backups
from safelight.store.recovery.backup_notes import Backup
from safelight.store.user_data_export import ImportResult

log = logging.getLogger(__name__)

RESERVE = 256 * 1024 * 1024
"""Bytes of disk space that a backup leaves free."""

_RETRY_SECONDS = 3600.0
_MAX_CLOCK_SKEW_S = 86400.0
"""A backup whose date is further in the future was made while the clock was wrong."""

EXPORT_NAME = "safelight-export.json"
_MAX_EXPORT_BYTES = 512 * 1024 * 1024
"""Bytes. A million photos with tags take about 400 MB."""


def free_bytes(place: Path) -> int:
    return shutil.disk_usage(place).free


class DailyBackup:
    """Makes a backup once a day, before that day's changes. Not thread-safe."""

    def __init__(self, store: LibraryStore, free: Callable[[Path], int] = free_bytes) -> None:
        self._store = store
        self._free = free
        self._last_attempt: float | None = None
        self._last_reported: Message | None = None
        self._known_backups: tuple[tuple[str, ...], Backup | None] | None = None

    def make_if_due(self, now: float) -> Message | None:
        """Make today's backup unless it exists. Returns what prevents it, or None.

        A condition that prevents it is reported once and tried again in an hour. It never stops other work.
        """
        # A last attempt in the future was made before the clock was set back.
        waits = self._last_attempt is not None and 0 <= now - self._last_attempt < _RETRY_SECONDS
        if waits or self._made_today(now):
            return None
        self._last_attempt = now
        problem = self._future(now)
        try:
            self._make(now)
        except SafelightError as error:
            problem = Message("There is no backup of today: {error}", error=error)
        except OSError as error:
            problem = Message(
                "There is no backup of today: {reason} ({folder}).",
                reason=error.strerror or error,
                folder=self._folder,
            )
        if problem == self._last_reported:
            return None
        self._last_reported = problem
        return problem

    def _future(self, now: float) -> Message | None:
        newest = self._newest()
        if newest is None or newest.made_at <= now + _MAX_CLOCK_SKEW_S:
            return None
        dated = time.strftime("%d %B %Y", time.localtime(newest.made_at))
        return Message(
            "The newest backup is dated {date}, which is in the future; check this computer's clock. "
            "Backups continue.",
            date=dated,
        )

    def _newest(self) -> Backup | None:
        """The newest backup by its number. The files are read again only if one was added or removed."""
        names = backups.names(self._store.directory)
        if self._known_backups is None or self._known_backups[0] != names:
            known = backups.all_backups(self._store.directory)
            self._known_backups = names, known[0] if known else None
        return self._known_backups[1]

    @property
    def _folder(self) -> Path:
        return self._store.directory / backups.FOLDER

    def _made_today(self, now: float) -> bool:
        # Only the newest counts: a clock that was ahead for a while may have left backups with any date.
        newest = self._newest()
        day = "%Y%m%d"
        return newest is not None and time.strftime(day, time.localtime(newest.made_at)) == time.strftime(
            day, time.localtime(now)
        )

    def _make(self, now: float) -> None:
        directory = self._store.directory
        needed = sum(
            path.stat().st_size
            for path in (directory / FILE_NAME, directory / f"{FILE_NAME}-wal")
            if path.exists()
        )
        if self._free(directory) < needed + RESERVE:
            raise NoSpaceError(
                "the disk is nearly full (a backup takes {megabytes:.0f} MB); free some space ({directory}).",
                megabytes=needed / 1e6,
                directory=directory,
            )
        with self._store.read() as db:
            if not photos.counts(db).files:
                return
            path = backups.make(db, directory, now)
        log.info("backed up the library: %d bytes", path.stat().st_size)


@dataclass(frozen=True, slots=True)
class BackupReport:
    file: str
    photos: int
    bytes: int


def checked_target(directory: Path, target: Path) -> Path:
    """The real path of a new backup of the library in ``directory``.

    Links to folders are resolved, so that no other name points into the library's own folder. Raises
    LibraryUnavailableError.
    """
    try:
        target = target.absolute()
        target = target.parent.resolve() / target.name
    except (OSError, RuntimeError) as error:
        raise LibraryUnavailableError(
            "{path} cannot be written ({reason}); name another place.", path=target, reason=error
        ) from error
    if target.is_relative_to(directory.resolve()):
        raise LibraryUnavailableError("A backup among the library's own files would be lost with them.")
    return target


def replaced_by(store: LibraryStore, target: Path) -> Backup | None:
    """The older backup that :func:`back_up` would replace; None for a new name. Raises as that does."""
    return backups.check_copy_target(checked_target(store.directory, target))


def back_up(store: LibraryStore, target: Path, *, replace: bool = False) -> BackupReport:
    """Copy the library to a file that the user chose, and check the copy. Works while a window is open.

    An older backup is replaced only with ``replace``; any other existing file is never replaced.

    Raises LibraryUnavailableError, LibraryDamagedError, NoSpaceError.
    """
    target = checked_target(store.directory, target)
    with store.read() as db:
        backups.copy_to(db, target, time.time(), replace=replace)
        return BackupReport(str(target), photos.counts(db).photos, target.stat().st_size)


@dataclass(frozen=True, slots=True)
class ExportReport:
    file: str
    photos: int
    albums: int
    saved_searches: int
    decisions: int


def export(store: LibraryStore, folder: Path) -> ExportReport:
    """Write the user's work as JSON into ``folder``, created if missing. Raises LibraryUnavailableError."""
    with store.read() as db:
        document = user_data_export.collect(db)
    target = folder.absolute() / EXPORT_NAME
    try:
        make_folder(folder.absolute())
        _write(target, json.dumps(document, indent=1))
    except OSError as error:
        raise LibraryUnavailableError(
            "The export cannot be written to {path} ({reason}); name another folder.",
            path=target,
            reason=error.strerror or error,
        ) from error
    return ExportReport(
        str(target),
        *(len(document[part]) for part in ("photos", "albums", "saved_searches", "decisions")),
    )


def import_from(store: LibraryStore, path: Path) -> ImportResult:
    """Add the content of an export to the library. Raises SafelightError for any other file."""
    if is_folder(path):
        path /= EXPORT_NAME
    try:
        document: Any = json.loads(read_file(str(path), _MAX_EXPORT_BYTES).decode("utf-8"))
    except ImageError as error:
        raise SafelightError("{path} cannot be read. {error}", path=path, error=error) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise SafelightError(
            "{path} is not an export of Safelight; nothing was imported.", path=path
        ) from error
    with store.write() as db:
        try:
            return user_data_export.apply(db, document)
        except SafelightError as error:
            raise SafelightError("{path} was not imported. {error}", path=path, error=error) from error


def _write(target: Path, text: str) -> None:
    """Write a file atomically. Only its owner can read it, because tags and paths are private.

    An older export is replaced. Raises LibraryUnavailableError if any other file has that name, OSError.
    """
    exists = check_target(target)
    if exists and not _is_export(target):
        raise LibraryUnavailableError(
            "{path} exists and is not an export of Safelight; name another folder.", path=target
        )
    part = reserve_part(target)
    try:
        with part.open("w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        put_in_place(part, target, replace=exists)
    finally:
        part.unlink(missing_ok=True)


def _is_export(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(200)
    return not start or f'"{user_data_export.FORMAT}"'.encode() in start


def damage_advice(directory: Path, error: LibraryDamagedError) -> LibraryDamagedError:
    """An error for a library that cannot be opened, with what to do."""
    newest = backups.newest_sound(directory)
    if newest is None:
        return LibraryDamagedError(
            "{error} No backup was found; safelight doctor --mend saves what can be read.", error=error
        )
    when = time.strftime("%d %B %Y, %H:%M", time.localtime(backup_notes.describe(newest).made_at))
    return LibraryDamagedError(
        "{error} There is a backup of {when}: safelight restore puts it back, safelight doctor --mend "
        "saves what is newer too.",
        error=error,
        when=when,
    )
