"""Watches folders with everything in them on Linux.

inotify watches single folders by their inodes and reports no paths. So the observer keeps a path for each
watch. watchdog does this too, but in version 7.1 its paths become wrong, for example when a folder leaves the
root and comes back under another name. Changes are then reported where nothing is. Here, no path survives a
rename: when a folder is renamed, all watches below its old path end, and the folder is watched again at its
new path.

Events arrive late: the folder that a path names now may be another one than at the time of the event. This
does no harm. A folder gets a path only if it has that path when it is watched. At that time the folder around
it is watched already, so a later rename makes an event, which corrects the path. After the last event all
paths are right.
"""

from __future__ import annotations

import errno
import logging
import os
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from safelight.services.indexing.inotify import (
    IN_ATTRIB,
    IN_CREATE,
    IN_IGNORED,
    IN_ISDIR,
    IN_MODIFY,
    IN_MOVED_FROM,
    IN_MOVED_TO,
    IN_Q_OVERFLOW,
    IN_UNMOUNT,
    Inotify,
    InotifyEvent,
)
from safelight.services.indexing.scanner import is_never_scanned

log = logging.getLogger(__name__)

_USED_UP = (errno.ENOSPC, errno.ENOMEM)

_NO_MEANING_FOR_FOLDERS = IN_ATTRIB | IN_MODIFY
"""Changes of a folder itself. What changes in it has its own events."""


@dataclass(eq=False, slots=True)
class WatchedTree:
    """A root and the watches of its folders."""

    root: bytes
    on_path: Callable[[bytes], None]
    watches: dict[bytes, int] = field(default_factory=dict)
    """The watch of each folder by its path, relative to the root."""
    alive: bool = True
    """False when events were lost, or when the file system of a folder was unmounted."""
    complete: bool = True
    """False when there was no watch left for a folder."""


