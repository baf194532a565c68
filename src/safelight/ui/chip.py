"""A chip: a condition of the search that can be taken away again."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPainterPath, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from safelight.ui.icons import icon
from safelight.ui.theme import Theme

_HEIGHT = 28
_PICTURE = 22


class Chip(QFrame):
    """A small picture (or icon), a text and a cross. Delete, Backspace or Enter removes it too."""

    removed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._has_picture = False
        self.setObjectName("chip")
        self.setFixedHeight(_HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._picture = QLabel()
        self._picture.setFixedSize(_PICTURE, _PICTURE)
        self._text = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._cross = QToolButton()
        self._cross.setIconSize(QSize(16, 16))
        self._cross.setFixedSize(20, 20)
        self._cross.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._cross.setAccessibleName("Remove")
        self._cross.setToolTip("Remove (Esc)")
        self._cross.clicked.connect(self.removed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 0, 4, 0)
        layout.setSpacing(6)
        for widget in (self._picture, self._text, self._cross):
            layout.addWidget(widget)
        self.apply_theme(theme)

    @property
    def text(self) -> str:
        return self._text.text()

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        radius = _HEIGHT // 2
        self.setStyleSheet(
            f"QFrame#chip {{ background: {theme.surface}; border: 1px solid {theme.line};"
            f" border-radius: {radius}px; }}"
            f"QFrame#chip:focus {{ border: 2px solid {theme.accent}; }}"
        )
        self._cross.setIcon(icon("close", theme.secondary))
        if not self._has_picture:
            self._show_icon()

    def show_picture(self, text: str, picture: QPixmap | None) -> None:
        """``picture`` is cropped to a round; without one the chip shows the icon for likeness."""
        self.setAccessibleName(text)
        self._text.setText(self._text.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, 220))
        self._has_picture = picture is not None and not picture.isNull()
        if picture is not None and self._has_picture:
            self._picture.setPixmap(_round(picture, _PICTURE, self.devicePixelRatioF()))
        else:
            self._show_icon()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() in (*keys, Qt.Key.Key_Escape):
            self.removed.emit()
        else:
            super().keyPressEvent(event)

    def _show_icon(self) -> None:
        mark = icon("similar", self._theme.secondary)
        self._picture.setPixmap(mark.pixmap(QSize(16, 16), self.devicePixelRatioF()))


def _round(picture: QPixmap, side: int, ratio: float) -> QPixmap:
    pixels = round(side * ratio)
    scaled = picture.scaled(
        pixels,
        pixels,
        Qt.AspectRatioMode.KeepAspectRatioByExpanding,
        Qt.TransformationMode.SmoothTransformation,
    )
    scaled.setDevicePixelRatio(1.0)
    result = QPixmap(pixels, pixels)
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    path = QPainterPath()
    path.addEllipse(QRectF(0, 0, pixels, pixels))
    painter.setClipPath(path)
    painter.drawPixmap((pixels - scaled.width()) // 2, (pixels - scaled.height()) // 2, scaled)
    painter.end()
    result.setDevicePixelRatio(ratio)
    return result
