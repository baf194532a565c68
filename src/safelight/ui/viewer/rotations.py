"""Turning photos in the viewer. The files stay as they are."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QImage, QTransform

_KEPT = 2000
"""Photos whose turns are remembered, the latest ones."""


class Rotations:
    """Clockwise quarter turns by photo."""

    def __init__(self, text: str = "", keep: Callable[[str], None] = lambda _: None) -> None:
        """``text`` holds the turns of earlier sessions, as ``keep`` was given them."""
        self._keep = keep
        self._turns: dict[int, int] = {}
        for word in text.split():
            photo, _, turns = word.partition(":")
            if photo.isdecimal() and turns in ("1", "2", "3"):
                self._turns[int(photo)] = int(turns)

    def of(self, photo_id: int) -> int:
        """0 to 3."""
        return self._turns.get(photo_id, 0)

    def turn(self, photo_id: int, by: int) -> None:
        """Turn a photo further."""
        turns = (self._turns.pop(photo_id, 0) + by) % 4
        if turns:
            self._turns[photo_id] = turns
        while len(self._turns) > _KEPT:
            del self._turns[next(iter(self._turns))]
        self._keep(" ".join(f"{photo}:{turns}" for photo, turns in self._turns.items()))


def turned_image(image: QImage, turns: int) -> QImage:
    """``image`` itself where there is nothing to turn."""
    return image.transformed(QTransform().rotate(90 * turns)) if turns else image


def turned_size(size: QSize, turns: int) -> QSize:
    return size.transposed() if turns % 2 else size


def turned_back(part: QRectF, turns: int) -> QRectF:
    """The region of the upright picture, as fractions, that a region of the turned one shows."""
    for _ in range(turns):
        part = QRectF(part.y(), 1 - part.x() - part.width(), part.height(), part.width())
    return part
