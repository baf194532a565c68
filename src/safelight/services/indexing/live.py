"""Keeping the library up to date for as long as the program runs."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from safelight.core.changes import ChangeKind, LibraryChanged, RemovalsHeld
from safelight.core.errors import (
    CancelledError,
    LibraryGoneError,
    LibraryInUseError,
    LibraryUnavailableError,
    NoSpaceError,
    OutOfMemoryError,
    SafelightError,
)
from safelight.core.jobs import JobControl, Phase, Progress
from safelight.core.photo import Folder, FolderState
from safelight.services.backup import DailyBackup
from safelight.services.indexing.indexer import Indexer
from safelight.services.indexing.stage_schedule import StageSchedule
from safelight.services.indexing.upkeep import Upkeep
from safelight.services.indexing.watcher import FolderWatcher
from safelight.services.stages.runner import StageRunner
from safelight.store import files, folders, removals, stage_states, unlisted
from safelight.store.library import LibraryStore

log = logging.getLogger(__name__)

_TIDY_SECONDS = 60.0
"""How often failures of the moment are looked at again."""

_WAIT_SECONDS = 1.0

_PASSING = (LibraryInUseError, LibraryUnavailableError, NoSpaceError, OutOfMemoryError)
"""What stops a run today and may be over in a moment: the run is made up for."""

PASSING_SECONDS = 10.0
"""How long to wait before a run that such a condition stopped."""


IDLE_SECONDS = 20.0
"""How long nothing was to be done, and nobody searched, before idle stages run."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Where news goes. Called on the index thread; must not block."""

    progress: Callable[[Progress], None]
    changed: Callable[[LibraryChanged], None]
    failed: Callable[[str], None]
    """One line for the person."""
    held: Callable[[RemovalsHeld], None] = lambda _: None
    """So much of a folder is gone that the person is asked."""


class _RunControl(JobControl):
    """Of one run, which says when it begins: a pause that came just before is told once more after that."""

    def __init__(self, tell: Callable[[], None]) -> None:
        super().__init__()
        self._tell = tell
        self._begun = False

    def checkpoint(self) -> None:
        begins, self._begun = not self._begun, True
        if begins and self.paused:
            self._tell()
        super().checkpoint()


