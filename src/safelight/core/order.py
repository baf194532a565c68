"""In which order photos are shown."""

from __future__ import annotations

import re
from enum import StrEnum


class Order(StrEnum):
    """Kept in the settings: never rename a value."""

    NATURAL = "natural"
    """What the list has of itself: relevance for a search, date for the library, arrival for what is new."""
    NEWEST = "newest"
    OLDEST = "oldest"
    LARGEST = "largest"
    """By bytes."""
    BEST_RATED = "best-rated"
    NAME = "name"


_NUMBER = re.compile(r"(\d+)")


def name_key(name: str) -> list[tuple[int, int, str]]:
    """Sorts names as people do: without regard to case, numbers by their value (IMG_9 before IMG_10)."""
    return [
        (0, int(piece), piece) if piece.isdecimal() else (1, 0, piece.casefold())
        for piece in _NUMBER.split(name)
        if piece
    ]
