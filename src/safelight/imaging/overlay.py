"""Aligns one picture with another, to show where they differ."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from safelight.core.encoder import Pixels
from safelight.imaging.alignment import Affine, Grey, Mask, refine_alignment, resample, smooth

_Kind = TypeVar("_Kind", bound=np.generic)

_ESTIMATION_SIDE = 256
"""Long side, in pixels, at which the orientation and small motion are estimated."""
_SEARCH_SIDE = 128
"""The same for a part of a picture."""
_SEARCHED_WIDTHS = np.arange(0.3, 1.001, 0.04)
"""Widths, as shares of the whole, at which a part is searched."""
_MAX_ASPECT_DIFFERENCE = 0.04
"""Largest difference of the logarithms of the aspect ratios of two whole pictures."""
_MIN_ALIGNED_CORRELATION = 0.8
"""The lowest correlation at which two pictures count as aligned."""
_GAINS = (32, 16, 8, 4, 2, 1)
_OUTSIDE_COLOUR = (38, 40, 52)
"""Colour of what only one of the pictures shows."""
_VISIBLE_DIFFERENCE = 12
"""Levels of 255 by which a pixel differs visibly; compression causes less."""


@dataclass(frozen=True, slots=True)
class Overlay:
    """Two pictures on one frame, which is the first's. All are uint8 (h, w, 3) of one size."""

    second: Pixels
    difference: Pixels
    """The largest difference of the channels, ``gain`` times amplified."""
    gain: int
    differing: float
    """Share of what both show that differs by more than compression causes."""
    largest: int
    """The largest difference of a pixel, in levels 0 to 255."""
    shared: float
    """Share of the frame that both show."""
    turned: bool
    """The second had to be rotated or mirrored."""
    fits: bool
    """False where they could not be aligned, and the second was only scaled."""


def overlay(first: Pixels, second: Pixels) -> Overlay:
    """Align ``second`` with ``first`` (rotate, scale, crop, shift) and subtract.

    Both are uint8 (h, w, 3), at least 2 pixels along each side, and need not be of one size.
    """
    shape = first.shape[:2]
    orientation, affine, fits = _align(_grey(first), _grey(second))
    turned = _reorient(second, orientation)
    seen, inside = _warp(turned, affine, (shape[0], shape[1]))
    apart = np.abs(first.astype(np.int16) - seen.astype(np.int16)).max(2)
    apart[~inside] = 0
    amount = max(1, int(inside.sum()))
    most = float(np.percentile(apart[inside], 99.5)) if inside.any() else 0.0
    gain = next((gain for gain in _GAINS if most * gain <= 255), 1)
    shown = np.minimum(apart * gain, 255).astype(np.uint8)
    difference = np.repeat(shown[:, :, np.newaxis], 3, 2)
    difference[~inside] = _OUTSIDE_COLOUR
    seen[~inside] = _OUTSIDE_COLOUR
    return Overlay(
        seen,
        difference,
        gain,
        differing=float((apart > _VISIBLE_DIFFERENCE).sum()) / amount,
        largest=int(apart.max(initial=0)),
        shared=float(inside.mean()),
        turned=orientation != 0,
        fits=fits,
    )


def _align(first: Grey, second: Grey) -> tuple[int, Affine, bool]:
    """Orientation of the second, the map of the first's pixels to the turned second's, whether it fits."""
    still = _shrink(first, _ESTIMATION_SIDE)
    turns: list[tuple[float, int, Grey]] = []
    for orientation in range(8):
        turned = _reorient(second, orientation)
        if abs(math.log(_aspect(first) / _aspect(turned))) <= _MAX_ASPECT_DIFFERENCE:
            moving = _stretch(_shrink(turned, _ESTIMATION_SIDE), still.shape)
            turns.append((_correlation(still, moving), orientation, moving))
    if turns:
        # Where several orientations are almost equal, prefer the unrotated one.
        score, orientation, moving = max(turns, key=lambda turn: turn[0] + 0.02 * (turn[1] == 0))
        if score >= _MIN_ALIGNED_CORRELATION:
            fine = _refine(still, moving, np.array([[1.0, 0, 0], [0, 1.0, 0]]))
            size = _reorient(second, orientation).shape
            return orientation, _unscale(first.shape, still.shape, fine, moving.shape, size), True
    found = _align_part(first, second, still)
    if found is not None:
        return 0, found, True
    rows, columns = second.shape[0] / first.shape[0], second.shape[1] / first.shape[1]
    return 0, _scaling(columns, rows), False


def _align_part(first: Grey, second: Grey, still: Grey) -> Affine | None:
    """The map where one picture shows a part of the other."""
    coarse_first, coarse_second = _shrink(first, _SEARCH_SIDE), _shrink(second, _SEARCH_SIDE)
    inner, outer = _locate_part(coarse_first, coarse_second), _locate_part(coarse_second, coarse_first)
    if max(inner[0], outer[0]) < _MIN_ALIGNED_CORRELATION:
        return None
    if inner[0] >= outer[0]:
        _, scale, x, y = inner  # pixel (x, y) of the first is the second's corner
        coarse = np.array([[1 / scale, 0, -x / scale], [0, 1 / scale, -y / scale]])
    else:
        _, scale, x, y = outer
        coarse = np.array([[scale, 0, x], [0, scale, y]])
    moving = _shrink(second, _ESTIMATION_SIDE)
    guess = _unscale(still.shape, coarse_first.shape, coarse, coarse_second.shape, moving.shape)
    return _unscale(first.shape, still.shape, _refine(still, moving, guess), moving.shape, second.shape)


