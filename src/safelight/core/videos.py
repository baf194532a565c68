"""Videos as they look over time, and when two of them may be one video that was encoded twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the window's first paint must not wait for NumPy
    import numpy as np
    import numpy.typing as npt

SAME_LENGTH_SECONDS = 0.25
SAME_LENGTH_SHARE = 0.01
"""Encodings of one video differ in length by at most this many seconds and this share of the length."""


@dataclass(frozen=True, slots=True)
class Film:
    """Small grey pictures of a video at fixed times."""

    step: float
    """Seconds between two pictures. The first is one step after the beginning."""
    frames: npt.NDArray[np.uint8]
    """Levels (n, cells)."""
