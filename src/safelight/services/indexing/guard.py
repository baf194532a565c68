"""Asks the user before many files of a folder are forgotten at once: the folder may be partly unmounted."""

from __future__ import annotations

import time
from collections import Counter, defaultdict, deque
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from safelight.core.changes import RemovalsHeld, RemovalsSettled
from safelight.core.photo import Folder
from safelight.services.indexing.found_files import is_below
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
        self._held: dict[int, dict[int, FileRow]] = {}
        """By folder and id, all its missing files, where the user was asked after a complete scan."""
        with store.read() as db:
            self._asked = {folder_id for folder_id, _ in removals.waiting(db)}
        """Folders with a question that was not answered."""

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
        for folder_id in whole:
            self._held.pop(folder_id, None)  # it is known completely now
        held: list[RemovalsHeld] = []
        for folder_id, rows in by_folder.items():
            question = None if folder_id in confirmed else self._question(folder_id, rows)
            if question is None:
                free += rows
                self._note(folder_id, rows, meant=folder_id in confirmed)
            elif question.missing:
                held.append(question)
                if folder_id in whole or folder_id in self._held:
                    self._held.setdefault(folder_id, {}).update((row.id, row) for row in rows)
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
        self._asked.add(folder.id)
        return RemovalsHeld(folder.id, folder.path, changed, known, replaced=True)

    def knows_all_missing(self, folder_id: int) -> bool:
        """Whether a question counts all missing files of the folder, also after a scan of a part of it."""
        return folder_id in self._held

    def held_files(self) -> dict[int, FileRow]:
        """The files that wait for an answer, by id. They may be found at another place."""
        return {row.id: row for rows in self._held.values() for row in rows.values()}

    def note_found(self, scanned: Mapping[int, Collection[bytes] | None], missing: Collection[int]) -> None:
        """Note which held files are there again.

        ``scanned`` maps folders to the paths that were scanned, or None for the whole folder; ``missing`` has
        the files that this scan did not find.
        """
        for folder_id, rows in self._held.items():
            paths = scanned.get(folder_id, ())
            found = [
                row.id
                for row in rows.values()
                if row.id not in missing
                and (paths is None or any(is_below(row.path, each) for each in paths))
            ]
            for file_id in found:
                del rows[file_id]

    def changed_questions(self) -> tuple[list[RemovalsHeld], list[RemovalsSettled]]:
        """Questions that now count fewer files, and those that need no answer any more.

        Call it after each run, and after folders were removed or a question was answered.
        """
        if not self._asked:
            return [], []
        with self._store.read() as db:
            waiting = dict(removals.waiting(db))
            fewer: dict[int, int] = {}
            for folder_id, rows in [*self._held.items()]:
                if folder_id not in waiting:
                    del self._held[folder_id]
                    continue
                known = {row.id: row.path for row, _ in files.with_absolute_paths(db, rows)}
                renamed = files.known_by_another_name(db, rows)
                for row in [*rows.values()]:
                    if known.get(row.id) != row.path or row.id in renamed:
                        del rows[row.id]
                if len(rows) < waiting[folder_id]:
                    fewer[folder_id] = len(rows)
        if fewer:
            with self._store.write() as db:
                for folder_id, missing in fewer.items():
                    if missing:
                        removals.lower(db, folder_id, missing)
                    else:
                        removals.clear(db, folder_id)
        held: list[RemovalsHeld] = []
        with self._store.read() as db:
            waiting = dict(removals.waiting(db))
            for folder_id in fewer:
                folder = folders.get(db, folder_id)
                if folder is not None and folder_id in waiting:
                    known_files = files.count(db, folder_id)
                    held.append(RemovalsHeld(folder_id, folder.path, waiting[folder_id], known_files))
        settled = sorted(self._asked - {*waiting})
        self._asked &= {*waiting}
        return held, [RemovalsSettled(folder_id) for folder_id in settled]

    def _without_trashed(self, missing: Iterable[FileRow]) -> list[FileRow]:
        """The files without those that went to the trash during the scan, or are on their way there: the user
        has decided about those.
        """
        rows = {row.id: row for row in missing}
        with self._store.read() as db:
            moving = {each.path for each in journal.unfinished_moves(db)}
            known = files.with_absolute_paths(db, rows)
        return [rows[row.id] for row, path in known if path not in moving and row.path == rows[row.id].path]

    def _question(self, folder_id: int, rows: list[FileRow]) -> RemovalsHeld | None:
        """The question to the user: None where the files may be forgotten; a question about 0 files where the
        user answered by keeping.

        Until the user has answered, no file of the folder is forgotten, however few are still missing.
        """
        missing = len(self._held.get(folder_id, {}).keys() | {row.id for row in rows})
        with self._store.read() as db:
            folder = folders.get(db, folder_id)
            known = files.count(db, folder_id)
            kept = removals.kept(db, folder_id)
            is_waiting = folder_id in dict(removals.waiting(db))
        if folder is None:
            return None
        lately = self._recent_removals(folder_id)
        if kept and missing <= kept:
            return RemovalsHeld(folder_id, folder.path, 0, known)
        if not is_waiting and (
            missing + lately < MIN_MISSING or (missing + lately) * MIN_MISSING_DIVISOR <= known + lately
        ):
            return None
        with self._store.write() as db:
            removals.hold(db, folder_id, missing, time.time())
        self._asked.add(folder_id)
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