class InotifyObserver:
    """Calls back with the paths that change in trees of folders. Thread-safe.

    All trees share one inotify instance, because Linux lets a user have 128 by default, for all programs.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._trees: set[WatchedTree] = set()
        self._places: defaultdict[int, set[tuple[WatchedTree, bytes]]] = defaultdict(set)
        """The paths of each watch. A folder has several where it is mounted twice or roots overlap."""
        self._inotify: Inotify | None = None
        self._thread: threading.Thread | None = None
        self._closing = False

    def watch(self, root: bytes, on_path: Callable[[bytes], None]) -> WatchedTree | None:
        """Call ``on_path``, on another thread, with each path that changes, relative to the root.

        Returns None if the root cannot be watched. Never scanned folders are not watched.
        """
        tree = WatchedTree(root, on_path)
        try:
            with self._lock:
                if self._inotify is None:
                    self._start()
                self._trees.add(tree)
                self._add(tree, b"")
        except OSError as error:
            self.unwatch(tree)
            log.info("a folder cannot be watched and is rescanned on a timer: %s", error.strerror)
            return None
        self._add_below(tree, b"")
        return tree

    def unwatch(self, tree: WatchedTree) -> None:
        """End all watches of a tree."""
        with self._lock:
            self._trees.discard(tree)
            self._forget(tree, list(tree.watches))

    def living(self) -> set[WatchedTree]:
        """The trees of which every change was reported."""
        with self._lock:
            return {tree for tree in self._trees if tree.alive}

    def incomplete(self) -> set[WatchedTree]:
        """The trees in which a folder is not watched, because the user has no watch left."""
        with self._lock:
            return {tree for tree in self._trees if not tree.complete}

    def close(self) -> None:
        """Stop the thread."""
        self._closing = True
        if self._inotify is not None and self._thread is not None:
            self._inotify.wake()
            self._thread.join()
            self._inotify.close()
            self._inotify = None

    # --- watches; the lock is held -----------------------------------------------------------------

    def _start(self) -> None:
        self._inotify = Inotify()
        self._thread = threading.Thread(target=self._run, name="inotify", args=(self._inotify,), daemon=True)
        self._thread.start()

    def _add(self, tree: WatchedTree, path: bytes) -> None:
        """Watch one folder. Raises OSError."""
        if self._inotify is None or tree not in self._trees:
            return
        descriptor = self._inotify.add(os.path.join(tree.root, path))
        former = tree.watches.get(path)
        if former is not None and former != descriptor:
            self._forget(tree, [path])
        tree.watches[path] = descriptor
        self._places[descriptor].add((tree, path))

    def _forget(self, tree: WatchedTree, paths: list[bytes]) -> None:
        """Remove paths of a tree, and end the watches that have no other path."""
        for path in paths:
            descriptor = tree.watches.pop(path)
            places = self._places.get(descriptor)
            if places is None:
                continue
            places.discard((tree, path))
            if not places:
                del self._places[descriptor]
                if self._inotify is not None:
                    self._inotify.remove(descriptor)

    def _ended(self, descriptor: int) -> None:
        """The kernel ended a watch: the folder was deleted or its file system unmounted."""
        for tree, path in self._places.pop(descriptor, ()):
            if tree.watches.get(path) == descriptor:
                del tree.watches[path]
            if not path:
                tree.alive = False

    # --- watches; the lock is not held ----------------------------------------------------------------

    def _add_one(self, tree: WatchedTree, path: bytes) -> bool:
        """Watch one folder; False if it is gone, or there is no watch left."""
        try:
            with self._lock:
                self._add(tree, path)
        except OSError as error:
            if error.errno in _USED_UP:
                tree.complete = False
            return False
        return True

    def _add_below(self, tree: WatchedTree, top: bytes) -> None:
        """Watch the folders below one that is watched.

        The lock is released after each folder, because a large tree takes seconds.
        """
        waiting = [top]
        while waiting:
            waiting += [path for path in _subfolders(tree.root, waiting.pop()) if self._add_one(tree, path)]

    def _run(self, inotify: Inotify) -> None:
        while not self._closing:
            for event in inotify.read():
                if event.mask & IN_Q_OVERFLOW:
                    log.info("too many changes at once; everything is scanned")
                    self._lose_all()
                    continue
                try:
                    self._handle(event)
                except Exception:
                    log.exception("watching starts again after an error in Safelight")
                    self._lose_all()

    def _lose_all(self) -> None:
        with self._lock:
            for tree in self._trees:
                tree.alive = False

    def _handle(self, event: InotifyEvent) -> None:
        with self._lock:
            places = list(self._places.get(event.descriptor, ()))
            if event.mask & IN_UNMOUNT:
                for tree, _ in places:
                    tree.alive = False
            if event.mask & IN_IGNORED:
                self._ended(event.descriptor)
        if not event.name or (event.mask & IN_ISDIR and event.mask & _NO_MEANING_FOR_FOLDERS):
            return
        for tree, folder in places:
            path = os.path.join(folder, event.name)
            if event.mask & IN_ISDIR:
                self._follow(tree, path, event.mask)
            tree.on_path(path)

    def _follow(self, tree: WatchedTree, path: bytes, mask: int) -> None:
        """Watch a folder that came, or stop watching one that left."""
        if mask & IN_MOVED_FROM:
            prefix = os.path.join(path, b"")
            with self._lock:
                below = [each for each in tree.watches if each == path or each.startswith(prefix)]
                self._forget(tree, below)
        elif mask & (IN_CREATE | IN_MOVED_TO):
            folder, name = os.path.split(path)
            if not is_never_scanned(name, os.path.basename(folder or tree.root)) and self._add_one(
                tree, path
            ):
                self._add_below(tree, path)


def _subfolders(root: bytes, folder: bytes) -> list[bytes]:
    """The folders in a folder that scans enter, relative to the root."""
    parent = os.path.basename(folder or root)
    try:
        with os.scandir(os.path.join(root, folder)) as entries:
            return [
                os.path.join(folder, entry.name)
                for entry in entries
                if entry.is_dir(follow_symlinks=False) and not is_never_scanned(entry.name, parent)
            ]
    except OSError:
        return []  # gone since, or closed to us, which the scan reports
