"""The window's side of the engine: sends requests without waiting, and emits events as signals."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

from safelight.core.changes import LibraryChanged, RemovalsHeld, RemovalsSettled
from safelight.core.errors import SafelightError
from safelight.core.message import Message
from safelight.ui.translation import error_text

if TYPE_CHECKING:
    from safelight.core.operations import Operation, Outcome
    from safelight.engine import events, requests

    O = TypeVar("O", bound=Outcome)  # noqa: E741 - the letter that core.operations uses

_log = logging.getLogger(__name__)

_NOT_CONFIRMED = Message(
    "The engine stopped before this was confirmed. Check whether it was done, and try again."
)

_RESTARTED = Message("The engine stopped and is restarting.")

_RECEIVE_SECONDS = 0.2
"""How long one wait for an event lasts, and so how soon the receiving thread notices that it must end."""


class Client(Protocol):
    """What the bridge needs of an engine client. ``send`` and ``receive`` run on different threads."""

    def start(self) -> None: ...

    def send(self, request: requests.Request) -> bool:
        """Send a request; False if there is no engine to take it."""
        ...

    def receive(self, timeout: float) -> events.Event | None:
        """The next event, or None where none came within ``timeout`` seconds."""
        ...

    def close(self) -> None:
        """Ask the engine to end, and wait for it. May be called more than once."""
        ...


@dataclass(slots=True)
class _PendingOperation:
    """An operation that the engine has not answered yet."""

    operation: Operation[Any]
    done: Callable[[Any], object] | None
    failed: Callable[[events.OperationFailed], object] | None
    sent: bool = False


def _failure(generation: int) -> events.OperationFailed:
    from safelight.engine import events

    return events.OperationFailed(generation, "engine_stopped", _NOT_CONFIRMED)


class EngineBridge(QObject):
    """Owns an engine client on two background threads; all signals are emitted on the GUI thread.

    Sending and receiving have a thread each, so that a large request (a pasted picture) to a busy
    engine delays neither the window nor the events that come back.
    """

    engine_ready = Signal()
    model_ready = Signal(object)  # ModelInfo
    library_changed = Signal(object)  # LibraryChanged
    progress_changed = Signal(object)  # core.jobs.Progress
    results_arrived = Signal(object)  # events.SearchResults
    further_arrived = Signal(object)  # events.FurtherResults
    hit_explained = Signal(object)  # events.HitExplained
    tags_suggested = Signal(object)  # events.TagsSuggested
    examples_proposed = Signal(object)  # events.ExamplesProposed
    removals_held = Signal(object)  # RemovalsHeld
    removals_settled = Signal(int)  # id of the folder
    duplicates_found = Signal(object)  # events.DuplicatesFound
    operation_done = Signal(object, object)  # Operation, Outcome; after the caller's own callback
    operation_failed = Signal(object)  # events.OperationFailed that no callback took
    request_failed = Signal(object)  # events.RequestFailed
    models_listed = Signal(object)  # events.ModelsListed
    model_transferred = Signal(object)  # events.ModelTransfer
    model_chosen = Signal(str)
    model_unloaded = Signal(object)  # ModelInfo
    model_noticed = Signal(str)
    comparison_advanced = Signal(object)  # events.ComparisonProgress
    comparison_answered = Signal(object)  # events.ComparisonAnswered
    settings_read = Signal(object)  # events.SettingsRead
    migration_advanced = Signal(object)  # events.MigrationAdvanced
    migration_previewed = Signal(object)  # events.MigrationPreviewed
    migration_done = Signal(object)  # events.MigrationDone
    migration_listed = Signal(object)  # events.MigrationListed
    themes_advanced = Signal(object)  # events.ThemesProgress
    themes_answered = Signal(object)  # events.ThemesAnswered
    export_advanced = Signal(object)  # events.ExportAdvanced
    export_ended = Signal(object)  # events.ExportEnded
    engine_failed = Signal(str)
    engine_stopped = Signal(object)  # events.EngineStopped
    work_stalled = Signal(object)  # Message, or None when the work goes on
    engine_silent = Signal(int)  # seconds without an answer; 0 when it answers again

    _arrived = Signal(object)

    def __init__(self, connect: Callable[[], Client], parent: QObject | None = None) -> None:
        """``connect`` creates a client that is not started; it is called once, and for each restart."""
        super().__init__(parent)
        self.generations = count(1)
        """Numbers for requests, unique among all callers, so that answers are not confused."""
        self._connect = connect
        self._client: Client | None = None
        self._outbox: queue.SimpleQueue[requests.Request | None] = queue.SimpleQueue()
        self._operations: dict[int, _PendingOperation] = {}
        """The operations that are not answered, by generation."""
        self._ending = threading.Event()
        self._stop_client = threading.Event()
        """Set when the engine is to end, or to end and start again."""
        self._can_send = threading.Event()
        """Set while requests can be delivered, or never will be."""
        self._threads: list[threading.Thread] = []
        # A queued slot of an object of the GUI thread: all slots connected to the public signals, including
        # lambdas, then run on the GUI thread too.
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Start the engine in the background; returns at once."""
        if self._threads or self._ending.is_set():
            return
        self._threads = [
            threading.Thread(target=self._receive_events, name="engine-receive", daemon=True),
            threading.Thread(target=self._send_requests, name="engine-send", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def send(self, request: requests.Request) -> None:
        """Hand a request over. Thread-safe, never waits; requests after :meth:`stop` go nowhere."""
        if not self._ending.is_set():
            self._outbox.put(request)

    def run(
        self,
        operation: Operation[O],
        done: Callable[[O], object] | None = None,
        failed: Callable[[events.OperationFailed], object] | None = None,
    ) -> None:
        """Ask the engine to apply an operation. Call on the GUI thread; returns at once.

        Exactly one of ``done`` and ``failed`` is called later, unless the window closes first. Without
        ``failed``, a failure is emitted as :attr:`operation_failed`. An operation that the engine had not
        confirmed when it died counts as failed, though it may have been applied.
        """
        from safelight.engine import requests  # not before the first paint

        generation = next(self.generations)
        self._operations[generation] = _PendingOperation(operation, done, failed)
        self.send(requests.RunOperation(generation, operation))

    def restart(self) -> None:
        """End the engine, if it still lives, and start a new one. Returns at once.

        Requests that were not sent yet go to the new engine. Operations that were sent and not confirmed
        count as failed, as when the engine dies.
        """
        self._can_send.clear()
        self._stop_client.set()

    def request_stop(self) -> None:
        """Begin to end without waiting, so that several services can end at the same time."""
        if not self._ending.is_set():
            self._ending.set()
            self._stop_client.set()
            self._outbox.put(None)

    def stop(self, timeout: float) -> bool:
        """End the engine and both threads; True when all ended within ``timeout`` seconds."""
        self.request_stop()
        for thread in self._threads:
            thread.join(timeout)
        return not any(thread.is_alive() for thread in self._threads)

    # --- background threads -----------------------------------------------------------------

    def _receive_events(self) -> None:
        try:
            while not self._ending.is_set():
                self._stop_client.clear()
                if self._ending.is_set():
                    return
                self._run_client()
                self._stop_client.wait()
        finally:
            self._can_send.set()

    def _run_client(self) -> None:
        """One engine from start to end; returns when a restart or the end is requested, or it failed."""
        from safelight.engine import events

        client = self._connect()
        alive = False
        try:
            client.start()
            self._client = client
            alive = True
            self._can_send.set()
            while not self._stop_client.is_set():
                event = client.receive(_RECEIVE_SECONDS)
                if event is not None and not self._ending.is_set():
                    if isinstance(event, events.EngineStopped):
                        alive = event.will_restart
                    self._emit_event(event)
        except SafelightError as error:
            self._report(error.message)
        except Exception:  # noqa: BLE001 - a bug on this thread must be told, not lost
            _log.exception("The engine client failed")
            self._report(Message("The engine could not be run; the log says why."))
        finally:
            self._client = None
            try:
                client.close()
            except (OSError, SafelightError):
                _log.debug("Closing the engine failed", exc_info=True)
            if alive and self._stop_client.is_set() and not self._ending.is_set():
                self._emit_event(events.EngineStopped(True, _RESTARTED))

    def _emit_event(self, event: events.Event) -> None:
        from safelight.engine import events

        self._arrived.emit(event)
        if isinstance(event, events.EngineStopped):
            for generation, running in list(self._operations.items()):
                if running.sent:
                    self._arrived.emit(_failure(generation))

    def _send_requests(self) -> None:
        while (request := self._outbox.get()) is not None:
            self._can_send.wait()
            generation: int = getattr(request, "generation", 0)
            running = self._operations.get(generation)
            if running is not None:
                running.sent = True
            if not self._send_one(request) and running is not None:
                self._arrived.emit(_failure(generation))

    def _send_one(self, request: requests.Request) -> bool:
        client = self._client
        if client is None:
            return False  # no engine, and the user has been told
        try:
            return client.send(request)
        except (OSError, SafelightError):
            # The engine died meanwhile; the receiving side notices and tells the user.
            _log.debug("A request was lost", exc_info=True)
        except Exception:  # noqa: BLE001 - the next request must still be sent
            _log.exception("A request was lost because of a bug in Safelight")
        return False

    def _report(self, message: Message) -> None:
        self._can_send.set()
        if not self._ending.is_set():
            from safelight.engine import events

            self._arrived.emit(events.EngineFailed(message))

    # --- GUI thread -------------------------------------------------------------------------

    def _finish(self, event: events.OperationDone | events.OperationFailed) -> None:
        from safelight.engine import events

        running = self._operations.pop(event.generation, None)
        if running is None:
            return
        if isinstance(event, events.OperationDone):
            if running.done is not None:
                running.done(event.outcome)
            self.operation_done.emit(running.operation, event.outcome)
        elif running.failed is not None:
            running.failed(event)
        else:
            self.operation_failed.emit(event)

    @Slot(object)
    def _deliver(self, event: events.Event) -> None:
        if self._ending.is_set():
            return
        from safelight.engine import events  # the engine is loaded by now; the first paint came before it

        match event:
            case events.EngineReady():
                self.engine_ready.emit()
            case events.ModelReady():
                self.model_ready.emit(event.model)
            case LibraryChanged():
                self.library_changed.emit(event)
            case events.IndexProgress():
                self.progress_changed.emit(event.progress)
            case events.SearchResults():
                self.results_arrived.emit(event)
            case events.FurtherResults():
                self.further_arrived.emit(event)
            case events.HitExplained():
                self.hit_explained.emit(event)
            case events.TagsSuggested():
                self.tags_suggested.emit(event)
            case events.ExamplesProposed():
                self.examples_proposed.emit(event)
            case events.ModelsListed():
                self.models_listed.emit(event)
            case events.ModelTransfer():
                self.model_transferred.emit(event)
            case events.ModelChosen():
                self.model_chosen.emit(event.name)
            case events.ModelUnloaded():
                self.model_unloaded.emit(event.model)
            case events.ModelNotice():
                self.model_noticed.emit(error_text(event.message))
            case events.ComparisonProgress():
                self.comparison_advanced.emit(event)
            case events.ComparisonAnswered():
                self.comparison_answered.emit(event)
            case events.SettingsRead():
                self.settings_read.emit(event)
            case events.MigrationAdvanced():
                self.migration_advanced.emit(event)
            case events.MigrationPreviewed():
                self.migration_previewed.emit(event)
            case events.MigrationDone():
                self.migration_done.emit(event)
            case events.MigrationListed():
                self.migration_listed.emit(event)
            case events.ThemesProgress():
                self.themes_advanced.emit(event)
            case events.ThemesAnswered():
                self.themes_answered.emit(event)
            case events.ExportAdvanced():
                self.export_advanced.emit(event)
            case events.ExportEnded():
                self.export_ended.emit(event)
            case RemovalsHeld():
                self.removals_held.emit(event)
            case RemovalsSettled():
                self.removals_settled.emit(event.folder_id)
            case events.DuplicatesFound():
                self.duplicates_found.emit(event)
            case events.OperationDone() | events.OperationFailed():
                self._finish(event)
            case events.RequestFailed():
                self.request_failed.emit(event)
            case events.EngineFailed():
                self.engine_failed.emit(error_text(event.message))
            case events.EngineStopped():
                self.engine_stopped.emit(event)
            case events.WorkStalled():
                self.work_stalled.emit(event.message)
            case events.EngineSilent():
                self.engine_silent.emit(event.seconds)
