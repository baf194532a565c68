"""Whether two thumbnails show one whole picture, in any orientation, size and compression."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image

from safelight.imaging.alignment import Affine, Grey, agreement, drift, refine_alignment, resample, smooth
from safelight.imaging.encoded import open_thumbnail

_SIDE = 128
_IDENTITY = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])

_MAX_ASPECT_DIFFERENCE = 0.04
"""Largest difference of the logarithms of two aspect ratios: 50 pixels round by 2 %."""

_MAX_DRIFT = 1.0 / _SIDE
"""Largest shift of a corner. Rounding to whole pixels while scaling caused up to 0.6 of this, another picture
of the same scene at least 1.6."""

_LOWEST, _SECOND, _TENTH = 0.55, 0.78, 0.86
"""Lowest correlations of blocks; see docs/duplicates.md."""

_MIN_CORRELATION_TO_ALIGN = 0.5
"""If the correlation of the whole pictures is lower, they are not aligned, because that cannot help."""

_MIN_TEXTURED_SHARE = 0.2
"""Smallest share of blocks with texture: two clear skies cannot be compared."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A thumbnail scaled to a square, and its aspect ratio (height divided by width)."""

    luminance: Grey
    aspect: float


@dataclass(frozen=True, slots=True)
class FrameLikeness:
    same: bool
    """One whole picture: nothing cropped, nothing added, no block that differs."""
    likeness: float
    """0 to 1: the mean of the lowest, the tenth percentile and the median correlation of the blocks."""

    affine: Affine = field(default_factory=_IDENTITY.copy, compare=False)
    """Between the two pictures as squares of side 1 about their middle: from the first to the second."""


_Kind = TypeVar("_Kind", bound=np.generic)

_DIFFERENT = FrameLikeness(same=False, likeness=0.0)


def frame(jpeg: bytes) -> Frame:
    """Raises Pillow's errors for anything unreadable."""
    with open_thumbnail(jpeg) as image:
        image.draft("L", (_SIDE, _SIDE))
        return frame_of(image.convert("L"))


def frame_of(grey: Image.Image) -> Frame:
    """The frame of a picture of mode L."""
    aspect = grey.height / grey.width
    square = grey.resize((_SIDE, _SIDE), Image.Resampling.BICUBIC)
    return Frame(smooth(np.asarray(square, np.float32)), aspect)


def turned(luminance: npt.NDArray[_Kind], orientation: int) -> npt.NDArray[_Kind]:
    """Bit 2 of ``orientation`` transposes, then bit 1 reverses the rows and bit 0 the columns;
    see :func:`safelight.core.hamming.orientations`."""
    if orientation & 4:
        luminance = luminance.T
    if orientation & 2:
        luminance = luminance[::-1]
    return luminance[:, ::-1] if orientation & 1 else luminance


def compare_frames(first: Frame, second: Frame, orientation: int, pixels: int) -> FrameLikeness:
    """``orientation`` is applied to the second so that it looks like the first. ``pixels`` is the long side
    of the smaller file, which limits the detail that can be compared."""
    aspect = 1 / second.aspect if orientation & 4 else second.aspect
    if abs(math.log(first.aspect / aspect)) > _MAX_ASPECT_DIFFERENCE:
        return _DIFFERENT
    still, moving = first.luminance, np.ascontiguousarray(turned(second.luminance, orientation))
    detail = pixels
    while detail < 2 * _SIDE:  # detail that the smaller one cannot have is no difference
        still, moving = smooth(smooth(still)), smooth(smooth(moving))
        detail *= 2
    if _correlation(still, moving) < _MIN_CORRELATION_TO_ALIGN:
        return _DIFFERENT
    affine = refine_alignment(still, moving, _IDENTITY)
    seen, _ = resample(moving, affine, still.shape)
    found = agreement(still, seen)
    likeness = max(0.0, (found.lowest + found.tenth + found.middle) / 3)
    same = (
        drift(affine, still.shape) <= _MAX_DRIFT
        and found.lowest >= _LOWEST
        and found.second >= _SECOND
        and found.tenth >= _TENTH
        and found.telling >= _MIN_TEXTURED_SHARE
    )
    return FrameLikeness(same, likeness, _in_unit_squares(affine))


def _in_unit_squares(affine: Affine) -> Affine:
    """A map between frames as one between squares of side 1 about their middle."""
    moved: Affine = affine.copy()
    middle = (_SIDE - 1) / 2
    moved[:, 2] = (affine[:, :2] @ [middle, middle] + affine[:, 2] - middle) / _SIDE
    return moved


def _correlation(first: Grey, second: Grey) -> float:
    one, two = first - first.mean(), second - second.mean()
    return float((one * two).sum() / np.sqrt((one * one).sum() * (two * two).sum() + 1e-3))
