"""Compares folders on disk with the library, and records what is new, changed or moved."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from safelight.core.changes import ChangeKind, LibraryChanged, RemovalsHeld
from safelight.core.errors import ImageError
from safelight.core.jobs import JobControl
from safelight.core.message import Message
from safelight.core.photo import Folder, FolderState
from safelight.imaging.formats import can_read_videos, is_video_name, may_be_media
from safelight.imaging.sidecars import is_sidecar_name
from safelight.imaging.sniffing import format_of_file
from safelight.services.indexing import roots
from safelight.services.indexing.disconnected import NOT_CONNECTED, split_disconnected, split_replaced
from safelight.services.indexing.found_files import ScanItem
from safelight.services.indexing.found_sidecars import FoundSidecars
from safelight.services.indexing.guard import RemovalGuard
from safelight.services.indexing.identity import IdentityCheck
from safelight.services.indexing.mounts import mount_points
from safelight.services.indexing.scanner import Changes, compare, split_moves, walk
from safelight.store import exclusions, file_checks, files, folders, skipped_videos, unlisted
from safelight.store.files import FileRow
from safelight.store.library import LibraryStore
from safelight.store.rows import absolute

log = logging.getLogger(__name__)


class RunTally:
    """Counts of one run, kept by file id so that nothing is counted twice."""

    def __init__(self) -> None:
        self.new: set[int] = set()
        self.changed: set[int] = set()
        self.indexed: set[int] = set()
        self.moved_files: set[int] = set()
        self.moved = 0
        self.removed = 0
        self.done = 0


class FolderScan:
    """The scanning part of index runs. For the index thread."""

    def __init__(
        self, store: LibraryStore, guard: RemovalGuard, on_change: Callable[[LibraryChanged], None]
    ) -> None:
        self._store = store
        self._guard = guard
        self._on_change = on_change

    def scan(
        self,
        folder_id: int,
        paths: frozenset[bytes] | None,
        control: JobControl,
        confirmed: Collection[int],
        replaced: list[RemovalsHeld],
    ) -> list[Changes]:
        """Compare a folder with the library; no changes where it is paused, removed or not connected.

        If another drive seems to have replaced this one, a question for the user is added to ``replaced``,
        and the changes do not contain the replaced files.
        """
        with self._store.read() as db:
            folder = folders.get(db, folder_id)
            if folder is None or folder.state is FolderState.PAUSED:
                return []
            known_volume = folders.volume(db, folder_id)
        root = os.fsencode(folder.path)
        excluded = frozenset(os.fsencode(path) for path in folder.excluded)
        self._remove_excluded_files(root, excluded)
        found_changes: list[Changes] = []
        for below in [b""] if paths is None else sorted(paths):
            control.checkpoint()
            with self._store.read() as db:
                known = list(files.in_folder(db, folder_id, below))
            sidecars = FoundSidecars(folder_id, below)
            found = sidecars.collect(walk(root, _is_media_or_sidecar, below, excluded))
            changes = compare(known, _with_checkpoints(found, control), below)
            changes.sidecars = sidecars
            _drop_other_files(root, changes)
            skipped = 0 if can_read_videos() else _drop_new_videos(changes)
            if not below:
                self._record_skipped_videos(folder_id, skipped)
            if roots.is_disconnected(root, known_volume, len(known), changes.seen):
                self._set_offline(folder)
                return []
            self._record_unlisted(folder, below, known, changes, confirmed=folder_id in confirmed)
            if paths is None and folder_id not in confirmed:
                exchanged = split_replaced(known, changes)
                if exchanged:
                    replaced.append(self._guard.hold_replaced(folder, len(exchanged), len(known)))
            found_changes.append(changes)
        self._set_online(folder, known_volume, whole=paths is None)
        return found_changes

    def _remove_excluded_files(self, root: bytes, excluded: Collection[bytes]) -> None:
        """Take files in excluded folders out of the library.

        Excluding a folder does that too, but a folder may have been excluded by another program during a
        scan, or by an import.
        """
        paths = [absolute(root, path) for path in excluded]
        with self._store.read() as db:
            with_files = [path for path in paths if exclusions.has_files(db, path)]
        if with_files:
            with self._store.write() as db:
                orphans = [
                    photo for path in with_files for photo in exclusions.exclude(db, path, time.time())
                ]
            self._on_change(LibraryChanged(ChangeKind.FILES, removed=tuple(orphans)))

    def _record_skipped_videos(self, folder_id: int, files: int) -> None:
        with self._store.read() as db:
            if skipped_videos.count(db, [folder_id]) == files:
                return
        with self._store.write() as db:
            skipped_videos.note(db, folder_id, files)
        self._on_change(LibraryChanged(ChangeKind.FAILURES))

    def _record_unlisted(
        self, folder: Folder, below: bytes, known: list[FileRow], changes: Changes, *, confirmed: bool
    ) -> None:
        """Record folders that could not be listed, and drives inside the root that are not connected."""
        with self._store.read() as db:
            before = folders.mount_points(db, folder.id)
            noted = unlisted.count(db, [folder.id])
        root = os.fsencode(folder.path)
        mounted = mount_points(root)
        if below and not (changes.missing or changes.unreadable or noted or mounted - before):
            return  # a part of a folder, as after an event: there may be thousands of unlisted folders
        disconnected = [] if confirmed else split_disconnected(root, known, changes, before - mounted)
        found = [
            (each.path, Message("This folder could not be listed ({reason}).", reason=each.reason))
            for each in changes.unreadable
        ]
        found += [(each.path, NOT_CONNECTED) for each in disconnected]
        gone = before - mounted if confirmed else set()
        if not (found or noted or gone or mounted - before):
            return
        with self._store.write() as db:
            changed = unlisted.replace(db, folder.id, below, found, time.time())
            folders.add_mount_points(db, folder.id, mounted - before)
            folders.forget_mount_points(db, folder.id, gone)
        if changed:
            log.info("%d folders could not be listed and were left as they were", len(found))
            self._on_change(LibraryChanged(ChangeKind.FAILURES))

    def record(
        self, scanned: Mapping[int, list[Changes]], tally: RunTally, control: JobControl
    ) -> dict[int, FileRow]:
        """Record new, changed and moved files. Returns the missing ones by file id.

        The caller forgets these last, because they may be found elsewhere while new files are read.
        """
        identity = IdentityCheck(self._store, control.checkpoint)
        with self._store.read() as db:
            places = {folder.id: os.fsencode(folder.path) for folder in folders.all_folders(db)}
        samples: dict[int, bytes] = {}
        for folder_id, found_changes in scanned.items():
            for changes in found_changes:
                samples |= identity.resolve_doubts(places[folder_id], changes)
        moves, refused = identity.confirm_moves(split_moves(scanned), places)
        for row, folder_id, found in refused:  # another file with a reused inode
            scanned[folder_id][0].added.append(found)
            scanned[row.folder_id][0].missing.append(row)
        everything = [(folder_id, changes) for folder_id, found in scanned.items() for changes in found]
        if moves or any(c.added or c.changed or c.touched for _, c in everything):
            with self._store.write() as db:
                for row, folder_id, found in moves:
                    files.move(db, row.id, folder_id, found.path, found.stat)
                    file_checks.note_identity(db, [(row.id, found.ctime_ns, None)])
                for folder_id, changes in everything:
                    seen = (*changes.changed, *changes.touched)
                    file_checks.note_identity(
                        db, [(row.id, changes.ctimes.get(row.id), samples.get(row.id)) for row, _ in seen]
                    )
                    for row, status in changes.changed:
                        files.mark_changed(db, row.id, status)
                    for row, status in changes.touched:
                        files.update_stat(db, row.id, status)
                    tally.changed.update(row.id for row, _ in changes.changed)
                    new = files.add(db, folder_id, ((found.path, found.stat) for found in changes.added))
                    file_checks.note_identity(
                        db,
                        [
                            (new_id, found.ctime_ns, None)
                            for new_id, found in zip(new, changes.added, strict=True)
                        ],
                    )
                    tally.new.update(new)
        tally.moved += len(moves)
        moved = {row.photo_id for row, _, _ in moves if row.photo_id is not None}
        if moved:
            self._on_change(LibraryChanged(ChangeKind.FILES, updated=tuple(sorted(moved))))
        return {row.id: row for _, changes in everything for row in changes.missing}

    def _set_offline(self, folder: Folder) -> None:
        if folder.state is not FolderState.OFFLINE:
            with self._store.write() as db:
                folders.set_state(db, folder.id, FolderState.OFFLINE)
            self._on_change(LibraryChanged(ChangeKind.FOLDERS))

    def _set_online(self, folder: Folder, known_volume: str | None, *, whole: bool) -> None:
        volume = roots.volume(os.fsencode(folder.path))
        with self._store.write() as db:
            if volume != known_volume and volume is not None:
                folders.set_volume(db, folder.id, volume)
            if folder.state is FolderState.OFFLINE:
                folders.set_state(db, folder.id, FolderState.ONLINE)
            if whole:
                folders.record_scan(db, folder.id, time.time())
        if folder.state is FolderState.OFFLINE:
            self._on_change(LibraryChanged(ChangeKind.FOLDERS))


def _is_media_or_sidecar(name: bytes) -> bool:
    return may_be_media(name) or is_sidecar_name(name)


def _drop_other_files(root: bytes, changes: Changes) -> None:
    """Drop new files that have no extension and are not pictures or videos."""
    kept = [
        found
        for found in changes.added
        if b"." in os.path.basename(found.path) or _is_media(os.path.join(root, found.path))
    ]
    changes.seen -= len(changes.added) - len(kept)
    changes.added = kept


def _is_media(path: bytes) -> bool:
    try:
        return format_of_file(path) is not None
    except ImageError:
        return False  # it cannot be read, so it is not known to be a picture


def _drop_new_videos(changes: Changes) -> int:
    """Drop videos that are not in the library yet. Returns how many."""
    kept = [found for found in changes.added if not is_video_name(os.path.basename(found.path))]
    left_out = len(changes.added) - len(kept)
    changes.added = kept
    return left_out


def _with_checkpoints(items: Iterable[ScanItem], control: JobControl) -> Iterator[ScanItem]:
    for number, item in enumerate(items):
        if number % 256 == 0:
            control.checkpoint()
        yield item
