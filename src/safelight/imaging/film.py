"""Fingerprints of videos: small grey pictures at fixed times, and how alike two videos are by them.

Two encodings of one video show the same at the same time. Two videos of one place show the same things, but
what moves in them moves differently. So what stays over the whole video is subtracted before frames are
compared, and a video in which nothing moves has no twin.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from PIL import Image

from safelight.core.errors import FailureKind, ImageError
from safelight.core.videos import Film
from safelight.imaging.video import frames_at

SIDE = 12
"""Rows and columns of a small picture."""

MIN_FRAMES = 5
"""Frames at common times from which two videos can be compared."""

_LEAST_SAMPLES, _LEAST_FINE_SAMPLES = 12, 64
"""A video has at least this many times, and fewer than twice as many. A fine film has more of them."""
_FINEST, _COARSEST = 1 / 16, 4096.0
"""Seconds between two times: powers of two, so that the times of one video are among those of another."""

MIN_MOTION = 1.0
"""Standard deviation of the levels over time, on average, below which nothing moves."""
_MIN_TEXTURE = 2.0
"""Standard deviation of the levels below which what stays shows nothing that could be compared."""
_DECODED_SIDE = 96

Grids = npt.NDArray[np.uint8]
Levels = npt.NDArray[np.float64]


def step_of(duration: float, *, fine: bool = False) -> float:
    """The seconds between two frames of a video of this length (in seconds)."""
    wanted = max(duration, _FINEST) / (_LEAST_FINE_SAMPLES if fine else _LEAST_SAMPLES)
    return min(max(2.0 ** math.floor(math.log2(wanted)), _FINEST), _COARSEST)


def read_film(path: bytes | str, max_pixels: int, *, fine: bool = False) -> Film:
    """The fingerprint of a video. The end is missing where decoding takes too long. Raises ImageError."""

    def times(duration: float) -> list[float]:
        step = step_of(duration, fine=fine)
        return [step * number for number in range(1, math.ceil(duration / step))]

    duration, found = frames_at(path, times, max_pixels, _DECODED_SIDE)
    if not found:
        raise ImageError(FailureKind.BROKEN, "The video is too short or damaged to be compared with others.")
    return Film(step_of(duration, fine=fine), np.stack([_small(each.image) for each in found]))


def likeness_of_films(one: Film, two: Film) -> float | None:
    """How alike two videos are frame by frame, from -1 to 1; None where they cannot be compared: where they
    have too few frames in common, or where nothing moves in one of them.

    It is the correlation of what changes over time, in the frames at the times that both have, or that of
    what stays, if that is less: an animated title may be the same over different pictures.
    """
    step = max(one.step, two.step)
    first, second = _at_step(one, step), _at_step(two, step)
    count = min(len(first), len(second))
    if count < MIN_FRAMES:
        return None
    first, second = first[:count], second[:count]
    changes = without_still_parts(first), without_still_parts(second)
    if min(float(each.std()) for each in changes) < MIN_MOTION:
        return None
    return min(correlation(*changes), likeness_of_still_parts(first, second))


def likeness_of_still_parts(first: Levels, second: Levels) -> float:
    """The correlation of the mean frames of two videos (n, cells), from -1 to 1; 1 where one of them shows
    nothing that could be compared.
    """
    means = [each.mean(axis=0) for each in (first, second)]
    if min(float(each.std()) for each in means) < _MIN_TEXTURE:
        return 1.0
    return correlation(*(each - each.mean() for each in means))


def _at_step(film: Film, step: float) -> Levels:
    """The frames at multiples of a step that is a multiple of the film's own."""
    every = round(step / film.step)
    return film.frames[every - 1 :: every].astype(np.float64)


def without_still_parts(frames: Levels) -> Levels:
    """What changes over time, without changes in the brightness and contrast of the whole picture: those come
    from fades, clouds and the camera's exposure, and are alike in different videos of one place.
    """
    ones = np.ones(frames.shape[1])
    plain, _ = np.linalg.qr(np.stack((ones, frames.mean(axis=0))).T)
    rest = frames - (frames @ plain) @ plain.T
    found: Levels = rest - rest.mean(axis=0)
    return found


def correlation(one: Levels, two: Levels) -> float:
    """From -1 to 1; 0 where one of them is zero everywhere."""
    product = math.sqrt(float((one**2).sum() * (two**2).sum()))
    return float((one * two).sum()) / product if product else 0.0


def _small(image: Image.Image) -> Grids:
    return np.asarray(image.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX), np.uint8).ravel()
