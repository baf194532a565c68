"""Themes: groups of photos that show similar things, found in the library itself."""

from __future__ import annotations

from dataclasses import dataclass

from safelight.core.errors import UsageError
from safelight.core.plain_text import without_surrogates

MAX_THEME_NAME_LENGTH = 100
"""Characters in the name of a theme."""

MIN_PHOTOS = 40
"""A library with fewer searchable photos has no themes: the groups would be single photos."""


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme as it is shown: one cluster, or several that the user merged."""

    id: int
    """Differs after the themes have been made again."""
    name: str
    path: str
    """The name, after that of the theme that contains it: ``Animals/Dogs``."""
    parent_id: int | None
    size: int
    """Photos that are shown; hidden photos and second halves of pairs are not counted."""
    covers: tuple[int, ...]
    """Photos that are typical of it, the most typical first; at most four."""
    first: str
    """The date of the earliest photo, as ISO 8601 text."""
    last: str
    hidden: bool = False
    renamed: bool = False
    """The user chose the name."""
    merged: int = 1
    """How many clusters it consists of."""

    @property
    def query(self) -> str:
        """The search for its photos."""
        from safelight.core.query.conditions import value_text  # after the first paint of the window

        return f"theme:{value_text(self.path)}"


def clean_theme_name(text: str) -> str:
    """The name of a theme as it is stored; empty for the automatic name.

    Raises UsageError for one that is too long or contains "/".
    """
    name = " ".join(without_surrogates(text).split())
    if len(name) > MAX_THEME_NAME_LENGTH:
        raise UsageError("The name of a theme has at most {limit} characters.", limit=MAX_THEME_NAME_LENGTH)
    if "/" in name:
        raise UsageError(
            "The name of a theme cannot contain “/”: {name}. It separates nested themes.", name=name
        )
    return name
