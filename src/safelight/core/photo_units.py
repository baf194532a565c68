"""Units: what a vector stands for. A photo has one unit as a whole, and may have smaller ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class UnitKind(StrEnum):
    """Stored in the database: never rename a value."""

    PHOTO = "photo"
    """The picture as a whole."""
    FRAME = "frame"
    """A frame of a video."""
    WINDOW = "window"
    """A rectangle of the picture."""
    FACE = "face"
    TEXT = "text"
    """Text that the picture shows."""

    @property
    def is_picture(self) -> bool:
        """Whether its vectors are made of pixels by the search model, so that a search compares them with
        those of whole photos."""
        return self in (UnitKind.PHOTO, UnitKind.FRAME, UnitKind.WINDOW)


@dataclass(frozen=True, slots=True)
class PhotoUnit:
    """A part of a photo."""

    kind: UnitKind
    number: int
    """Its position among the photo's units of this kind, from 0."""
    place: Mapping[str, float] = field(default_factory=dict)
    """Where it is: ``seconds`` of a frame; ``x``, ``y``, ``width``, ``height`` as shares of the picture."""


class Match(NamedTuple):
    """A photo by its best unit."""

    photo_id: int
    score: float
    """Cosine similarity."""
    unit_id: int
