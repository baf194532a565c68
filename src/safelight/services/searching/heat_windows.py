"""The windows of a picture by which a heat map is computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from safelight.core.explanation import Heat
from safelight.core.region import Region

_WINDOW_SHARE = 0.4
"""Side of the windows that are compared, as a share of the picture's short side."""
_STEP_SHARE = 0.5
"""Distance between two windows, as a share of their side."""
_MIN_SHARE_OF_LONG_SIDE = 0.2
"""Side of the windows of an elongated picture, as a share of its long side; at most its short side."""
_MAX_WINDOWS_ALONG_SIDE = 24
"""The most windows along the long side. In longer pictures they are further apart."""


@dataclass(frozen=True, slots=True)
class Windows:
    """Square windows in rows over a picture, each overlapping the next by half, and the cells between
    their edges.
    """

    columns: int
    rows: int
    regions: tuple[Region, ...]

    @classmethod
    def covering(cls, width: int, height: int) -> Windows:
        short, long = min(width, height), max(width, height)
        side = max(_WINDOW_SHARE * short, min(short, _MIN_SHARE_OF_LONG_SIDE * long))
        columns, rows = _window_count(width, side), _window_count(height, side)
        wide, high = side / width, side / height
        lefts, tops = np.linspace(0, 1 - wide, columns), np.linspace(0, 1 - high, rows)
        regions = tuple(Region.of(float(left), float(top), wide, high) for top in tops for left in lefts)
        return cls(columns, rows, regions)

    def spread(self, values: Sequence[float]) -> Heat:
        """For each cell the mean over the windows that contain it; one more cell than windows along each
        side.
        """
        grid = np.asarray(values).reshape(self.rows, self.columns)
        total, count = np.zeros((2, self.rows + 1, self.columns + 1))
        for down in (0, 1):
            for right in (0, 1):
                place = slice(down, down + self.rows), slice(right, right + self.columns)
                total[place] += grid
                count[place] += 1
        return tuple(tuple(float(cell) for cell in row) for row in total / count)


def _window_count(length: int, side: float) -> int:
    return min(_MAX_WINDOWS_ALONG_SIDE, max(1, round((length - side) / (_STEP_SHARE * side)) + 1))
