"""A search hit and its band."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from safelight.core.message import Message
from safelight.core.photo_units import PhotoUnit


class Band(StrEnum):
    """How likely a hit matches."""

    STRONG = "strong"
    MAYBE = "maybe"
    REST = "rest"


@dataclass(frozen=True, slots=True)
class SearchHit:
    photo_id: int
    score: float
    """Cosine similarity to what is searched for, −1 to 1: the query, or the classifier of a single word. The
    probability where a filter decided."""
    band: Band
    reason: Message | None = None
    """Other evidence, for people: "file name: beach". None if only its looks count."""
    unit: PhotoUnit | None = None
    """The part of the photo that matched best; None where it is the picture as a whole."""
    probability: float | None = None
    """How likely the photo matches, 0 to 1; None where that is not known, as for pictures that look alike."""
