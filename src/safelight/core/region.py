"""A rectangular region of a picture, independent of its size."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FORM = re.compile(r"#xywh=percent:" + ",".join([r"([0-9]{1,3}(?:\.[0-9]{1,2})?)"] * 4))
_FINEST = 1e-4


@dataclass(frozen=True, slots=True)
class Region:
    """Fractions, 0 to 1, of the upright picture's width and height. ``str()`` is a W3C Media Fragments URI
    1.0 fragment, such as ``#xywh=percent:25,10,50,40``.
    """

    left: float
    top: float
    width: float
    height: float

    @classmethod
    def of(cls, left: float, top: float, width: float, height: float) -> Region:
        """The region clipped to the picture, rounded to a hundredth of a percent and at least that large."""
        left, width = _within(left, left + width)
        top, height = _within(top, top + height)
        return cls(left, top, width, height)

    @classmethod
    def split(cls, text: str) -> tuple[str, Region | None]:
        """Split a path and the region after it. Text that is not a region belongs to the path."""
        path, mark, _ = text.rpartition("#")
        form = _FORM.fullmatch(text, len(path)) if mark and path else None
        if form is None:
            return text, None
        left, top, width, height = (float(number) / 100 for number in form.groups())
        if left >= 1 or top >= 1 or not width or not height:
            return text, None
        return path, cls.of(left, top, width, height)

    def __str__(self) -> str:
        parts = (self.left, self.top, self.width, self.height)
        return "#xywh=percent:" + ",".join(f"{part * 100:.2f}".rstrip("0").rstrip(".") for part in parts)

    def box(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Left, top, right and bottom in pixels for a picture of this size; at least one pixel."""
        left = min(round(self.left * width), width - 1)
        top = min(round(self.top * height), height - 1)
        right = max(left + 1, min(round((self.left + self.width) * width), width))
        bottom = max(top + 1, min(round((self.top + self.height) * height), height))
        return left, top, right, bottom


def _within(start: float, end: float) -> tuple[float, float]:
    """Start and length clipped to 0 to 1."""
    first = round(min(max(start, 0.0), 1 - _FINEST), 4) + 0.0  # avoids negative zero
    return first, round(max(min(end, 1.0) - first, _FINEST), 4)
