"""Notices changes in folders, without relying on every event.

Events only tell *where to look*; what changed is always found by scanning. So a lost event costs time but not
correctness. After an overflow, the whole folder is scanned again, as is a root that vanished and came back.
Network shares and folders that cannot be watched are scanned on a timer.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from safelight.services.indexing.mounts import Mount, is_remote, mount_table, mounts_below

if sys.platform == "linux":
    from safelight.services.indexing.inotify_observer import InotifyObserver

    SystemObserver = InotifyObserver
else:
    from safelight.services.indexing.watchdog_adapter import WatchdogObserver

    SystemObserver = WatchdogObserver

log = logging.getLogger(__name__)

Dirty = Callable[[int, "frozenset[bytes] | None"], None]
"""Called with a folder's id and the paths in it (relative; files or folders) to scan, or None for all."""


class Observer(Protocol):
    """What the watcher needs of the system. Watches are opaque."""

    def watch(self, root: bytes, on_path: Callable[[bytes], None]) -> Any: ...

    def unwatch(self, watch: Any) -> None: ...

    def living(self) -> Collection[Any]: ...

    def incomplete(self) -> Collection[Any]: ...

    def close(self) -> None: ...


@dataclass(slots=True)
class _Changes:
    """The paths of a folder that are to be reported."""

    paths: set[bytes] = field(default_factory=set)
    whole: bool = False
    first: float = 0.0
    last: float = 0.0

    def __bool__(self) -> bool:
        return self.whole or bool(self.paths)


@dataclass(slots=True)
class _Watched:
    root: bytes
    changes: _Changes = field(default_factory=_Changes)
    watch: Any = None
    """None while the root is not connected or cannot be watched."""
    identity: tuple[int, int] | None = None
    mounts: frozenset[Mount] = frozenset()
    """The drives that are mounted inside the root."""
    polled_at: float = 0.0
    remote: bool = False
    """Whether changes made by other machines give no events."""


class FolderWatcher:
    """Watches roots and reports, after a short quiet period, which parts of them to scan.

    ``settle`` seconds without a further event end a burst; no burst is delayed longer than ``hold`` seconds.
    Every ``heartbeat`` seconds each root is checked. It is watched again and scanned as a whole if its watch
    ended (events were lost, or a file system was unmounted, even if it is mounted again by now), if it is
    another device or inode than before, if it came back, or if a drive was mounted or unmounted inside it
    (which makes no event). A root that cannot be watched, or in which folders lack a watch because the system
    has none left, is scanned every ``poll`` seconds. One on a network share (see ``remote``) is scanned every
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
        mount_table: Callable[[], bytes] = mount_table,
        observer: Observer | None = None,
    ) -> None:
        self._on_dirty = on_dirty
        self._settle = settle
        self._hold = hold
        self._heartbeat = heartbeat
        self._poll = poll
        self._remote_poll = remote_poll
        self._remote = remote
        self._mount_table = mount_table
        # Watches are created and ended under the first lock, by our threads. The observer's threads take only
        # the second one, briefly: watchdog's hold a lock that creating and ending a watch needs.
        self._watching = threading.Lock()
        self._changed = threading.Condition()
        self._folders: dict[int, _Watched] = {}
        self._used_up = False
        self._closing = False
        self._observer = observer or SystemObserver()
        self._thread = threading.Thread(target=self._run, name="folder-watcher", daemon=True)
        self._thread.start()

    def watch(self, folder_id: int, root: bytes) -> None:
        """Begin to watch; a root that is not connected is watched as soon as it is back."""
        with self._watching:
            if folder_id in self._folders:
                return
            watched = _Watched(root)
            with self._changed:
                self._folders[folder_id] = watched
            self._attach(watched)

    def unwatch(self, folder_id: int) -> None:
        with self._watching:
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
        self._observer.close()

    # --- watches; self._watching is held ------------------------------------------------------------

    def _attach(self, watched: _Watched) -> None:
        watched.identity = _identity(watched.root)
        watched.mounts = mounts_below(watched.root, self._mount_table())
        watched.polled_at = time.monotonic()
        if watched.identity is None:
            return
        watched.remote = self._remote(watched.root)
        watched.watch = self._observer.watch(watched.root, partial(self._note, watched))

    def _detach(self, watched: _Watched) -> None:
        if watched.watch is not None:
            self._observer.unwatch(watched.watch)
            watched.watch = None

    def _beat(self, now: float) -> None:
        """Check that every watch still watches the root for which it was created."""
        living = self._observer.living()
        incomplete = self._observer.incomplete()
        if incomplete and not self._used_up:
            log.info("the system's limit of watches is reached; folders are also rescanned on a timer")
        self._used_up = bool(incomplete)
        mountinfo = self._mount_table()
        for watched in self._folders.values():
            identity = _identity(watched.root)
            lost = watched.watch is not None and watched.watch not in living
            exchanged = mounts_below(watched.root, mountinfo) != watched.mounts
            if identity != watched.identity or lost or exchanged:
                self._detach(watched)
                self._attach(watched)
                self._note(watched, None)
                continue
            unwatched = watched.watch is None or watched.watch in incomplete
            every = self._remote_poll if watched.remote else self._poll
            if identity is not None and (unwatched or watched.remote) and now - watched.polled_at >= every:
                watched.polled_at = now
                if unwatched:
                    self._detach(watched)
                    self._attach(watched)
                self._note(watched, None)

    # --- changes, from any thread; nothing is waited for ---------------------------------------------

    def _note(self, watched: _Watched, path: bytes | None) -> None:
        """A path to scan, or None for all."""
        with self._changed:
            now = time.monotonic()
            changes = watched.changes
            if not changes:
                changes.first = now
            changes.last = now
            if path is None:
                changes.whole = True
            else:
                changes.paths.add(path)
            self._changed.notify()

    # --- the thread that reports -------------------------------------------------------------------

    def _run(self) -> None:
        next_beat = time.monotonic() + self._heartbeat
        while not self._closing:
            now = time.monotonic()
            if now >= next_beat:
                # Do not wait for a large folder whose watch is being created.
                if self._watching.acquire(blocking=False):
                    try:
                        self._beat(now)
                    finally:
                        self._watching.release()
                next_beat = now + self._heartbeat
            for folder_id, paths in self._due(next_beat):
                self._on_dirty(folder_id, paths)

    def _due(self, next_beat: float) -> list[tuple[int, frozenset[bytes] | None]]:
        """The next paths to report. If there are none, waits until there may be some, or until the next
        heartbeat.
        """
        reports: list[tuple[int, frozenset[bytes] | None]] = []
        with self._changed:
            now = time.monotonic()
            wake = next_beat
            for folder_id, watched in self._folders.items():
                changes = watched.changes
                if not changes:
                    continue
                due = min(changes.last + self._settle, changes.first + self._hold)
                if due <= now:
                    reports.append((folder_id, None if changes.whole else _topmost(changes.paths)))
                    watched.changes = _Changes()
                else:
                    wake = min(wake, due)
            if not reports and not self._closing:
                self._changed.wait(max(0.0, wake - now))
        return reports


def _identity(root: bytes) -> tuple[int, int] | None:
    try:
        status = os.stat(root)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _topmost(paths: set[bytes]) -> frozenset[bytes]:
    """The paths that are not inside another one of the set."""
    kept: set[bytes] = set()
    for path in sorted(paths, key=len):
        parts = path.split(os.sep.encode())
        if not any(os.sep.encode().join(parts[:n]) in kept for n in range(len(parts))):
            kept.add(path)
    return frozenset(kept)
