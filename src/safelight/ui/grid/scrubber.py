"""What the scroll bar shows while it is dragged: the date at the top, years, and where photos are many."""

from __future__ import annotations

import re

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from safelight.ui.appearance.theme import Theme
from safelight.ui.grid.surface import GridSurface

_WIDTH = 190
_YEAR = re.compile(r"\b(\d{4})$")
_LINE = 18
"""Minimum distance of two year labels, in pixels."""
_LONGEST = 28
"""Length in pixels of the mark of the month with the most photos."""


class DateScrubber(QWidget):
    """An overlay beside the grid's scroll bar. Visible while the bar is dragged or the pointer is over it.

    It needs at least two sections with titles, such as months or bands.
    """

    def __init__(self, grid: GridSurface, theme: Theme) -> None:
        super().__init__(grid)
        self._grid = grid
        self._theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        bar = grid.verticalScrollBar()
        bar.installEventFilter(self)
        bar.sliderPressed.connect(self._appear)
        bar.sliderReleased.connect(self._disappear)
        bar.valueChanged.connect(lambda _: self.update())

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    @property
    def title(self) -> str:
        """The title of the section at the top of the viewport."""
        offset = self._grid.verticalOffset()
        marks = self._grid.section_marks()
        above = [title for title, top, _ in marks if top <= offset]
        return above[-1] if above else marks[0][0] if marks else ""

    def years(self) -> list[tuple[str, int]]:
        """Year labels and their y in this widget, newest or oldest first as in the grid."""
        found: list[tuple[str, int]] = []
        for title, top, _ in self._grid.section_marks():
            year = _YEAR.search(title)
            if year is None or (found and found[-1][0] == year.group(1)):
                continue
            y = self._y_of(top)
            if not found or y - found[-1][1] >= _LINE:
                found.append((year.group(1), y))
        return found

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Enter:
            self._appear()
        elif event.type() == QEvent.Type.Leave and not self._grid.verticalScrollBar().isSliderDown():
            self._disappear()
        return False

    def _appear(self) -> None:
        if sum(bool(title) for title, _, _ in self._grid.section_marks()) < 2:
            return
        viewport = self._grid.viewport().geometry()
        self.setGeometry(viewport.right() + 1 - _WIDTH, viewport.top(), _WIDTH, viewport.height())
        self.show()
        self.raise_()

    def _disappear(self) -> None:
        if not self._grid.verticalScrollBar().underMouse():
            self.hide()

    def _y_of(self, content_y: int) -> int:
        bar = self._grid.verticalScrollBar()
        length = bar.maximum() + bar.pageStep()
        return round(content_y / max(1, length) * self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        marks = self._grid.section_marks()
        most = max((count for _, _, count in marks), default=0)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.secondary))
        for _, top, count in marks:
            length = round(_LONGEST * count / most) if most else 0
            painter.drawRect(QRect(self.width() - length, self._y_of(top), length, 1))
        small = QFont(self.font())
        small.setPixelSize(11)
        painter.setFont(small)
        at = self._y_of(self._grid.verticalOffset())
        for year, y in self.years():
            if abs(y - at) < _LINE + 4:
                continue  # the label of the current section covers it
            self._chip(painter, year, y, self.width() - _LONGEST - 6, QColor(self._theme.surface))
        bold = QFont(self.font())
        bold.setPixelSize(self._theme.font_body)
        bold.setWeight(QFont.Weight.DemiBold)
        painter.setFont(bold)
        self._chip(painter, self.title, at, self.width() - 8, QColor(self._theme.pressed))

    def _chip(self, painter: QPainter, text: str, y: int, right: int, ground: QColor) -> None:
        """A label that ends at ``right``, kept inside the widget."""
        if not text:
            return
        metrics = QFontMetrics(painter.font())
        width, height = metrics.horizontalAdvance(text) + 16, metrics.height() + 6
        top = min(max(0, y - height // 2), self.height() - height)
        rect = QRectF(right - width, top, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(rect, height / 2, height / 2)
        painter.setPen(QColor(self._theme.text))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
