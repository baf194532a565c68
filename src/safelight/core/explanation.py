"""Why a photo answers a query, as values that a window can show."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Heat = tuple[tuple[float, ...], ...]
"""Rows from the top of the upright picture, each from the left; 0 (nothing of it) to 1."""


class Standing(StrEnum):
    """How far a photo stands out from the library by one part of a query."""

    CLEARLY = "clearly"
    """As far as the photos that answer this part best."""
    SOMEWHAT = "somewhat"
    HARDLY = "hardly"
    """No further than most photos of the library."""


@dataclass(frozen=True, slots=True)
class PartScore:
    """What one part of the query says of the photo. Of an excluded part, ``clearly`` is what speaks
    against it."""

    text: str
    """As it is written in the search language: ``dog on a beach``, ``-grass``, ``like:/photos/cat.jpg``."""
    score: float
    """Cosine similarity, −1 to 1."""
    deviation: float
    """How far it stands out, in spreads of this part's own background in the library."""
    standing: Standing
    excluded: bool = False
    probability: float | None = None
    """That the photo matches this part, 0 to 1; None if it is judged by the deviation alone."""


@dataclass(frozen=True, slots=True)
class Explanation:
    photo_id: int
    parts: tuple[PartScore, ...] = ()
    """In the order of the query; a picture that was dropped on the box or asked for comes first."""
    looks_like: tuple[str, ...] = ()
    """What of a few hundred everyday things the photo stands out by most, for the model, best first."""
    names: str = ""
    """What its names say: "file name: beach". Empty where they say nothing."""
    heat: Heat = ()
    """Where in the picture the query is. The hottest place of a picture that does not stand out is pale
    too. Empty where it is not known: see ``notice``."""
    notice: str = ""
    """Why there is no heat map; empty while it is still being made, or where there is one."""
