"""Moving photos to the trash: what a person settled of duplicates, and photos they chose.

Each file is read again the moment before, so that nothing goes that is not what the library took it for,
and nothing goes as a duplicate unless a file to keep has just been read and is what it should be. What is
about to move stands in the journal before it does.
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
from safelight.services.duplicates.companions import companions_of, counterpart
from safelight.services.review.trash import SystemTrash, Trash, TrashError
from safelight.services.review.undo import note_trashed
from safelight.services.review.verifying import UnfitError, Verified, verified
from safelight.store import decisions, files, journal, photos
from safelight.store.decisions import Protected
from safelight.store.journal import Action, FileStep, NewJournalFile
from safelight.store.library import LibraryStore

NEWS_SECONDS = 0.5
"""Between two reports of a step under way."""

_KEEPER_LOST = "the file to keep went away meanwhile"


@dataclass(slots=True)
class Settled:
    """What came of a step."""

    journal_id: int | None = None
    """The step to undo; None where nothing was done."""
    trashed: int = 0
    """Files."""
    freed: int = 0
    """Bytes."""
    spared: list[tuple[str, str]] = field(default_factory=list)
    """(path, why it was left alone)."""
    removed: set[int] = field(default_factory=set)
    """Photos that lie nowhere any more."""
    updated: set[int] = field(default_factory=set)
    _news: list[tuple[set[int], set[int]]] = field(default_factory=list)

    def spare(self, path: bytes, reason: str) -> None:
        self.spared.append((os.fsdecode(path), reason))

    def change(self, removed: set[int], updated: set[int]) -> None:
        self.removed |= removed
        self.updated |= updated
        self._news.append((removed, updated))

    def take_news(self) -> LibraryChanged:
        """What changed since this was last asked."""
        removed = set[int]().union(*(each for each, _ in self._news))
        updated = set[int]().union(*(each for _, each in self._news)) - removed
        kinds = ChangeKind.FILES | ChangeKind.MARKS if self._news else ChangeKind.NONE
        self._news.clear()
        return LibraryChanged(kinds, updated=tuple(sorted(updated)), removed=tuple(sorted(removed)))


class _Pace:
    """Lets a long step be told in parts, not in every part."""

    def __init__(self, settled: Settled, tell: Callable[[LibraryChanged], None]) -> None:
        self._settled = settled
        self._tell = tell
        self._told_at = time.monotonic()

    def now_and_then(self) -> None:
        if time.monotonic() - self._told_at >= NEWS_SECONDS:
            self.all_of_it()

    def all_of_it(self) -> None:
        self._told_at = time.monotonic()
        news = self._settled.take_news()
        if news:
            self._tell(news)


@dataclass(frozen=True, slots=True)
class _Known:
    """A file as the library knows it."""

    path: bytes
    photo_id: int
    content_hash: bytes


@dataclass(frozen=True, slots=True)
class _Leaving:
    """A file that was found fit to go, and what goes with it."""

    file: Verified
    photo_id: int | None = None
    keeper_id: int | None = None
    companions: tuple[_Leaving, ...] = ()

    @property
    def note(self) -> NewJournalFile:
        file = self.file
        return NewJournalFile(file.path, file.content_hash, file.stat, self.photo_id, self.keeper_id)


class TrashExecutor:
    """Carries out one step at a time. What an earlier one left unfinished is to be recovered first."""

    def __init__(
        self,
        store: LibraryStore,
        trash: Trash | None = None,
        *,
        on_change: Callable[[LibraryChanged], None] = lambda _: None,
    ) -> None:
        """``on_change`` is told what becomes of the library, in parts where a step takes long."""
        self._store = store
        self._trash = trash or SystemTrash()
        self._on_change = on_change

    def settle(self, actions: Sequence[GroupAction], control: JobControl) -> Settled:
        """Trash what the actions name, as one step. Raises CancelledError between two groups."""
        settled = Settled()
        promised: list[Verified] = []
        with self._step(Action.SETTLE, settled) as (step_id, pace):
            for action in actions:
                control.checkpoint()
                self._settle_group(step_id, action, promised, settled)
                pace.now_and_then()
        return settled

    def trash_photos(self, photo_ids: Collection[int], control: JobControl) -> Settled:
        """Trash every file of these photos, as one step. Raises CancelledError between two photos."""
        settled = Settled()
        with self._step(Action.TRASH, settled) as (step_id, pace):
            for photo_id in photo_ids:
                control.checkpoint()
                with self._store.read() as db:
                    held = [row.id for row in files.twins(db, photo_id)]
                self._trash_files(step_id, held, settled)
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

    # --- what may go ----------------------------------------------------------------------------------

    def _settle_group(
        self, step_id: int, action: GroupAction, promised: list[Verified], settled: Settled
    ) -> None:
        keep, going, locked = self._look_up(action)
        keepers: list[tuple[_Known, Verified]] = []
        unfit = "no file to keep was named"
        for known in keep:
            try:
                keepers.append((known, verified(known.path, known.content_hash)))
            except UnfitError as error:
                unfit = f"the file to keep could not be relied on: {error}"
        promised += [file for _, file in keepers]
        leaving = []
        for known in going:
            try:
                if not keepers:
                    raise UnfitError(unfit)
                leaving.append(self._duplicate(known, keepers, action, promised, locked))
            except UnfitError as error:
                settled.spare(known.path, str(error))
        self._move(step_id, leaving, [file for _, file in keepers], settled, same=_kind(action).safe)

    def _duplicate(
        self,
        known: _Known,
        keepers: Sequence[tuple[_Known, Verified]],
        action: GroupAction,
        promised: Sequence[Verified],
        locked: Protected,
    ) -> _Leaving:
        file = _fit(known, locked)
        if any(file.same_file_as(keeper) for _, keeper in keepers):
            raise UnfitError("it is the file to keep itself, under another name")
        if any(file.same_file_as(other) for other in promised):
            raise UnfitError("another group keeps it")
        if _kind(action) is DuplicateKind.IDENTICAL:
            keepers = [each for each in keepers if each[1].content_hash == file.content_hash]
            if not keepers:
                raise UnfitError("the file to keep is not identical")
        keeper, kept = keepers[0]
        return _Leaving(file, known.photo_id, keeper.photo_id, self._following(file, kept, locked))

    def _following(self, file: Verified, keeper: Verified, locked: Protected) -> tuple[_Leaving, ...]:
        """Companions that go along: those that the keeper has its own of, which is read too."""
        following = []
        kept = companions_of(keeper.path)
        for path in companions_of(file.path):
            twin = counterpart(path, kept)
            if twin is None or path in locked:
                continue
            try:
                companion, other = self._companion(path), self._companion(twin)
            except UnfitError:
                continue  # it stays where it is; nothing is lost
            if not companion.file.same_file_as(other.file):
                following.append(_Leaving(companion.file, companion.photo_id, other.photo_id))
        return tuple(following)

    def _trash_files(self, step_id: int, file_ids: Sequence[int], settled: Settled) -> None:
        known, locked = self._known(file_ids)
        leaving = []
        for each in known:
            try:
                file = _fit(each, locked)
            except UnfitError as error:
                settled.spare(each.path, str(error))
                continue
            along = []
            for path in self._own_companions(file.path):
                try:
                    if path not in locked:
                        along.append(self._companion(path))
                except UnfitError as error:
                    settled.spare(path, str(error))
            leaving.append(_Leaving(file, each.photo_id, None, tuple(along)))
        self._move(step_id, leaving, (), settled)

    def _own_companions(self, path: bytes) -> list[bytes]:
        """Without photos of the library: the JPEG beside a RAW goes if it is chosen too, and with it what may
        be its own."""
        found = companions_of(path)
        with self._store.read() as db:
            if all(files.by_path(db, each) is None for each in found):
                return list(found)
        name = os.path.basename(path)
        return [each for each in found if os.path.basename(each).startswith(name + b".")]

    def _companion(self, path: bytes) -> _Leaving:
        """A companion may be a photo of the library too, as the JPEG of a RAW is. Raises UnfitError."""
        with self._store.read() as db:
            row = files.by_path(db, path)
            photo_id = None if row is None else row.photo_id
            expected = None if photo_id is None else photos.content_hashes(db, [photo_id]).get(photo_id)
        return _Leaving(verified(path, expected), photo_id)

    def _look_up(self, action: GroupAction) -> tuple[list[_Known], list[_Known], Protected]:
        keep, locked = self._known(action.keep)
        going, _ = self._known([each for each in dict.fromkeys(action.trash) if each not in action.keep])
        return keep, going, locked

    def _known(self, file_ids: Sequence[int]) -> tuple[list[_Known], Protected]:
        with self._store.read() as db:
            located = files.located(db, file_ids)
            held = [row.photo_id for row, _ in located if row.photo_id is not None]
            hashes = photos.content_hashes(db, held)
            locked = decisions.protected_paths(db)
        return [
            _Known(path, row.photo_id, hashes[row.photo_id])
            for row, path in located
            if row.photo_id is not None
        ], locked

    # --- going ----------------------------------------------------------------------------------------

    def _move(
        self,
        step_id: int,
        leaving: Sequence[_Leaving],
        keepers: Sequence[Verified],
        settled: Settled,
        *,
        same: bool = False,
    ) -> None:
        """``same``: what goes shows the same as its keeper, so that what was decided of the one holds for the
        other."""
        named = {parcel.file.path: parcel for parcel in leaving}
        # One that goes by itself goes as nobody's companion.
        along = {
            path: [each for each in parcel.companions if each.file.path not in named]
            for path, parcel in named.items()
        }
        everything = [each for path, parcel in named.items() for each in (parcel, *along[path])]
        if not everything:
            return
        with self._store.write(durable=True) as db:  # before the files move, whatever becomes of the power
            notes = journal.intend(db, step_id, [each.note for each in everything])
            for each in everything if same else ():
                if each.photo_id is not None and each.keeper_id not in (None, each.photo_id):
                    decisions.hand_on(db, each.photo_id, each.keeper_id)
        numbers = {each.file.path: note for each, note in zip(everything, notes, strict=True)}
        gone: dict[int, tuple[_Leaving, bytes | None]] = {}
        try:
            for path, parcel in named.items():
                for each in (parcel, *along[path]):
                    try:
                        gone[numbers[each.file.path]] = each, self._send(each.file, keepers)
                    except (TrashError, UnfitError) as error:
                        settled.spare(each.file.path, str(error))
                        if each is parcel:
                            break  # its companions stay with it
            if keepers and not _any_there(keepers):
                self._bring_back(gone, settled)
        finally:
            with self._store.write() as db:
                for note in notes:
                    if note not in gone:
                        journal.set_state(db, note, FileStep.SPARED)
                        continue
                    each, lies = gone[note]
                    removed, updated = note_trashed(
                        db, note, each.file.path, each.photo_id, each.keeper_id, lies
                    )
                    settled.change(removed, updated)
                    settled.trashed += 1
                    settled.freed += each.file.stat.size

    def _send(self, file: Verified, keepers: Sequence[Verified]) -> bytes | None:
        if keepers and not _any_there(keepers):
            raise UnfitError(_KEEPER_LOST)
        if not file.still_there():
            raise UnfitError("it changed at this moment")
        return self._trash.send(file.path)

    def _bring_back(self, gone: dict[int, tuple[_Leaving, bytes | None]], settled: Settled) -> None:
        """All that was to be kept went away while the rest did: that may be all there is of the picture."""
        for note, (each, lies) in reversed(list(gone.items())):
            file = each.file
            try:
                self._trash.put_back(file.path, lies, file.stat, file.content_hash)
            except TrashError:
                continue  # it stays in the trash, and in the journal
            del gone[note]
            settled.spare(file.path, _KEEPER_LOST)


def _kind(action: GroupAction) -> DuplicateKind:
    """As the key of a group begins."""
    return DuplicateKind(action.key.rpartition("-")[0])


def _any_there(files: Sequence[Verified]) -> bool:
    return any(file.still_there() for file in files)


def _fit(known: _Known, locked: Protected) -> Verified:
    """Raises UnfitError for what may not go."""
    if known.path in locked:
        raise UnfitError("protected by you")
    return verified(known.path, known.content_hash)
