"""Reads files again to find bytes that have changed although the file system reported no change."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from safelight.core.errors import FailureKind, ImageError
from safelight.core.jobs import JobControl
from safelight.core.message import Message
from safelight.core.photo import FileStat
from safelight.imaging.hashes import content_hash, content_hash_of_file
from safelight.imaging.integrity import jpeg_damage
from safelight.imaging.source import read_file
from safelight.services.indexing.scanner import file_stat
from safelight.store import file_checks
from safelight.store.file_checks import CheckedFile
from safelight.store.library import LibraryStore

_BATCH_SIZE = 64
_MAX_READ_WHOLE = 256 * 1024 * 1024
"""Bytes. Larger files are hashed piece by piece, and their end is not examined."""

CHANGED = Message("The bytes of this file changed although its size and date did not: the disk damaged it.")
CUT = Message("The size of this file changed although its date did not: it was cut short.")


@dataclass(slots=True)
class VerifyReport:
    """The result of a verification, in numbers of files."""

    verified: int = 0
    bytes: int = 0
    faults: list[tuple[str, Message]] = field(default_factory=list)
    """(path, what is wrong)."""
    skipped: list[tuple[str, Message]] = field(default_factory=list)
    """(path, why it could not be compared)."""
    seconds: float = 0.0


class Verifier:
    """Compares files with their content hashes. One call at a time."""

    def __init__(self, store: LibraryStore) -> None:
        self._store = store

    def run(
        self,
        control: JobControl,
        *,
        most_bytes: int | None = None,
        on_progress: Callable[[VerifyReport], None] = lambda _: None,
    ) -> VerifyReport:
        """Verify files, those verified longest ago first, up to ``most_bytes`` (None: every file once).

        Results are recorded after each batch, also if it is cancelled. Raises CancelledError.
        """
        report = VerifyReport()
        started = time.time()
        self._forget_future_dates(started)
        clock = time.monotonic()
        while most_bytes is None or report.bytes < most_bytes:
            with self._store.read() as db:
                batch = file_checks.due_for_verification(db, started, _BATCH_SIZE)
            if not batch:
                break
            found: list[tuple[int, Message | None, bool]] = []
            try:
                for file in batch:
                    control.checkpoint()
                    found.append(_verify(file, report))
                    if most_bytes is not None and report.bytes >= most_bytes:
                        break
            finally:
                # A date before the start would make files due again, in an endless loop, after the clock was
                # set back.
                self._record(found, max(started, time.time()))
            on_progress(report)
        report.seconds = time.monotonic() - clock
        return report

    def daily_share(self, percent: float, seconds: float) -> int:
        """Bytes to verify in ``seconds``, for ``percent`` of the library in a day."""
        with self._store.read() as db:
            total = file_checks.total_bytes(db)
        return int(total * percent / 100 * seconds / 86_400)

    def _forget_future_dates(self, now: float) -> None:
        """Make files due that were verified later than ``now``, because the clock was ahead then."""
        with self._store.read() as db:
            any_ahead = file_checks.any_verified_after(db, now)
        if any_ahead:
            with self._store.write() as db:
                file_checks.forget_verified_after(db, now)

    def _record(self, found: list[tuple[int, Message | None, bool]], now: float) -> None:
        if not found:
            return
        with self._store.write() as db:
            for file_id, fault, compared in found:
                if compared:
                    file_checks.note_verified(db, file_id, now, fault)
                else:
                    file_checks.note_tried(db, file_id, now)


def _verify(file: CheckedFile, report: VerifyReport) -> tuple[int, Message | None, bool]:
    """(file, what is wrong with it, whether it could be compared)."""
    path = os.fsdecode(file.path)
    try:
        fault, size = _fault_of(file)
    except ImageError as error:
        report.skipped.append((path, error.message))
        return file.file_id, None, False
    report.bytes += size
    report.verified += 1
    if fault is not None:
        report.faults.append((path, fault))
    return file.file_id, fault, True


def _fault_of(file: CheckedFile) -> tuple[Message | None, int]:
    """(what is wrong with a file, bytes read). Raises ImageError if it cannot be compared."""
    before = _stat(file.path)
    if before.mtime_ns != file.stat.mtime_ns:
        raise _changed_error()
    if before.size != file.stat.size:
        return CUT, 0
    if before.size > _MAX_READ_WHOLE:
        found, _ = content_hash_of_file(file.path)
        damage = None
    else:
        data = read_file(file.path)
        found, damage = content_hash(data), jpeg_damage(data)
    if _stat(file.path)[:2] != before[:2]:
        raise _changed_error()
    if found != file.content_hash:
        return CHANGED, before.size
    if damage is None:
        return None, before.size
    return Message("The picture was damaged before it was indexed: {damage}.", damage=damage), before.size


def _stat(path: bytes) -> FileStat:
    try:
        return file_stat(os.lstat(path))
    except OSError as error:
        raise ImageError(FailureKind.UNREADABLE, "The file is no longer there.") from error


def _changed_error() -> ImageError:
    return ImageError(FailureKind.UNREADABLE, "The file was changed; it is read when its folder is indexed.")
