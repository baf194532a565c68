"""The message shown over an empty grid."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget


class GridPlaceholder(QWidget):
    """A title, a line of text and at most one button, centred in the viewport (the parent)."""

    pressed = Signal()

    def __init__(self, parent: QWidget, title: str, text: str, button: str) -> None:
        super().__init__(parent)
        centre = Qt.AlignmentFlag.AlignHCenter
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(8)
        layout.addStretch(2)
        for words, kind in ((title, "title"), (text, "body")):
            label = QLabel(words, alignment=centre, wordWrap=True)
            label.setTextFormat(Qt.TextFormat.PlainText)  # it may quote a query, which is not markup
            label.setProperty("kind", kind)
            layout.addWidget(label)
            label.setVisible(bool(words))  # only once it has a parent, or it becomes a window
        if button:
            layout.addSpacing(8)
            action = QPushButton(button)
            action.setProperty("kind", "primary")
            action.clicked.connect(self._announce)
            layout.addWidget(action, 0, centre)
        layout.addStretch(3)

    def _announce(self) -> None:
        self.pressed.emit()
