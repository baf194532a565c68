"""What a page shows when there is nothing to show: why, and what to do."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from safelight.ui.icons import icon
from safelight.ui.theme import Theme


class EmptyPage(QWidget):
    """An icon, a title and a line, in the middle."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._name = "image"
        self._mark = QLabel(alignment=Qt.AlignmentFlag.AlignHCenter)
        self._title = QLabel(alignment=Qt.AlignmentFlag.AlignHCenter, wordWrap=True)
        self._title.setProperty("kind", "title")
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._text = QLabel(alignment=Qt.AlignmentFlag.AlignHCenter, wordWrap=True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(8)
        layout.addStretch(2)
        for widget in (self._mark, self._title, self._text):
            layout.addWidget(widget)
        layout.addStretch(3)

    @property
    def title(self) -> str:
        return self._title.text()

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._show_mark()

    def show_state(self, mark: str, title: str, text: str) -> None:
        self._name = mark
        self._title.setText(title)
        self._text.setText(text)
        self._show_mark()

    def _show_mark(self) -> None:
        mark = icon(self._name, self._theme.secondary)
        self._mark.setPixmap(mark.pixmap(QSize(24, 24), self.devicePixelRatioF()))
