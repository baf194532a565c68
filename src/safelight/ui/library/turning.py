"""Pictures and regions of photos that the user turned. Turns are clockwise quarters, 0 to 3."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QImage, QTransform


def turned_image(image: QImage, turns: int) -> QImage:
    """``image`` itself where there is nothing to turn."""
    return image.transformed(QTransform().rotate(90 * turns)) if turns else image


def turned_size(size: QSize, turns: int) -> QSize:
    return size.transposed() if turns % 2 else size


def region_before_turn(part: QRectF, turns: int) -> QRectF:
    """The region of the upright picture, as fractions, that a region of the turned one shows."""
    for _ in range(turns):
        part = QRectF(part.y(), 1 - part.x() - part.width(), part.height(), part.width())
    return part
