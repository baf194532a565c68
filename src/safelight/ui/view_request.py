"""What the grid can show: a part of the library, or the results of a search."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Place(StrEnum):
    """Entries of the sidebar. The values are saved in settings: never rename one."""

    LIBRARY = "library"
    FAVOURITES = "favourites"
    RECENT = "recent"
    FOLDER = "folder"
    PROBLEMS = "problems"
    DUPLICATES = "duplicates"


PAGES = frozenset({Place.PROBLEMS, Place.DUPLICATES})
"""Entries that open a page instead of photos in the grid."""

RECENT_LIMIT = 1000
"""Number of photos in "Recently added"."""


@dataclass(frozen=True, slots=True)
class ViewRequest:
    """A part of the library, shown by date."""

    place: Place = Place.LIBRARY
    folder_id: int | None = None


@dataclass(frozen=True, slots=True)
class TextQuery:
    """Photos that match a description."""

    text: str


@dataclass(frozen=True, slots=True)
class SimilarQuery:
    """Photos similar to a photo of the library, a file, or encoded bytes: exactly one of the three.

    With ``words``, a query in the search language, results match both.
    """

    photo_id: int | None = None
    path: str | None = None
    image: bytes | None = None
    words: str = ""


Query = TextQuery | SimilarQuery
