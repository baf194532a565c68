"""Why a photo matches a query, as values for display."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from safelight.core.message import Message
from safelight.core.photo_units import PhotoUnit

Heat = tuple[tuple[float, ...], ...]
"""Rows from the top of the upright picture, each from the left. Values from 0 (no match) to 1."""


class Standing(StrEnum):
    """How well a photo matches one part of a query."""

    CLEARLY = "clearly"
    """As well as the photos that match this part best."""
    SOMEWHAT = "somewhat"
    HARDLY = "hardly"
    """No better than most photos of the library."""


@dataclass(frozen=True, slots=True)
class PartScore:
    """How well the photo matches one part of the query. ``clearly`` for an excluded part counts against the
    photo."""

    text: str
    """As written in the search language: ``dog on a beach``, ``-grass``, ``like:/photos/cat.jpg``, and for a
    filter that the model decides, ``my:bruno``."""
    score: float | None
    """Cosine similarity, −1 to 1; None for a filter that the model decides."""
    deviation: float | None
    """How far it stands out from the library for this part, in spreads of the part's own background; None for
    a filter that the model decides."""
    standing: Standing
    excluded: bool = False
    probability: float | None = None
    """How likely the photo matches this part, 0 to 1; None if it is judged by the deviation alone."""


@dataclass(frozen=True, slots=True)
class Explanation:
    photo_id: int
    parts: tuple[PartScore, ...] = ()
    """The parts in the order of the query. A picture that was dropped on the search box comes first."""
    looks_like: tuple[str, ...] = ()
    """The everyday things by which the photo stands out most from the library, best first."""
    descriptions: tuple[str, ...] = ()
    """The reference descriptions nearest to the photo, best first. Empty until the model has encoded them."""
    names: Message | None = None
    """Matches in its names: "file name: beach". None if there are none."""
    heat: Heat = ()
    """Where in the picture the query matches. A picture that does not match is pale everywhere. Empty if not
    known: see ``notice``."""
    notice: Message | None = None
    """Why there is no heat map. None if there is one, or while it is being computed."""
    unit: PhotoUnit | None = None
    """The part of the photo that matches best; None where it is the picture as a whole."""
