"""Imports from other programs for the window: a preview first, then what the user chose of it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

from safelight.core.errors import SafelightError
from safelight.core.jobs import JobControl, Progress
from safelight.core.message import Message
from safelight.core.operations import Operation, Outcome
from safelight.engine.events import MigrationAdvanced, MigrationDone, MigrationListed, MigrationPreviewed
from safelight.engine.requests import ApplyMigration, ListMigration, PreviewMigration, StopMigration
from safelight.engine.worker import ReportInterval, Send, Worker
from safelight.store.library import LibraryStore

if TYPE_CHECKING:
    from safelight.services.migration.planning import Plan

_REPORT_INTERVAL = 0.1
"""Seconds between two reports."""
_CLOSE_TIMEOUT = 1.0
"""Seconds to wait on closing for the file that is being read."""

MigrationRequest = PreviewMigration | ApplyMigration | ListMigration | StopMigration


class MigrationWorker(Worker):
    """Keeps the plan of the latest preview until it is applied, replaced or stopped."""

    def __init__(
        self,
        store: LibraryStore,
        write: Callable[[Operation[Outcome]], Future[Outcome]],
        send: Send,
    ) -> None:
        """``write`` queues an operation for the engine's writer."""
        super().__init__(
            "migration",
            send,
            fault=Message("The import failed because of a fault in Safelight."),
            close_timeout=_CLOSE_TIMEOUT,
        )
        self._store = store
        self._write = write
        self._plan: Plan | None = None

    def submit(self, request: MigrationRequest) -> None:
        """Returns at once."""
        match request:
            case PreviewMigration(generation):
                self._stop()
                self.post(lambda control: self._preview(request, control), generation=generation)
            case ApplyMigration(generation):
                self.post(lambda _: self._apply(request), generation=generation)
            case ListMigration(generation):
                self.post(lambda _: self._list(request), generation=generation)
            case StopMigration():
                self._stop()
                self.post(lambda _: self._forget())

    def _stop(self) -> None:
        with self._changed:
            self._jobs.clear()
            self.cancel_current()

    # --- the worker's thread --------------------------------------------------------------------------

    def _preview(self, request: PreviewMigration, control: JobControl) -> None:
        from safelight.services.migration.migration import plan  # loads every source; most sessions need none

        self._plan = None
        interval = ReportInterval(_REPORT_INTERVAL)

        def report(progress: Progress) -> None:
            if interval.passed():
                self._send(MigrationAdvanced(request.generation, progress))

        found = plan(
            self._store,
            Path(request.path),
            mappings=dict(request.mappings),
            control=control,
            on_progress=report,
        )
        self._plan = found
        self._send(MigrationPreviewed(request.generation, found.preview))

    def _apply(self, request: ApplyMigration) -> None:
        plan = self._current_plan()
        operation = plan.operation(all_theirs=request.all_theirs, theirs=request.theirs)
        outcome = self._write(operation).result()
        changed = {*outcome.change.updated, *outcome.change.removed}
        self._send(MigrationDone(request.generation, outcome.step, len(changed)))

    def _list(self, request: ListMigration) -> None:
        from safelight.services.migration import listing

        rows = listing.write(self._current_plan(), Path(request.path))
        self._send(MigrationListed(request.generation, request.path, rows))

    def _forget(self) -> None:
        self._plan = None

    def _current_plan(self) -> Plan:
        if self._plan is None:
            raise SafelightError("The preview is no longer there; choose the catalogue again.")
        return self._plan
