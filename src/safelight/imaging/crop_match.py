"""Finds out whether one picture shows a part of another, perhaps with something added around or on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from safelight.imaging.alignment import (
    NO_AGREEMENT,
    Affine,
    Agreement,
    Grey,
    agreement,
    product,
    refine_alignment,
    resample,
)
from safelight.imaging.features import Features

_MAX_DISTANCE_RATIO = 0.9
"""Largest ratio of the distances to the nearest and the second nearest descriptor."""

_RANSAC_TRIALS = 400
_MAX_INLIER_DISTANCE = 3.0
"""Largest distance, in pixels of the first level, between a point and its position under the map."""

_MIN_INLIERS = 8
_COMPARED_SIDE = 192
"""Long side, in pixels, at which parts are compared."""

_BORDER = 4
"""Pixels at the edge of the part that are not compared."""

_MIN_INSIDE_SHARE = 0.92
"""Share of the part that must be within the whole: two views of one scene stick out on both sides."""

_MIN_AREA_SHARE = 0.08
"""Smallest share of the whole that the part covers; less is a stamp or an icon."""

_MIN_TEXTURED_SHARE = 0.2
"""Smallest share of blocks with texture."""

_AGREEMENT_LIMITS = ((0.9, 0.92), (0.7, 0.985))
"""Smallest share of blocks that agree, and median correlation: nearly all blocks well, or, where a watermark
was added, most of them almost exactly."""


@dataclass(frozen=True, slots=True)
class CropMatch:
    found: bool
    likeness: float
    """0 to 1: the median correlation of the blocks times the share of blocks that agree."""
    part: int = 0
    """Which picture is a part of the other: 1 the first, 2 the second."""
    share: float = 0.0
    """Share of the other's area that the part covers."""
    places: int = 0
    """Points of both pictures that follow the map."""
    agreement: Agreement = NO_AGREEMENT


_NO_MATCH = CropMatch(found=False, likeness=0.0)


def match_crop(first: Features, second: Features) -> CropMatch:
    """Find the map between matching points, then compare all pixels that it aligns, in the frame of the
    picture that is within the other."""
    here, there = _match_points(first, second)
    if len(here) < _MIN_INLIERS:
        return _NO_MATCH
    found = _fit_affine(here, there)
    if found is None:
        return _NO_MATCH
    affine, places = found
    back = _invert(affine)
    if back is None:
        return _NO_MATCH
    one, two = first.levels[0].shape, second.levels[0].shape
    inside_first, inside_second = _covered_share(affine, one, two), _covered_share(back, two, one)
    if inside_first >= inside_second:
        return _compare_aligned(first, second, affine, 1, places)
    return _compare_aligned(second, first, back, 2, places)


def _compare_aligned(part: Features, whole: Features, affine: Affine, which: int, places: int) -> CropMatch:
    """Compare in the frame of the part; ``affine`` leads from it into the whole."""
    still = _level(part, _COMPARED_SIDE)
    zoom = part.levels[0].shape[1] / still.shape[1]
    into = _scale_affine(affine, zoom, 1.0)
    # Of the whole, the level whose pixels are about as large as those of the frame.
    size = float(np.sqrt(abs(np.linalg.det(into[:, :2]))))
    coarse = int(np.clip(round(2 * np.log2(max(size, 1.0))), 0, len(whole.levels) - 1))
    moving = whole.levels[coarse]
    shrink = whole.levels[0].shape[1] / moving.shape[1]
    into = _scale_affine(into, 1.0, 1 / shrink)
    into = refine_alignment(still, moving, into, rounds=6)
    seen, inside = resample(moving, into, still.shape)
    share = abs(np.linalg.det(into[:, :2])) * still.size / moving.size
    covered = inside.mean()
    # Smoothing has mixed the surroundings of the part into its edge.
    inside[:_BORDER], inside[-_BORDER:], inside[:, :_BORDER], inside[:, -_BORDER:] = (False,) * 4
    found = agreement(still, seen, inside)
    good = (
        covered >= _MIN_INSIDE_SHARE
        and share >= _MIN_AREA_SHARE
        and found.telling >= _MIN_TEXTURED_SHARE
        and any(found.good >= blocks and found.middle >= middle for blocks, middle in _AGREEMENT_LIMITS)
    )
    likeness = max(0.0, found.middle) * found.good
    return CropMatch(bool(good), likeness, which, min(1.0, float(share)), places, found)


