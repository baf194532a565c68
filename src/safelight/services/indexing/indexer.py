"""Runs the indexing of folders: scan them, process new files, and forget missing ones."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from safelight.core.changes import ChangeKind, LibraryChanged, RemovalsHeld, RemovalsSettled
from safelight.core.jobs import JobControl, Phase, Progress, RateMeter
from safelight.core.settings import SIDECARS, Sidecars
from safelight.core.stages import CostClass
from safelight.imaging.formats import decoder_versions
from safelight.services import settings
from safelight.services.indexing.decoding import DecodePool
from safelight.services.indexing.file_committer import FileCommitter
from safelight.services.indexing.folder_scan import FolderScan, RunTally
from safelight.services.indexing.found_sidecars import FoundSidecars
from safelight.services.indexing.guard import RemovalGuard
from safelight.services.indexing.index_queue import PathsByFolder
from safelight.services.indexing.pipeline import Pipeline
from safelight.services.indexing.scanner import Changes
from safelight.services.models.model import ModelService
from safelight.services.stages.metadata import MetadataStage
from safelight.services.stages.runner import StageRunner
from safelight.store import files, pairs, photos, skipped_videos, unlisted
from safelight.store.files import FileRow
from safelight.store.library import LibraryStore

log = logging.getLogger(__name__)

TRANSIENT_RETRY_S = 60.0
"""Time after which a file with a transient failure (a locked file, no memory) is tried again."""

_MAX_DOUBLINGS = 6
"""This time doubles with each failed attempt, up to this many times, because a picture that never fits into
memory must not be decoded every minute."""

_PAIRS_PER_TRANSACTION = 500
"""Photos whose pairs are found in one transaction."""


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
        on_settled: Callable[[RemovalsSettled], None] = lambda _: None,
    ) -> None:
        self._store = store
        self._guard = RemovalGuard(store)
        self._folders = FolderScan(store, self._guard, on_change)
        self._on_held = on_held
        self._on_settled = on_settled
        self._pool = pool
        self._model = model
        self._stages = stages
        self._on_progress = on_progress
        self._on_change = on_change
        self._attempts: Counter[int] = Counter()
        """Failed attempts by file, since the program started."""

    def run(
        self,
        scope: PathsByFolder,
        control: JobControl,
        *,
        wait_for_model: bool = False,
        confirmed: Collection[int] = (),
    ) -> IndexReport:
        """Scan ``scope``, index new and changed files, compute missing vectors, forget missing files.

        If more than a fifth of a folder's files are missing, the user is asked before they are forgotten,
        unless ``confirmed`` contains the folder. Without ``wait_for_model`` the run may end while the model
        is still loading. The new photos are then visible, but searches do not find them until the next run
        has computed their vectors. Raises CancelledError (what was committed remains), NoSpaceError,
        ModelError.
        """
        started = time.monotonic()
        tally = RunTally()
        self._on_progress(Progress(Phase.SCANNING))
        scanned: dict[int, list[Changes]] = {}
        replaced: list[RemovalsHeld] = []
        for folder_id, paths in scope.items():
            scanned[folder_id] = self._folders.scan(folder_id, paths, control, confirmed, replaced)
        missing = self._folders.record(scanned, tally, control)
        self._guard.note_found({each: paths for each, paths in scope.items() if scanned[each]}, missing)
        sidecars = [changes.sidecars for found in scanned.values() for changes in found]
        unseen = {**self._guard.held_files(), **missing}
        self._index(control, unseen, sidecars, tally, wait_for_model=wait_for_model)
        missing = {file_id: row for file_id, row in missing.items() if file_id in unseen}
        # Forgotten last, because indexing finds missing files that have moved. After a cancelled run the next
        # scan finds them again.
        exchanged = {question.folder_id for question in replaced}
        whole = [
            folder_id
            for folder_id, paths in scope.items()
            if paths is None and scanned[folder_id] and folder_id not in exchanged
        ]
        gone, held = self._guard.removable(missing.values(), whole, confirmed)
        self._forget_missing(gone, tally)
        partly = {
            question.folder_id: None
            for question in held
            if scope[question.folder_id] is not None and not self._guard.knows_all_missing(question.folder_id)
        }
        for question in (*replaced, *held):
            if question.folder_id not in partly and question.missing:
                self._on_held(question)
        if partly:
            # Only a part of these folders was scanned. The question needs the number of all missing files.
            self.run(partly, control, wait_for_model=wait_for_model)
        self.report_questions()
        self._pair(control)
        return self._report(scope, tally, time.monotonic() - started)

    def report_questions(self) -> None:
        """Report the questions to the user that count fewer files now or need no answer any more."""
        held, settled = self._guard.changed_questions()
        for question in held:
            self._on_held(question)
        for each in settled:
            self._on_settled(each)

    def retry_transient(self, now: float, *, at_once: bool = False) -> int:
        """Queue files with a transient failure that is a minute old (longer after each failed attempt; any
        age with ``at_once``), and those that failed with other versions of the decoders. Returns how many.

        A failure later than ``now`` is tried again too, because the clock must have been set back since.
        """
        with self._store.read() as db:
            passing = {f.file_id: f.when for f in files.failures(db) if f.kind.passing}
        due = [
            file_id
            for file_id, when in passing.items()
            if at_once
            or not 0 <= now - when < TRANSIENT_RETRY_S * 2 ** min(self._attempts[file_id], _MAX_DOUBLINGS)
        ]
        self._attempts.update(due)
        with self._store.write() as db:
            return files.retry(db, due) + files.retry(db, unless_decoder=decoder_versions())

    # --- indexing ---------------------------------------------------------------------------------

    def _index(
        self,
        control: JobControl,
        missing: dict[int, FileRow],
        sidecars: Iterable[FoundSidecars | None],
        tally: RunTally,
        *,
        wait_for_model: bool,
    ) -> None:
        with self._store.read() as db:
            total = files.pending_count(db)
        meter = RateMeter()
        meter.add(0, time.monotonic())

        def report_counts(done: int, failed: int, more: int) -> None:
            nonlocal total
            total += more
            meter.add(done - tally.done, time.monotonic())
            tally.done = done
            phase = Phase.PAUSED if control.paused else Phase.INDEXING
            self._on_progress(Progress(phase, done, max(total, done), failed, meter.rate, control.reason))

        committer = FileCommitter(self._store, missing, decoder_versions())
        pipeline = Pipeline(self._store, self._pool, self._model, committer, self._on_change, report_counts)
        try:
            pipeline.run(control, wait_for_model=wait_for_model)
            if self._stages is not None:
                self._read_sidecars(sidecars, self._stages, control)
                self._stages.run(
                    control, {CostClass.IMMEDIATE}, report=self._on_progress, changed=self._on_change
                )
        finally:
            tally.moved += committer.moved
            tally.moved_files |= committer.moved_files
            tally.indexed |= committer.indexed

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
                affected = each.find_affected(db)
            stages.process_now(MetadataStage.declaration.name, affected, control, self._on_change)
            # Recorded last, so that an interrupted run finds them again.
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
                changed = pairs.update(db, _PAIRS_PER_TRANSACTION)
            if changed:
                self._on_change(LibraryChanged(ChangeKind.FILES, updated=changed))

    # --- sweeping ---------------------------------------------------------------------------------

    def _forget_missing(self, rows: Iterable[FileRow], tally: RunTally) -> None:
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

    def _report(self, scope: PathsByFolder, tally: RunTally, seconds: float) -> IndexReport:
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
