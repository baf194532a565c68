"""Noticing that something changed in a folder, without ever trusting that nothing was missed.

Events only say *where to look*; what changed is always found by scanning. So a lost event costs time,
never correctness: an overflow, a root that vanished and came back, a watch limit and a network share
all come down to "look at the whole folder again".
"""

from __future__ import annotations

import errno
import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from watchdog.events import (
    EVENT_TYPE_CLOSED,
    EVENT_TYPE_CREATED,
    EVENT_TYPE_DELETED,
    EVENT_TYPE_MODIFIED,
    EVENT_TYPE_MOVED,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch

from safelight.services.indexing.mounts import is_remote

log = logging.getLogger(__name__)

_TELLING = frozenset(
    {EVENT_TYPE_CREATED, EVENT_TYPE_MODIFIED, EVENT_TYPE_DELETED, EVENT_TYPE_MOVED, EVENT_TYPE_CLOSED}
)
"""Opening and reading a file makes events too; reacting to those, indexing would feed itself."""

_OVERFLOW_LOGGERS = ("watchdog.observers.inotify_c", "watchdog.observers.inotify")

Dirty = Callable[[int, "frozenset[bytes] | None"], None]
"""Called with a folder's id and the paths in it (relative; files or folders) to look at, or None for all."""


@dataclass(slots=True)
class _Watched:
    root: bytes
    watch: ObservedWatch | None = None
    """None while the root is away or cannot be watched."""
    identity: tuple[int, int] | None = None
    dirty: set[bytes] = field(default_factory=set)
    all_dirty: bool = False
    first_event: float = 0.0
    last_event: float = 0.0
    polled_at: float = 0.0
    remote: bool = False
    """Changes made by other machines give no events."""


class FolderWatcher:
    """Watches roots and reports, after a short calm, what of them to scan.

    ``settle`` seconds without a further event end a burst; no burst is held back longer than ``hold``
    seconds. Every ``heartbeat`` seconds each root is checked: a watch whose thread died, a root that is
    another device or inode than before, or one that came back is watched anew and scanned whole. A root
    that cannot be watched is scanned every ``poll`` seconds, one on a network share (``remote`` tells) every
    ``remote_poll`` seconds: listing a large one takes minutes and loads its server. All times are on a
    monotonic clock.
    """

    def __init__(
        self,
        on_dirty: Dirty,
        *,
        settle: float = 0.3,
        hold: float = 2.0,
        heartbeat: float = 2.0,
        poll: float = 120.0,
        remote_poll: float = 600.0,
        remote: Callable[[bytes], bool] = is_remote,
    ) -> None:
        self._on_dirty = on_dirty
        self._settle = settle
        self._hold = hold
        self._heartbeat = heartbeat
        self._poll = poll
        self._remote_poll = remote_poll
        self._remote = remote
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._folders: dict[int, _Watched] = {}
        self._closing = False
        self._observer: BaseObserver | None = None
        self._overflow = _OverflowFilter(self._all_dirty)
        for name in _OVERFLOW_LOGGERS:
            logging.getLogger(name).addFilter(self._overflow)
        self._observer = _started_observer()
        self._thread = threading.Thread(target=self._run, name="folder-watcher", daemon=True)
        self._thread.start()

    def watch(self, folder_id: int, root: bytes) -> None:
        """Begin to watch; a root that is away is watched as soon as it is back."""
        with self._changed:
            if folder_id in self._folders:
                return
            watched = _Watched(root)
            self._folders[folder_id] = watched
            self._attach(folder_id, watched)
            self._changed.notify()

    def unwatch(self, folder_id: int) -> None:
        with self._changed:
            watched = self._folders.pop(folder_id, None)
            if watched is not None:
                self._detach(watched)

    def close(self) -> None:
        """Stop all threads. Idempotent."""
        with self._changed:
            if self._closing:
                return
            self._closing = True
            self._changed.notify()
        self._thread.join()
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()
        for name in _OVERFLOW_LOGGERS:
            logging.getLogger(name).removeFilter(self._overflow)

    # --- watches; the lock is held ----------------------------------------------------------------

    def _attach(self, folder_id: int, watched: _Watched) -> None:
        watched.identity = _identity(watched.root)
        watched.polled_at = time.monotonic()
        if watched.identity is None:
            return
        watched.remote = self._remote(watched.root)
        if self._observer is None:
            self._observer = _started_observer()
        if self._observer is None:
            return
        handler = _Handler(self._note, folder_id, watched.root)
        try:
            watched.watch = self._observer.schedule(handler, os.fsdecode(watched.root), recursive=True)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EMFILE):
                log.info("the system's limit of watches is reached; a folder is rescanned on a timer instead")
            else:
                log.info("a folder cannot be watched and is rescanned on a timer: %s", error.strerror)

    def _detach(self, watched: _Watched) -> None:
        if watched.watch is None or self._observer is None:
            return
        watch, watched.watch = watched.watch, None
        try:
            self._observer.unschedule(watch)
        except (KeyError, OSError):
            log.debug("a watch was gone before it was taken down")

    # --- events ------------------------------------------------------------------------------------

    def _note(self, folder_id: int, path: bytes) -> None:
        with self._changed:
            watched = self._folders.get(folder_id)
            if watched is None:
                return
            self._mark(watched).dirty.add(path)
            self._changed.notify()

    def _all_dirty(self) -> None:
        with self._changed:
            for watched in self._folders.values():
                self._mark(watched).all_dirty = True
            self._changed.notify()

    @staticmethod
    def _mark(watched: _Watched) -> _Watched:
        now = time.monotonic()
        if not watched.dirty and not watched.all_dirty:
            watched.first_event = now
        watched.last_event = now
        return watched

    # --- the thread that reports -------------------------------------------------------------------

    def _run(self) -> None:
        next_beat = time.monotonic() + self._heartbeat
        while True:
            reports: list[tuple[int, frozenset[bytes] | None]] = []
            with self._changed:
                if self._closing:
                    return
                now = time.monotonic()
                if now >= next_beat:
                    self._beat(now)
                    next_beat = now + self._heartbeat
                wake = next_beat
                for folder_id, watched in self._folders.items():
                    if not watched.dirty and not watched.all_dirty:
                        continue
                    due = min(watched.last_event + self._settle, watched.first_event + self._hold)
                    if due <= now:
                        reports.append((folder_id, None if watched.all_dirty else _topmost(watched.dirty)))
                        watched.dirty = set()
                        watched.all_dirty = False
                    else:
                        wake = min(wake, due)
                if not reports:
                    self._changed.wait(max(0.0, wake - now))
            for folder_id, paths in reports:
                self._on_dirty(folder_id, paths)

    def _beat(self, now: float) -> None:
        """Check that every watch still watches what it was put on."""
        emitters = self._observer.emitters if self._observer is not None else ()
        alive = {emitter.watch for emitter in emitters if emitter.is_alive()}
        for folder_id, watched in self._folders.items():
            identity = _identity(watched.root)
            if identity != watched.identity or (watched.watch is not None and watched.watch not in alive):
                self._detach(watched)
                self._attach(folder_id, watched)
                self._mark(watched).all_dirty = True
                continue
            polled = identity is not None and (watched.watch is None or watched.remote)
            every = self._remote_poll if watched.remote else self._poll
            if polled and now - watched.polled_at >= every:
                watched.polled_at = now
                self._mark(watched).all_dirty = True
                if self._observer is None:
                    self._attach(folder_id, watched)


