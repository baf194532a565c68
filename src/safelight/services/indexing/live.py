"""Keeps the library up to date while the program runs."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from safelight.core.changes import ChangeKind, LibraryChanged, RemovalsHeld, RemovalsSettled
from safelight.core.errors import (
    CancelledError,
    LibraryGoneError,
    LibraryInUseError,
    LibraryUnavailableError,
    NoSpaceError,
    OutOfMemoryError,
    SafelightError,
)
from safelight.core.jobs import JobControl, Progress
from safelight.core.message import Message
from safelight.core.photo import FolderState
from safelight.services.indexing.activity import IndexActivity, RunControl
from safelight.services.indexing.found_sidecars import without_own_sidecars
from safelight.services.indexing.index_queue import IndexQueue
from safelight.services.indexing.indexer import Indexer, IndexReport
from safelight.services.indexing.maintenance import Maintenance
from safelight.services.indexing.stage_schedule import StageSchedule
from safelight.services.indexing.watched_folders import WatchedFolders
from safelight.services.stages.runner import StageRunner
from safelight.store import folders
from safelight.store.library import LibraryStore

log = logging.getLogger(__name__)

_MAINTENANCE_SECONDS = 60.0
"""How often transient failures are retried and other maintenance is done."""

_WAIT_SECONDS = 1.0

_TRANSIENT = (LibraryInUseError, LibraryUnavailableError, NoSpaceError, OutOfMemoryError)
"""Errors that stop a run but may be temporary. The run is repeated."""

RETRY_SECONDS = 10.0
"""Time before a run that a transient error stopped is repeated."""

IDLE_SECONDS = 20.0
"""Idle stages run after this time without work or searches."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Functions that receive events. They are called on the index thread and must not block."""

    progress: Callable[[Progress], None]
    changed: Callable[[LibraryChanged], None]
    failed: Callable[[Message], None]
    """Receives one line for the user."""
    held: Callable[[RemovalsHeld], None] = lambda _: None
    """Receives a question to the user: many files of a folder are missing. May their photos be removed?"""
    settled: Callable[[RemovalsSettled], None] = lambda _: None
    """Receives that such a question needs no answer any more."""
    reported: Callable[[IndexReport], None] = lambda _: None
    """Receives what a run did."""


