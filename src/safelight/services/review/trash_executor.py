"""Moving photos to the trash: duplicates that the user decided about, and photos that they chose.

Each file is read again just before it goes, and nothing goes as a duplicate unless a file to keep has just
been read. Each move is in the journal before it begins.
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
from safelight.services.review.trash_plan import Leaving, Plan, Planner
from safelight.services.review.undo import note_trashed
from safelight.services.review.verifying import UnfitError, Verified
from safelight.store import concepts, decisions, files, journal, pairs
from safelight.store.journal import Action, FileStep
from safelight.store.library import LibraryStore

NEWS_SECONDS = 0.5
"""Between two reports of a step in progress."""


@dataclass(slots=True)
class Settled:
    """The result of a step, or of its dry run."""

    journal_id: int | None = None
    """The step to undo; None where nothing was done."""
    moved: list[str] = field(default_factory=list)
    """Files that went (in a dry run: would go), companions included."""
    freed: int = 0
    """Bytes, once the trash is emptied. A file that has another name (a hard link) frees none."""
    spared: list[tuple[str, Message]] = field(default_factory=list)
    """(path, why it was left alone)."""
    removed: set[int] = field(default_factory=set)
    """Photos that no file holds any more."""
    updated: set[int] = field(default_factory=set)
    _links: dict[tuple[int, int], int] = field(default_factory=dict)
    """Remaining names of a file with several, by device and inode."""
    _news: list[tuple[set[int], set[int]]] = field(default_factory=list)

    @property
    def trashed(self) -> int:
        """The number of files that went to the trash."""
        return len(self.moved)

    def spare(self, path: bytes, reason: Message) -> None:
        self.spared.append((os.fsdecode(path), reason))

    def count(self, file: Verified) -> None:
        """Count a file that goes to the trash."""
        self.moved.append(os.fsdecode(file.path))
        key = (file.stat.device, file.stat.inode)
        left = self._links.get(key, file.links) - 1
        self._links[key] = left
        if left <= 0:
            self.freed += file.stat.size

    def change(self, removed: set[int], updated: set[int]) -> None:
        self.removed |= removed
        self.updated |= updated
        self._news.append((removed, updated))

    def drain_changes(self) -> LibraryChanged:
        """What changed since the last call."""
        removed = set[int]().union(*(each for each, _ in self._news))
        updated = set[int]().union(*(each for _, each in self._news)) - removed
        kinds = ChangeKind.FILES | ChangeKind.MARKS if self._news else ChangeKind.NONE
        if updated:
            kinds |= ChangeKind.PIXELS  # an inherited turn changes how the thumbnail is shown
        self._news.clear()
        return LibraryChanged(kinds, updated=tuple(sorted(updated)), removed=tuple(sorted(removed)))


class _Pace:
    """Reports a long step in parts, but not after every file."""

    def __init__(self, settled: Settled, notify: Callable[[LibraryChanged], None]) -> None:
        self._settled = settled
        self._notify = notify
        self._told_at = time.monotonic()

    def now_and_then(self) -> None:
        if time.monotonic() - self._told_at >= NEWS_SECONDS:
            self.all_of_it()

    def all_of_it(self) -> None:
        self._told_at = time.monotonic()
        news = self._settled.drain_changes()
        if news:
            self._notify(news)


@dataclass(frozen=True, slots=True)
class _Gone:
    """A file that went to the trash."""

    leaving: Leaving
    trashed: bytes | None
    """Where it is now."""
    needed: Sequence[Sequence[Verified]]
    """Of each of these sets, one file must remain."""


class TrashExecutor:
    """Carries out one step at a time. Complete unfinished earlier steps first."""

    def __init__(
        self,
        store: LibraryStore,
        trash: Trash | None = None,
        *,
        on_change: Callable[[LibraryChanged], None] = lambda _: None,
    ) -> None:
        """``on_change`` is called with what changed in the library, several times in a long step."""
        self._store = store
        self._trash_can = trash or SystemTrash()
        self._on_change = on_change

    def settle(
        self, actions: Sequence[GroupAction], control: JobControl, *, dry_run: bool = False
    ) -> Settled:
        """Move what the actions name to the trash, as one step. Raises CancelledError between two groups.

        A dry run reads and compares the same files, and moves nothing.
        """
        settled = Settled()
        planner = Planner(self._store)
        if dry_run:
            for action in actions:
                control.checkpoint()
                _report(planner.group(action), settled)
            return settled
        with self._step(Action.SETTLE, settled) as (step_id, pace):
            for action in actions:
                control.checkpoint()
                same = DuplicateKind(action.key.rpartition("-")[0]).safe
                self._move(step_id, planner.group(action), settled, same=same)
                pace.now_and_then()
        return settled

    def trash_photos(self, photo_ids: Collection[int], control: JobControl) -> Settled:
        """Move every file of these photos and of their second halves to the trash, as one step. Raises
        CancelledError between two photos.
        """
        with self._store.read() as db:
            halves = pairs.halves_of(db, photo_ids)
            going = [
                each for owner in photo_ids for each in (owner, *(half for half, _ in halves.get(owner, ())))
            ]
            held = [[row.id for row in files.of_photo(db, photo_id)] for photo_id in dict.fromkeys(going)]
        return self._trash(held, control)

    def trash_files(self, file_ids: Collection[int], control: JobControl) -> Settled:
        """Move these files and no other copy of their photos to the trash, as one step. Raises CancelledError
        between two files.
        """
        return self._trash([[file_id] for file_id in file_ids], control)

    def _trash(self, batches: Sequence[Sequence[int]], control: JobControl) -> Settled:
        settled = Settled()
        planner = Planner(self._store)
        with self._step(Action.TRASH, settled) as (step_id, pace):
            for file_ids in batches:
                control.checkpoint()
                self._move(step_id, planner.files(file_ids), settled)
                pace.now_and_then()
        return settled

    @contextmanager
    def _step(self, action: Action, settled: Settled) -> Iterator[tuple[int, _Pace]]:
        with self._store.write() as db:
            step_id = journal.begin(db, action, {}, time.time())
        pace = _Pace(settled, self._on_change)
        try:
            yield step_id, pace
        finally:
            pace.all_of_it()
            with self._store.write() as db:
                settled.journal_id = None if journal.drop_if_empty(db, step_id) else step_id

    # --- moving ---------------------------------------------------------------------------------------

    def _move(self, step_id: int, plan: Plan, settled: Settled, *, same: bool = False) -> None:
        """``same``: the file shows the same as its keeper, so a decision about one holds for the other."""
        for path, reason in plan.spared:
            settled.spare(path, reason)
        parcels = plan.in_order()
        everything = [each for parcel, along in parcels for each in (parcel, *along)]
        if not everything:
            return
        with self._store.write(durable=True) as db:  # before the files move, in case of a power failure
            notes = journal.record_moves(db, step_id, [each.note for each in everything])
            for each in everything if same else ():
                if each.photo_id is not None and each.keeper_id not in (None, each.photo_id):
                    decisions.reassign(db, each.photo_id, each.keeper_id)
                    concepts.reassign(db, each.photo_id, each.keeper_id)
        numbers = {each.file.path: note for each, note in zip(everything, notes, strict=True)}
        gone: dict[int, _Gone] = {}
        try:
            for parcel, along in parcels:
                for each in (parcel, *along):
                    needed = [parcel.keepers, each.keepers]
                    try:
                        trashed = self._send(each.file, needed)
                    except (TrashError, UnfitError) as error:
                        settled.spare(each.file.path, error.message)
                        if each is parcel:
                            break  # its companions stay with it
                        continue
                    gone[numbers[each.file.path]] = _Gone(each, trashed, needed)
                    if not _all_kept(needed):
                        self._bring_back(gone, settled)
                        break
        finally:
            with self._store.write() as db:
                for note in notes:
                    if note not in gone:
                        journal.set_state(db, note, FileStep.SPARED)
                        continue
                    each = gone[note].leaving
                    removed, updated = note_trashed(
                        db, note, each.file.path, each.photo_id, each.keeper_id, gone[note].trashed
                    )
                    settled.change(removed, updated)
                    settled.count(each.file)

    def _send(self, file: Verified, needed: Sequence[Sequence[Verified]]) -> bytes | None:
        if not _all_kept(needed):
            raise _keeper_lost()
        if not file.still_there():
            raise UnfitError("it changed at this moment")
        return self._trash_can.send(file.path)

    def _bring_back(self, gone: dict[int, _Gone], settled: Settled) -> None:
        """Restore files whose keepers disappeared: they may be the only copies."""
        for note, each in reversed(list(gone.items())):
            if _all_kept(each.needed):
                continue
            file = each.leaving.file
            try:
                self._trash_can.put_back(file.path, each.trashed, file.stat, file.content_hash)
            except TrashError:
                continue  # it stays in the trash, and in the journal
            del gone[note]
            settled.spare(file.path, _keeper_lost().message)


def _keeper_lost() -> UnfitError:
    return UnfitError("the file to keep disappeared at the same time; both may be one file")


def _report(plan: Plan, settled: Settled) -> None:
    """The result of a move, for a dry run."""
    for path, reason in plan.spared:
        settled.spare(path, reason)
    for parcel, along in plan.in_order():
        for each in (parcel, *along):
            settled.count(each.file)


def _all_kept(needed: Sequence[Sequence[Verified]]) -> bool:
    """Whether at least one file of each of these sets can be read. Empty sets do not count: there the user
    deletes a photo, and nothing is to be kept.
    """
    return all(any(file.still_readable() for file in files) for files in needed if files)
