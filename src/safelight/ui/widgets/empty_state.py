"""What a page shows while it has nothing to list."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from safelight.ui.widgets.labels import plain_label

_MAX_TEXT_WIDTH = 420
"""Pixels of the lines below the title."""


class EmptyState(QWidget):
    """A title, what it means or what to do, and perhaps a button. In the middle of the page."""

    def __init__(self, button: QPushButton | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = plain_label("", "title")
        self.text = plain_label()
        self.text.setMaximumWidth(_MAX_TEXT_WIDTH)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        column.addStretch(1)
        for label in (self.title, self.text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            line = QHBoxLayout()  # an alignment would give the text the height of one line
            line.addStretch(1)
            line.addWidget(label, 1000)
            line.addStretch(1)
            column.addLayout(line)
        if button is not None:
            column.addSpacing(8)
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)

    def show_text(self, title: str, text: str = "") -> None:
        """Either may be empty."""
        self.title.setText(title)
        self.title.setVisible(bool(title))
        self.text.setText(text)
        self.text.setVisible(bool(text))
