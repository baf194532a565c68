"""Painting of badges in the corner of a cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPixmap

from safelight.ui.grid.badges import Badge

HEIGHT = 18
_GLYPH_SIZE = 10
_PADDING = 5
_GAP = 3
_EDGE = 6
_GROUND = QColor(0, 0, 0, 178)
"""Black at 70 %, so that white text is readable over any picture."""


class BadgePainter:
    """Draws badges from the lower right corner to the left while there is room."""

    def __init__(self, font: QFont, glyph: Callable[[QPainter, str, str, int], QPixmap]) -> None:
        """``glyph`` draws an icon with a painter, given its name, colour and size."""
        self._font = QFont(font)
        self._font.setPixelSize(10)
        self._font.setWeight(QFont.Weight.DemiBold)
        self._metrics = QFontMetrics(self._font)
        self._glyph = glyph

    def draw(self, painter: QPainter, cell: QRect, badges: Sequence[Badge], *, keep_free: int) -> None:
        """``keep_free``: pixels at the left edge reserved for something else."""
        for badge, rect in self.places(cell, badges, keep_free=keep_free):
            self._draw_one(painter, rect, badge)

    def places(
        self, cell: QRect, badges: Sequence[Badge], *, keep_free: int
    ) -> Iterator[tuple[Badge, QRect]]:
        """The badges for which there is room, each with its rectangle."""
        right, top = cell.right() + 1 - _EDGE, cell.bottom() + 1 - _EDGE - HEIGHT
        for badge in badges:
            width = self._width(badge)
            if right - width < cell.left() + keep_free:
                continue  # a narrower one may still fit
            yield badge, QRect(right - width, top, width, HEIGHT)
            right -= width + _GAP

    def _width(self, badge: Badge) -> int:
        text = self._metrics.horizontalAdvance(badge.text) if badge.text else 0
        glyph = _GLYPH_SIZE if badge.icon else 0
        return max(HEIGHT, 2 * _PADDING + glyph + text + (2 if glyph and text else 0))

    def _draw_one(self, painter: QPainter, rect: QRect, badge: Badge) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(badge.colour) if badge.colour else _GROUND)
        painter.drawRoundedRect(rect, HEIGHT / 2, HEIGHT / 2)
        text = rect.adjusted(_PADDING, 0, -_PADDING, 0)
        if badge.icon:
            left = rect.left() + (_PADDING if badge.text else (rect.width() - _GLYPH_SIZE) // 2)
            glyph = self._glyph(painter, badge.icon, "#ffffff", _GLYPH_SIZE)
            painter.drawPixmap(QPoint(left, rect.top() + (HEIGHT - _GLYPH_SIZE) // 2), glyph)
            text.setLeft(left + _GLYPH_SIZE + 2)
        if badge.text:
            painter.setFont(self._font)
            painter.setPen(QColor("#ffffff"))
            painter.drawText(text, Qt.AlignmentFlag.AlignCenter, badge.text)