class LiveIndexer:
    """Owns the index thread and the watcher.

    Whatever asks for a look (the start, an event, the person) is merged into what the next run looks at.
    Changes to the list of folders are made on the index thread between two runs, so that no run works
    on a folder that is being taken away under it. Thread-safe.
    """

    def __init__(
        self,
        store: LibraryStore,
        indexer: Indexer,
        listener: Listener,
        *,
        stages: StageRunner | None = None,
        passing_seconds: float = PASSING_SECONDS,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._store = store
        self._passing_seconds = passing_seconds
        self._schedule = StageSchedule(stages, listener.progress, idle_seconds)
        self._not_before = 0.0
        self._told = ""
        self._indexer = indexer
        self._listener = listener
        self._backup = DailyBackup(store)
        self._upkeep = Upkeep(store, listener.changed, listener.failed)
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._wanted: dict[int, set[bytes] | None] = {}
        self._errands: deque[Callable[[], None]] = deque()
        self._confirmed: set[int] = set()
        self._embed = False
        self._control: JobControl | None = None
        self._paused = False
        self._reason = ""
        self._closing = False
        self._closed = False
        self._idle = True
        self._watcher: FolderWatcher | None = None
        self._watched: set[int] = set()
        """Ids of the folders that are watched; of the index thread."""
        self._thread = threading.Thread(target=self._run, name="index", daemon=True)

    def start(self) -> None:
        """Watch every folder and look at all of them once. Returns before that: to watch a large tree takes
        seconds."""
        self._watcher = FolderWatcher(self._noticed)
        with self._store.read() as db:
            known = folders.all_folders(db)
        with self._changed:
            self._wanted = {folder.id: None for folder in known if folder.state is not FolderState.PAUSED}
            self._errands.appendleft(lambda: self._watch(*known))
            self._idle = False
        self._thread.start()

    def close(self) -> None:
        """Stop after the transaction under way and the changes asked for so far, which would else be lost.
        Idempotent."""
        with self._changed:
            if self._closed:
                return
            self._closed = self._closing = True
            if self._control is not None:
                self._control.cancel()
            self._changed.notify_all()
        if self._watcher is not None:
            self._thread.join()
            self._watcher.close()

    # --- requests -----------------------------------------------------------------------------------

    def look(self, folder_ids: tuple[int, ...] | None = None, below: bytes = b"") -> None:
        """Scan folders again: those named, or all. With ``below``, only that folder inside each."""
        if folder_ids is None:
            with self._store.read() as db:
                folder_ids = tuple(folder.id for folder in folders.all_folders(db))
        with self._changed:
            for folder_id in folder_ids:
                self._want(folder_id, frozenset({below}) if below else None)
            self._not_before = 0.0
            self._changed.notify_all()

    def embed(self) -> None:
        """Give vectors to photos without one, as when a model has just been loaded."""
        with self._changed:
            self._embed = True
            self._changed.notify_all()

    def note_activity(self) -> None:
        """Somebody searches: idle stages stop after the batch under way and wait again."""
        self._schedule.note_activity()

    def between_runs(self, work: Callable[[], object]) -> threading.Event:
        """Call ``work``, which may add and remove folders, on the index thread while nothing is indexed. Then
        watch and scan the folders that are new. The event returned is set once ``work`` has been called."""
        called = threading.Event()

        def errand() -> None:
            try:
                work()
            finally:
                called.set()
            self._follow_folders()

        self._errand(errand)
        return called

    def retry(self, file_ids: tuple[int, ...] | None) -> None:
        """Try failed files again: those named, or all."""
        self._errand(lambda: self._retry(file_ids))

    def forget_deleted(self) -> None:
        """Forget at once what the library holds of photos that are gone."""
        self._errand(self._upkeep.forget_now)

    def confirm_removals(self, folder_id: int) -> None:
        """What is missing from a folder is gone for good: forget it, after looking once more."""
        with self._changed:
            self._confirmed.add(folder_id)
            self._want(folder_id, None)
            self._changed.notify_all()

    def keep_missing(self, folder_id: int) -> None:
        """Keep the photos whose files are missing from a folder, and ask no more."""
        self._errand(lambda: self._keep(folder_id))

    def pause(self, reason: str = "") -> None:
        """``reason``: why, where the person did not ask for it. A pause of the person's outlasts it."""
        with self._changed:
            if reason and self._paused:
                return
            self._paused = True
            self._reason = reason
            if self._control is not None:
                self._control.pause(reason)
        self._tell()

    def resume_from(self, reason: str) -> None:
        """Go on if that was why it paused, and the person has neither gone on nor paused since."""
        with self._changed:
            if not self._paused or self._reason != reason:
                return
            self._go_on()
        self._tell()

    def resume(self) -> None:
        with self._changed:
            self._go_on()
        self._tell()

    def cancel(self) -> None:
        """Give up the run under way, and a pause; what it had not read waits for the next look."""
        with self._changed:
            if self._control is not None:
                self._control.cancel()
            self._go_on()
        self._tell()

    def wait_until_idle(self, timeout: float | None = None) -> bool:
        """Block until nothing is left to do; False if that took longer than ``timeout`` seconds."""
        with self._changed:
            return self._changed.wait_for(
                lambda: self._idle and not (self._wanted or self._errands or self._embed), timeout
            )

    # --- the index thread ---------------------------------------------------------------------------

    def _run(self) -> None:
        self._do_errands()
        if not self._closing:
            self._guarded(self._back_up)
        next_tidy = time.monotonic() + _TIDY_SECONDS
        while self._wait(next_tidy):
            self._do_errands()
            if time.monotonic() >= next_tidy and not self._closing:
                self._guarded(self._tidy)
                next_tidy = time.monotonic() + _TIDY_SECONDS
            self._work()
            self._use_idle_time()

    def _wait(self, next_tidy: float) -> bool:
        """Until there is something to do; False where that is to end."""
        with self._changed:
            while not (self._closing or self._errands or self._work_waits()):
                self._idle = True
                self._changed.notify_all()
                # Work that waits for its time wakes us then, and at once where that has just come.
                waits = not self._paused and bool(self._wanted or self._embed)
                wake = min(next_tidy, self._not_before) if waits else next_tidy
                if not self._paused:
                    wake = min(wake, self._schedule.idle_at)
                if not self._changed.wait(max(0.0, wake - time.monotonic())):
                    break
            self._idle = False
            return bool(self._errands) or not self._closing

    def _do_errands(self) -> None:
        """Those that come meanwhile included, and on closing too: they were promised."""
        while True:
            with self._changed:
                if not self._errands:
                    return
                errand = self._errands.popleft()
            self._guarded(errand)

    def _work_waits(self) -> bool:
        due = time.monotonic() >= self._not_before
        return due and not self._paused and bool(self._wanted or self._embed)

    def _work(self) -> None:
        with self._changed:
            if self._closing or not self._work_waits():
                return
            scope = {
                folder_id: None if paths is None else frozenset(paths)
                for folder_id, paths in self._wanted.items()
            }
            self._wanted = {}
            confirmed = frozenset(self._confirmed)
            self._confirmed.clear()
            self._embed = False
            control = self._control = _RunControl(self._tell)
        interrupted = stopped = False
        try:
            self._indexer.run(scope, control, confirmed=confirmed)
            self._told = ""
            self._schedule.run_background(control, self._has_other_work)
        except CancelledError:
            interrupted = True
        except LibraryGoneError as error:
            self._stop(error)
        except SafelightError as error:
            stopped = isinstance(error, _PASSING)
            if str(error) != self._told:  # said once, however often it is tried again
                self._listener.failed(str(error))
            self._told = str(error) if stopped else ""
        except Exception:
            log.exception("an index run ended by a fault of Safelight's own")
            self._listener.failed(
                "Indexing stopped because of a fault in Safelight. It goes on at the next start."
            )
        finally:
            with self._changed:
                self._control = None
                self._schedule.note_run()
                if stopped:
                    self._not_before = time.monotonic() + self._passing_seconds
                if stopped or (interrupted and self._errands):
                    # Stopped for an errand or by what will pass, not given up: look again afterwards.
                    self._embed = True
                    self._confirmed |= confirmed
                    for folder_id, paths in scope.items():
                        self._want(folder_id, paths)
            self._tell()

    def _use_idle_time(self) -> None:
        """Run idle stages, if nothing else happened for a while."""
        with self._changed:
            if self._paused or self._closing or time.monotonic() < self._schedule.idle_at:
                return
            control = self._control = _RunControl(self._tell)
        try:
            self._schedule.run_idle(control, self._has_other_work)
        finally:
            with self._changed:
                self._control = None
            self._tell()

    def _has_other_work(self) -> bool:
        """Whether something waits that comes before stages in the background."""
        with self._changed:
            return bool(self._closing or self._errands or self._wanted or self._embed)

    def _tell(self) -> None:
        """Tell how it stands, again where that changed meanwhile: another thread may have told of its change
        first, and the last thing told must hold. No lock is held, so that a listener may ask for things."""
        told = None
        while (now := self._standing()) != told:
            self._listener.progress(now)
            told = now

    def _standing(self) -> Progress:
        with self._changed:
            if self._paused:
                return Progress(Phase.PAUSED, reason=self._reason)
            # A run tells by itself how far it is, but while it scans only once.
            running = self._control is not None and not self._control.cancelled
            return Progress(Phase.SCANNING if running else Phase.IDLE)

    def _go_on(self) -> None:
        """End a pause. Holds the lock."""
        self._paused = False
        if self._control is not None:
            self._control.resume()
        self._changed.notify_all()

    def _stop(self, error: LibraryGoneError) -> None:
        """End for good: there is nothing left to keep up to date."""
        with self._changed:
            told, self._closing = self._closing, True
            self._changed.notify_all()
        if not told:
            self._listener.failed(str(error))

    def wait_until_stopped(self) -> None:
        """Block until :meth:`close` is called or the library is deleted."""
        while self._thread.is_alive():
            self._thread.join(_WAIT_SECONDS)

    def _guarded(self, errand: Callable[[], None]) -> None:
        try:
            errand()
        except LibraryGoneError as error:
            self._stop(error)
        except SafelightError as error:
            self._listener.failed(str(error))
        except Exception:
            log.exception("a change to the library failed by a fault of Safelight's own")
            self._listener.failed("That could not be done because of a fault in Safelight.")

    def _errand(self, errand: Callable[[], None]) -> None:
        with self._changed:
            self._errands.append(errand)
            self._not_before = 0.0
            if self._control is not None:
                self._control.cancel()
            self._changed.notify_all()

    def _want(self, folder_id: int, paths: frozenset[bytes] | None) -> None:
        """Merge into what the next run looks at. Holds the lock."""
        if paths is None:
            self._wanted[folder_id] = None
            return
        known = self._wanted.setdefault(folder_id, set())
        if known is not None:
            known.update(paths)

    def _noticed(self, folder_id: int, paths: frozenset[bytes] | None) -> None:
        with self._changed:
            self._want(folder_id, paths)
            self._changed.notify_all()

    # --- errands --------------------------------------------------------------------------------------

    def _watch(self, *those: Folder) -> None:
        assert self._watcher is not None
        for folder in those:
            if not self._closing:
                self._watcher.watch(folder.id, os.fsencode(folder.path))
                self._watched.add(folder.id)

    def _follow_folders(self) -> None:
        """Watch and look at the folders that the library has now."""
        assert self._watcher is not None
        with self._store.read() as db:
            known = {folder.id: folder for folder in folders.all_folders(db)}
        for gone in self._watched - known.keys():
            self._watcher.unwatch(gone)
        fresh = [folder for number, folder in known.items() if number not in self._watched]
        self._watched &= known.keys()
        with self._changed:
            self._wanted = {number: paths for number, paths in self._wanted.items() if number in known}
            for folder in fresh:
                self._want(folder.id, None)
        self._watch(*fresh)

    def _keep(self, folder_id: int) -> None:
        with self._store.write() as db:
            removals.keep(db, folder_id)

    def _retry(self, file_ids: tuple[int, ...] | None) -> None:
        with self._store.read() as db:
            roots_to_list = unlisted.roots_of(db, file_ids if file_ids is not None else unlisted.ids(db))
        with self._changed:
            for folder_id in roots_to_list:
                self._want(folder_id, None)
        with self._store.write() as db:
            queued = files.retry(db, list(file_ids) if file_ids is not None else None)
            if file_ids is None:
                queued += stage_states.retry(db)
        if queued:
            self._listener.changed(LibraryChanged(ChangeKind.FAILURES))
            self.embed()

    def _verify(self) -> None:
        if not self._upkeep.verification_due(_TIDY_SECONDS):
            return
        with self._changed:
            if self._paused or self._closing:
                return
            control = self._control = JobControl()
        try:
            self._upkeep.verify(control)
        finally:
            with self._changed:
                self._control = None

    def _back_up(self) -> None:
        trouble = self._backup.make_if_due(time.time())
        if trouble:
            self._listener.failed(trouble)

    def _tidy(self) -> None:
        self._store.check_in_place()
        self._back_up()
        self._upkeep.forget_old()
        self._verify()
        if self._indexer.retry_passing(time.time()):
            self.embed()
