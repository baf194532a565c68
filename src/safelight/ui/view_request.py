"""What the grid can show: a part of the library, or the results of a search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


class Place(str):
    """What the sidebar or the menu opens. Saved in settings: never rename one.

    Places that are a page of their own are declared in :mod:`safelight.ui.pages.declarations`.
    """

    __slots__ = ()

    LIBRARY: ClassVar[Place]
    FAVOURITES: ClassVar[Place]
    RECENT: ClassVar[Place]
    FOLDER: ClassVar[Place]
    HIDDEN: ClassVar[Place]
    TAG: ClassVar[Place]
    ALBUM: ClassVar[Place]


Place.LIBRARY = Place("library")
Place.FAVOURITES = Place("favourites")
Place.RECENT = Place("recent")
Place.FOLDER = Place("folder")
Place.HIDDEN = Place("hidden")
Place.TAG = Place("tag")
Place.ALBUM = Place("album")

PHOTOS = frozenset(
    {
        *(Place.LIBRARY, Place.FAVOURITES, Place.RECENT, Place.FOLDER),
        *(Place.HIDDEN, Place.TAG, Place.ALBUM),
    }
)
"""Places that show photos in the grid."""

WITH_SUBFOLDERS = "with_subfolders"
"""The name in the window's state of whether folders are shown with their subfolders."""

RECENT_LIMIT = 1000
"""Number of photos in "Recently added"."""


@dataclass(frozen=True, slots=True)
class ViewRequest:
    """A part of the library. Albums have an order of their own; the others are shown by date."""

    place: Place = Place.LIBRARY
    folder_id: int | None = None
    below: str = ""
    """A folder inside that folder, relative to it, in ``os.fsdecode`` form; empty for itself."""
    with_subfolders: bool = True
    tag: str = ""
    """The tag of :attr:`Place.TAG`, ``animals/dog``."""
    album_id: int | None = None


@dataclass(frozen=True, slots=True)
class TextQuery:
    """Photos that match a description."""

    text: str
    within: str = ""
    """The part of the library that is searched, as filters; empty for all of it."""

    @property
    def whole(self) -> str:
        """The text with the part of the library."""
        if not self.within:
            return self.text
        from safelight.core.query import restrict_query  # with the first search, not the first paint

        return restrict_query(self.text, self.within)


@dataclass(frozen=True, slots=True)
class SimilarQuery:
    """Photos similar to a photo of the library, a file, or encoded bytes: exactly one of the three.

    With ``words``, a query in the search language, results match both.
    """

    photo_id: int | None = None
    path: str | None = None
    image: bytes | None = None
    words: str = ""

    @property
    def whole(self) -> str:
        """The words, in which the filters are."""
        return self.words


Query = TextQuery | SimilarQuery
