"""Asks the user before many files of a folder are forgotten at once: the folder may be partly unmounted."""

from __future__ import annotations

import time
from collections import Counter, defaultdict, deque
from collections.abc import Collection, Iterable
from typing import NamedTuple

from safelight.core.changes import RemovalsHeld
from safelight.core.photo import Folder
from safelight.store import files, folders, journal, removals
from safelight.store.files import FileRow
from safelight.store.library import LibraryStore

MIN_MISSING = 20
"""The user is asked only if at least this many files are missing."""

MIN_MISSING_DIVISOR = 5
"""The user is asked if one in this many of a folder's files is missing."""

REMOVAL_WINDOW_S = 600.0
"""Removals within this time are counted together, because a folder may be deleted file by file."""


class _Removal(NamedTuple):
    """A file that was forgotten without a question."""

    when: float
    """Monotonic time."""
    photo_id: int | None
    copies: int
    """Number of files that the photo had left afterwards."""


class RemovalGuard:
    """Decides which missing files may be forgotten. For the index thread."""

    def __init__(self, store: LibraryStore) -> None:
        self._store = store
        self._recent: defaultdict[int, deque[_Removal]] = defaultdict(deque)

    def removable(
        self, missing: Iterable[FileRow], whole: Collection[int], confirmed: Collection[int]
    ) -> tuple[list[FileRow], list[RemovalsHeld]]:
        """Returns (files that may be forgotten, folders of which too many are missing).

        ``whole`` names the folders that were scanned completely, ``confirmed`` those whose missing files the
        user confirmed as deleted. Files that wait for an answer are recorded in the library. A file that the
        library has under another name as well was renamed during a scan, so it is not counted.
        """
        by_folder: defaultdict[int, list[FileRow]] = defaultdict(list)
        candidates = self._without_trashed(missing)
        with self._store.read() as db:
            renamed = files.known_by_another_name(db, [row.id for row in candidates])
        free: list[FileRow] = []
        for row in candidates:
            if row.id in renamed:
                free.append(row)
            else:
                by_folder[row.folder_id].append(row)
        held: list[RemovalsHeld] = []
        for folder_id, rows in by_folder.items():
            question = None if folder_id in confirmed else self._question(folder_id, len(rows))
            if question is None:
                free += rows
                self._note(folder_id, rows, meant=folder_id in confirmed)
            elif question.missing:
                held.append(question)
        self._settle([f for f in {*whole, *confirmed} if f not in {q.folder_id for q in held}], by_folder)
        return free, held

    def hold_replaced(self, folder: Folder, changed: int, known: int) -> RemovalsHeld:
        """Record that this many files are replaced by others.

        A question that the user answered by keeping counts 0 files.
        """
        with self._store.read() as db:
            kept = removals.kept(db, folder.id)
        if changed <= kept:
            return RemovalsHeld(folder.id, folder.path, 0, known, replaced=True)
        with self._store.write() as db:
            removals.hold(db, folder.id, changed, time.time())
        return RemovalsHeld(folder.id, folder.path, changed, known, replaced=True)

    def _without_trashed(self, missing: Iterable[FileRow]) -> list[FileRow]:
        """The files without those that went to the trash during the scan, or are on their way there: the user
        has decided about those.
        """
        rows = {row.id: row for row in missing}
        with self._store.read() as db:
            moving = {each.path for each in journal.unfinished_moves(db)}
            known = files.with_absolute_paths(db, rows)
        return [rows[row.id] for row, path in known if path not in moving and row.path == rows[row.id].path]

    def _question(self, folder_id: int, missing: int) -> RemovalsHeld | None:
        """The question to the user: None where the files may be forgotten; a question about 0 files where the
        user answered by keeping.
        """
        with self._store.read() as db:
            folder = folders.get(db, folder_id)
            known = files.count(db, folder_id)
            kept = removals.kept(db, folder_id)
        if folder is None:
            return None
        lately = self._recent_removals(folder_id)
        if kept and missing <= kept:
            return RemovalsHeld(folder_id, folder.path, 0, known)
        if missing + lately < MIN_MISSING or (missing + lately) * MIN_MISSING_DIVISOR <= known + lately:
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
                    removals.clear(db, folder_id)

    def _recent_removals(self, folder_id: int) -> int:
        """Number of files that were forgotten lately and are still gone.

        A photo that has more files now was renamed or put back: while folders are renamed, scans miss files
        and find them again later.
        """
        recent = self._recent[folder_id]
        while recent and time.monotonic() - recent[0].when > REMOVAL_WINDOW_S:
            recent.popleft()
        with self._store.read() as db:
            copies = files.copies(db, {each.photo_id for each in recent if each.photo_id is not None})
        return sum(each.photo_id is None or copies[each.photo_id] <= each.copies for each in recent)

    def _note(self, folder_id: int, rows: list[FileRow], *, meant: bool) -> None:
        recent = self._recent[folder_id]
        if meant:
            recent.clear()
            return
        photos = Counter(row.photo_id for row in rows if row.photo_id is not None)
        with self._store.read() as db:
            copies = files.copies(db, photos)
        now = time.monotonic()
        for row in rows:
            left = 0 if row.photo_id is None else copies[row.photo_id] - photos[row.photo_id]
            recent.append(_Removal(now, row.photo_id, left))
