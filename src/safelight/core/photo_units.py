"""Units: what a vector represents. A photo has one unit as a whole, and may have smaller ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # the window's first paint must not wait for NumPy
    from safelight.core.encoder import Pixels


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


STAGE_OF_UNIT_KIND: Mapping[UnitKind, str] = {UnitKind.WINDOW: "windows", UnitKind.FRAME: "frames"}
"""The stage that makes the units of a kind. Its state says which photos have all of theirs."""


class WindowPosition(StrEnum):
    """Where in an elongated picture a window is."""

    LEFT_END = "left end"
    LEFT = "left half"
    MIDDLE = "middle"
    RIGHT = "right half"
    RIGHT_END = "right end"
    TOP_END = "top end"
    TOP = "top half"
    BOTTOM = "bottom half"
    BOTTOM_END = "bottom end"


_ACROSS = (
    WindowPosition.LEFT_END,
    WindowPosition.LEFT,
    WindowPosition.MIDDLE,
    WindowPosition.RIGHT,
    WindowPosition.RIGHT_END,
)
_DOWN = (
    WindowPosition.TOP_END,
    WindowPosition.TOP,
    WindowPosition.MIDDLE,
    WindowPosition.BOTTOM,
    WindowPosition.BOTTOM_END,
)
_UP_TO = (0.2, 0.4, 0.6, 0.8)
"""The last centre of each spot but the last, as a share of the long side."""


@dataclass(frozen=True, slots=True)
class PhotoUnit:
    """A part of a photo."""

    kind: UnitKind
    number: int
    """Its position among the photo's units of this kind, from 0."""
    place: Mapping[str, float] = field(default_factory=dict)
    """Where it is: ``seconds`` of a frame; ``x``, ``y``, ``width``, ``height`` as shares of the picture."""

    @property
    def seconds(self) -> float | None:
        """When a frame of a video is shown; None for a unit that is no frame."""
        return self.place.get("seconds") if self.kind is UnitKind.FRAME else None

    @property
    def spot(self) -> WindowPosition | None:
        """Where a window is along the picture; None for a unit that is no window."""
        if self.kind is not UnitKind.WINDOW:
            return None
        across = self.place["width"] < self.place["height"]
        start, length = ("x", "width") if across else ("y", "height")
        centre = self.place[start] + self.place[length] / 2
        return (_ACROSS if across else _DOWN)[sum(centre > edge for edge in _UP_TO)]


@dataclass(frozen=True, slots=True)
class UnitInputs:
    """The parts of one photo, ready for the model."""

    places: tuple[Mapping[str, float], ...]
    """As :attr:`PhotoUnit.place`."""
    pixels: Pixels
    """uint8 (n, size, size, 3), one for each place."""
    thumbnails: tuple[bytes, ...] = ()
    """A JPEG for each place, where the picture's own thumbnail does not show it."""


class Match(NamedTuple):
    """A photo with its best unit."""

    photo_id: int
    score: float
    """Cosine similarity."""
    unit_id: int
