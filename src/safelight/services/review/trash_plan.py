"""Plans which files may go to the trash. Every file is read again, and compared with the one that is kept.

A dry run makes the same plan, so it reports the same files.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from safelight.core.duplicates import DuplicateKind, GroupAction
from safelight.core.message import Message
from safelight.services.duplicates.companions import companions_of, counterpart
from safelight.services.review.proof import PixelProof
from safelight.services.review.verifying import CannotTrashError, VerifiedFile, verify_file, verify_keeper
from safelight.store import decisions, files, photos
from safelight.store.decisions import Protected
from safelight.store.journal import NewJournalFile
from safelight.store.library import LibraryStore


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file that may go to the trash, and its companions, which go with it."""

    file: VerifiedFile
    photo_id: int | None = None
    keeper_id: int | None = None
    keepers: tuple[VerifiedFile, ...] = ()
    """Files that are kept in its place. One of them must be readable when it is moved. Empty for a photo that
    the user deletes."""
    companions: tuple[PlannedFile, ...] = ()

    @property
    def note(self) -> NewJournalFile:
        file = self.file
        return NewJournalFile(file.path, file.content_hash, file.stat, self.photo_id, self.keeper_id)


@dataclass(slots=True)
class Plan:
    files: list[PlannedFile] = field(default_factory=list)
    spared: list[tuple[bytes, Message]] = field(default_factory=list)
    """(path, why it is not moved)."""

    def with_companions(self) -> list[tuple[PlannedFile, tuple[PlannedFile, ...]]]:
        """Each file with the companions that are moved with it. No file is listed twice."""
        named = {each.file.path for each in self.files}
        return [
            (each, tuple(other for other in each.companions if other.file.path not in named))
            for each in {each.file.path: each for each in self.files}.values()
        ]


@dataclass(frozen=True, slots=True)
class _LibraryFile:
    """A file as the library has recorded it."""

    path: bytes
    photo_id: int
    content_hash: bytes


