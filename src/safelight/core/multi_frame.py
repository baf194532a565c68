"""Files with several frames: animations, and documents whose pages are separate pictures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from safelight.core.encoder import Pixels

_PLAYED = frozenset(("GIF", "WEBP", "PNG", "AVIF"))
_STILL = frozenset(("JXL",))
"""Formats of animations of which only the first frame can be decoded: see docs/formats.md."""
_PAGED = frozenset(("TIFF", "HEIC", "JPEG"))
_OFTEN = frozenset(("GIF", "TIFF", "WEBP"))
"""Formats that often have several frames, so that they are looked for where they were not counted."""

FRAMES_UNKNOWN = 0
"""The number of frames of a photo that an older version indexed."""


class Page(NamedTuple):
    """A frame that is a picture of its own."""

    number: int
    """Its place in the file, from 0."""
    width: int
    """Pixels, upright."""
    height: int


@dataclass(frozen=True, slots=True)
class AnimationPart:
    """Successive frames of an animation."""

    first: int
    """The place of the first of these frames in the animation, from 0."""
    total: int
    """Number of frames of the animation."""
    durations: tuple[int, ...]
    """Milliseconds for which each frame is shown."""
    frames: Pixels = field(compare=False, repr=False)
    """sRGB, shape (frames, height, width, 3)."""


def is_animation(photo_format: str, frames: int) -> bool:
    """Whether a photo is an animation, from its format and its number of frames."""
    return frames > 1 and photo_format in _PLAYED | _STILL


def shows_first_frame_only(photo_format: str, frames: int) -> bool:
    """Whether a photo is an animation whose other frames cannot be decoded."""
    return frames > 1 and photo_format in _STILL


def may_have_pages(photo_format: str, frames: int) -> bool:
    """Whether a photo may have several pages. Only its file tells: a JPEG of several frames may be a motion
    photo.
    """
    return frames > 1 and photo_format in _PAGED


def may_have_frames(photo_format: str, frames: int) -> bool:
    """Whether to look into the file for further frames."""
    if frames == FRAMES_UNKNOWN:
        return photo_format in _OFTEN
    return (frames > 1 and photo_format in _PLAYED) or may_have_pages(photo_format, frames)
