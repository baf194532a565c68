"""The part of watchdog that the watcher uses, and workarounds for its faults."""

from __future__ import annotations

import errno
import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Callable
from typing import Any

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

_TELLING = frozenset(
    {EVENT_TYPE_CREATED, EVENT_TYPE_MODIFIED, EVENT_TYPE_DELETED, EVENT_TYPE_MOVED, EVENT_TYPE_CLOSED}
)
"""Opening and reading a file makes events too; reacting to those, indexing would trigger itself."""

_TELLTALES = ("watchdog.observers.inotify_c", "watchdog.observers.inotify")
"""Loggers of watchdog whose records are the only report of some faults."""

_FULL = (errno.ENOSPC, errno.EMFILE)

# It warns, with the path, each time its threads meet at a new folder; no event is lost by that.
warnings.filterwarnings("ignore", "Callback with id", RuntimeWarning)


class FolderObserver:
    """watchdog's observer, where the system gives one: Linux lets a user have 128 by default, for all
    programs.

    It calls back with its own lock held, the same that :meth:`watch` and :meth:`unwatch` take. So a callback
    must not wait for any lock that is held around these two.
    """

    def __init__(self, on_lost_events: Callable[[], None]) -> None:
        self._in_doubt = False
        """Watches may have ended without notice."""
        self._remarks = _Remarks(on_lost_events, self._doubt)
        for name in _TELLTALES:
            logging.getLogger(name).addFilter(self._remarks)
        self._observer = self._started()

    @property
    def sound(self) -> bool:
        """Whether events are still delivered, as far as can be seen."""
        return not self._in_doubt and (self._observer is None or self._observer.is_alive())

    def renew(self) -> None:
        """Start again, without watches. After a fault in watchdog, ending a single watch may not help."""
        if self._observer is not None:
            _end(self._observer)
        self._in_doubt = False
        self._observer = self._started()

    def watch(self, root: bytes, on_path: Callable[[bytes], None]) -> ObservedWatch | None:
        """Call ``changed`` with each path that changed, relative to the root; None if the system gives
        no watch.
        """
        if self._observer is None:
            self._observer = self._started()
        if self._observer is None:
            return None
        try:
            return self._observer.schedule(_Handler(on_path, root), os.fsdecode(root), recursive=True)
        except OSError as error:
            if error.errno in _FULL:
                log.info("the system's limit of watches is reached; a folder is rescanned on a timer instead")
            else:
                log.info("a folder cannot be watched and is rescanned on a timer: %s", error.strerror)
            return None

    def unwatch(self, watch: ObservedWatch) -> None:
        if self._observer is None:
            return
        try:
            self._observer.unschedule(watch)
        except (KeyError, OSError):
            log.debug("a watch was gone before it was taken down")

    def living(self) -> set[ObservedWatch]:
        """The watches that have a thread."""
        emitters = self._observer.emitters if self._observer is not None else ()
        return {emitter.watch for emitter in emitters if emitter.is_alive()}

    def used_up(self) -> bool:
        """Whether one more folder could not be watched. On Linux each folder takes one of a user's watches.
        Where none is left, watchdog skips folders below a root without reporting it.
        """
        if self._observer is None or sys.platform != "linux":
            return False
        try:
            with tempfile.TemporaryDirectory(prefix="safelight-") as place:
                self._observer.unschedule(self._observer.schedule(FileSystemEventHandler(), place))
        except OSError as error:
            if error.errno in _FULL:
                return True
            log.debug("whether watches are left cannot be told: %s", error.strerror)
        return False

    def _started(self) -> BaseObserver | None:
        try:
            observer = Observer()
        except OSError as error:
            log.info("folders cannot be watched and are rescanned on a timer: %s", error.strerror)
            return None
        self._guard(observer)
        observer.name = "watchdog"
        observer.start()
        return observer

    def _guard(self, observer: BaseObserver) -> None:
        """On Linux one thread reads for all roots, and in watchdog 7.1 ordinary events end it with a
        KeyError:
        for example, when two folders of one name go to the trash and the trash is emptied. There is no
        public access to it.
        """
        reader: Any = getattr(observer, "_inotify_fd", None)
        if reader is None:
            return
        handle = reader.handle_event

        def guarded(event: object) -> None:
            try:
                handle(event)
            except Exception as error:  # noqa: BLE001 - whatever it is, other events must still be read
                log.info("watching starts again after a fault: %s", type(error).__name__)
                self._doubt()

        reader.handle_event = guarded

    def _doubt(self) -> None:
        self._in_doubt = True

    def close(self) -> None:
        """Stop its threads."""
        if self._observer is not None:
            _end(self._observer)
            self._observer = None
        for name in _TELLTALES:
            logging.getLogger(name).removeFilter(self._remarks)


def _end(observer: BaseObserver) -> None:
    try:
        observer.stop()
    except KeyError:  # its tables are inconsistent; the rest of its threads ends with the process
        log.debug("an observer did not end")
    else:
        observer.join()


class _Handler(FileSystemEventHandler):
    """Converts an event into the paths to scan."""

    def __init__(self, on_path: Callable[[bytes], None], root: bytes) -> None:
        self._on_path = on_path
        self._root = root

    def dispatch(self, event: FileSystemEvent) -> None:
        if event.event_type not in _TELLING:
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


class _Remarks(logging.Filter):
    """watchdog reports lost events and watches only in its log. This handler notices them. It also keeps
    paths out of our log, and drops the error that watchdog logs each time it is stopped while events wait.
    """

    def __init__(self, on_lost_events: Callable[[], None], on_lost_watches: Callable[[], None]) -> None:
        super().__init__()
        self._heard = {"overflow": on_lost_events, "Unable to rebuild": on_lost_watches}

    def filter(self, record: logging.LogRecord) -> bool:
        said = str(record.msg)
        for words, react in self._heard.items():
            if words in said:
                react()
                return False
        return "thread is inactive" not in said