def _level(picture: Features, side: int) -> Grey:
    """The largest level whose long side is at most ``side``."""
    return next((level for level in picture.levels if max(level.shape) <= side), picture.levels[-1])


def _scale_affine(affine: Affine, before: float, after: float) -> Affine:
    """The map between pictures scaled by these factors; centres of pixels are whole numbers."""
    grown = np.array([[before, 0, (before - 1) / 2], [0, before, (before - 1) / 2], [0, 0, 1]])
    shrunk = np.array([[after, 0, (after - 1) / 2], [0, after, (after - 1) / 2], [0, 0, 1]])
    return np.asarray((shrunk @ np.vstack([affine, [0, 0, 1]]) @ grown)[:2])


def _invert(affine: Affine) -> Affine | None:
    full = np.vstack([affine, [0, 0, 1]])
    if abs(np.linalg.det(full)) < 1e-3:
        return None
    return np.asarray(np.linalg.inv(full)[:2])


def _covered_share(affine: Affine, frame: tuple[int, ...], other: tuple[int, ...]) -> float:
    """Share of a frame that the map leads into the other picture."""
    y, x = np.mgrid[0 : frame[0] : 16j, 0 : frame[1] : 16j]
    moved = affine @ np.stack([x.ravel(), y.ravel(), np.ones(256)])
    within = (moved[0] >= -2) & (moved[1] >= -2) & (moved[0] <= other[1] + 1) & (moved[1] <= other[0] + 1)
    return float(within.mean())


Points = npt.NDArray[np.float64]


def _match_points(first: Features, second: Features) -> tuple[Points, Points]:
    """Points whose descriptors are each other's clear nearest neighbours."""
    if min(len(first.points), len(second.points)) < _MIN_INLIERS:
        return np.empty((0, 2)), np.empty((0, 2))
    cosines = product(first.descriptions, second.descriptions.T)
    best = cosines.argmax(1)
    rows = np.arange(len(best))
    top = cosines[rows, best]
    mutual = cosines.argmax(0)[best] == rows
    cosines[rows, best] = -1
    runner_up = cosines.max(1)
    apart, apart_next = np.sqrt(np.maximum(0, 2 - 2 * top)), np.sqrt(np.maximum(0, 2 - 2 * runner_up))
    clear = mutual & (apart <= _MAX_DISTANCE_RATIO * apart_next)
    return first.points[rows[clear]].astype(float), second.points[best[clear]].astype(float)


def _fit_affine(here: Points, there: Points) -> tuple[Affine, int] | None:
    """The affine map that most matches follow, and how many (RANSAC: Fischler and Bolles 1981).

    Two matches at a time propose a similarity, as a product and a sum of complex numbers; those that follow
    the best one fit the affine map.
    """
    one, two = here[:, 0] + 1j * here[:, 1], there[:, 0] + 1j * there[:, 1]
    random = np.random.default_rng(len(one))
    first, second = random.integers(0, len(one), (2, _RANSAC_TRIALS))
    span = one[first] - one[second]
    usable = np.abs(span) > 20
    first, second, span = first[usable], second[usable], span[usable]
    if not len(first):
        return None
    turn = (two[first] - two[second]) / span
    plausible = (np.abs(turn) > 0.15) & (np.abs(turn) < 7) & (np.abs(np.angle(turn)) < 0.2)
    first, turn = first[plausible], turn[plausible]
    if not len(first):
        return None
    shift = two[first] - turn * one[first]
    tolerance = _MAX_INLIER_DISTANCE * np.maximum(1.0, np.abs(turn))
    miss = np.abs(turn[:, np.newaxis] * one + shift[:, np.newaxis] - two)
    follows = miss <= tolerance[:, np.newaxis]
    best = int(follows.sum(1).argmax())
    chosen = follows[best]
    turn_, shift_ = turn[best], shift[best]
    affine = np.array([[turn_.real, -turn_.imag, shift_.real], [turn_.imag, turn_.real, shift_.imag]])
    for _ in range(2):
        if chosen.sum() < _MIN_INLIERS:
            return None
        known = np.column_stack([here[chosen], np.ones(int(chosen.sum()))])
        affine = np.linalg.lstsq(known, there[chosen], rcond=None)[0].T
        moved = here @ affine[:, :2].T + affine[:, 2]
        chosen = np.hypot(*(moved - there).T) <= tolerance[best]
    if chosen.sum() < _MIN_INLIERS:
        return None
    return affine, int(chosen.sum())