def _locate_part(whole: Grey, part: Grey) -> tuple[float, float, float, float]:
    """The best position of ``part`` in ``whole``: correlation, scale of the part, left, top.

    Normalised cross-correlation (Lewis, "Fast Normalized Cross-Correlation", 1995) at a row of scales.
    """
    height, width = whole.shape
    shape = (2 * height, 2 * width)
    spectrum = np.fft.rfft2(whole - whole.mean(), shape)
    sums = np.pad((whole - whole.mean()).astype(np.float64).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    squares = np.pad(((whole - whole.mean()).astype(np.float64) ** 2).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    best = (-1.0, 1.0, 0.0, 0.0)
    for share in _SEARCHED_WIDTHS:
        scale = share * width / part.shape[1]
        rows, columns = round(part.shape[0] * scale), round(part.shape[1] * scale)
        if rows > height or columns > width or min(rows, columns) < 16:
            continue
        template = _stretch(part, (rows, columns))
        template = template - template.mean()
        power = float((template**2).sum())
        product = np.fft.irfft2(spectrum * np.conj(np.fft.rfft2(template, shape)), shape)
        product = product[: height - rows + 1, : width - columns + 1]
        area = rows * columns
        mean = _windows(sums, rows, columns) / area
        variance = np.maximum(_windows(squares, rows, columns) - area * mean**2, 1e-3)
        scores = product / np.sqrt(variance * max(power, 1e-3))
        top, left = np.unravel_index(int(scores.argmax()), scores.shape)
        if scores[top, left] > best[0]:
            best = (float(scores[top, left]), columns / part.shape[1], float(left), float(top))
    return best


def _windows(table: npt.NDArray[np.float64], rows: int, columns: int) -> npt.NDArray[np.float64]:
    """Sums over every window of this many rows and columns, from a table of sums."""
    total: npt.NDArray[np.float64] = (
        table[rows:, columns:] - table[:-rows, columns:] - table[rows:, :-columns] + table[:-rows, :-columns]
    )
    return total


# --- maps -------------------------------------------------------------------------------------------


def _scaling(x: float, y: float) -> Affine:
    """The scaling of pixel centres, with the middle of the first pixel at 0."""
    return np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2]])


def _compose(outer: Affine, inner: Affine) -> Affine:
    """The map that applies ``inner`` and then ``outer``."""
    joined: Affine = outer @ np.vstack([inner, [0, 0, 1]])
    return joined


def _unscale(
    first: tuple[int, ...],
    first_small: tuple[int, ...],
    small: Affine,
    second_small: tuple[int, ...],
    second: tuple[int, ...],
) -> Affine:
    """A map found between two scaled pictures, as one between pictures of the sizes given."""
    down = _scaling(first_small[1] / first[1], first_small[0] / first[0])
    up = _scaling(second[1] / second_small[1], second[0] / second_small[0])
    return _compose(up, _compose(small, down))


def _refine(still: Grey, moving: Grey, guess: Affine) -> Affine:
    """A refined map, or the guess if that fits better."""
    before, inside = resample(moving, guess, still.shape)
    fine = refine_alignment(smooth(still), smooth(moving), guess, rounds=12)
    after, inside_after = resample(moving, fine, still.shape)
    better = _correlation(still, after, inside_after) >= _correlation(still, before, inside)
    return fine if better else guess


# --- pixels -----------------------------------------------------------------------------------------


def _grey(pixels: Pixels) -> Grey:
    return np.asarray(pixels @ np.array([0.299, 0.587, 0.114], np.float32), np.float32)


def _aspect(grey: Grey) -> float:
    return float(grey.shape[0] / grey.shape[1])


def _reorient(pixels: npt.NDArray[_Kind], orientation: int) -> npt.NDArray[_Kind]:
    """Turn a picture as :func:`safelight.imaging.frames.turned`, in colour too."""
    if orientation & 4:
        pixels = pixels.swapaxes(0, 1)
    if orientation & 2:
        pixels = pixels[::-1]
    return pixels[:, ::-1] if orientation & 1 else pixels


def _shrink(grey: Grey, side: int) -> Grey:
    """A picture at most ``side`` pixels long. Whole pixels are averaged first, which avoids aliasing."""
    factor = max(1, max(grey.shape) // side)
    if factor > 1:
        rows, columns = (max(1, length // factor) for length in grey.shape)
        if min(grey.shape) >= factor:
            cut = grey[: rows * factor, : columns * factor]
            grey = np.asarray(cut.reshape(rows, factor, columns, factor).mean((1, 3)), np.float32)
    scale = min(1.0, side / max(grey.shape))
    shape = (max(8, round(grey.shape[0] * scale)), max(8, round(grey.shape[1] * scale)))
    return _stretch(grey, shape)


def _stretch(grey: Grey, shape: tuple[int, ...]) -> Grey:
    if grey.shape == shape:
        return grey
    affine = _scaling(grey.shape[1] / shape[1], grey.shape[0] / shape[0])
    return resample(grey, affine, (shape[0], shape[1]))[0]


def _warp(pixels: Pixels, affine: Affine, shape: tuple[int, int]) -> tuple[Pixels, Mask]:
    channels = [resample(pixels[:, :, at].astype(np.float32), affine, shape) for at in range(3)]
    stacked = np.stack([channel for channel, _ in channels], 2)
    return np.rint(stacked).astype(np.uint8), channels[0][1]


def _correlation(first: Grey, second: Grey, inside: Mask | None = None) -> float:
    one, two = (first.ravel(), second.ravel()) if inside is None else (first[inside], second[inside])
    if one.size < 64:
        return -1.0
    one, two = one - one.mean(), two - two.mean()
    power = float((one @ one) * (two @ two))
    if power < 1e-3:  # of two even pictures, those that are equal
        return 1.0 if abs(float(first.mean() - second.mean())) < 1 else 0.0
    return float(one @ two) / math.sqrt(power)