class LiveIndexer:
    """Owns the index thread and the watcher. Thread-safe.

    All requests to scan (at the start, after an event, by the user) are merged into the next run. Folders
    are added and removed by *pending calls*: functions that the index thread calls between two runs, so that
    no run works on a folder while it is being removed.
    """

    def __init__(
        self,
        store: LibraryStore,
        indexer: Indexer,
        listener: Listener,
        *,
        stages: StageRunner | None = None,
        retry_seconds: float = RETRY_SECONDS,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._store = store
        self._retry_seconds = retry_seconds
        self._schedule = StageSchedule(stages, listener.progress, listener.changed, idle_seconds)
        self._last_error = ""
        self._indexer = indexer
        self._listener = listener
        self._maintenance = Maintenance(store, listener.changed, listener.failed)
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._queue = IndexQueue()
        self._pending_calls: deque[Callable[[], None]] = deque()
        self.activity = IndexActivity(self._changed, listener.progress)
        """Pauses, resumes and cancels runs."""
        self._closing = False
        self._closed = False
        self._idle = True
        self._watched: WatchedFolders | None = None
        """None until it is started."""
        self._thread = threading.Thread(target=self._run, name="index", daemon=True)

    def start(self) -> None:
        """Watch all folders and scan them once. Returns at once: watching a large tree takes seconds."""
        self._watched = WatchedFolders(self._store, self._on_files_changed)
        with self._store.read() as db:
            known = folders.all_folders(db)
        with self._changed:
            for folder in known:
                if folder.state is not FolderState.PAUSED:
                    self._queue.scan(folder.id)
            self._pending_calls.appendleft(self._watch_new_folders)
            self._idle = False
        self._thread.start()

    def close(self) -> None:
        """Stop after the current transaction and the pending calls, which would otherwise be lost.

        Idempotent.
        """
        with self._changed:
            if self._closed:
                return
            self._closed = self._closing = True
            self.activity.interrupt()
            self._changed.notify_all()
        if self._watched is not None:
            self._thread.join()
            self._watched.close()

    # --- requests -----------------------------------------------------------------------------------

    def scan(self, folder_ids: tuple[int, ...] | None = None, below: bytes = b"") -> None:
        """Scan these folders again, or all. With ``below``, scan only that subfolder of each."""
        if folder_ids is None:
            with self._store.read() as db:
                folder_ids = tuple(folder.id for folder in folders.all_folders(db))
        with self._changed:
            for folder_id in folder_ids:
                self._queue.scan(folder_id, frozenset({below}) if below else None)
            self._queue.hurry()
            self._changed.notify_all()

    def embed(self) -> None:
        """Process photos that lack a vector, for example after a model was loaded."""
        with self._changed:
            self._queue.process()
            self._changed.notify_all()

    def note_activity(self) -> None:
        """Tell that the user searches: idle stages stop after the current batch and wait again."""
        self._schedule.note_activity()

    def between_runs(self, work: Callable[[], object]) -> threading.Event:
        """Call ``work``, which may add and remove folders, on the index thread while nothing is indexed.

        Then watch and scan new folders. The event returned is set once ``work`` has been called.
        """
        called = threading.Event()

        def call() -> None:
            try:
                work()
            finally:
                called.set()
            self._update_folders()

        self._add_call(call)
        return called

    def retry(self, file_ids: tuple[int, ...] | None) -> None:
        """Try these failed files again, or all."""
        self._add_call(lambda: self._retry(file_ids))

    def forget_deleted(self) -> None:
        """Delete all data of photos whose files are gone."""
        self._add_call(self._maintenance.forget_now)

    def confirm_removals(self, folder_id: int) -> None:
        """Forget the files that are missing from a folder, after scanning it once more."""
        with self._changed:
            self._queue.confirm(folder_id)
            self._changed.notify_all()

    def keep_missing(self, folder_id: int) -> None:
        """Keep the photos whose files are missing from a folder, and do not ask again."""
        self._add_call(lambda: self._maintenance.keep_missing(folder_id))

    def wait_until_idle(self, timeout: float | None = None) -> bool:
        """Block until there is nothing left to do.

        False if that takes longer than ``timeout`` seconds, or indexing was stopped before.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._closing or self._has_nothing_to_do(), timeout)
            return self._has_nothing_to_do()

    def wait_until_stopped(self) -> None:
        """Block until :meth:`close` is called or the library is deleted."""
        while self._thread.is_alive():
            self._thread.join(_WAIT_SECONDS)

    # --- the index thread ---------------------------------------------------------------------------

    def _run(self) -> None:
        self._run_pending_calls()
        if not self._closing:
            self._call_reporting_errors(self._maintenance.back_up)
        next_maintenance = time.monotonic() + _MAINTENANCE_SECONDS
        while self._wait(next_maintenance):
            self._run_pending_calls()
            self._call_reporting_errors(self._indexer.report_questions)
            if time.monotonic() >= next_maintenance and not self._closing:
                self._call_reporting_errors(self._maintain)
                next_maintenance = time.monotonic() + _MAINTENANCE_SECONDS
            self._index()
            self._run_idle_stages()

    def _wait(self, next_maintenance: float) -> bool:
        """Wait for something to do. False when the thread must end."""
        with self._changed:
            while not (self._closing or self._pending_calls or self._can_index()):
                self._idle = True
                self._changed.notify_all()
                wake = next_maintenance
                if not self.activity.paused:
                    wake = min(wake, self._schedule.idle_at)
                    if self._queue:
                        wake = min(wake, self._queue.due_at)
                if not self._changed.wait(max(0.0, wake - time.monotonic())):
                    break
            self._idle = False
            return bool(self._pending_calls) or not self._closing

    def _run_pending_calls(self) -> None:
        """Call everything that waits and is added meanwhile, even while closing: callers were told that it
        will be done."""
        while True:
            with self._changed:
                if not self._pending_calls:
                    return
                call = self._pending_calls.popleft()
            self._call_reporting_errors(call)

    def _has_nothing_to_do(self) -> bool:
        """The condition is held."""
        return self._idle and not (self._queue or self._pending_calls)

    def _can_index(self) -> bool:
        return not self.activity.paused and self._queue.is_due

    def _index(self) -> None:
        with self._changed:
            if self._closing or not self._can_index():
                return
            request = self._queue.get()
            control = self.activity.control = RunControl(self.activity.report)
        cancelled = stopped = False
        try:
            report = self._indexer.run(request.scope, control, confirmed=request.confirmed)
            self._listener.reported(report)
            self._last_error = ""
            self._schedule.run_background(control, self._has_other_work)
        except CancelledError:
            cancelled = True
        except LibraryGoneError as error:
            self._stop(error)
        except SafelightError as error:
            stopped = isinstance(error, _TRANSIENT)
            if str(error) != self._last_error:  # report it once, however often the run is repeated
                self._listener.failed(error.message)
            self._last_error = str(error) if stopped else ""
        except Exception:
            log.exception("an index run ended because of an error in Safelight")
            self._listener.failed(
                Message("Indexing stopped because of an error in Safelight. It continues at the next start.")
            )
        finally:
            with self._changed:
                self.activity.control = None
                self._schedule.note_run()
                if stopped:
                    self._queue.delay(self._retry_seconds)
                if stopped or (cancelled and self._pending_calls):
                    # A pending call or a transient error stopped it, not the user.
                    self._queue.put_back(request)
            self.activity.report()

    def _run_idle_stages(self) -> None:
        with self._changed:
            if self.activity.paused or self._closing or time.monotonic() < self._schedule.idle_at:
                return
            control = self.activity.control = RunControl(self.activity.report)
        try:
            self._schedule.run_idle(control, self._has_other_work)
        finally:
            with self._changed:
                self.activity.control = None
            self.activity.report()

    def _has_other_work(self) -> bool:
        """Whether work is waiting that has priority over background stages."""
        with self._changed:
            return bool(self._closing or self._pending_calls or self._queue)

    def _stop(self, error: LibraryGoneError) -> None:
        """Stop the index thread, because the library was deleted."""
        with self._changed:
            reported, self._closing = self._closing, True
            self._changed.notify_all()
        if not reported:
            self._listener.failed(error.message)

    def _call_reporting_errors(self, call: Callable[[], None]) -> None:
        try:
            call()
        except LibraryGoneError as error:
            self._stop(error)
        except SafelightError as error:
            self._listener.failed(error.message)
        except Exception:
            log.exception("a change to the library failed because of an error in Safelight")
            self._listener.failed(Message("This could not be done because of an error in Safelight."))

    def _add_call(self, call: Callable[[], None]) -> None:
        with self._changed:
            self._pending_calls.append(call)
            self._queue.hurry()
            self.activity.interrupt()
            self._changed.notify_all()

    def _on_files_changed(self, folder_id: int, paths: frozenset[bytes] | None) -> None:
        if paths is not None:
            assert self._watched is not None
            paths = self._watched.without_excluded(folder_id, paths)
            if paths:
                paths = without_own_sidecars(self._store, folder_id, paths)
            if not paths:
                return
        with self._changed:
            self._queue.scan(folder_id, paths)
            self._changed.notify_all()

    # --- pending calls ------------------------------------------------------------------------------

    def _watch_new_folders(self) -> None:
        assert self._watched is not None
        _, fresh = self._watched.refresh()
        self._watched.watch(fresh, stop=lambda: self._closing)

    def _update_folders(self) -> None:
        """Watch and scan new folders and those that were excluded, and forget removed ones."""
        assert self._watched is not None
        excluded = self._watched.excluded
        known, fresh = self._watched.refresh()
        with self._changed:
            self._queue.keep_only(known)
            for folder_id, paths in self._watched.included_since(excluded).items():
                self._queue.scan(folder_id, paths)
            for folder in fresh:
                self._queue.scan(folder.id)
        self._watched.watch(fresh, stop=lambda: self._closing)

    def _retry(self, file_ids: tuple[int, ...] | None) -> None:
        retried, folder_ids = self._maintenance.retry(file_ids)
        with self._changed:
            for folder_id in folder_ids:
                self._queue.scan(folder_id)
        if retried:
            self._listener.changed(LibraryChanged(ChangeKind.FAILURES))
            self.embed()

    def _maintain(self) -> None:
        self._store.check_in_place()
        self._maintenance.back_up()
        self._maintenance.forget_old()
        self._verify()
        if self._indexer.retry_transient(time.time()):
            self.embed()

    def _verify(self) -> None:
        if not self._maintenance.verification_due(_MAINTENANCE_SECONDS):
            return
        with self._changed:
            if self.activity.paused or self._closing:
                return
            control = self.activity.control = JobControl()
        try:
            self._maintenance.verify(control)
        finally:
            with self._changed:
                self.activity.control = None
