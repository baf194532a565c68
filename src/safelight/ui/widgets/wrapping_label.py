"""A line of text that goes on in the next one where there is no room."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QWidget


class WrappingLabel(QLabel):
    """Plain text. Given a stretch, it takes no more than its text is wide, so that what stands beside it
    follows; Qt's own takes all or as little as it can."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)

    def setText(self, text: str) -> None:
        super().setText(text)
        self._bound()

    def showEvent(self, event: QShowEvent) -> None:
        self._bound()  # by now it has its font

    def _bound(self) -> None:
        self.setMaximumWidth(self.fontMetrics().horizontalAdvance(self.text()) + 2)