def _started_observer() -> BaseObserver | None:
    """None while the system has no more to give: Linux lets a user have 128 by default, for all programs."""
    try:
        observer = Observer()
    except OSError as error:
        log.info("folders cannot be watched and are rescanned on a timer: %s", error.strerror)
        return None
    observer.name = "watchdog"
    observer.start()
    return observer


class _Handler(FileSystemEventHandler):
    """Turns an event into the paths to look at."""

    def __init__(self, note: Callable[[int, bytes], None], folder_id: int, root: bytes) -> None:
        self._note = note
        self._folder_id = folder_id
        self._root = root

    def dispatch(self, event: FileSystemEvent) -> None:
        if event.event_type not in _TELLING:
            return
        # A changed folder is reported together with the entry that changed it; scanning it whole for that
        # would read far too much.
        if event.is_directory and event.event_type in (EVENT_TYPE_MODIFIED, EVENT_TYPE_CLOSED):
            return
        for path in (event.src_path, event.dest_path):
            if path:
                self._report(os.fsencode(path))

    def _report(self, path: bytes) -> None:
        relative = os.path.relpath(path, self._root)
        outside = relative == b"." or relative.startswith(b"..")
        self._note(self._folder_id, b"" if outside else relative)


class _OverflowFilter(logging.Filter):
    """watchdog tells of lost events only in its log. This takes the hint and keeps the path out of ours."""

    def __init__(self, on_overflow: Callable[[], None]) -> None:
        super().__init__()
        self._on_overflow = on_overflow

    def filter(self, record: logging.LogRecord) -> bool:
        if "overflow" not in str(record.msg):
            return True
        # On a thread of its own: this one may be inside the observer and hold its locks.
        threading.Thread(target=self._on_overflow, name="watch-overflow", daemon=True).start()
        return False


def _identity(root: bytes) -> tuple[int, int] | None:
    try:
        status = os.stat(root)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _topmost(paths: set[bytes]) -> frozenset[bytes]:
    """Only the paths that lie in no other of the set."""
    kept: set[bytes] = set()
    for path in sorted(paths, key=len):
        parts = path.split(os.sep.encode())
        if not any(os.sep.encode().join(parts[:n]) in kept for n in range(len(parts))):
            kept.add(path)
    return frozenset(kept)
