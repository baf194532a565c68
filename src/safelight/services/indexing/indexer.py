"""From folders to photos: scan, decode ahead of the model, embed in batches, commit often."""

from __future__ import annotations

import logging
import os
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from safelight.core.changes import ChangeKind, LibraryChanged, RemovalsHeld
from safelight.core.errors import ImageError
from safelight.core.jobs import JobControl, Phase, Progress, RateMeter
from safelight.core.photo import Folder, FolderState
from safelight.core.settings import SIDECARS, Sidecars
from safelight.core.stages import CostClass
from safelight.imaging.formats import can_read_videos, decoder_versions, is_video_name, may_be_media
from safelight.imaging.sidecars import is_sidecar_name
from safelight.imaging.sniffing import format_of_file
from safelight.services import settings
from safelight.services.indexing import roots
from safelight.services.indexing.away import NOT_CONNECTED, mount_points, take_away, take_replaced
from safelight.services.indexing.decoding import DecodePool
from safelight.services.indexing.found_sidecars import FoundSidecars
from safelight.services.indexing.guard import RemovalGuard
from safelight.services.indexing.identity import IdentityCheck
from safelight.services.indexing.intake import Intake
from safelight.services.indexing.pipeline import Pipeline
from safelight.services.indexing.scanner import Changes, Found, compare, take_moves, walk
from safelight.services.models.model import ModelService
from safelight.services.stages.metadata import MetadataStage
from safelight.services.stages.runner import StageRunner
from safelight.store import exclusions, file_checks, files, folders, pairs, photos, skipped_videos, unlisted
from safelight.store.files import FileRow
from safelight.store.library import LibraryStore
from safelight.store.rows import absolute

log = logging.getLogger(__name__)

ViewRequest = Mapping[int, "frozenset[bytes] | None"]
"""The folders to scan (by id), each with the paths relative to it, or None for all."""

PASSING_RETRY = 60.0
"""Seconds after which a temporary failure (a locked file, no memory) is tried again."""

_DOUBLINGS = 6
"""The wait doubles with each failed attempt, up to this many times: a picture that never fits into memory
must not be decoded every minute."""


