"""Moves photos to the trash: duplicates that the user decided about, and photos that they chose.

Each file is read again just before it is moved. A duplicate is moved only if a file to keep has just been
read. Each move is in the journal before it begins.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.duplicates import DuplicateKind, GroupAction
from safelight.core.jobs import JobControl
from safelight.core.message import Message
from safelight.services.review.trash import SystemTrash, Trash, TrashError
from safelight.services.review.trash_plan import Plan, PlannedFile, Planner
from safelight.services.review.undo import record_trashed
from safelight.services.review.verifying import CannotTrashError, VerifiedFile
from safelight.store import concepts, decisions, files, journal, pairs
from safelight.store.journal import Action, FileStep
from safelight.store.library import LibraryStore

REPORT_INTERVAL_S = 0.5
"""Time between two reports of a long step."""


@dataclass(slots=True)
class TrashResult:
    """The result of a step, or of its dry run."""

    journal_id: int | None = None
    """The step to undo; None if nothing was moved."""
    moved: list[str] = field(default_factory=list)
    """Files that were moved, with companions. In a dry run, files that would be moved."""
    freed: int = 0
    """Bytes that emptying the trash will free. A file that has another name (a hard link) frees none."""
    spared: list[tuple[str, Message]] = field(default_factory=list)
    """(path, why it was not moved)."""
    removed: set[int] = field(default_factory=set)
    """Photos that have no file any more."""
    updated: set[int] = field(default_factory=set)
    _links: dict[tuple[int, int], int] = field(default_factory=dict)
    """The number of remaining hard links of each file, by (device, inode)."""
    _unreported: list[tuple[set[int], set[int]]] = field(default_factory=list)

    @property
    def trashed(self) -> int:
        """The number of files that went to the trash."""
        return len(self.moved)

    def record_spared(self, path: bytes, reason: Message) -> None:
        self.spared.append((os.fsdecode(path), reason))

    def record_moved(self, file: VerifiedFile) -> None:
        """Count a file that goes to the trash."""
        self.moved.append(os.fsdecode(file.path))
        key = (file.stat.device, file.stat.inode)
        left = self._links.get(key, file.links) - 1
        self._links[key] = left
        if left <= 0:
            self.freed += file.stat.size

    def record_change(self, removed: set[int], updated: set[int]) -> None:
        self.removed |= removed
        self.updated |= updated
        self._unreported.append((removed, updated))

    def drain_changes(self) -> LibraryChanged:
        """The changes since the last call."""
        removed = set[int]().union(*(each for each, _ in self._unreported))
        updated = set[int]().union(*(each for _, each in self._unreported)) - removed
        kinds = ChangeKind.FILES | ChangeKind.MARKS if self._unreported else ChangeKind.NONE
        if updated:
            kinds |= ChangeKind.PIXELS  # an inherited turn changes how the thumbnail is shown
        self._unreported.clear()
        return LibraryChanged(kinds, updated=tuple(sorted(updated)), removed=tuple(sorted(removed)))


class _ChangeReporter:
    """Reports the changes of a long step at intervals."""

    def __init__(self, result: TrashResult, notify: Callable[[LibraryChanged], None]) -> None:
        self._result = result
        self._notify = notify
        self._reported_at = time.monotonic()

    def report_if_due(self) -> None:
        if time.monotonic() - self._reported_at >= REPORT_INTERVAL_S:
            self.report()

    def report(self) -> None:
        self._reported_at = time.monotonic()
        change = self._result.drain_changes()
        if change:
            self._notify(change)


@dataclass(frozen=True, slots=True)
class _TrashedFile:
    """A file that went to the trash."""

    planned: PlannedFile
    trashed: bytes | None
    """Its path in the trash, if that is known."""
    keeper_sets: Sequence[Sequence[VerifiedFile]]
    """At least one file of each set must remain."""


class TrashExecutor:
    """Moves files to the trash. One call at a time. Call :meth:`FileUndo.recover` first, which completes
    steps that were interrupted."""

    def __init__(
        self,
        store: LibraryStore,
        trash: Trash | None = None,
        *,
        on_change: Callable[[LibraryChanged], None] = lambda _: None,
    ) -> None:
        """``on_change`` is called with each change of the library, several times in a long step."""
        self._store = store
        self._trash_can = trash or SystemTrash()
        self._on_change = on_change

    def trash_duplicates(
        self, actions: Sequence[GroupAction], control: JobControl, *, dry_run: bool = False
    ) -> TrashResult:
        """Move the files that the actions name to the trash, as one step. Raises CancelledError between two
        groups. A dry run reads and compares the same files, but moves nothing.
        """
        result = TrashResult()
        planner = Planner(self._store)
        if dry_run:
            for action in actions:
                control.checkpoint()
                _report_plan(planner.group(action), result)
            return result
        with self._step(Action.SETTLE, result) as (step_id, reporter):
            for action in actions:
                control.checkpoint()
                same = DuplicateKind(action.key.rpartition("-")[0]).safe
                self._move(step_id, planner.group(action), result, same=same)
                reporter.report_if_due()
        return result

    def trash_photos(self, photo_ids: Collection[int], control: JobControl) -> TrashResult:
        """Move every file of these photos and of their second halves to the trash, as one step. Raises
        CancelledError between two photos.
        """
        with self._store.read() as db:
            halves = pairs.halves_of(db, photo_ids)
            chosen = [
                each for owner in photo_ids for each in (owner, *(half for half, _ in halves.get(owner, ())))
            ]
            batches = [[row.id for row in files.of_photo(db, photo_id)] for photo_id in dict.fromkeys(chosen)]
        return self._trash(batches, control)

    def trash_files(self, file_ids: Collection[int], control: JobControl) -> TrashResult:
        """Move these files and no other copy of their photos to the trash, as one step. Raises CancelledError
        between two files.
        """
        return self._trash([[file_id] for file_id in file_ids], control)

    def _trash(self, batches: Sequence[Sequence[int]], control: JobControl) -> TrashResult:
        result = TrashResult()
        planner = Planner(self._store)
        with self._step(Action.TRASH, result) as (step_id, reporter):
            for file_ids in batches:
                control.checkpoint()
                self._move(step_id, planner.files(file_ids), result)
                reporter.report_if_due()
        return result

    @contextmanager
    def _step(self, action: Action, result: TrashResult) -> Iterator[tuple[int, _ChangeReporter]]:
        with self._store.write() as db:
            step_id = journal.begin(db, action, {}, time.time())
        reporter = _ChangeReporter(result, self._on_change)
        try:
            yield step_id, reporter
        finally:
            reporter.report()
            with self._store.write() as db:
                result.journal_id = None if journal.drop_if_empty(db, step_id) else step_id

    # --- moving ---------------------------------------------------------------------------------------

    def _move(self, step_id: int, plan: Plan, result: TrashResult, *, same: bool = False) -> None:
        """Move the files of a plan. With ``same`` they show the same as their keepers, which then inherit the
        decisions about them."""
        for path, reason in plan.spared:
            result.record_spared(path, reason)
        all_planned = plan.with_companions()
        everything = [each for planned, companions in all_planned for each in (planned, *companions)]
        if not everything:
            return
        with self._store.write(durable=True) as db:  # before the files move, in case of a power failure
            notes = journal.record_moves(db, step_id, [each.note for each in everything])
            for each in everything if same else ():
                if each.photo_id is not None and each.keeper_id not in (None, each.photo_id):
                    decisions.reassign(db, each.photo_id, each.keeper_id)
                    concepts.reassign(db, each.photo_id, each.keeper_id)
        numbers = {each.file.path: note for each, note in zip(everything, notes, strict=True)}
        trashed_files: dict[int, _TrashedFile] = {}
        try:
            for planned, companions in all_planned:
                for each in (planned, *companions):
                    keeper_sets = [planned.keepers, each.keepers]
                    try:
                        trashed = self._send(each.file, keeper_sets)
                    except (TrashError, CannotTrashError) as error:
                        result.record_spared(each.file.path, error.message)
                        if each is planned:
                            break  # its companions stay with it
                        continue
                    trashed_files[numbers[each.file.path]] = _TrashedFile(each, trashed, keeper_sets)
                    if not _have_keepers(keeper_sets):
                        self._restore_without_keeper(trashed_files, result)
                        break
        finally:
            with self._store.write() as db:
                for note in notes:
                    if note not in trashed_files:
                        journal.set_state(db, note, FileStep.SPARED)
                        continue
                    each = trashed_files[note].planned
                    removed, updated = record_trashed(
                        db, note, each.file.path, each.photo_id, each.keeper_id, trashed_files[note].trashed
                    )
                    result.record_change(removed, updated)
                    result.record_moved(each.file)

    def _send(self, file: VerifiedFile, keeper_sets: Sequence[Sequence[VerifiedFile]]) -> bytes | None:
        if not _have_keepers(keeper_sets):
            raise _keeper_lost_error()
        if not file.is_unchanged():
            raise CannotTrashError("it changed at this moment")
        return self._trash_can.send(file.path)

    def _restore_without_keeper(self, trashed_files: dict[int, _TrashedFile], result: TrashResult) -> None:
        """Restore files whose keepers have disappeared, because they may be the only copies."""
        for note, each in reversed(list(trashed_files.items())):
            if _have_keepers(each.keeper_sets):
                continue
            file = each.planned.file
            try:
                self._trash_can.put_back(file.path, each.trashed, file.stat, file.content_hash)
            except TrashError:
                continue  # it remains in the trash and in the journal, so that the user can restore it
            del trashed_files[note]
            result.record_spared(file.path, _keeper_lost_error().message)


def _keeper_lost_error() -> CannotTrashError:
    return CannotTrashError("the file to keep disappeared at the same time; both may be one file")


def _report_plan(plan: Plan, result: TrashResult) -> None:
    """Record what :meth:`TrashExecutor._move` would do, for a dry run."""
    for path, reason in plan.spared:
        result.record_spared(path, reason)
    for planned, companions in plan.with_companions():
        for each in (planned, *companions):
            result.record_moved(each.file)


def _have_keepers(keeper_sets: Sequence[Sequence[VerifiedFile]]) -> bool:
    """Whether at least one file of each set can be read. Empty sets do not count: they belong to photos that
    the user deletes without keeping a copy.
    """
    return all(any(file.is_readable_and_unchanged() for file in files) for files in keeper_sets if files)
