"""What the grid can show: a part of the library, or what looks like a description or a picture."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Place(StrEnum):
    """Parts of the library that the sidebar offers. Kept in the settings: never rename a value."""

    LIBRARY = "library"
    FAVOURITES = "favourites"
    RECENT = "recent"
    FOLDER = "folder"
    PROBLEMS = "problems"
    DUPLICATES = "duplicates"


PAGES = frozenset({Place.PROBLEMS, Place.DUPLICATES})
"""Places that are a page of their own instead of photos in the grid."""

RECENT_LIMIT = 1000
"""How many photos "Recently added" holds."""


@dataclass(frozen=True, slots=True)
class ViewRequest:
    """A part of the library, shown by date."""

    place: Place = Place.LIBRARY
    folder_id: int | None = None


@dataclass(frozen=True, slots=True)
class TextQuery:
    """Photos by description."""

    text: str


@dataclass(frozen=True, slots=True)
class SimilarQuery:
    """Photos like one of the library, a file, or encoded bytes: exactly one of the three.

    With ``words``, a query of the search language, they fit both together.
    """

    photo_id: int | None = None
    path: str | None = None
    image: bytes | None = None
    words: str = ""


Query = TextQuery | SimilarQuery
