"""The orders in which photos can be shown. Fields declare them: see :mod:`safelight.core.fields`."""

from __future__ import annotations

import re
from typing import ClassVar


class Order(str):
    """The key of an order. Kept in the settings: never rename one."""

    __slots__ = ()

    NATURAL: ClassVar[Order]
    """The list's own: relevance for a search, date for the library, arrival for recently added photos."""
    NEWEST: ClassVar[Order]
    OLDEST: ClassVar[Order]
    LARGEST: ClassVar[Order]
    """By bytes."""
    BEST_RATED: ClassVar[Order]
    NAME: ClassVar[Order]
    ADDED: ClassVar[Order]
    """By when photos were added to the library, the latest first."""


Order.NATURAL = Order("natural")
Order.NEWEST = Order("newest")
Order.OLDEST = Order("oldest")
Order.LARGEST = Order("largest")
Order.BEST_RATED = Order("best-rated")
Order.NAME = Order("name")
Order.ADDED = Order("recently-added")


_NUMBER = re.compile(r"(\d+)")


def name_key(name: str) -> list[tuple[int, int, str]]:
    """A sort key that ignores case and orders numbers by value (IMG_9 before IMG_10)."""
    return [
        (0, int(piece), piece) if piece.isdecimal() else (1, 0, piece.casefold())
        for piece in _NUMBER.split(name)
        if piece
    ]
