"""Compares the sidecars that a scan found with those that the library knows."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator

from safelight.imaging.sidecars import is_sidecar_name
from safelight.services.indexing.found_files import FoundFile, ScanItem, UnreadableFolder, is_below
from safelight.store import folders, sidecars
from safelight.store.library import Connection, LibraryStore
from safelight.store.sidecars import KnownSidecar


class FoundSidecars:
    """The sidecars below one path of a root."""

    def __init__(self, folder_id: int, below: bytes) -> None:
        self._folder_id = folder_id
        self._below = below
        self._found: dict[bytes, KnownSidecar] = {}
        self._unreadable: list[bytes] = []
        self._changed: list[KnownSidecar] = []
        self._gone: list[bytes] = []

    def collect(self, found: Iterable[ScanItem]) -> Iterator[ScanItem]:
        """Yield what a scan found, except sidecars, which are collected here."""
        for item in found:
            if isinstance(item, FoundFile) and is_sidecar_name(os.path.basename(item.path)):
                self._found[item.path] = KnownSidecar(item.path, item.stat.size, item.stat.mtime_ns)
                continue
            if isinstance(item, UnreadableFolder):
                self._unreadable.append(item.path)
            yield item

    def find_affected(self, db: Connection) -> list[int]:
        """Compare with the library. Returns the ids of photos whose sidecars are new, changed or gone."""
        known = sidecars.known(db, self._folder_id, self._below)
        self._changed = [each for path, each in self._found.items() if known.get(path) != each]
        self._gone = [path for path in known.keys() - self._found.keys() if not self._is_hidden(path)]
        photos: set[int] = set()
        for path in (*(each.path for each in self._changed), *self._gone):
            photos |= sidecars.owners(db, self._folder_id, path)
        return sorted(photos)

    @property
    def changed(self) -> bool:
        """Whether there is anything to record. Call :meth:`find_affected` first."""
        return bool(self._changed or self._gone)

    def record(self, db: Connection) -> None:
        sidecars.put(db, self._folder_id, self._changed)
        sidecars.remove(db, self._folder_id, self._gone)

    def _is_hidden(self, path: bytes) -> bool:
        """Whether a path is in a folder that could not be listed."""
        return any(is_below(path, each) for each in self._unreadable)


def without_own_sidecars(store: LibraryStore, folder_id: int, paths: frozenset[bytes]) -> frozenset[bytes]:
    """``paths`` without those that change because the library itself writes sidecars: sidecars that are as
    the library has recorded them, and hidden files, which are their temporary names."""
    candidates = [path for path in paths if is_sidecar_name(os.path.basename(path))]
    hidden = {path for path in paths if os.path.basename(path).startswith(b".")}
    if not candidates:
        return paths - hidden
    with store.read() as db:
        root = folders.get(db, folder_id)
        if root is None:
            return paths - hidden
        known = {path: sidecars.known(db, folder_id, path).get(path) for path in candidates}
    prefix = os.path.join(os.fsencode(root.path), b"")
    own: set[bytes] = set()
    for path, each in known.items():
        with contextlib.suppress(OSError):
            status = os.lstat(prefix + path)
            if each == KnownSidecar(path, status.st_size, status.st_mtime_ns):
                own.add(path)
    return paths - hidden - own
