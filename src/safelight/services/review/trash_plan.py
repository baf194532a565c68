"""Plans what may go to the trash: every file is read again, and compared with the one that is kept.

A dry run and a real one make the same plan, so they report the same files.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from safelight.core.duplicates import DuplicateKind, GroupAction
from safelight.core.message import Message
from safelight.services.duplicates.companions import companions_of, counterpart
from safelight.services.review.proof import PixelProof
from safelight.services.review.verifying import UnfitError, Verified, verified, verified_keeper
from safelight.store import decisions, files, photos
from safelight.store.decisions import Protected
from safelight.store.journal import NewJournalFile
from safelight.store.library import LibraryStore


@dataclass(frozen=True, slots=True)
class Leaving:
    """A file that may go, and the files that go with it."""

    file: Verified
    photo_id: int | None = None
    keeper_id: int | None = None
    keepers: tuple[Verified, ...] = ()
    """Files that are kept in its place; one of them must be readable when it goes. Empty for a photo that
    the user deletes."""
    companions: tuple[Leaving, ...] = ()

    @property
    def note(self) -> NewJournalFile:
        file = self.file
        return NewJournalFile(file.path, file.content_hash, file.stat, self.photo_id, self.keeper_id)


@dataclass(slots=True)
class Plan:
    leaving: list[Leaving] = field(default_factory=list)
    spared: list[tuple[bytes, Message]] = field(default_factory=list)
    """(path, why it stays)."""

    def in_order(self) -> list[tuple[Leaving, tuple[Leaving, ...]]]:
        """Each file with the companions that are moved with it. No file is listed twice."""
        named = {each.file.path for each in self.leaving}
        return [
            (each, tuple(other for other in each.companions if other.file.path not in named))
            for each in {each.file.path: each for each in self.leaving}.values()
        ]


@dataclass(frozen=True, slots=True)
class _Known:
    """A file as the library knows it."""

    path: bytes
    photo_id: int
    content_hash: bytes


class Planner:
    """Makes the plans of one step. Remembers what earlier groups of the step keep."""

    def __init__(self, store: LibraryStore) -> None:
        self._store = store
        self._promised: list[Verified] = []
        self._planned: list[Verified] = []

    # --- duplicates -----------------------------------------------------------------------------------

    def group(self, action: GroupAction) -> Plan:
        """The plan of a group of duplicates: nothing goes unless a file to keep was just read and holds as
        much.
        """
        plan = Plan()
        keep, locked = self._known(action.keep)
        going, _ = self._known([each for each in dict.fromkeys(action.trash) if each not in action.keep])
        keepers: list[tuple[_Known, Verified]] = []
        unfit = UnfitError("no file to keep was named")
        for known in keep:
            try:
                file = verified_keeper(known.path, known.content_hash)
                if any(file.same_file_as(other) for other in self._planned):
                    raise UnfitError("another group moves it to the trash")
                keepers.append((known, file))
            except UnfitError as error:
                unfit = UnfitError("the file to keep cannot be relied on: {error}", error=error)
        self._promised += [file for _, file in keepers]
        kind = DuplicateKind(action.key.rpartition("-")[0])
        proof = PixelProof(kind)
        for known in going:
            if not keepers:
                plan.spared.append((known.path, unfit.message))
                continue
            try:
                plan.leaving.append(self._duplicate(known, keepers, kind, proof, locked))
            except UnfitError as error:
                plan.spared.append((known.path, error.message))
        self._planned += [each.file for each in plan.leaving]
        return plan

    def _duplicate(
        self,
        known: _Known,
        keepers: Sequence[tuple[_Known, Verified]],
        kind: DuplicateKind,
        proof: PixelProof,
        locked: Protected,
    ) -> Leaving:
        file = _fit(known, locked)
        if any(file.same_file_as(keeper) for _, keeper in keepers):
            raise UnfitError("it is the file to keep, under another name; removing it frees no space")
        if any(file.same_file_as(other) for other in self._promised):
            raise UnfitError("another group keeps it")
        proven = proof.holding_as_much(file, [keeper for _, keeper in keepers])
        keeper, kept = next(each for each in keepers if each[1] in proven)
        along = (
            self._matched_companions(file, kept, locked)
            if kind.safe
            else self._companions(self._own_companions(file.path), locked)
        )
        return Leaving(file, known.photo_id, keeper.photo_id, tuple(proven), along)

    def _matched_companions(self, file: Verified, keeper: Verified, locked: Protected) -> tuple[Leaving, ...]:
        """Files that belong to a copy go with it, if the keeper has their equals. Raises UnfitError if not:
        then the copy is more than a copy.
        """
        following = []
        kept = companions_of(keeper.path)
        for path in companions_of(file.path):
            name = os.fsdecode(os.path.basename(path))
            twin = counterpart(path, kept)
            if twin is None:
                raise UnfitError(
                    "{name} belongs to it, and the file to keep has nothing like that", name=name
                )
            if path in locked:
                raise UnfitError("{name} belongs to it and is protected", name=name)
            companion, other = self._companion(path), self._companion(twin)
            if companion.file.same_file_as(other.file):
                continue
            if companion.file.content_hash != other.file.content_hash:
                raise UnfitError("{name} belongs to it, and differs from that of the file to keep", name=name)
            following.append(Leaving(companion.file, companion.photo_id, other.photo_id, (other.file,)))
        return tuple(following)

    # --- photos that the user chose -------------------------------------------------------------------

    def files(self, file_ids: Sequence[int]) -> Plan:
        """The plan of files that the user deletes, whatever other copies exist."""
        plan = Plan()
        known, locked = self._known(file_ids)
        for each in known:
            try:
                file = _fit(each, locked)
            except UnfitError as error:
                plan.spared.append((each.path, error.message))
                continue
            along: list[Leaving] = []
            for path in self._own_companions(file.path):
                try:
                    along.extend(self._companions([path], locked))
                except UnfitError as error:
                    plan.spared.append((path, error.message))
            plan.leaving.append(Leaving(file, each.photo_id, companions=tuple(along)))
        return plan

    def _companions(self, paths: Sequence[bytes], locked: Protected) -> tuple[Leaving, ...]:
        return tuple(self._companion(path) for path in paths if path not in locked)

    def _own_companions(self, path: bytes) -> list[bytes]:
        """Without photos of the library: the JPEG beside a RAW goes if it is chosen too, and what may belong
        to that goes with it."""
        found = companions_of(path)
        with self._store.read() as db:
            if all(files.by_path(db, each) is None for each in found):
                return list(found)
        name = os.path.basename(path)
        return [each for each in found if os.path.basename(each).startswith(name + b".")]

    # --- the library ----------------------------------------------------------------------------------

    def _companion(self, path: bytes) -> Leaving:
        """A companion may be a photo of the library too, as the JPEG of a RAW is. Raises UnfitError."""
        with self._store.read() as db:
            row = files.by_path(db, path)
            photo_id = None if row is None else row.photo_id
            expected = None if photo_id is None else photos.content_hashes(db, [photo_id]).get(photo_id)
        try:
            return Leaving(verified(path, expected), photo_id)
        except UnfitError as error:
            raise UnfitError(
                "{name} belongs to it: {error}", name=os.fsdecode(os.path.basename(path)), error=error
            ) from error

    def _known(self, file_ids: Sequence[int]) -> tuple[list[_Known], Protected]:
        with self._store.read() as db:
            located = files.with_absolute_paths(db, file_ids)
            held = [row.photo_id for row, _ in located if row.photo_id is not None]
            hashes = photos.content_hashes(db, held)
            locked = decisions.protected_paths(db)
        return [
            _Known(path, row.photo_id, hashes[row.photo_id])
            for row, path in located
            if row.photo_id is not None
        ], locked


def _fit(known: _Known, locked: Protected) -> Verified:
    """Raises UnfitError for what must stay."""
    if locked.covers(known.path, known.content_hash):
        raise UnfitError("protected by you")
    return verified(known.path, known.content_hash)
