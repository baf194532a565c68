"""Distinguishes one picture saved twice from two pictures that differ in one place.

Thumbnails that agree block by block may still be two documents from one template. The worst tile decides,
and documents and screenshots, where a digit is a few pixels, are compared once more at a larger size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from safelight.imaging.alignment import Affine, Grey
from safelight.imaging.encoded import open_thumbnail
from safelight.imaging.frames import compare_frames, frame_of, turned
from safelight.imaging.local_difference import LocalDifference, flat_share, laid_over, local_difference
from safelight.imaging.read import load_image

Luminance = npt.NDArray[np.uint8]

_SIDE = 1200
"""Long side in pixels at which files are compared."""

_DIFFERENT = 3.0
"""Score of thumbnails from which they differ. Saving again caused at most 2.2; of two documents from one
template, only those that differ in a digit or two stay below."""

_ALIKE = 1.2
"""Score up to which thumbnails of documents count as equal without comparing the files."""

_DOCUMENT = 0.45
"""Share of tiles without detail from which a picture is treated as a document or a screenshot."""

FILES_DIFFERENT = 4.0
"""Score of files from which they differ. Saving again caused at most 2.0, another digit at least 11."""

_LEAST = 32
"""Pixels of the short side below which there is nothing to compare tile by tile."""


@dataclass(frozen=True, slots=True)
class Detail:
    """A thumbnail at its full size."""

    luminance: Luminance
    flat: float
    """Share of the tiles without detail."""

    @property
    def is_document(self) -> bool:
        """Whether it is most likely a document or a screenshot."""
        return self.flat >= _DOCUMENT


def detail(jpeg: bytes) -> Detail:
    """Raises Pillow's errors for anything unreadable."""
    with open_thumbnail(jpeg) as image:
        luminance = np.asarray(image.convert("L"))
    return Detail(luminance, flat_share(luminance.astype(np.float32)))


def thumbnails_differ(first: Detail, second: Detail, orientation: int, affine: Affine) -> bool | None:
    """Whether they differ in one place; None where only the files can tell.

    ``orientation`` is applied to the second to match the first, ``affine`` is the map between them that
    :func:`compare_frames` found.
    """
    found = _difference(first.luminance, second.luminance, orientation, affine)
    if found is None or found.score > _DIFFERENT:
        return found is not None
    if found.score > _ALIKE and min(first.flat, second.flat) >= _DOCUMENT:
        return None
    return False


def difference_of_files(first: bytes | str, second: bytes | str) -> LocalDifference | None:
    """The difference of two files, at 1,200 pixels; None where they do not differ. Raises ImageError.

    Where they cannot be aligned, a difference in the middle is reported.
    """
    one, two = _grey(first), _grey(second)
    here, there = (frame_of(Image.fromarray(grey)) for grey in (one, two))
    smaller = min(max(one.shape), max(two.shape))
    tried = [(compare_frames(here, there, orientation, smaller), orientation) for orientation in range(8)]
    best, orientation = max(tried, key=lambda each: each[0].likeness)
    if best.likeness <= 0:
        return LocalDifference(float("inf"), 0.5, 0.5)
    found = _difference(one, two, orientation, best.affine)
    return found if found is not None and found.score > FILES_DIFFERENT else None


def _grey(path: bytes | str) -> Luminance:
    pixels, _ = load_image(path, _SIDE)
    return np.asarray(Image.fromarray(pixels).convert("L"))


def _difference(
    first: Luminance, second: Luminance, orientation: int, affine: Affine
) -> LocalDifference | None:
    """None where the pictures are too small. Most pairs are aligned already; the map is tried where they
    are not.
    """
    upright = np.ascontiguousarray(turned(second, orientation))
    smaller = first if first.size <= upright.size else upright
    if min(smaller.shape) < _LEAST:
        return None
    one, two = (_resized(each, smaller.shape) for each in (first, upright))
    found = local_difference(one, two)
    if found.score <= _ALIKE:
        return found
    moved = local_difference(one, laid_over(one, two, affine))
    return min(found, moved, key=lambda each: each.score)


def _resized(luminance: Luminance, shape: tuple[int, ...]) -> Grey:
    if luminance.shape == shape:
        return luminance.astype(np.float32)
    size = (shape[1], shape[0])
    return np.asarray(Image.fromarray(luminance).resize(size, Image.Resampling.BICUBIC), np.float32)