class Planner:
    """Makes the plans of one step. Remembers which files earlier groups of the step keep and move."""

    def __init__(self, store: LibraryStore) -> None:
        self._store = store
        self._kept: list[VerifiedFile] = []
        self._planned: list[VerifiedFile] = []

    # --- duplicates -----------------------------------------------------------------------------------

    def group(self, action: GroupAction) -> Plan:
        """The plan of a group of duplicates. A file may go only if a file to keep was just read and contains
        all of it.
        """
        plan = Plan()
        keep, locked = self._library_files(action.keep)
        going, _ = self._library_files(
            [each for each in dict.fromkeys(action.trash) if each not in action.keep]
        )
        keepers: list[tuple[_LibraryFile, VerifiedFile]] = []
        unfit = CannotTrashError("no file to keep was named")
        for known in keep:
            try:
                file = verify_keeper(known.path, known.content_hash)
                if any(file.is_same_file(other) for other in self._planned):
                    raise CannotTrashError("another group moves it to the trash")
                keepers.append((known, file))
            except CannotTrashError as error:
                unfit = CannotTrashError("the file to keep cannot be relied on: {error}", error=error)
        self._kept += [file for _, file in keepers]
        kind = DuplicateKind(action.key.rpartition("-")[0])
        proof = PixelProof(kind)
        for known in going:
            if not keepers:
                plan.spared.append((known.path, unfit.message))
                continue
            try:
                plan.files.append(self._duplicate(known, keepers, kind, proof, locked))
            except CannotTrashError as error:
                plan.spared.append((known.path, error.message))
        self._planned += [each.file for each in plan.files]
        return plan

    def _duplicate(
        self,
        known: _LibraryFile,
        keepers: Sequence[tuple[_LibraryFile, VerifiedFile]],
        kind: DuplicateKind,
        proof: PixelProof,
        locked: Protected,
    ) -> PlannedFile:
        file = _verify_unprotected(known, locked)
        if any(file.is_same_file(keeper) for _, keeper in keepers):
            raise CannotTrashError("it is the file to keep, under another name; removing it frees no space")
        if any(file.is_same_file(other) for other in self._kept):
            raise CannotTrashError("another group keeps it")
        proven = proof.sufficient_keepers(file, [keeper for _, keeper in keepers])
        keeper, kept = next(each for each in keepers if each[1] in proven)
        companions = (
            self._matched_companions(file, kept, locked)
            if kind.safe
            else self._companions(self._own_companions(file.path), locked)
        )
        return PlannedFile(file, known.photo_id, keeper.photo_id, tuple(proven), companions)

    def _matched_companions(
        self, file: VerifiedFile, keeper: VerifiedFile, locked: Protected
    ) -> tuple[PlannedFile, ...]:
        """The companions of a copy, which go with it. Raises CannotTrashError if the keeper lacks an equal of
        one of them, because the copy then contains more than the keeper.
        """
        following = []
        kept = companions_of(keeper.path)
        for path in companions_of(file.path):
            name = os.fsdecode(os.path.basename(path))
            twin = counterpart(path, kept)
            if twin is None:
                raise CannotTrashError(
                    "{name} belongs to it, and the file to keep has nothing like that", name=name
                )
            if path in locked:
                raise CannotTrashError("{name} belongs to it and is protected", name=name)
            companion, other = self._companion(path), self._companion(twin)
            if companion.file.is_same_file(other.file):
                continue
            if companion.file.content_hash != other.file.content_hash:
                raise CannotTrashError(
                    "{name} belongs to it, and differs from that of the file to keep", name=name
                )
            following.append(PlannedFile(companion.file, companion.photo_id, other.photo_id, (other.file,)))
        return tuple(following)

    # --- photos that the user chose -------------------------------------------------------------------

    def files(self, file_ids: Sequence[int]) -> Plan:
        """The plan of files that the user deletes. It does not matter which other copies exist."""
        plan = Plan()
        known, locked = self._library_files(file_ids)
        for each in known:
            try:
                file = _verify_unprotected(each, locked)
            except CannotTrashError as error:
                plan.spared.append((each.path, error.message))
                continue
            companions: list[PlannedFile] = []
            for path in self._own_companions(file.path):
                try:
                    companions.extend(self._companions([path], locked))
                except CannotTrashError as error:
                    plan.spared.append((path, error.message))
            plan.files.append(PlannedFile(file, each.photo_id, companions=tuple(companions)))
        return plan

    def _companions(self, paths: Sequence[bytes], locked: Protected) -> tuple[PlannedFile, ...]:
        return tuple(self._companion(path) for path in paths if path not in locked)

    def _own_companions(self, path: bytes) -> list[bytes]:
        """The companions of a file that belong to no other photo of the library. The JPEG of a RAW is a photo
        of its own, which goes only if it is chosen too."""
        found = companions_of(path)
        with self._store.read() as db:
            if all(files.by_path(db, each) is None for each in found):
                return list(found)
        name = os.path.basename(path)
        return [each for each in found if os.path.basename(each).startswith(name + b".")]

    # --- the library ----------------------------------------------------------------------------------

    def _companion(self, path: bytes) -> PlannedFile:
        """The plan of a companion, which may also be a photo, as the JPEG of a RAW is. Raises
        CannotTrashError."""
        with self._store.read() as db:
            row = files.by_path(db, path)
            photo_id = None if row is None else row.photo_id
            expected = None if photo_id is None else photos.content_hashes(db, [photo_id]).get(photo_id)
        try:
            return PlannedFile(verify_file(path, expected), photo_id)
        except CannotTrashError as error:
            raise CannotTrashError(
                "{name} belongs to it: {error}", name=os.fsdecode(os.path.basename(path)), error=error
            ) from error

    def _library_files(self, file_ids: Sequence[int]) -> tuple[list[_LibraryFile], Protected]:
        with self._store.read() as db:
            located = files.with_absolute_paths(db, file_ids)
            held = [row.photo_id for row, _ in located if row.photo_id is not None]
            hashes = photos.content_hashes(db, held)
            locked = decisions.protected_paths(db)
        return [
            _LibraryFile(path, row.photo_id, hashes[row.photo_id])
            for row, path in located
            if row.photo_id is not None
        ], locked


def _verify_unprotected(known: _LibraryFile, locked: Protected) -> VerifiedFile:
    """Verify a file. Raises CannotTrashError, also if it is protected."""
    if locked.covers(known.path, known.content_hash):
        raise CannotTrashError("protected by you")
    return verify_file(known.path, known.content_hash)
