"""The part of watchdog that the watcher uses, on systems other than Linux."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable

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

log = logging.getLogger(__name__)

_CHANGES = frozenset(
    {EVENT_TYPE_CREATED, EVENT_TYPE_MODIFIED, EVENT_TYPE_DELETED, EVENT_TYPE_MOVED, EVENT_TYPE_CLOSED}
)
"""Opening and reading a file makes events too; reacting to those, indexing would trigger itself."""


class WatchdogObserver:
    """Calls back with the paths that change in trees of folders, on the systems that watchdog supports.

    It calls back with its own lock held, the same that :meth:`watch` and :meth:`unwatch` take. So a callback
    must not wait for any lock that is held around these two.
    """

    def __init__(self) -> None:
        self._observer: BaseObserver | None = None

    def watch(self, root: bytes, on_path: Callable[[bytes], None]) -> ObservedWatch | None:
        """Call ``on_path`` with each path that changes, relative to the root.

        Returns None if the root cannot be watched.
        """
        try:
            if self._observer is None or not self._observer.is_alive():
                self._observer = Observer()
                self._observer.name = "watchdog"
                self._observer.start()
            return self._observer.schedule(_Handler(on_path, root), os.fsdecode(root), recursive=True)
        except OSError as error:
            log.info("a folder cannot be watched and is rescanned on a timer: %s", error.strerror)
            return None

    def unwatch(self, watch: ObservedWatch) -> None:
        """End a watch."""
        if self._observer is None:
            return
        try:
            self._observer.unschedule(watch)
        except (KeyError, OSError):
            log.debug("a watch was gone before it was ended")

    def living(self) -> set[ObservedWatch]:
        """The watches that have a thread."""
        if self._observer is None or not self._observer.is_alive():
            return set()
        return {emitter.watch for emitter in self._observer.emitters if emitter.is_alive()}

    def incomplete(self) -> set[ObservedWatch]:
        """The watches that leave out folders: none, because other systems watch a tree as a whole."""
        return set()

    def close(self) -> None:
        """Stop its threads."""
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()
            self._observer = None


class _Handler(FileSystemEventHandler):
    """Converts an event into the paths to scan."""

    def __init__(self, on_path: Callable[[bytes], None], root: bytes) -> None:
        self._on_path = on_path
        self._root = root

    def dispatch(self, event: FileSystemEvent) -> None:
        if event.event_type not in _CHANGES:
            return
        # A changed folder is reported together with the entry that changed it. Scanning the whole folder as
        # well would read far too much.
        if event.is_directory and event.event_type in (EVENT_TYPE_MODIFIED, EVENT_TYPE_CLOSED):
            return
        for path in (event.src_path, event.dest_path):
            if path:
                relative = os.path.relpath(os.fsencode(path), self._root)
                outside = relative == b"." or relative.startswith(b"..")
                self._on_path(b"" if outside else relative)
