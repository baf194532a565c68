"""A label that wraps its text."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QWidget


class WrappingLabel(QLabel):
    """Plain text. With a stretch factor, it takes no more width than its text needs, so that the next widget
    follows directly. QLabel takes either all the width or as little as possible.
    """

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)

    def setText(self, text: str) -> None:
        super().setText(text)
        self._bound()

    def showEvent(self, event: QShowEvent) -> None:
        self._bound()  # the font is set by now

    def _bound(self) -> None:
        self.setMaximumWidth(self.fontMetrics().horizontalAdvance(self.text()) + 2)
