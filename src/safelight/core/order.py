"""Sort orders."""

from __future__ import annotations

import re
from enum import StrEnum


class Order(StrEnum):
    """Saved in settings: never rename a value."""

    NATURAL = "natural"
    """The list's own order: relevance for a search, date for the library, arrival for recent photos."""
    NEWEST = "newest"
    OLDEST = "oldest"
    LARGEST = "largest"
    """By bytes."""
    BEST_RATED = "best-rated"
    NAME = "name"


_NUMBER = re.compile(r"(\d+)")


def name_key(name: str) -> list[tuple[int, int, str]]:
    """A sort key that ignores case and compares numbers by value (IMG_9 before IMG_10)."""
    return [
        (0, int(piece), piece) if piece.isdecimal() else (1, 0, piece.casefold())
        for piece in _NUMBER.split(name)
        if piece
    ]
