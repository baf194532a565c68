"""Local differences between two pictures that agree as a whole: a digit, a line of text, a face.

A mean over the picture hides such a difference, so the worst tile decides. The effects of saving a picture
again (compression, scaling, other brightness or colours) are not a difference.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from safelight.core.message import Message
from safelight.imaging.alignment import Affine, Grey, resample, smooth

TILE = 8
"""Pixels of a tile's side."""

_NOISE = 4.0
"""Levels by which pixels may differ where neither picture has detail: compression does that."""

_GRADIENT_TOLERANCE = 0.3
"""The same as a share of the gradient that both pictures have: half a pixel of shift, or less sharpness."""

_MIN_FIT_VARIANCE = 30.0
"""Variance of luminance below which the slope of a tile's fit is not trusted."""

_LEVELS = 64

_MAX_FLAT_DEVIATION = 3.0
"""Standard deviation of luminance up to which a tile is flat, like paper or the background of a window."""

_BORDER = 2
"""Pixels at the edge that are not compared, because scaling repeats the outermost pixels."""

_BLUR_COMPARISON_FROM = 1.0
"""Score from which the pictures are also compared after blurring one of them."""

_Tiles = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class LocalDifference:
    score: float
    """How far the worst pixel exceeds the effects of saving again; 1 is the limit of noise."""
    x: float
    """Position of the worst pixel as a share of the width, 0 to 1."""
    y: float
    """The same of the height."""

    @property
    def place(self) -> Message:
        """The place in words: ``at the top left``."""
        return _PLACES[min(2, int(self.y * 3))][min(2, int(self.x * 3))]


_PLACES = (
    (Message("at the top left"), Message("at the top"), Message("at the top right")),
    (Message("in the middle left"), Message("in the middle"), Message("in the middle right")),
    (Message("at the bottom left"), Message("at the bottom"), Message("at the bottom right")),
)


def local_difference(first: Grey, second: Grey) -> LocalDifference:
    """Compare two aligned pictures of one shape, with at least 3 tiles along each side.

    A pixel differs if neither one tone curve for the whole picture nor a linear fit in its tile explains it.
    """
    one, two = smooth(_crop_to_tiles(first)), smooth(_crop_to_tiles(second))
    score, place = _worst_pixel(one, two)
    if score > _BLUR_COMPARISON_FROM:
        # Scaling with another filter makes one of them less sharp.
        for softer in ((smooth(one), two), (one, smooth(two))):
            score, place = min((score, place), _worst_pixel(*softer))
    height, width = one.shape
    return LocalDifference(score, place[1] / width, place[0] / height)


def flat_share(grey: Grey) -> float:
    """Share of the tiles without detail: most of a document or a screenshot."""
    deviation = _split_into_tiles(_crop_to_tiles(grey)).std((2, 3))
    return float((deviation <= _MAX_FLAT_DEVIATION).mean())


def warp_onto(first: Grey, second: Grey, affine: Affine) -> Grey:
    """The second picture on the frame of the first. ``affine`` maps between squares of side 1, centred."""
    height, width = first.shape
    into = np.array([[1 / width, 0, 0.5 / width - 0.5], [0, 1 / height, 0.5 / height - 0.5], [0, 0, 1]])
    rows, columns = second.shape
    out = np.array([[columns, 0, columns / 2 - 0.5], [0, rows, rows / 2 - 0.5], [0, 0, 1]])
    whole = out @ np.vstack([affine, [0, 0, 1]]) @ into
    return resample(second, whole[:2], (height, width))[0]


def _crop_to_tiles(grey: Grey) -> Grey:
    """Crop to whole tiles."""
    height, width = (side // TILE * TILE for side in grey.shape)
    return grey[:height, :width]


def _split_into_tiles(grey: Grey) -> _Tiles:
    """(rows of tiles, columns of tiles, TILE, TILE)."""
    rows, columns = (side // TILE for side in grey.shape)
    return grey.reshape(rows, TILE, columns, TILE).swapaxes(1, 2)


def _worst_pixel(one: Grey, two: Grey) -> tuple[float, tuple[int, int]]:
    """The score, and the row and column of the worst pixel."""
    by_tone = _tone_residual(one, two)
    allowed = _NOISE + _GRADIENT_TOLERANCE * smooth(smooth(np.minimum(_gradient(one), _gradient(two))))
    scores = smooth(np.minimum(_fit_residual(one, two), by_tone)) / allowed
    # A second grid, shifted by half a tile: a difference on the border of a tile is in the middle of another.
    inner = np.s_[TILE // 2 : -TILE // 2, TILE // 2 : -TILE // 2]
    apart = np.minimum(_fit_residual(one[inner], two[inner]), by_tone[inner])
    scores[inner] = np.maximum(scores[inner], smooth(apart) / allowed[inner])
    scores[:_BORDER], scores[-_BORDER:], scores[:, :_BORDER], scores[:, -_BORDER:] = (0.0,) * 4
    row, column = np.unravel_index(int(scores.argmax()), scores.shape)
    return float(scores[row, column]), (int(row), int(column))


def _gradient(grey: Grey) -> Grey:
    found = np.zeros_like(grey)
    found[1:-1] = np.abs(grey[2:] - grey[:-2])
    found[:, 1:-1] = np.maximum(found[:, 1:-1], np.abs(grey[:, 2:] - grey[:, :-2]))
    found *= 0.5
    return found


def _tone_residual(one: Grey, two: Grey) -> Grey:
    """The residual after replacing each level of one picture by the other's mean at these pixels. The smaller
    residual of both directions, because an edit may have merged several levels into one.
    """
    levels = [(grey * (_LEVELS / 256)).astype(np.uint8).clip(0, _LEVELS - 1).ravel() for grey in (one, two)]
    left = []
    for mine, other in ((levels[0], two), (levels[1], one)):
        amount = np.bincount(mine, minlength=_LEVELS)
        means = np.bincount(mine, other.ravel(), minlength=_LEVELS) / np.maximum(amount, 1)
        left.append(np.abs(other - means.astype(np.float32)[mine].reshape(other.shape)))
    return np.asarray(np.minimum(*left), np.float32)


def _fit_residual(one: Grey, two: Grey) -> Grey:
    """The residual of a linear fit of one picture to the other in each tile; the larger of both
    directions.
    """
    a, b = np.ascontiguousarray(_split_into_tiles(one)), np.ascontiguousarray(_split_into_tiles(two))
    shape = a.shape
    a, b = a.reshape(-1, TILE * TILE), b.reshape(-1, TILE * TILE)
    a = a - a.mean(1, keepdims=True)
    b = b - b.mean(1, keepdims=True)
    both = np.einsum("ij,ij->i", a, b)
    area = np.float32(_MIN_FIT_VARIANCE * TILE * TILE)
    to_two = (both / (np.einsum("ij,ij->i", a, a) + area))[:, np.newaxis]
    to_one = (both / (np.einsum("ij,ij->i", b, b) + area))[:, np.newaxis]
    left = np.maximum(np.abs(b - to_two * a), np.abs(a - to_one * b))
    return np.asarray(left.reshape(shape).swapaxes(1, 2).reshape(one.shape), np.float32)
