"""Which folders of the library are watched."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

from safelight.core.photo import Folder
from safelight.services.indexing.scanner import is_excluded
from safelight.services.indexing.watcher import Dirty, FolderWatcher
from safelight.store import folders
from safelight.store.library import LibraryStore


class WatchedFolders:
    """Keeps a :class:`FolderWatcher` on the folders of the library. For the index thread."""

    def __init__(self, store: LibraryStore, noticed: Dirty) -> None:
        self._store = store
        self._watcher = FolderWatcher(noticed)
        self._ids: set[int] = set()
        self._excluded: dict[int, frozenset[bytes]] = {}
        """The folders that are left out, by the id of their root and relative to it."""

    def watch(self, fresh: Sequence[Folder], stop: Callable[[], bool]) -> None:
        """Watch folders until ``stop``; a large tree takes seconds."""
        for folder in fresh:
            if stop():
                return
            self._watcher.watch(folder.id, os.fsencode(folder.path))
            self._ids.add(folder.id)

    def refresh(self) -> tuple[set[int], list[Folder]]:
        """Stop watching folders that were removed.

        Returns the ids of all folders of the library, and those folders that are not watched yet.
        """
        with self._store.read() as db:
            known = {folder.id: folder for folder in folders.all_folders(db)}
        self._excluded = {
            folder.id: frozenset(os.fsencode(path) for path in folder.excluded) for folder in known.values()
        }
        for removed in self._ids - known.keys():
            self._watcher.unwatch(removed)
        self._ids &= known.keys()
        return set(known), [folder for number, folder in known.items() if number not in self._ids]

    def included_since(self, before: Mapping[int, frozenset[bytes]]) -> dict[int, frozenset[bytes]]:
        """The folders that :attr:`excluded` no longer has, in those roots that are still there."""
        gone = {
            folder_id: paths - self._excluded[folder_id]
            for folder_id, paths in before.items()
            if folder_id in self._excluded
        }
        return {folder_id: paths for folder_id, paths in gone.items() if paths}

    @property
    def excluded(self) -> Mapping[int, frozenset[bytes]]:
        """The folders that are left out, by the id of their root and relative to it."""
        return self._excluded

    def without_excluded(self, folder_id: int, paths: frozenset[bytes]) -> frozenset[bytes]:
        """Changed paths that are not in a folder that is left out."""
        excluded = self._excluded.get(folder_id)
        return frozenset(path for path in paths if not is_excluded(path, excluded)) if excluded else paths

    def close(self) -> None:
        self._watcher.close()
