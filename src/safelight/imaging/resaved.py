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
from safelight.imaging.local_difference import LocalDifference, flat_share, local_difference, warp_onto
from safelight.imaging.read import load_image

Luminance = npt.NDArray[np.uint8]

_COMPARED_SIDE = 1200
"""Long side in pixels at which files are compared."""

_MIN_DIFFERENT_SCORE = 3.0
"""Thumbnails with at least this score differ. Saving again caused at most 2.2. Two documents from one
template have a lower score only if they differ in one or two digits."""

_MAX_EQUAL_SCORE = 1.2
"""Thumbnails of documents with at most this score count as equal. Otherwise their files are compared."""

_MIN_DOCUMENT_SHARE = 0.45
"""A picture with at least this share of tiles without detail is treated as a document or screenshot."""

MIN_FILE_DIFFERENCE_SCORE = 4.0
"""Files with at least this score differ. Saving again caused at most 2.0, and another digit at least 11."""

_MIN_SIDE = 32
"""Pictures with a shorter short side, in pixels, are too small to be compared tile by tile."""


@dataclass(frozen=True, slots=True)
class ThumbnailTiles:
    """A thumbnail at its full size."""

    luminance: Luminance
    flat: float
    """Share of the tiles without detail."""

    @property
    def is_document(self) -> bool:
        """Whether it is most likely a document or a screenshot."""
        return self.flat >= _MIN_DOCUMENT_SHARE


def detail(jpeg: bytes) -> ThumbnailTiles:
    """Raises Pillow's errors for anything unreadable."""
    with open_thumbnail(jpeg) as image:
        luminance = np.asarray(image.convert("L"))
    return ThumbnailTiles(luminance, flat_share(luminance.astype(np.float32)))


def thumbnails_differ(
    first: ThumbnailTiles, second: ThumbnailTiles, orientation: int, affine: Affine
) -> bool | None:
    """Whether they differ in one place; None if only comparing the files can tell.

    ``orientation`` is applied to the second to match the first, ``affine`` is the map between them that
    :func:`compare_frames` found.
    """
    found = _difference(first.luminance, second.luminance, orientation, affine)
    if found is None or found.score > _MIN_DIFFERENT_SCORE:
        return found is not None
    if found.score > _MAX_EQUAL_SCORE and min(first.flat, second.flat) >= _MIN_DOCUMENT_SHARE:
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
    return found if found is not None and found.score > MIN_FILE_DIFFERENCE_SCORE else None


def _grey(path: bytes | str) -> Luminance:
    pixels, _ = load_image(path, _COMPARED_SIDE)
    return np.asarray(Image.fromarray(pixels).convert("L"))


def _difference(
    first: Luminance, second: Luminance, orientation: int, affine: Affine
) -> LocalDifference | None:
    """None where the pictures are too small. Most pairs are aligned already; the map is tried where they
    are not.
    """
    upright = np.ascontiguousarray(turned(second, orientation))
    smaller = first if first.size <= upright.size else upright
    if min(smaller.shape) < _MIN_SIDE:
        return None
    one, two = (_resized(each, smaller.shape) for each in (first, upright))
    found = local_difference(one, two)
    if found.score <= _MAX_EQUAL_SCORE:
        return found
    moved = local_difference(one, warp_onto(one, two, affine))
    return min(found, moved, key=lambda each: each.score)


def _resized(luminance: Luminance, shape: tuple[int, ...]) -> Grey:
    if luminance.shape == shape:
        return luminance.astype(np.float32)
    size = (shape[1], shape[0])
    return np.asarray(Image.fromarray(luminance).resize(size, Image.Resampling.BICUBIC), np.float32)
