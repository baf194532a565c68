"""Many files are never forgotten without a question: a folder that loses many at once may be half mounted."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Collection, Iterable

from safelight.core.changes import RemovalsHeld
from safelight.core.photo import Folder
from safelight.store import files, folders, journal, removals
from safelight.store.files import FileRow
from safelight.store.library import LibraryStore

FEWEST = 20
"""Missing files that are worth a question."""

SHARE = 5
"""One in so many of a folder's files must be missing."""

WINDOW = 600.0
"""Seconds within which removals count together, as when a folder is deleted file by file."""


class RemovalGuard:
    """Decides which missing files may be forgotten. Belongs to the index thread."""

    def __init__(self, store: LibraryStore) -> None:
        self._store = store
        self._recent: defaultdict[int, deque[tuple[float, int]]] = defaultdict(deque)

    def allowed(
        self, missing: Iterable[FileRow], whole: Collection[int], confirmed: Collection[int]
    ) -> tuple[list[FileRow], list[RemovalsHeld]]:
        """(files that may be forgotten, folders of which too many are gone).

        ``whole`` names the folders that were looked through entirely, ``confirmed`` those of which a
        person said that what is missing is gone for good. What is held is noted in the library.
        """
        by_folder: defaultdict[int, list[FileRow]] = defaultdict(list)
        for row in self._not_ours(missing):
            by_folder[row.folder_id].append(row)
        free: list[FileRow] = []
        held: list[RemovalsHeld] = []
        for folder_id, rows in by_folder.items():
            question = None if folder_id in confirmed else self._question(folder_id, len(rows))
            if question is None:
                free += rows
                self._note(folder_id, len(rows), meant=folder_id in confirmed)
            elif question.missing:
                held.append(question)
        self._settle([f for f in {*whole, *confirmed} if f not in {q.folder_id for q in held}], by_folder)
        return free, held

    def hold_replaced(self, folder: Folder, changed: int, known: int) -> RemovalsHeld:
        """Note that other files are in the place of so many.

        The question is about 0 files once it was answered by keeping.
        """
        with self._store.read() as db:
            kept = removals.kept(db, folder.id)
        if changed <= kept:
            return RemovalsHeld(folder.id, folder.path, 0, known, replaced=True)
        with self._store.write() as db:
            removals.hold(db, folder.id, changed, time.time())
        return RemovalsHeld(folder.id, folder.path, changed, known, replaced=True)

    def _not_ours(self, missing: Iterable[FileRow]) -> list[FileRow]:
        """Without what was moved to the trash while the folder was looked through, or is on its way there:
        of that the person knows."""
        rows = {row.id: row for row in missing}
        with self._store.read() as db:
            moving = {each.path for each in journal.unfinished(db)}
            known = files.located(db, rows)
        return [rows[row.id] for row, path in known if path not in moving and row.path == rows[row.id].path]

    def _question(self, folder_id: int, missing: int) -> RemovalsHeld | None:
        """None where the files may go; a question about 0 files where it has been answered by keeping."""
        with self._store.read() as db:
            folder = folders.get(db, folder_id)
            known = files.count(db, folder_id)
            kept = removals.kept(db, folder_id)
        if folder is None:
            return None
        lately = self._lately(folder_id)
        if kept and missing <= kept:
            return RemovalsHeld(folder_id, folder.path, 0, known)
        if missing + lately < FEWEST or (missing + lately) * SHARE <= known + lately:
            return None
        with self._store.write() as db:
            removals.hold(db, folder_id, missing, time.time())
        return RemovalsHeld(folder_id, folder.path, missing, known)

    def _settle(self, folder_ids: list[int], missing: dict[int, list[FileRow]]) -> None:
        with self._store.read() as db:
            asked = {folder_id for folder_id, _ in removals.waiting(db)}
            answered = [f for f in folder_ids if f in asked or (removals.kept(db, f) and not missing.get(f))]
        if answered:
            with self._store.write() as db:
                for folder_id in answered:
                    removals.settle(db, folder_id)

    def _lately(self, folder_id: int) -> int:
        recent = self._recent[folder_id]
        while recent and time.monotonic() - recent[0][0] > WINDOW:
            recent.popleft()
        return sum(count for _, count in recent)

    def _note(self, folder_id: int, count: int, *, meant: bool) -> None:
        recent = self._recent[folder_id]
        if meant:
            recent.clear()
        else:
            recent.append((time.monotonic(), count))
