"""A hit, and how sure of it we are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Band(StrEnum):
    """How a hit stands out from the library's own background."""

    STRONG = "strong"
    MAYBE = "maybe"
    REST = "rest"


@dataclass(frozen=True, slots=True)
class SearchHit:
    photo_id: int
    score: float
    """Cosine similarity to the query, −1 to 1."""
    band: Band
    reason: str = ""
    """What else speaks for it, for the person: "file name: beach". Empty where it is its looks alone."""
