"""The window's end of the engine: requests go out without waiting, events come back as signals."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Qt, Signal, Slot

from safelight.core.changes import LibraryChanged, RemovalsHeld
from safelight.core.errors import SafelightError

if TYPE_CHECKING:
    from safelight.engine import events, requests

_log = logging.getLogger(__name__)

_RECEIVE_SECONDS = 0.2
"""How long one wait for an event lasts, and so how soon the receiving thread sees that it shall end."""


class Client(Protocol):
    """What the bridge needs of an engine client. ``send`` and ``receive`` run on different threads."""

    def start(self) -> None: ...

    def send(self, request: requests.Request) -> bool:
        """Hand over a request; False if there is no engine to take it."""
        ...

    def receive(self, timeout: float) -> events.Event | None:
        """The next event, or None where none came within ``timeout`` seconds."""
        ...

    def close(self) -> None:
        """Ask the engine to end, and see that it does. May be called more than once."""
        ...


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
    saved_searches_changed = Signal()
    removals_held = Signal(object)  # RemovalsHeld
    duplicates_found = Signal(object)  # events.DuplicatesFound
    duplicates_settled = Signal(object)  # events.DuplicatesSettled
    action_undone = Signal(object)  # events.ActionUndone
    request_failed = Signal(object)  # events.RequestFailed
    models_listed = Signal(object)  # events.ModelsListed
    model_transferred = Signal(object)  # events.ModelTransfer
    model_chosen = Signal(str)
    model_rested = Signal(object)  # ModelInfo
    model_noticed = Signal(str)
    comparison_advanced = Signal(object)  # events.ComparisonProgress
    comparison_answered = Signal(object)  # events.ComparisonAnswered
    preferences_read = Signal(object)  # events.PreferencesRead
    engine_failed = Signal(str)
    engine_stopped = Signal(object)  # events.EngineStopped

    _arrived = Signal(object)

    def __init__(self, connect: Callable[[], Client], parent: QObject | None = None) -> None:
        """``connect`` makes a client that is not started yet; it is called once, and for each restart."""
        super().__init__(parent)
        self.generations = count(1)
        """Numbers for requests, of one row for all who ask, so that no answer is taken for another's."""
        self._connect = connect
        self._client: Client | None = None
        self._outbox: queue.SimpleQueue[requests.Request | None] = queue.SimpleQueue()
        self._ending = threading.Event()
        self._again = threading.Event()
        self._settled = threading.Event()
        """Set while requests can go somewhere, or never will."""
        self._threads: list[threading.Thread] = []
        # A queued slot of an object of the GUI thread: whatever connects to the public signals,
        # lambdas included, then runs on the GUI thread too.
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

    def restart(self) -> None:
        """End the engine, if it still lives, and start a new one. Returns at once."""
        self._settled.clear()
        self._again.set()

    def request_stop(self) -> None:
        """Begin to end without waiting, so that several parts can end side by side."""
        if not self._ending.is_set():
            self._ending.set()
            self._again.set()
            self._outbox.put(None)

    def stop(self, timeout: float = 3.0) -> bool:
        """End the engine and both threads; True when all ended within ``timeout`` seconds."""
        self.request_stop()
        for thread in self._threads:
            thread.join(timeout)
        return not any(thread.is_alive() for thread in self._threads)

    # --- background threads -----------------------------------------------------------------

    def _receive_events(self) -> None:
        try:
            while not self._ending.is_set():
                self._again.clear()
                if self._ending.is_set():
                    return
                self._run_client()
                self._again.wait()
        finally:
            self._settled.set()

    def _run_client(self) -> None:
        """One engine from start to end; returns when a restart or the end is asked for, or it failed."""
        client = self._connect()
        try:
            client.start()
            self._client = client
            self._settled.set()
            while not self._again.is_set():
                event = client.receive(_RECEIVE_SECONDS)
                if event is not None and not self._ending.is_set():
                    self._arrived.emit(event)
        except SafelightError as error:
            self._report(str(error))
        except Exception:  # noqa: BLE001 - a bug on this thread must be told, not lost
            _log.exception("The engine client failed")
            self._report("The engine could not be run; the log says why.")
        finally:
            self._client = None
            try:
                client.close()
            except (OSError, SafelightError):
                _log.debug("Closing the engine failed", exc_info=True)

    def _send_requests(self) -> None:
        while (request := self._outbox.get()) is not None:
            self._settled.wait()
            client = self._client
            if client is None:
                continue  # no engine, and the person has been told
            try:
                client.send(request)
            except (OSError, SafelightError):
                # The engine died under us; the receiving side hears of it and tells the person.
                _log.debug("A request was lost", exc_info=True)
            except Exception:  # noqa: BLE001 - the next request must still be sent
                _log.exception("A request was lost by a fault of Safelight's own")

    def _report(self, message: str) -> None:
        self._settled.set()
        if not self._ending.is_set():
            from safelight.engine import events

            self._arrived.emit(events.EngineFailed(message))

    # --- GUI thread -------------------------------------------------------------------------

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
            case events.SavedSearchesChanged():
                self.saved_searches_changed.emit()
            case events.ModelsListed():
                self.models_listed.emit(event)
            case events.ModelTransfer():
                self.model_transferred.emit(event)
            case events.ModelChosen():
                self.model_chosen.emit(event.name)
            case events.ModelRested():
                self.model_rested.emit(event.model)
            case events.ModelNotice():
                self.model_noticed.emit(event.message)
            case events.ComparisonProgress():
                self.comparison_advanced.emit(event)
            case events.ComparisonAnswered():
                self.comparison_answered.emit(event)
            case events.PreferencesRead():
                self.preferences_read.emit(event)
            case RemovalsHeld():
                self.removals_held.emit(event)
            case events.DuplicatesFound():
                self.duplicates_found.emit(event)
            case events.DuplicatesSettled():
                self.duplicates_settled.emit(event)
            case events.ActionUndone():
                self.action_undone.emit(event)
            case events.RequestFailed():
                self.request_failed.emit(event)
            case events.EngineFailed():
                self.engine_failed.emit(event.message)
            case events.EngineStopped():
                self.engine_stopped.emit(event)
