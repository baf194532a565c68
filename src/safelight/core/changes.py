"""What a commit changed, for everything that shows the library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Flag, auto

from safelight.core.message import Message


class ChangeKind(Flag):
    """What changed. A view reads again only for the kinds that it shows."""

    NONE = 0
    PHOTOS = auto()
    """Photos came into view or left it; set wherever ``added`` or ``removed`` is not empty."""
    PIXELS = auto()
    """Thumbnails."""
    MARKS = auto()
    """Favourites, ratings, hidden photos."""
    TAGS = auto()
    ALBUMS = auto()
    SEARCHES = auto()
    """Saved searches."""
    FOLDERS = auto()
    """The list of folders, or whether they are connected."""
    FAILURES = auto()
    """Files that could not be read."""
    FILES = auto()
    """Names, places or number of files of a photo."""
    VECTORS = auto()
    DECISIONS = auto()
    """Verdicts on duplicates, and protected files."""
    SETTINGS = auto()
    CONFLICTS = auto()
    """Values that were changed both here and in a file; the journal says which were kept."""
    THEMES = auto()
    """Clusters of photos: their names, members, or which are hidden."""
    CONCEPTS = auto()
    """Taught concepts and their examples, and refused suggestions."""


@dataclass(frozen=True, slots=True)
class RemovalsHeld:
    """Many of a folder's files are missing. Their photos are kept until the user decides."""

    folder_id: int
    path: str
    missing: int
    known: int
    """Files that the library knows in that folder, including the missing ones."""
    replaced: bool = False
    """Whether other files of the same names are there instead, as on another camera card."""

    def __str__(self) -> str:
        if self.replaced:
            return str(
                Message(
                    "All {missing:,} files in {path} changed at once: another card or drive may be in its "
                    "place. Their photos are kept until you say that this was meant.",
                    missing=self.missing,
                    path=self.path,
                )
            )
        return str(
            Message(
                "{missing:,} of {known:,} files in {path} are gone; their photos are kept until you say that "
                "this was meant.",
                missing=self.missing,
                known=self.known,
                path=self.path,
            )
        )


@dataclass(frozen=True, slots=True)
class RemovalsSettled:
    """The question of :class:`RemovalsHeld` needs no answer any more: the files came back, it was answered
    elsewhere, or the folder left the library."""

    folder_id: int


@dataclass(frozen=True, slots=True)
class LibraryChanged:
    """One commit. Photo ids are sorted; those in ``removed`` are no longer shown anywhere."""

    kinds: ChangeKind = ChangeKind.NONE
    added: tuple[int, ...] = ()
    updated: tuple[int, ...] = ()
    """Photos that stay and to which ``kinds`` applies."""
    removed: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.added or self.removed:
            object.__setattr__(self, "kinds", self.kinds | ChangeKind.PHOTOS)

    def __bool__(self) -> bool:
        return self.kinds is not ChangeKind.NONE

    def any_of(self, kinds: ChangeKind) -> bool:
        """Whether at least one of these kinds changed."""
        return bool(self.kinds & kinds)


NO_CHANGE = LibraryChanged()


def joined(changes: Sequence[LibraryChanged]) -> LibraryChanged:
    """Several changes of one commit, in their order, as one."""
    kinds = ChangeKind.NONE
    added: set[int] = set()
    removed: set[int] = set()
    updated: set[int] = set()
    for each in changes:
        kinds |= each.kinds
        added = (added | {*each.added}) - {*each.removed}
        removed = (removed | {*each.removed}) - {*each.added}
        updated |= {*each.updated}
    return LibraryChanged(kinds, *(tuple(sorted(ids)) for ids in (added, updated, removed)))
