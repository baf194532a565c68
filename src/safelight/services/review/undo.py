"""Restores files from the trash, and completes moves that a crash interrupted."""

from __future__ import annotations

import os
import time
from collections.abc import Collection
from dataclasses import dataclass, field

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.message import Message
from safelight.imaging.formats import is_photo_name
from safelight.services.indexing import roots
from safelight.services.indexing.scanner import file_stat
from safelight.services.review.trash import SystemTrash, Trash, TrashError
from safelight.store import files, folders, journal, marks, photos
from safelight.store.journal import FileStep, JournalFile
from safelight.store.library import Connection, LibraryStore


@dataclass(slots=True)
class UndoResult:
    """The result of undoing a step."""

    journal_id: int | None = None
    """The step; None if there was nothing to undo."""
    restored: int = 0
    """Files moved back to their original paths."""
    failed: list[tuple[str, Message]] = field(default_factory=list)
    """(original path, why the file is not there, and where it is)."""
    added: set[int] = field(default_factory=set)
    updated: set[int] = field(default_factory=set)
    removed: set[int] = field(default_factory=set)

    @property
    def changed(self) -> LibraryChanged:
        moved = self.added or self.updated or self.removed or self.restored
        # Among the marks may be turns, which change how thumbnails are shown.
        kinds = ChangeKind.FILES | ChangeKind.MARKS if moved else ChangeKind.NONE
        if self.updated:
            kinds |= ChangeKind.PIXELS
        return LibraryChanged(
            kinds,
            added=tuple(sorted(self.added)),
            updated=tuple(sorted(self.updated - self.added)),
            removed=tuple(sorted(self.removed)),
        )


