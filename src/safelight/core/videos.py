"""Videos as they look over time, and which of them are compared with each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the window's first paint must not wait for NumPy
    import numpy as np
    import numpy.typing as npt

SAME_LENGTH_SECONDS = 0.25
SAME_LENGTH_SHARE = 0.01
"""Encodings of one video differ in length by at most this many seconds and this share of the length."""

LEAST_PART_SECONDS = 3.0
"""Shorter videos are not looked for in longer ones."""
LEAST_PART_SHARE = 0.1
"""Videos that last less than this share of another are not looked for in it."""


@dataclass(frozen=True, slots=True)
class Film:
    """Small grey pictures of a video at fixed times."""

    step: float
    """Seconds between two pictures. The first is one step after the beginning."""
    frames: npt.NDArray[np.uint8]
    """Levels (n, cells)."""


@dataclass(frozen=True, slots=True)
class FoundPart:
    """Where a longer video shows a shorter one."""

    start: float
    """Seconds of the longer video at which the shorter one begins."""
    likeness: float
    """0 to 1, as of two videos of equal length."""
