"""Local features: distinctive points of a picture that can be found again in a crop of it, or in a larger
picture that contains it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from safelight.imaging.alignment import Grey, smooth
from safelight.imaging.encoded import open_thumbnail

_SIDE = 272
"""Long side of the finest level in pixels. Half the time that a thumbnail's own 384 pixels need; crops,
borders and screenshots were found as reliably."""

_LEVEL_SCALE = 2**0.5
"""Scale between two levels of the pyramid."""

_LEVELS = 5
_POINTS_PER_LEVEL = (150, 110, 80, 60, 40)
"""Points of each level, the finest first."""

_CELL = 4
"""Side of a cell in pixels; a point is described by 4 × 4 cells."""

_EDGE = 2 * _CELL + 1
_BINS = 8
_LAST = _BINS - 1
_FIELD_SIDE = 10
"""Points are taken evenly from fields of this many pixels, so that one detailed corner does not use them
all."""

_POINTS_PER_FIELD = 2


@dataclass(frozen=True, slots=True)
class Features:
    """The features of one thumbnail."""

    levels: tuple[Grey, ...]
    """Luminance, each level smaller than the one before by the square root of 2."""
    points: npt.NDArray[np.float32]
    """(n, 2): x and y in pixels of the first level."""
    descriptions: npt.NDArray[np.float32]
    """(n, 128), unit vectors."""


def features(jpeg: bytes) -> Features:
    """Features of an encoded thumbnail: corners (Harris and Stephens 1988) on five levels, described by
    histograms of the gradient (Lowe, "Distinctive Image Features from Scale-Invariant Keypoints", 2004).
    Descriptors are not rotated to a main direction, because the pictures compared are rotated by a few
    degrees at most. Raises Pillow's errors for anything unreadable.
    """
    with open_thumbnail(jpeg) as image:
        grey = image.convert("L")
    if max(grey.size) > _SIDE:
        grey.thumbnail((_SIDE, _SIDE), Image.Resampling.BICUBIC)
    levels: list[Grey] = []
    points: list[npt.NDArray[np.float32]] = []
    found: list[npt.NDArray[np.float32]] = []
    for level in range(_LEVELS):
        factor = _LEVEL_SCALE**level
        size = (max(1, round(grey.width / factor)), max(1, round(grey.height / factor)))
        small = grey if level == 0 else grey.resize(size, Image.Resampling.BOX)
        luminance = smooth(np.asarray(small, np.float32))
        levels.append(luminance)
        if min(luminance.shape) <= 3 * _EDGE:
            continue
        down, across = (np.asarray(slope, np.float32) for slope in np.gradient(luminance))
        places = _corners(across, down, _POINTS_PER_LEVEL[level])
        if len(places):
            scale = np.array([grey.width / size[0], grey.height / size[1]], np.float32)
            points.append((places[:, ::-1].astype(np.float32) + 0.5) * scale - 0.5)
            found.append(_describe(across, down, places))
    if not points:
        return Features(tuple(levels), np.empty((0, 2), np.float32), np.empty((0, 128), np.float32))
    return Features(tuple(levels), np.concatenate(points), np.concatenate(found))


def _box_sums(values: Grey, size: int) -> Grey:
    """Sums over squares of the first two axes; pixel (y, x) of the result is the corner of its square."""
    return _running_sums(_running_sums(values, size).swapaxes(0, 1), size).swapaxes(0, 1)


def _running_sums(values: Grey, size: int) -> Grey:
    """Sums of this many consecutive values (at least four) along the first axis. Adds pairs of sums, which is
    half the work.
    """
    length = len(values) - size + 1
    pairs = values[:-1] + values[1:]
    sums = pairs[:length] + pairs[2 : 2 + length]
    for pair in range(4, size - 1, 2):
        sums += pairs[pair : pair + length]
    if size % 2:
        sums += values[size - 1 :]
    return sums


def _corners(across: Grey, down: Grey, most: int) -> npt.NDArray[np.intp]:
    """(n, 2): rows and columns of the strongest corners, away from the edge."""
    window = 5
    xx, yy, xy = (_box_sums(each, window) for each in (across * across, down * down, across * down))
    strength = xx * yy - xy * xy - 0.05 * (xx + yy) ** 2
    half = window // 2
    padded = np.full(across.shape, -np.inf, np.float32)
    padded[half : half + strength.shape[0], half : half + strength.shape[1]] = strength
    padded[:_EDGE], padded[-_EDGE:], padded[:, :_EDGE], padded[:, -_EDGE:] = (-np.inf,) * 4
    middle = padded[1:-1, 1:-1]
    above = np.maximum(np.maximum(padded[:-2], padded[1:-1]), padded[2:])
    around = np.maximum(np.maximum(above[:, :-2], above[:, 1:-1]), above[:, 2:])
    rows, columns = np.nonzero((middle == around) & (middle > 100.0))
    power = middle[rows, columns]
    order = np.argsort(-power, kind="stable")
    rows, columns = rows[order] + 1, columns[order] + 1
    field = rows // _FIELD_SIDE * (across.shape[1] // _FIELD_SIDE + 1) + columns // _FIELD_SIDE
    by_field = np.argsort(field, kind="stable")
    sorted_field = field[by_field]
    rank = np.empty(len(field), np.int64)
    rank[by_field] = np.arange(len(field)) - np.searchsorted(sorted_field, sorted_field)
    kept = np.flatnonzero(rank < _POINTS_PER_FIELD)[:most]
    return np.stack([rows[kept], columns[kept]], axis=1)


def _describe(across: Grey, down: Grey, places: npt.NDArray[np.intp]) -> npt.NDArray[np.float32]:
    # Float remainders and indexed addition take ten times as long as these.
    power = np.sqrt(across * across + down * down).ravel()
    turn = np.arctan2(down, across).ravel() * np.float32(_BINS / (2 * np.pi))
    below = np.floor(turn)
    share = turn - below
    lower = below.astype(np.intp)
    first = np.arange(0, power.size * _BINS, _BINS)
    maps = np.zeros(power.size * _BINS, np.float32)
    maps[first + (lower & _LAST)] = power * (1 - share)
    maps[first + (lower + 1 & _LAST)] = power * share
    # Cells overlap by half, so that a shift of a pixel changes little. Columns are summed for the whole
    # picture, rows only for the cells that are needed.
    reach = 2 * _CELL - 2
    columns_summed = _running_sums(maps.reshape(*across.shape, _BINS), reach)
    corner = np.rint(places - (2 * _CELL + 0.5)).astype(np.intp)
    cells = np.arange(0, 4 * _CELL, _CELL)
    rows = corner[:, 0, np.newaxis] + cells
    columns = corner[:, 1, np.newaxis] + np.arange(3 * _CELL + reach)
    strips = columns_summed[rows[:, :, np.newaxis], columns[:, np.newaxis, :]]
    sums = _running_sums(strips.swapaxes(0, 2), reach)[cells]
    found = sums.swapaxes(0, 2).reshape(len(places), -1)
    for _ in range(2):
        found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-6)
        found = np.minimum(found, 0.2)
    return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-6), np.float32)
