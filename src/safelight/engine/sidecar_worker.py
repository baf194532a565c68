"""Writes sidecars in the background after the user changed what they say about photos."""

from __future__ import annotations

import logging
from pathlib import Path

from safelight.core.jobs import JobControl
from safelight.core.message import Message
from safelight.engine.events import RequestFailed
from safelight.engine.worker import Job, Send, Worker
from safelight.services.indexing.live import LiveIndexer
from safelight.services.organising.sidecars import SidecarWriter
from safelight.store.library import LibraryStore

log = logging.getLogger(__name__)

_CHANGE = "change"
_COLLECT_SECONDS = 1.0
"""Seconds in which changes are collected, so that several changes of a photo write its sidecar once."""


class SidecarWorker(Worker):
    """Does nothing unless the setting ``sidecars`` is ``read-write``."""

    def __init__(self, store: LibraryStore, live: LiveIndexer, send: Send) -> None:
        super().__init__(
            "sidecars", send, fault=Message("Writing sidecars failed because of a fault in Safelight.")
        )
        self._writer = SidecarWriter(store)
        self._live = live
        self._reported: set[str] = set()

    def start(self) -> None:
        self.note_change()  # an earlier run of the program may have left sidecars to write
        super().start()

    def note_change(self) -> None:
        """Schedule a run, because the library changed. Returns at once."""
        self.post(self._write, key=_CHANGE, delay=_COLLECT_SECONDS)

    def _write(self, control: JobControl) -> None:
        written = self._writer.run(control)
        if written.files:
            log.info("%d sidecars were written", written.files)
        if written.reread:
            self._live.embed()  # a run reads them, and then they are written
        for path, reason in written.failed:
            if path not in self._reported:  # once, however often it is tried again
                self._reported.add(path)
                self._send(
                    RequestFailed(
                        Message(
                            "The sidecar {name} could not be written. {reason}",
                            name=Path(path).name,
                            reason=reason,
                        )
                    )
                )

    def _report(self, job: Job, error: Exception) -> None:
        """Log the failure: no request waits for this work, and the next run tries the photos again."""
        del job
        log.warning("sidecars could not be written: %s", type(error).__name__)
