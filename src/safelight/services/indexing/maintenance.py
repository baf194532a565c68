"""Maintenance while the program runs: backups, forgetting deleted photos, retries, and verifying files."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.errors import CancelledError
from safelight.core.jobs import JobControl
from safelight.core.message import Message
from safelight.core.settings import FORGET_DAYS, VERIFY_PERCENT
from safelight.services import forgetting, settings
from safelight.services.backup import DailyBackup
from safelight.services.verification import Verifier
from safelight.store import files, removals, stage_states, unlisted
from safelight.store.library import LibraryStore

log = logging.getLogger(__name__)

_MIN_VERIFIED = 4 * 1024 * 1024
_MAX_VERIFIED = 256 * 1024 * 1024
"""Bytes that are verified in one go. Other work of the index thread waits meanwhile."""


class Maintenance:
    """Does maintenance at intervals. For the index thread."""

    def __init__(
        self,
        store: LibraryStore,
        changed: Callable[[LibraryChanged], None],
        failed: Callable[[Message], None],
    ) -> None:
        self._store = store
        self._changed = changed
        self._failed = failed
        self._backup = DailyBackup(store)
        self._bytes_due = 0.0
        """Bytes to verify since the last verification."""

    def back_up(self) -> None:
        """Make today's backup unless it exists."""
        problem = self._backup.make_if_due(time.time())
        if problem is not None:
            self._failed(problem)

    def forget_now(self) -> None:
        """Forget all photos without a file and without user data, and free their space."""
        forgetting.forget_now(self._store)
        self._changed(LibraryChanged(ChangeKind.FOLDERS))

    def forget_old(self) -> None:
        """Forget photos whose files disappeared longer ago than the setting says."""
        with self._store.read() as db:
            days = settings.read(db)[FORGET_DAYS]
        forgotten = forgetting.forget_old(self._store, days, time.time())
        if forgotten:
            log.info("forgot %d photos without a file", forgotten)

    def retry(self, file_ids: tuple[int, ...] | None) -> tuple[int, set[int]]:
        """Queue these failed files for another attempt, or all failures.

        Returns how many there are, and the folders to scan because a part of them could not be listed.
        """
        with self._store.read() as db:
            folder_ids = unlisted.roots_of(db, file_ids if file_ids is not None else unlisted.ids(db))
        with self._store.write() as db:
            retried = files.retry(db, None if file_ids is None else list(file_ids))
            if file_ids is None:
                retried += stage_states.retry(db)
        return retried, set(folder_ids)

    def keep_missing(self, folder_id: int) -> None:
        """Keep the photos whose files are missing from a folder."""
        with self._store.write() as db:
            removals.keep(db, folder_id)

    def verification_due(self, seconds: float) -> bool:
        """Add the share of ``seconds``, the time since the last call. Whether there is enough to verify."""
        with self._store.read() as db:
            percent = settings.read(db)[VERIFY_PERCENT]
        self._bytes_due += Verifier(self._store).daily_share(percent, seconds) if percent else 0
        return bool(percent) and self._bytes_due >= _MIN_VERIFIED

    def verify(self, control: JobControl) -> None:
        """Verify the files that are due. If it is cancelled, they remain due."""
        try:
            report = Verifier(self._store).run(control, most_bytes=int(min(self._bytes_due, _MAX_VERIFIED)))
        except CancelledError:
            return
        self._bytes_due = 0.0
        if report.faults:
            self._failed(_damaged_files_message(len(report.faults)))
            self._changed(LibraryChanged(ChangeKind.FAILURES))


def _damaged_files_message(files: int) -> Message:
    if files == 1:
        return Message(
            "1 damaged file was found; it is listed under Problems. "
            "safelight verify --repair replaces it by an intact copy, if there is one."
        )
    return Message(
        "{files:,} damaged files were found; they are listed under Problems. "
        "safelight verify --repair replaces them by intact copies, if there are any.",
        files=files,
    )