class FileUndo:
    """Moves the files of a step back. One call at a time."""

    def __init__(self, store: LibraryStore, trash: Trash | None = None) -> None:
        self._store = store
        self._trash = trash or SystemTrash()

    def undo(self, step_id: int) -> UndoResult:
        """Restore the files of a step.

        A file that cannot be restored remains in the trash and in the journal, so that undoing the step again
        retries it.
        """
        result = UndoResult()
        with self._store.write() as db:
            step = journal.step(db, step_id)
            if step is None:
                return result
            entries = journal.begin_undo(db, step.id, time.time())
        if entries or step.undone_at is None:
            result.journal_id = step.id
        # In reverse order, because a keeper may have inherited marks from several files one after another.
        for entry in reversed(entries):
            self._restore(entry, result)
        return result

    def restore(self, file_ids: Collection[int]) -> UndoResult:
        """Restore files by the ids of their rows in the journal. Different steps may have moved them."""
        result = UndoResult()
        with self._store.write() as db:
            entries = journal.begin_restore(db, file_ids)
        for entry in reversed(entries):  # as in undo
            self._restore(entry, result)
        with self._store.write() as db:
            journal.close_restored(db, {entry.journal_id for entry in entries}, time.time())
        return result

    def recover(self) -> UndoResult:
        """Complete the moves that were running when the program ended.

        A file that is still in its place is recorded as not moved, any other as moved. A file that was being
        restored is restored. Files on a drive that is not connected remain unfinished.
        """
        recovered = UndoResult()
        with self._store.read() as db:
            unfinished = journal.unfinished_moves(db)
        for entry in unfinished:
            if entry.state is FileStep.INTENDED and self._unavailable_error(entry.path) is None:
                self._complete_move(entry, recovered)
        for entry in reversed(unfinished):  # as in undo
            if entry.state is FileStep.RESTORING:
                self._restore(entry, recovered)
        with self._store.write() as db:
            for step_id in {entry.journal_id for entry in unfinished}:
                journal.drop_if_empty(db, step_id)
        return recovered

    def _complete_move(self, entry: JournalFile, recovered: UndoResult) -> None:
        moved = not os.path.lexists(entry.path)
        trashed_path = self._trash.find(entry.path, entry.stat) if moved else None
        with self._store.write() as db:
            if not moved:
                journal.set_state(db, entry.id, FileStep.SPARED)
                self._trash.forget_attempt(entry.path)
                return
            removed, updated = record_trashed(
                db, entry.id, entry.path, entry.photo_id, entry.keeper_id, trashed_path
            )
            recovered.removed |= removed
            recovered.updated |= updated

    def _restore(self, entry: JournalFile, result: UndoResult) -> None:
        path = os.fsdecode(entry.path)
        try:
            unavailable = self._unavailable_error(entry.path)
            if unavailable is not None:
                raise unavailable
            where = self._trash.put_back(entry.path, entry.trashed_as, entry.stat, entry.content_hash)
        except TrashError as error:
            with self._store.write() as db:
                journal.set_state(db, entry.id, FileStep.TRASHED)
            result.failed.append((path, error.message))
            return
        if where == entry.path:
            result.restored += 1
        else:
            result.failed.append(
                (
                    path,
                    Message(
                        "another file has its place; it was put beside it as {path}", path=os.fsdecode(where)
                    ),
                )
            )
        with self._store.write() as db:
            self._record_restored(db, entry, where, result)

    def _record_restored(self, db: Connection, entry: JournalFile, where: bytes, result: UndoResult) -> None:
        journal.set_state(db, entry.id, FileStep.RESTORED)
        place = folders.containing(db, where)
        known = entry.photo_id is not None or is_photo_name(os.path.basename(where))
        if place is not None and known:
            folder_id, relative = place
            status = file_stat(os.lstat(where)) if os.path.lexists(where) else entry.stat
            (file_id,) = files.add(db, folder_id, [(relative, status)])
            photo_id = photos.find_by_content(db, entry.content_hash)
            if photo_id is not None:
                (result.updated if photos.visible(db, [photo_id]) else result.added).add(photo_id)
                files.set_indexed(db, file_id, photo_id, status)
        if entry.marks is not None and entry.keeper_id is not None:
            marks.unmerge(db, entry.keeper_id, entry.marks)
            result.updated.add(entry.keeper_id)

    def _unavailable_error(self, path: bytes) -> TrashError | None:
        """Why nothing can be restored to a path now, for example because its drive is not connected; None if
        it can."""
        with self._store.read() as db:
            place = folders.containing(db, path)
            volume = None if place is None else folders.volume(db, place[0])
        if place is None:
            folder = os.path.dirname(path)
            return None if os.path.isdir(folder) else _folder_removed(folder)
        root = path[: -len(place[1])]
        if roots.is_disconnected(root, volume, known_files=1, found_files=_count_up_to_one(root)):
            if roots.was_removed(root, volume):
                return _folder_removed(root)
            return TrashError(
                "the drive of {folder} is not connected; the file stays in the trash",
                folder=os.fsdecode(root),
            )
        return None


def _folder_removed(folder: bytes) -> TrashError:
    return TrashError(
        "the folder {folder} was removed; the file stays in the trash", folder=os.fsdecode(folder)
    )


def record_trashed(
    db: Connection,
    note: int,
    path: bytes,
    photo_id: int | None,
    keeper_id: int | None,
    trashed_path: bytes | None,
) -> tuple[set[int], set[int]]:
    """Record that a file is in the trash. The library forgets it, and the keeper inherits its marks if it was
    the photo's last file. Returns the photos that have no file left and those that changed otherwise."""
    row = files.by_path(db, path)
    if row is not None:
        files.remove(db, [row.id])
    if photo_id is None:
        journal.set_trashed(db, note, trashed_path)
        return set(), set()
    if photos.visible(db, [photo_id]):
        journal.set_trashed(db, note, trashed_path)
        return set(), {photo_id}
    merged = marks.merge(db, photo_id, keeper_id) if keeper_id not in (None, photo_id) else None
    journal.set_trashed(db, note, trashed_path, merged)
    return {photo_id}, set() if merged is None or keeper_id is None else {keeper_id}


def _count_up_to_one(root: bytes) -> int:
    """1 if a folder has any entries, 0 if it is empty or missing."""
    try:
        with os.scandir(root) as entries:
            return int(next(entries, None) is not None)
    except OSError:
        return 0
