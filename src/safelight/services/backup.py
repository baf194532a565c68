"""Backups at the start of a day, and copies and exports on request."""

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

from safelight.core.errors import LibraryDamagedError, LibraryUnavailableError, NoSpaceError, SafelightError
from safelight.store import backups, photos, user_data_export
from safelight.store.library import FILE_NAME, LibraryStore
from safelight.store.user_data_export import Imported

log = logging.getLogger(__name__)

RESERVE = 256 * 1024 * 1024
"""Bytes that a backup leaves free: what the disk's owner and the library itself still need."""

_RETRY_SECONDS = 3600.0
EXPORT_NAME = "safelight-export.json"


def free_bytes(place: Path) -> int:
    return shutil.disk_usage(place).free


class DailyBackup:
    """Backs the library up once a day, before that day's changes. Not thread-safe."""

    def __init__(self, store: LibraryStore, free: Callable[[Path], int] = free_bytes) -> None:
        self._store = store
        self._free = free
        self._not_before = 0.0
        self._told = ""

    def make_if_due(self, now: float) -> str:
        """Make today's backup unless it exists; return a line for the person, empty if there is no news.

        A condition that prevents it is told once and tried again in an hour; it never stops other work.
        """
        if now < self._not_before or self._made_today(now):
            return ""
        self._not_before = now + _RETRY_SECONDS
        trouble = ""
        try:
            self._make(now)
        except SafelightError as error:
            trouble = f"There is no backup of today: {error}"
        except OSError as error:
            trouble = f"There is no backup of today: {error.strerror or error} ({self._place})."
        if trouble == self._told:
            return ""
        self._told = trouble
        return trouble

    @property
    def _place(self) -> Path:
        return self._store.directory / backups.FOLDER

    def _made_today(self, now: float) -> bool:
        today = time.strftime("library-%Y%m%d-", time.localtime(now))
        return any(path.name.startswith(today) for path in backups.daily(self._store.directory))

    def _make(self, now: float) -> None:
        directory = self._store.directory
        needed = sum(
            path.stat().st_size
            for path in (directory / FILE_NAME, directory / f"{FILE_NAME}-wal")
            if path.exists()
        )
        if self._free(directory) < needed + RESERVE:
            raise NoSpaceError(
                f"the disk is nearly full (a backup takes {needed / 1e6:.0f} MB); "
                f"free some space ({directory})."
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


def back_up(store: LibraryStore, target: Path) -> BackupReport:
    """Copy the library to a file of the person's choosing, checked. Works beside a window.

    Raises LibraryUnavailableError, LibraryDamagedError, NoSpaceError.
    """
    target = target.absolute()
    if target.is_dir():
        raise LibraryUnavailableError(f"{target} is a folder; name a file for the backup.")
    if target.parent == store.directory:
        raise LibraryUnavailableError("A backup among the library's own files would be lost with them.")
    with store.read() as db:
        backups.copy_to(db, target)
        return BackupReport(str(target), photos.counts(db).photos, target.stat().st_size)


@dataclass(frozen=True, slots=True)
class ExportReport:
    file: str
    photos: int
    albums: int
    saved_searches: int
    decisions: int


def export(store: LibraryStore, folder: Path) -> ExportReport:
    """Write what the person made as JSON into ``folder``, made if need be. Raises LibraryUnavailableError."""
    with store.read() as db:
        document = user_data_export.collect(db)
    target = folder.absolute() / EXPORT_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(target, json.dumps(document, indent=1))
    except OSError as error:
        raise LibraryUnavailableError(
            f"The export cannot be written to {target} ({error.strerror or error}); name another folder."
        ) from error
    return ExportReport(
        str(target),
        *(len(document[part]) for part in ("photos", "albums", "saved_searches", "decisions")),
    )


def import_from(store: LibraryStore, path: Path) -> Imported:
    """Add what an export holds to the library. Raises SafelightError where it is none."""
    if path.is_dir():
        path /= EXPORT_NAME
    try:
        document: Any = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SafelightError(f"{path} cannot be read ({error.strerror or error}).") from error
    except (ValueError, RecursionError) as error:
        raise SafelightError(f"{path} is no export of Safelight; nothing was imported.") from error
    with store.write() as db:
        return user_data_export.apply(db, document)


def _write(target: Path, text: str) -> None:
    """All or nothing, for the owner's eyes only: tags and paths are private."""
    part = target.with_name(target.name + ".part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def damage_advice(directory: Path, error: LibraryDamagedError) -> LibraryDamagedError:
    """What a library that cannot be opened can be helped with, in one line."""
    newest = backups.newest_good(directory)
    if newest is None:
        return LibraryDamagedError(
            f"{error} No backup was found; safelight doctor --mend saves what can be read."
        )
    when = time.strftime("%d %B %Y, %H:%M", time.localtime(newest.stat().st_mtime))
    return LibraryDamagedError(
        f"{error} There is a backup of {when}: safelight restore puts it back, "
        "safelight doctor --mend saves what is newer too."
    )
