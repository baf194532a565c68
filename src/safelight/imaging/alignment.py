"""Aligns two luminance pictures: finds the small motion between them, and compares them block by block."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Grey = npt.NDArray[np.float32]
"""Luminance, 0 to 255, by row and column."""
Mask = npt.NDArray[np.bool_]
Affine = npt.NDArray[np.float64]
"""(2, 3): ``affine @ (x, y, 1)`` is the position of the point (x, y) of one picture in another, in pixels."""

BLOCKS = 8
"""Blocks along each side that are compared."""

_MIN_TEXTURE = 4.0
"""A block with a smaller standard deviation of luminance contains only noise."""

_DARKEST, _BRIGHTEST = 6.0, 247.0
"""Outside this range an edit may have clipped values."""

_DAMPING = 1e-4

_MAX_SINGLE_THREADED = 2**18
"""Multiplications up to which OpenBLAS, which NumPy includes, works on the caller's thread. For larger
products it uses its own threads, which wait for each other by spinning. On a busy machine, products as small
as these then cost eight times the work."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How similar two pictures are, block by block. Correlations from -1 to 1; brightness does not matter."""

    lowest: float
    second: float
    """The second lowest of a block."""
    tenth: float
    """The tenth percentile."""
    middle: float
    good: float
    """Share of the blocks that correlate by at least 0.7."""
    telling: float
    """Share of the blocks with enough texture to be compared."""


NO_AGREEMENT = Agreement(-1.0, -1.0, -1.0, -1.0, 0.0, 0.0)


