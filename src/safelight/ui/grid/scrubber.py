"""What the scroll bar shows while it is dragged: the date at the top, years, and where photos are many."""

from __future__ import annotations

import re

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QLinearGradient, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QStyle, QStyleOptionSlider, QWidget

from safelight.ui import direction
from safelight.ui.appearance.theme import Theme
from safelight.ui.grid.surface import GridSurface

_WIDTH = 280
"""Pixels. The longest title is a day with its weekday."""
_YEAR = re.compile(r"(?<!\d)(\d{4})(?!\d)")
"""Anywhere in a title: languages differ in where they write the year."""
_MIN_LABEL_DISTANCE = 18
"""Minimum distance of two year labels, in pixels."""
_MAX_MARK_LENGTH = 28
"""Length in pixels of the mark of the month with the most photos."""
_SHADE_WIDTH = 72
"""Width in pixels of the shade below the marks, which would be lost on a bright picture."""
_INTO_HANDLE = 4
"""Pixels from the top of the scroll bar's handle to the pointer that it was brought to."""


class DateScrubber(QWidget):
    """An overlay beside the grid's scroll bar. Visible while the bar is dragged or the pointer is over it.

    It needs at least two sections with titles, such as months or bands. While it is visible, a click beside
    the handle goes to the place under the pointer, because that is where a year is written.
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
        positions = self._grid.section_positions()
        above = [title for title, top, _ in positions if top <= offset]
        return above[-1] if above else positions[0][0] if positions else ""

    def years(self) -> list[tuple[str, int]]:
        """Year labels and their y in this widget, newest or oldest first as in the grid."""
        found: list[tuple[str, int]] = []
        for title, top, _ in self._grid.section_positions():
            year = _YEAR.search(title)
            if year is None or (found and found[-1][0] == year.group(1)):
                continue
            y = self._y_of(top)
            if not found or y - found[-1][1] >= _MIN_LABEL_DISTANCE:
                found.append((year.group(1), y))
        return found

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Enter:
            self._appear()
        elif event.type() == QEvent.Type.Leave and not self._grid.verticalScrollBar().isSliderDown():
            self._disappear()
        elif event.type() == QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent):
            self._bring_handle(event)
        return False

    def _bring_handle(self, event: QMouseEvent) -> None:
        """Scroll so that the handle is under the pointer. The bar then handles the press as one on it."""
        bar = self._grid.verticalScrollBar()
        y = event.position().toPoint().y()
        option = QStyleOptionSlider()
        bar.initStyleOption(option)
        handle = bar.style().subControlRect(
            QStyle.ComplexControl.CC_ScrollBar, option, QStyle.SubControl.SC_ScrollBarSlider, bar
        )
        on_handle = handle.top() <= y <= handle.bottom()
        if event.button() is Qt.MouseButton.LeftButton and self.isVisible() and not on_handle:
            length = bar.maximum() + bar.pageStep()
            wanted = (y - _INTO_HANDLE) / bar.height() * length
            # In a large library the handle is longer than what it stands for, and has to reach the pointer.
            travel = max(1, bar.height() - handle.height())
            lowest = (y - handle.height() + _INTO_HANDLE) / travel * bar.maximum()
            bar.setValue(round(max(wanted, lowest)))

    def _appear(self) -> None:
        if sum(bool(title) for title, _, _ in self._grid.section_positions()) < 2:
            return
        viewport = self._grid.viewport().geometry()
        beside = QRect(viewport.right() + 1 - _WIDTH, viewport.top(), _WIDTH, viewport.height())
        self.setGeometry(direction.mirrored(beside, viewport))
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
        positions = self._grid.section_positions()
        max_count = max((count for _, _, count in positions), default=0)
        self._paint_shade(painter)
        colour = QColor(self._theme.text)
        for _, top, count in positions:
            length = round(_MAX_MARK_LENGTH * count / max_count) if max_count else 0
            mark = QRect(self.width() - length, self._y_of(top), length, 1)
            painter.fillRect(direction.mirrored(mark, self.rect()), colour)
        small = QFont(self.font())
        small.setPixelSize(11)
        painter.setFont(small)
        at = self._y_of(self._grid.verticalOffset())
        for year, y in self.years():
            if abs(y - at) < _MIN_LABEL_DISTANCE + 4:
                continue  # the label of the current section covers it
            self._draw_label(
                painter, year, y, self.width() - _MAX_MARK_LENGTH - 6, QColor(self._theme.surface)
            )
        bold = QFont(self.font())
        bold.setPixelSize(self._theme.font_body)
        bold.setWeight(QFont.Weight.DemiBold)
        painter.setFont(bold)
        self._draw_label(painter, self.title, at, self.width() - 8, QColor(self._theme.pressed))

    def _paint_shade(self, painter: QPainter) -> None:
        shade = direction.mirrored(
            QRect(self.width() - _SHADE_WIDTH, 0, _SHADE_WIDTH, self.height()), self.rect()
        )
        is_mirrored = direction.is_mirrored()
        dark, clear = QColor(self._theme.window), QColor(self._theme.window)
        dark.setAlpha(220)
        clear.setAlpha(0)
        gradient = QLinearGradient(shade.left(), 0, shade.right(), 0)
        gradient.setColorAt(0 if is_mirrored else 1, dark)
        gradient.setColorAt(1 if is_mirrored else 0, clear)
        painter.fillRect(shade, gradient)

    def _draw_label(self, painter: QPainter, text: str, y: int, right: int, ground: QColor) -> None:
        """A label that ends at ``right``, kept inside the widget, in a layout from left to right."""
        if not text:
            return
        metrics = QFontMetrics(painter.font())
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, right - 16)
        width, height = metrics.horizontalAdvance(text) + 16, metrics.height() + 6
        top = min(max(0, y - height // 2), self.height() - height)
        rect = QRectF(direction.mirrored(QRect(right - width, top, width, height), self.rect()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(rect, height / 2, height / 2)
        painter.setPen(QColor(self._theme.text))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
