"""Copies photos to a folder for the window, one export after the other."""

from __future__ import annotations

from dataclasses import replace

from safelight.core.exporting import ExportProgress
from safelight.core.jobs import JobControl
from safelight.core.message import Message
from safelight.engine.events import ExportAdvanced, ExportEnded
from safelight.engine.requests import CancelExport, ExportPhotos
from safelight.engine.worker import ReportInterval, Send, Worker
from safelight.services.indexing.decoding import DecodePool
from safelight.services.organising.exporting import Exporter
from safelight.store.library import LibraryStore

_REPORT_INTERVAL = 0.1
"""Seconds between two reports."""


class ExportWorker(Worker):
    """A failure of a whole export is reported as RequestFailed with its generation."""

    def __init__(self, store: LibraryStore, pool: DecodePool, send: Send) -> None:
        super().__init__(
            "export", send, fault=Message("Copying photos failed because of a fault in Safelight.")
        )
        self._exporter = Exporter(store, pool)

    def submit(self, request: ExportPhotos | CancelExport) -> None:
        """Returns at once."""
        if isinstance(request, CancelExport):
            self._cancel(request.generation)
        else:
            self.post(
                lambda control: self._export(request, control),
                key=request.generation,
                generation=request.generation,
            )

    def _cancel(self, generation: int) -> None:
        with self._changed:
            self.cancel_current(generation)
            for job in self._jobs:
                if job.key == generation:
                    job.control.cancel()  # it ends as soon as it begins, and says so

    # --- the worker's thread --------------------------------------------------------------------------

    def _export(self, request: ExportPhotos, control: JobControl) -> None:
        interval = ReportInterval(_REPORT_INTERVAL)

        def report(progress: ExportProgress) -> None:
            if interval.passed():
                self._send(ExportAdvanced(request.generation, progress))

        result = self._exporter.run(request.export, control, report)
        self._send(ExportEnded(request.generation, replace(result, files=())))
