"""Which folders of the library are watched."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from safelight.core.photo import Folder
from safelight.services.indexing.watcher import Dirty, FolderWatcher
from safelight.store import folders
from safelight.store.library import LibraryStore


class WatchedFolders:
    """Keeps a :class:`FolderWatcher` on the folders of the library. For the index thread."""

    def __init__(self, store: LibraryStore, noticed: Dirty) -> None:
        self._store = store
        self._watcher = FolderWatcher(noticed)
        self._ids: set[int] = set()

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
        for removed in self._ids - known.keys():
            self._watcher.unwatch(removed)
        self._ids &= known.keys()
        return set(known), [folder for number, folder in known.items() if number not in self._ids]

    def close(self) -> None:
        self._watcher.close()
