"""The title of a page, what the page shows, and its buttons."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

_WIDE_FROM = 600
"""The width in pixels from which the buttons are beside the title. In a narrower page they are below it."""


class PageHead(QWidget):
    """The title with a line below it. The buttons are beside both, or below them in a narrow page."""

    def __init__(
        self, title: QLabel, hint: QLabel, buttons: Sequence[QPushButton], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        title.setProperty("kind", "title")
        hint.setProperty("kind", "secondary")
        words = self._words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(title)
        words.addWidget(hint)
        row = self._buttons = QHBoxLayout()
        row.setSpacing(8)
        for button in buttons:
            row.addWidget(button)
        row.addStretch(1)
        self._sides = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._sides.setContentsMargins(0, 0, 0, 0)
        self._sides.setSpacing(8)
        self._sides.addLayout(words, 1)
        self._sides.addLayout(row)

    def minimumSizeHint(self) -> QSize:
        # Those below each other, also while they are beside each other: otherwise the page could not become
        # narrow again.
        widest = max(part.minimumSize().width() for part in (self._words, self._buttons))
        return QSize(widest, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        beside, below = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._sides.setDirection(beside if event.size().width() >= _WIDE_FROM else below)
        super().resizeEvent(event)
