"""The questions that the window can ask of the library. :mod:`safelight.ui.library.queries` answers them.

They are plain values without code, because the modules that answer them load after the first paint.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from PySide6.QtGui import QImage

from safelight.core.order import Order
from safelight.core.photo import Failure, Folder, LibraryCounts, Photo
from safelight.core.themes import Theme
from safelight.ui.view_request import ViewRequest

if TYPE_CHECKING:
    from safelight.core.exporting import PrivacySummary
    from safelight.store.albums import AlbumCard, AlbumSummary
    from safelight.store.conflicts import ConflictResolution
    from safelight.store.journal import TrashedFile
    from safelight.store.saved_searches import SavedSearch
    from safelight.store.thumbnail_info import ThumbnailInfo
    from safelight.store.vocabulary import Vocabulary
    from safelight.ui.library.places_model import Entry

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class ScopeRows:
    """The photos of a scope in the order they are shown."""

    scope: ViewRequest
    ids: Sequence[int]
    days: tuple[tuple[str, int], ...] = ()
    """Each day, ``YYYY-MM-DD``, and its number of photos, if they are sorted by date."""
    order: Order = Order.NATURAL


@dataclass(frozen=True, slots=True)
class Overview:
    """What the sidebar and the status bar show."""

    counts: LibraryCounts
    folders: tuple[Folder, ...]
    has_trash: bool = False
    """Whether a file that Safelight moved to the trash is still there."""


@dataclass(frozen=True, slots=True)
class BlockingFilter:
    """The filter because of which a search finds nothing."""

    query: str
    """The query it is part of, with the part of the library that is searched."""
    part: str
    """The filter in the search language."""
    matches_nothing: bool
    """Whether it matches no photo by itself, rather than in combination with the others."""
    others: int
    """Photos that pass the other filters."""


class Read(Generic[T_co]):
    """Base of all questions. The type parameter is what the answer is."""

    __slots__ = ()


FolderKey = tuple[int, str]
"""A root and a folder inside it, relative to it; empty for the root itself."""

if TYPE_CHECKING:
    _InfoRead = Read[Mapping[int, ThumbnailInfo]]
    _SearchesRead = Read[list[SavedSearch]]
    _VocabularyRead = Read[Vocabulary]
    _SubfoldersRead = Read[Mapping[FolderKey, tuple[Entry, ...]]]
    _TrashRead = Read[list[TrashedFile]]
    _AlbumsRead = Read[list[AlbumCard]]
    _DisclosureRead = Read[PrivacySummary]
    _ConflictsRead = Read[ConflictResolution | None]
else:  # the store loads after the first paint
    _InfoRead = _SearchesRead = _VocabularyRead = _SubfoldersRead = _TrashRead = Read
    _DisclosureRead = _ConflictsRead = _AlbumsRead = Read


@dataclass(frozen=True, slots=True)
class ReadRows(Read[ScopeRows]):
    scope: ViewRequest
    order: Order = Order.NATURAL


@dataclass(frozen=True, slots=True)
class ReadOrder(Read[list[int]]):
    """The same photos in an order."""

    ids: Sequence[int]
    order: Order


@dataclass(frozen=True, slots=True)
class ReadPhotos(Read[list[Photo]]):
    """Rows in the order of ``ids``, without those that are gone."""

    ids: Sequence[int]


@dataclass(frozen=True, slots=True)
class ReadFiles(Read[list[list[str]]]):
    """The files that stand for each photo in other programs: a copy of it, and one of each of its parts, such
    as the film of a Live Photo. Paths in ``os.fsdecode`` form, in the order of ``ids``, without photos whose
    drive is not connected.
    """

    ids: Sequence[int]


@dataclass(frozen=True, slots=True)
class PhotoShapesRead:
    """Widths divided by heights, by photo; the ids ascend."""

    ids: array[int]
    shapes: array[float]


@dataclass(frozen=True, slots=True)
class ReadShapes(Read[PhotoShapesRead]):
    """The shapes of the next ``limit`` photos whose id is larger than ``after``."""

    after: int
    limit: int


@dataclass(frozen=True, slots=True)
class ReadThumbnailInfo(_InfoRead):
    """Names and badges."""

    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ReadStacks(Read[tuple[tuple[int, ...], ...]]):
    """The stacks that have any of these photos: the photos of each, the top first."""

    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ReadOverview(Read[Overview]):
    model: str | None = None
    """The key of the model whose vectors are counted."""


@dataclass(frozen=True, slots=True)
class ReadFavourites(Read[list[int]]):
    """All favourites, or those among ``ids``."""

    ids: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class ReadFailures(Read[list[Failure]]):
    """Files that could not be read, without those that are ignored."""


@dataclass(frozen=True, slots=True)
class ReadTrash(_TrashRead):
    """The files that Safelight moved to the trash and that are still there, the latest first."""


@dataclass(frozen=True, slots=True)
class ReadThemes(Read[list[Theme]]):
    """All themes, each followed by those inside it."""


@dataclass(frozen=True, slots=True)
class ReadSubfolders(_SubfoldersRead):
    """The folders directly in each of these, as rows of the sidebar."""

    parents: tuple[FolderKey, ...]


@dataclass(frozen=True, slots=True)
class ReadSavedSearches(_SearchesRead):
    """All, by name."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """The tags, albums and concepts of the library."""

    tags: tuple[str, ...]
    """Every tag, by name."""
    albums: tuple[AlbumSummary, ...]
    """The albums by path."""
    tag_rows: tuple[Entry, ...] = ()
    """The rows of the sidebar. The count of a tag includes the tags below it."""
    album_rows: tuple[Entry, ...] = ()
    concepts: tuple[str, ...] = ()
    """The names of taught concepts, by name."""
    concept_rows: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadOrganisation(Read[Organisation]):
    """All tags, albums and concepts."""


@dataclass(frozen=True, slots=True)
class ReadAlbums(_AlbumsRead):
    """All albums, by path, with what the page of albums shows."""


@dataclass(frozen=True, slots=True)
class ReadSearchCounts(Read[Mapping[int, int]]):
    """The number of photos of saved searches (id, query) that consist of filters only."""

    searches: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Marks:
    """What photos have that is not in their rows."""

    tags: Mapping[str, int]
    """How many of the photos have each tag, by name."""


@dataclass(frozen=True, slots=True)
class ReadMarks(Read[Marks]):
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ReadFrames(Read[tuple[QImage, ...]]):
    """The thumbnails of the frames of a video, or of the video of a Live Photo, in their order, turned as the
    user turned the photo.
    """

    photo_id: int


@dataclass(frozen=True, slots=True)
class ReadDisclosure(_DisclosureRead):
    """How many of these photos give away what is private, as far as the library knows."""

    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ReadConflicts(_ConflictsRead):
    """The latest conflicts with sidecars that were resolved; None if there are none, or they were undone."""


@dataclass(frozen=True, slots=True)
class ReadVocabulary(_VocabularyRead):
    """Names to complete with; takes up to a second for a large library."""


@dataclass(frozen=True, slots=True)
class ReadPictures(Read[Mapping[str, int]]):
    """The photos in these files, without files that are not in the library."""

    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadBlocker(Read[BlockingFilter | None]):
    """The filter because of which a query finds nothing; None where photos pass, or no single filter is
    the cause.
    """

    query: str
