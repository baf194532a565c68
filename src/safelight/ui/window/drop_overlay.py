"""Highlights the window while something that it accepts is dragged over it."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from safelight.ui.appearance.icons import pixmap
from safelight.ui.appearance.theme import Theme
from safelight.ui.translation import translate

_EDGE = 12
_RADIUS = 10
_ICON = 40


class DropOverlay(QWidget):
    """A frame with one sentence, over the whole window. The drag goes on to what is below it."""

    def __init__(self, window: QWidget, theme: Theme) -> None:
        super().__init__(window)
        self._window = window
        self._theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_highlight(self) -> None:
        self.setGeometry(self._window.rect())
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(self._theme.window)
        ground.setAlpha(225)
        painter.fillRect(self.rect(), ground)
        painter.setPen(QPen(QColor(self._theme.accent), 2, Qt.PenStyle.DashLine))
        frame = self.rect().adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE)
        painter.drawRoundedRect(frame, _RADIUS, _RADIUS)
        middle = self.rect().center()
        icon = pixmap("image", self._theme.accent, _ICON, self.devicePixelRatioF())
        painter.drawPixmap(middle.x() - _ICON // 2, middle.y() - _ICON - 8, icon)
        font = painter.font()
        font.setPixelSize(self._theme.font_section)
        painter.setFont(font)
        painter.setPen(QColor(self._theme.text))
        text = translate(
            "DropOverlay", "Drop a picture to find similar photos, or a folder to add it to the library"
        )
        room = QRect(frame.left() + 24, middle.y() + 8, frame.width() - 48, 60)
        painter.drawText(
            room,
            int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap),
            text,
        )