_PAIRS_AT_ONCE = 500
"""Photos whose pairs are looked for in one transaction."""


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What one run did, in files, except ``photos``: how many the library now shows."""

    photos: int
    added: int
    updated: int
    moved: int
    removed: int
    failed: int
    """Unreadable files at the end of the run, in the folders scanned."""
    unlisted: int
    """Folders that could not be listed at the end of the run, in the folders scanned."""
    skipped_videos: int
    """Videos that were not added because the extra ``video`` is not installed, in the folders scanned."""
    seconds: float
    images_per_second: float
    """Newly read files over the whole run, including its scan."""
    model: str


class Indexer:
    """Brings the library up to date with its folders. The caller starts one run at a time."""

    def __init__(
        self,
        store: LibraryStore,
        pool: DecodePool,
        model: ModelService,
        *,
        stages: StageRunner | None = None,
        on_progress: Callable[[Progress], None] = lambda _: None,
        on_change: Callable[[LibraryChanged], None] = lambda _: None,
        on_held: Callable[[RemovalsHeld], None] = lambda _: None,
    ) -> None:
        self._store = store
        self._guard = RemovalGuard(store)
        self._on_held = on_held
        self._pool = pool
        self._model = model
        self._stages = stages
        self._on_progress = on_progress
        self._on_change = on_change
        self._tries: Counter[int] = Counter()
        """Failed attempts by file, since the program started."""

    def run(
        self,
        scope: ViewRequest,
        control: JobControl,
        *,
        wait_for_model: bool = False,
        confirmed: Collection[int] = (),
    ) -> IndexReport:
        """Scan ``scope``, index new and changed files, compute missing vectors, forget missing files.

        If a folder lost more than a fifth of its files, the user is asked before they are forgotten, unless
        it is among ``confirmed``. Without ``wait_for_model`` the run may end while the model still loads.
        Its photos are then shown but not yet found by words, and the next run embeds them. Raises
        CancelledError (what was committed stays), NoSpaceError, ModelError.
        """
        started = time.monotonic()
        tally = _Tally()
        self._on_progress(Progress(Phase.SCANNING))
        scanned: dict[int, list[Changes]] = {}
        replaced: list[RemovalsHeld] = []
        for folder_id, paths in scope.items():
            scanned[folder_id] = self._scan(folder_id, paths, control, confirmed, replaced)
        vanished = self._record(scanned, tally, control)
        sidecars = [changes.sidecars for found in scanned.values() for changes in found]
        self._index(control, vanished, sidecars, tally, wait_for_model=wait_for_model)
        # Only now is it known which missing files appeared elsewhere. A cancelled run leaves the rest to the
        # next scan.
        exchanged = {question.folder_id for question in replaced}
        whole = [
            folder_id
            for folder_id, paths in scope.items()
            if paths is None and scanned[folder_id] and folder_id not in exchanged
        ]
        gone, held = self._guard.allowed(vanished.values(), whole, confirmed)
        self._sweep(gone, tally)
        partly = {question.folder_id: None for question in held if scope[question.folder_id] is not None}
        for question in (*replaced, *held):
            if question.folder_id not in partly and question.missing:
                self._on_held(question)
        if partly:
            # Only a part of a folder was scanned, which does not tell how many files are missing in all.
            self.run(partly, control, wait_for_model=wait_for_model)
        self._pair(control)
        return self._report(scope, tally, time.monotonic() - started)

    def retry_passing(self, now: float, *, at_once: bool = False) -> int:
        """Queue files with a temporary failure that is a minute old (longer after each failed attempt; any
        age with ``at_once``), and those that failed with other decoders than today's. Returns how many.
        """
        with self._store.read() as db:
            passing = {f.file_id: f.when for f in files.failures(db) if f.kind.passing}
        due = [
            file_id
            for file_id, when in passing.items()
            if at_once or now - when >= PASSING_RETRY * 2 ** min(self._tries[file_id], _DOUBLINGS)
        ]
        self._tries.update(due)
        with self._store.write() as db:
            return files.retry(db, due) + files.retry(db, unless_decoder=decoder_versions())

    # --- scanning ---------------------------------------------------------------------------------

    def _scan(
        self,
        folder_id: int,
        paths: frozenset[bytes] | None,
        control: JobControl,
        confirmed: Collection[int],
        replaced: list[RemovalsHeld],
    ) -> list[Changes]:
        """Compare a folder with the library; no changes where it is paused, removed or not connected.

        Files that seem to be replaced by another drive's go to ``replaced``, because the user is asked
        first.
        """
        with self._store.read() as db:
            folder = folders.get(db, folder_id)
            if folder is None or folder.state is FolderState.PAUSED:
                return []
            known_volume = folders.volume(db, folder_id)
        root = os.fsencode(folder.path)
        excluded = frozenset(os.fsencode(path) for path in folder.excluded)
        self._put_aside(root, excluded)
        found_changes: list[Changes] = []
        for below in [b""] if paths is None else sorted(paths):
            control.checkpoint()
            with self._store.read() as db:
                known = list(files.known(db, folder_id, below))
            sidecars = FoundSidecars(folder_id, below)
            found = sidecars.taken_from(walk(root, _wanted, below, excluded))
            changes = compare(known, _checked(found, control), below)
            changes.sidecars = sidecars
            _leave_out_others(root, changes)
            skipped = 0 if can_read_videos() else _leave_out_videos(changes)
            if not below:
                self._note_skipped_videos(folder_id, skipped)
            if roots.is_away(root, known_volume, len(known), changes.seen):
                self._go_offline(folder)
                return []
            self._note_unlisted(folder, below, known, changes, confirmed=folder_id in confirmed)
            if paths is None and folder_id not in confirmed:
                exchanged = take_replaced(known, changes)
                if exchanged:
                    replaced.append(self._guard.hold_replaced(folder, len(exchanged), len(known)))
            found_changes.append(changes)
        self._is_online(folder, known_volume, whole=paths is None)
        return found_changes

    def _put_aside(self, root: bytes, excluded: Collection[bytes]) -> None:
        """Take files out of the library that are in excluded folders, because another program excluded the
        folder during a scan, or the exclusion was imported.
        """
        places = [absolute(root, path) for path in excluded]
        with self._store.read() as db:
            filled = [place for place in places if exclusions.has_files(db, place)]
        if filled:
            with self._store.write() as db:
                orphans = [photo for place in filled for photo in exclusions.exclude(db, place, time.time())]
            self._on_change(LibraryChanged(ChangeKind.FILES, removed=tuple(orphans)))

    def _note_skipped_videos(self, folder_id: int, files: int) -> None:
        with self._store.read() as db:
            if skipped_videos.count(db, [folder_id]) == files:
                return
        with self._store.write() as db:
            skipped_videos.note(db, folder_id, files)
        self._on_change(LibraryChanged(ChangeKind.FAILURES))

    def _note_unlisted(
        self, folder: Folder, below: bytes, known: list[FileRow], changes: Changes, *, confirmed: bool
    ) -> None:
        """Record folders that could not be listed, and drives inside the root that are not connected."""
        with self._store.read() as db:
            before = folders.mount_points(db, folder.id)
            noted = unlisted.count(db, [folder.id])
        if below and not (changes.missing or changes.unreadable or noted):
            return  # a part of a folder, as after an event: there may be thousands of unlisted folders
        root = os.fsencode(folder.path)
        mounted = mount_points(root)
        away = [] if confirmed else take_away(root, known, changes, before - mounted)
        found = [
            (each.path, f"This folder could not be listed ({each.reason}).") for each in changes.unreadable
        ]
        found += [(each.path, NOT_CONNECTED) for each in away]
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

    def _record(
        self, scanned: Mapping[int, list[Changes]], tally: _Tally, control: JobControl
    ) -> dict[int, FileRow]:
        """Record new, changed and moved files; return the missing ones by file id, which are forgotten
        last.
        """
        identity = IdentityCheck(self._store, control.checkpoint)
        with self._store.read() as db:
            places = {folder.id: os.fsencode(folder.path) for folder in folders.all_folders(db)}
        samples: dict[int, bytes] = {}
        for folder_id, found_changes in scanned.items():
            for changes in found_changes:
                samples |= identity.resolve_doubts(places[folder_id], changes)
        moves, refused = identity.confirmed(take_moves(scanned), places)
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
                        files.touch(db, row.id, status)
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

    def _go_offline(self, folder: Folder) -> None:
        if folder.state is not FolderState.OFFLINE:
            with self._store.write() as db:
                folders.set_state(db, folder.id, FolderState.OFFLINE)
            self._on_change(LibraryChanged(ChangeKind.FOLDERS))

    def _is_online(self, folder: Folder, known_volume: str | None, *, whole: bool) -> None:
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

    # --- indexing ---------------------------------------------------------------------------------

    def _index(
        self,
        control: JobControl,
        vanished: dict[int, FileRow],
        sidecars: Iterable[FoundSidecars | None],
        tally: _Tally,
        *,
        wait_for_model: bool,
    ) -> None:
        with self._store.read() as db:
            total = files.pending_count(db)
        meter = RateMeter()
        meter.add(0, time.monotonic())

        def advanced(done: int, failed: int, more: int) -> None:
            nonlocal total
            total += more
            meter.add(done - tally.done, time.monotonic())
            tally.done = done
            phase = Phase.PAUSED if control.paused else Phase.INDEXING
            self._on_progress(Progress(phase, done, max(total, done), failed, meter.rate, control.reason))

        intake = Intake(self._store, vanished, decoder_versions())
        pipeline = Pipeline(self._store, self._pool, self._model, intake, self._on_change, advanced)
        try:
            pipeline.run(control, wait_for_model=wait_for_model)
            if self._stages is not None:
                self._read_sidecars(sidecars, self._stages, control)
                self._stages.run(
                    control, {CostClass.IMMEDIATE}, report=self._on_progress, changed=self._on_change
                )
        finally:
            tally.moved += intake.moved
            tally.moved_files |= intake.moved_files
            tally.indexed |= intake.indexed

    def _read_sidecars(
        self, found: Iterable[FoundSidecars | None], stages: StageRunner, control: JobControl
    ) -> None:
        """Read the photos again whose sidecars are new, changed or gone."""
        with self._store.read() as db:
            if settings.read(db)[SIDECARS] is Sidecars.OFF:
                return
        for each in found:
            if each is None:
                continue
            with self._store.read() as db:
                affected = each.affected(db)
            stages.process_now(MetadataStage.declaration.name, affected, control, self._on_change)
            # Recorded only now, so that after an interrupted run they are found again.
            if each.changed:
                with self._store.write() as db:
                    each.record(db)

    def _pair(self, control: JobControl) -> None:
        """Combine files of one shot, such as a RAW and its JPEG, into one item."""
        while True:
            control.checkpoint()
            with self._store.read() as db:
                if not pairs.waiting(db):
                    return
            with self._store.write() as db:
                changed = pairs.update(db, _PAIRS_AT_ONCE)
            if changed:
                self._on_change(LibraryChanged(ChangeKind.FILES, updated=changed))

    # --- sweeping ---------------------------------------------------------------------------------

    def _sweep(self, rows: Iterable[FileRow], tally: _Tally) -> None:
        """Forget missing files."""
        gone = [row.id for row in rows]
        if not gone:
            return
        with self._store.write() as db:
            orphans = files.remove(db, gone)
        tally.removed += len(gone)
        self._on_change(
            LibraryChanged(ChangeKind.FILES | ChangeKind.FAILURES, removed=tuple(sorted(orphans)))
        )

    def _report(self, scope: ViewRequest, tally: _Tally, seconds: float) -> IndexReport:
        with self._store.read() as db:
            counts = photos.counts(db, None)
            failed = files.failed_count(db, list(scope))
            not_listed = unlisted.count(db, list(scope))
            left_out = skipped_videos.count(db, list(scope))
        added = len((tally.indexed & tally.new) - tally.moved_files)
        updated = len(tally.indexed & tally.changed)
        return IndexReport(
            photos=counts.photos,
            added=added,
            updated=updated,
            moved=tally.moved,
            removed=tally.removed,
            failed=failed,
            unlisted=not_listed,
            skipped_videos=left_out,
            seconds=round(seconds, 3),
            images_per_second=round((added + updated) / seconds, 1) if seconds else 0.0,
            model=self._model.name,
        )


class _Tally:
    """Counts of one run, kept by file id so that nothing is counted twice."""

    def __init__(self) -> None:
        self.new: set[int] = set()
        self.changed: set[int] = set()
        self.indexed: set[int] = set()
        self.moved_files: set[int] = set()
        self.moved = 0
        self.removed = 0
        self.done = 0


def _wanted(name: bytes) -> bool:
    return may_be_media(name) or is_sidecar_name(name)


def _leave_out_others(root: bytes, changes: Changes) -> None:
    """Leave out new files without an extension that are no pictures or videos, as most are."""
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
        return False  # it does not seem to be a picture


def _leave_out_videos(changes: Changes) -> int:
    """Leave out videos that are not in the library yet; return how many."""
    kept = [found for found in changes.added if not is_video_name(os.path.basename(found.path))]
    left_out = len(changes.added) - len(kept)
    changes.added = kept
    return left_out


def _checked(items: Iterable[Found], control: JobControl) -> Iterator[Found]:
    for number, item in enumerate(items):
        if number % 256 == 0:
            control.checkpoint()
        yield item
