"""Work of the live index beside indexing: forgetting deleted photos, verifying a share of the library."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.errors import CancelledError
from safelight.core.jobs import JobControl
from safelight.core.settings import FORGET_DAYS, VERIFY_PERCENT
from safelight.services import forgetting, settings
from safelight.services.verification import Verifier
from safelight.store.library import LibraryStore

log = logging.getLogger(__name__)

_LEAST_VERIFIED = 4 * 1024 * 1024
_MOST_VERIFIED = 256 * 1024 * 1024
"""Bytes that are verified at once: enough to be worth it, and not so many that other work waits long."""


class Upkeep:
    """Belongs to the index thread."""

    def __init__(
        self,
        store: LibraryStore,
        changed: Callable[[LibraryChanged], None],
        failed: Callable[[str], None],
    ) -> None:
        self._store = store
        self._changed = changed
        self._failed = failed
        self._due = 0.0
        """Bytes that have become due since the last verification."""

    def forget_now(self) -> None:
        """Forget all photos without a file that bear no mark, and give their space back."""
        forgetting.forget_now(self._store)
        self._changed(LibraryChanged(ChangeKind.FOLDERS))

    def forget_old(self) -> None:
        """Forget photos whose files went longer ago than the setting says."""
        with self._store.read() as db:
            days = settings.read(db)[FORGET_DAYS]
        forgotten = forgetting.forget_old(self._store, days, time.time())
        if forgotten:
            log.info("forgot %d photos without a file", forgotten)

    def verification_due(self, seconds: float) -> bool:
        """Whether enough bytes have become due, ``seconds`` after the last call."""
        with self._store.read() as db:
            percent = settings.read(db)[VERIFY_PERCENT]
        self._due += Verifier(self._store).daily_share(percent, seconds) if percent else 0
        return bool(percent) and self._due >= _LEAST_VERIFIED

    def verify(self, control: JobControl) -> None:
        """Verify what is due. When cancelled, it stays due."""
        try:
            report = Verifier(self._store).run(control, most_bytes=int(min(self._due, _MOST_VERIFIED)))
        except CancelledError:
            return
        self._due = 0.0
        if report.faults:
            self._failed(
                f"{len(report.faults):,} damaged files were found; they are listed under Problems. "
                "safelight verify --repair replaces them by intact copies, if there are any."
            )
            self._changed(LibraryChanged(ChangeKind.FAILURES))
