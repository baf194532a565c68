"""Notices changes in folders, without relying on every event.

Events only say *where to look*; what changed is always found by scanning. So a lost event
costs time but not correctness: after an overflow, a root that vanished and came back, a watch limit or on a
network share, the whole folder is scanned again.
"""

from __future__ import annotations

import logging
import math
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from watchdog.observers.api import ObservedWatch

from safelight.services.indexing.mounts import Mount, is_remote, mount_table, mounts_below
from safelight.services.indexing.watchdog_adapter import FolderObserver

log = logging.getLogger(__name__)

Dirty = Callable[[int, "frozenset[bytes] | None"], None]
"""Called with a folder's id and the paths in it (relative; files or folders) to scan, or None for all."""


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
    watch: ObservedWatch | None = None
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
    Every ``heartbeat`` seconds each root is checked: a watch that ended, a root that is another device or
    inode than before, one that came back, or one inside which a drive was mounted or unmounted (which makes
    no event) is watched again and scanned as a whole. A root that cannot be watched is scanned every ``poll``
    seconds, one on a network share (see ``remote``) every ``remote_poll`` seconds: listing a large one takes
    minutes and loads its server. Where the system has no more watches to give (checked at the same interval),
    folders below a root may lack theirs, and so all roots are scanned every ``poll`` seconds. All times are
    on a monotonic clock.
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
        # the second one, briefly: they hold a lock of watchdog that creating and ending a watch needs.
        self._watching = threading.Lock()
        self._changed = threading.Condition()
        self._folders: dict[int, _Watched] = {}
        self._used_up = False
        self._counted_at = -math.inf
        self._closing = False
        self._observer = FolderObserver(self._note_all)
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
        """Check that every watch still watches the root for which it was created, and that there are
        enough.
        """
        if now - self._counted_at >= self._poll:
            self._counted_at = now
            before, self._used_up = self._used_up, self._observer.used_up()
            if self._used_up and not before:
                log.info(
                    "the system's limit of watches is reached; all folders are also rescanned on a timer"
                )
        if not self._observer.sound:
            self._observer.renew()
        living = self._observer.living()
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
            polled = identity is not None and (watched.watch is None or watched.remote or self._used_up)
            every = self._remote_poll if watched.remote else self._poll
            if polled and now - watched.polled_at >= every:
                watched.polled_at = now
                self._note(watched, None)
                if watched.watch is None:
                    self._attach(watched)

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

    def _note_all(self) -> None:
        with self._changed:
            for watched in self._folders.values():
                self._note(watched, None)

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
