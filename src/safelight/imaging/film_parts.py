"""Finds a video in a longer one that contains it: a part that was cut out and encoded again.

The fingerprints of both are compared at every offset that their times allow. Everything that the shorter
video shows must be in the longer one. What changes has to agree over all of it, in each quarter of its time
and in each region of the picture. So a common introduction, some equal slides, or the same animated title
over another take of one place do not make a part.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from safelight.core.videos import Film, FoundPart
from safelight.imaging.film import (
    MIN_MOTION,
    SIDE,
    Levels,
    correlation,
    likeness_of_still_parts,
    without_still_parts,
)

_MIN_COMMON_FRAMES = 12
"""Frames at common times from which a part can be recognised."""
_MIN_COVERED_SHARE = 0.9
"""Share of the shorter video that its fingerprint must cover, since every frame of it is to be found."""

_MIN_FRAME_CORRELATION = 0.8
"""Mean correlation of the single frames from which what changes is compared too, which takes longer."""
_MAX_OFFSETS = 24
"""Offsets, those with the most similar frames, at which what changes is compared."""

_SAME, _SAME_QUARTER, _SAME_REGION = 0.9, 0.85, 0.5
"""Likeness of a part: of the whole of it, of each quarter of its time, of each region of the picture."""
_REGIONS = 4
"""Rows and columns of regions."""
_MIN_REGION_MOTION = 2.0
"""Standard deviation of the levels over time from which something moves in a region."""
_MIN_FRAME_TEXTURE = 2.0
"""Standard deviation of the levels of a frame below which it is plain, such as a black one."""

Cells = npt.NDArray[np.float32]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class SearchedFilm:
    """A fine film, prepared for many comparisons."""

    film: Film
    duration: float
    """Seconds of the whole video."""
    normed: Cells
    """Frames (n, cells) of mean 0 and length 1. Plain ones are 0 everywhere, and so similar to nothing."""

    @classmethod
    def of(cls, film: Film, duration: float) -> SearchedFilm:
        cells = film.frames.astype(np.float32)
        cells -= cells.mean(axis=1, keepdims=True)
        lengths = np.linalg.norm(cells, axis=1, keepdims=True)
        telling = lengths > _MIN_FRAME_TEXTURE * SIDE
        return cls(
            film, duration, np.where(telling, cells / np.maximum(lengths, 1e-6), 0.0).astype(np.float32)
        )

    @property
    def is_complete(self) -> bool:
        """Whether the film covers the video: decoding may have taken too long."""
        return self.film.step * (len(self.film.frames) + 1) >= _MIN_COVERED_SHARE * self.duration


def find_part(whole: SearchedFilm, part: SearchedFilm) -> FoundPart | None:
    """Where a longer video shows all of a shorter one; None if it does not, or if it cannot be told."""
    if not part.is_complete or part.film.step > whole.film.step:
        return None
    found = [
        FoundPart(offset.seconds, min(alike, 1.0))
        for offset in _best_offsets(whole, part)
        if (alike := _likeness(whole.film.frames[offset.whole], part.film.frames[offset.part])) is not None
    ]
    return max(found, key=lambda each: each.likeness, default=None)


@dataclass(frozen=True, slots=True)
class _Offset:
    """One way to place the shorter video in the longer one."""

    seconds: float
    whole: Places
    part: Places
    """The frames of both that show the same time."""


def _best_offsets(whole: SearchedFilm, part: SearchedFilm) -> Sequence[_Offset]:
    """The offsets at which single frames are most similar; none where they are different everywhere."""
    similar = whole.normed @ part.normed.T
    if float(similar.max(axis=0).mean()) < _MIN_FRAME_CORRELATION:
        return []  # most pairs of videos, at a hundredth of the cost
    offsets = list(_offsets(whole.film, part.film))
    alike = np.array([float(similar[each.whole, each.part].mean()) for each in offsets])
    best = np.argsort(-alike, kind="stable")[:_MAX_OFFSETS]
    return [offsets[number] for number in best.tolist() if alike[number] >= _MIN_FRAME_CORRELATION]


def _offsets(whole: Film, part: Film) -> Iterator[_Offset]:
    """Every offset, in steps of the shorter film, at which both have enough common times. The ends may
    protrude a little, since encoders round times.
    """
    ratio = round(whole.step / part.step)
    whole_count, part_count = len(whole.frames), len(part.frames)
    for shift in range(-2, ratio * (whole_count + 1) - part_count + 3):
        first = max(1, math.ceil((1 + shift) / ratio))
        last = min(whole_count, (part_count + shift) // ratio)
        if last - first + 1 >= _MIN_COMMON_FRAMES:
            numbers = np.arange(first, last + 1)  # the frame of a number shows the time number * step
            yield _Offset(max(0.0, shift * part.step), numbers - 1, ratio * numbers - shift - 1)


def _likeness(whole: npt.NDArray[np.uint8], part: npt.NDArray[np.uint8]) -> float | None:
    """The likeness of frames (n, cells) that may show the same; None where they do not."""
    first, second = whole.astype(np.float64), part.astype(np.float64)
    changes = without_still_parts(first), without_still_parts(second)
    if min(float(each.std()) for each in changes) < MIN_MOTION:
        return None
    alike = min(correlation(*changes), likeness_of_still_parts(first, second))
    if alike < _SAME or _worst_quarter(*changes) < _SAME_QUARTER or _worst_region(*changes) < _SAME_REGION:
        return None
    return alike


def _worst_quarter(one: Levels, two: Levels) -> float:
    quarters = zip(np.array_split(one, 4), np.array_split(two, 4), strict=True)
    return min(correlation(*quarter) for quarter in quarters)


def _worst_region(one: Levels, two: Levels) -> float:
    """The worst correlation among the regions in which something moves."""
    pairs = zip(_regions(one), _regions(two), strict=True)
    return min(
        (
            correlation(first, second)
            for first, second in pairs
            if max(float(first.std()), float(second.std())) >= _MIN_REGION_MOTION
        ),
        default=1.0,
    )


def _regions(frames: Levels) -> Levels:
    """Frames (n, cells) as regions (regions, n * cells of one region)."""
    side = SIDE // _REGIONS
    blocks = frames.reshape(len(frames), _REGIONS, side, _REGIONS, side).transpose(1, 3, 0, 2, 4)
    return blocks.reshape(_REGIONS * _REGIONS, -1)