def product(first: Grey, second: Grey) -> Grey:
    """``first @ second``, computed on this thread only."""
    rows = max(1, _MAX_SINGLE_THREADED // second.size)
    padded = np.pad(first, ((0, -len(first) % rows), (0, 0)))
    found = padded.reshape(-1, rows, first.shape[1]) @ second
    return np.asarray(found.reshape(-1, second.shape[1])[: len(first)], np.float32)


def _squared(rows: Grey) -> Grey:
    """``rows @ rows.T``, computed on this thread only."""
    length = max(1, _MAX_SINGLE_THREADED // len(rows) ** 2)
    padded = np.pad(rows, ((0, 0), (0, -rows.shape[1] % length)))
    parts = padded.reshape(len(rows), -1, length).swapaxes(0, 1)
    return np.asarray((parts @ parts.swapaxes(1, 2)).sum(0), np.float32)


def smooth(grey: Grey) -> Grey:
    """A binomial filter of 3 x 3. Compression artefacts are finer than the details that are compared."""
    padded = np.pad(grey, 1, mode="edge")
    rows = (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4
    return np.asarray((rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 4, np.float32)


def resample(grey: Grey, affine: Affine, shape: tuple[int, int]) -> tuple[Grey, Mask]:
    """The picture on a frame of ``shape`` (rows, columns): pixel (x, y) of the result is the
    one at ``affine @ (x, y, 1)``, interpolated bilinearly. Also returns which pixels are inside the picture.
    """
    rows, columns = np.arange(shape[0])[:, np.newaxis], np.arange(shape[1])[np.newaxis, :]
    x = affine[0, 0] * columns + affine[0, 1] * rows + affine[0, 2]
    y = affine[1, 0] * columns + affine[1, 1] * rows + affine[1, 2]
    height, width = grey.shape
    inside = (x >= -0.5) & (x <= width - 0.5) & (y >= -0.5) & (y <= height - 0.5)
    x, y = np.clip(x, 0, width - 1.001).astype(np.float32), np.clip(y, 0, height - 1.001).astype(np.float32)
    left, top = x.astype(np.intp), y.astype(np.intp)
    across, down = x - left, y - top
    flat, corner = grey.ravel(), top * width + left
    upper = flat[corner] * (1 - across) + flat[corner + 1] * across
    lower = flat[corner + width] * (1 - across) + flat[corner + width + 1] * across
    return np.asarray(upper * (1 - down) + lower * down, np.float32), inside


def refine_alignment(still: Grey, moving: Grey, affine: Affine, rounds: int = 5) -> Affine:
    """The affine map near the given one by which ``moving`` best fits ``still``, up to gain and offset.

    Lucas and Kanade's method ("An Iterative Image Registration Technique with an Application to Stereo
    Vision", 1981) with gain and offset as two more unknowns. It converges where the first map is off by up
    to a few pixels, and stops early once the map no longer changes.
    """
    affine = affine.copy()
    height, width = still.shape
    # Coordinates from -1 to 1 about the middle keep the equations well conditioned.
    u = ((np.arange(width, dtype=np.float32) - (width - 1) / 2) / (width / 2))[np.newaxis, :]
    v = ((np.arange(height, dtype=np.float32) - (height - 1) / 2) / (height / 2))[:, np.newaxis]
    to_unit = np.array(
        [[2 / width, 0, -(width - 1) / width], [0, 2 / height, -(height - 1) / height], [0, 0, 1]]
    )
    for _ in range(rounds):
        seen, inside = resample(moving, affine, still.shape)
        down, across = np.gradient(seen)
        weight = inside.astype(np.float32)
        parts = (across, across * u, across * v, down, down * u, down * v, seen, np.ones_like(seen))
        jacobian = np.stack([part * weight for part in parts]).reshape(8, -1)
        normal = _squared(jacobian).astype(np.float64)
        normal[np.arange(8), np.arange(8)] *= 1 + _DAMPING
        normal[np.arange(8), np.arange(8)] += 1e-6
        solved = np.linalg.solve(normal, (jacobian @ (still * weight).ravel()).astype(np.float64))
        gain = solved[6] if abs(solved[6]) > 0.1 else 0.1
        step = np.clip(solved[:6] / gain, -4, 4)
        # The step is in the frame of ``still``; the map's linear part converts it.
        frame = np.array([[step[1], step[2], step[0]], [step[4], step[5], step[3]]]) @ to_unit
        affine += affine[:, :2] @ frame
        if np.abs(step).max() < 0.02:
            break
    return affine


def drift(affine: Affine, shape: tuple[int, int]) -> float:
    """The largest distance by which a corner moves, as a share of the longer side."""
    height, width = shape
    corners = np.array([[x, y, 1.0] for x in (0, width - 1) for y in (0, height - 1)])
    moved = corners @ affine.T - corners[:, :2]
    return float(np.hypot(moved[:, 0], moved[:, 1]).max() / max(shape))


def agreement(first: Grey, second: Grey, inside: Mask | None = None) -> Agreement:
    """Compare two pictures of one shape block by block, where ``inside`` says that both have pixels.

    A block counts if one of the two has texture there that is not clipped in the other.
    """
    height, width = (side // BLOCKS for side in first.shape)
    if min(height, width) < 4:
        return NO_AGREEMENT
    clipped = (first < _DARKEST) | (first > _BRIGHTEST) | (second < _DARKEST) | (second > _BRIGHTEST)
    usable = ~clipped if inside is None else inside & ~clipped
    weight, one, two = (
        np.asarray(each[: BLOCKS * height, : BLOCKS * width], np.float32)
        .reshape(BLOCKS, height, BLOCKS, width)
        .transpose(0, 2, 1, 3)
        .reshape(BLOCKS * BLOCKS, height * width)
        for each in (usable, first, second)
    )
    amount = np.maximum(weight.sum(1), 1)
    one = (one - ((one * weight).sum(1) / amount)[:, np.newaxis]) * weight
    two = (two - ((two * weight).sum(1) / amount)[:, np.newaxis]) * weight
    power_one, power_two = (one * one).sum(1), (two * two).sum(1)
    texture = np.sqrt(np.maximum(power_one, power_two) / amount)
    telling = (texture > _MIN_TEXTURE) & (amount > 0.5 * weight.shape[1])
    if not telling.any():
        return NO_AGREEMENT
    correlation = ((one * two).sum(1) / np.sqrt(power_one * power_two + 1e-3))[telling]
    correlation.sort()
    return Agreement(
        lowest=float(correlation[0]),
        second=float(correlation[min(1, len(correlation) - 1)]),
        tenth=float(np.percentile(correlation, 10)),
        middle=float(np.median(correlation)),
        good=float(np.mean(correlation >= 0.7)),
        telling=float(telling.mean()),
    )
