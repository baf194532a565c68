"""What the search bar searches besides the text: a picture, and a part of the library."""

from __future__ import annotations

from dataclasses import dataclass, replace

from safelight.ui.search.query_text import can_be_written
from safelight.ui.view_request import Query, SimilarQuery, TextQuery


@dataclass(frozen=True, slots=True)
class Scope:
    """A part of the library that searches are limited to; empty for the whole library."""

    label: str = ""
    filter: str = ""
    """The filter in the search language."""
    mark: str = "folder"
    """Name of an icon."""


class SearchState:
    """The picture and the part of the library that are searched for and in. Only the field has the text."""

    def __init__(self) -> None:
        self.place = Scope()
        """The part of the library that is open."""
        self.everywhere = False
        """Whether the user wants to search the whole library, until another part is opened."""
        self._picture: SimilarQuery | None = None
        """The picture to search for, without words."""
        self._title = ""
        """The name of the picture."""
        self._path: str | None = None
        """The file of the picture, if a query can contain its path."""

    @property
    def has_picture(self) -> bool:
        """Whether a picture is searched for."""
        return self._picture is not None

    @property
    def picture_shown(self) -> tuple[str, str | None]:
        """The title and the file of the picture that is searched for; empty if there is none."""
        return ("", None) if self._picture is None else (self._title, self._path)

    @property
    def within(self) -> str:
        """The filter, in the search language, of the part that is searched; empty for the whole library."""
        return "" if self.everywhere or self._picture is not None else self.place.filter

    def set_picture(self, query: SimilarQuery, title: str, path: str | None) -> None:
        """Search for pictures similar to one, which may be in a file at ``path``."""
        self._picture = replace(query, words="")
        self._title = title
        self._path = path if path is not None and can_be_written(path) else None

    def forget_picture(self) -> None:
        """Search for the text only."""
        self._picture = self._path = None

    def query(self, text: str) -> Query | None:
        """The query with the text of the field, or None if there is nothing to search for."""
        text = _without_unfinished(" ".join(text.split()))
        if self._picture is not None:
            return replace(self._picture, words=text)
        return TextQuery(text, self.within) if text else None

    def saveable(self, text: str) -> str:
        """The query in the search language, with the file of the picture.

        Empty if there is nothing to save, or if the picture is not in a file.
        """
        text = text.strip()
        if self._picture is None:
            return TextQuery(text, self.within).whole if text else ""
        if self._path is None:
            return ""
        from safelight.core.query import Like  # loaded with the first search, not before the first paint

        return f"{Like(self._path).text()} {text}".rstrip()


def _without_unfinished(text: str) -> str:
    """The text without a filter at its end that has no value yet, such as ``tag:``.

    While its value is typed, the words alone are searched for: there are no photos of "tag:".
    """
    before, _, last = text.rpartition(" ")
    if not last.endswith(":"):
        return text
    from safelight.core.fields import FIELDS_BY_KEY  # see saveable()
    from safelight.core.flags import FLAG_KEYS

    key = last[:-1].lstrip("+-").lower()
    return before if key in FIELDS_BY_KEY or key in FLAG_KEYS else text
