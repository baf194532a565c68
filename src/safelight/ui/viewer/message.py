"""A message over the picture in the viewer."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QLabel, QWidget

_SHEET = "background: rgba(20, 20, 22, 200); color: #f2f2f4; border-radius: 10px; padding: 12px 16px;"


class ViewerMessage(QLabel):
    """Plain text at the bottom centre of an area. Hidden until :meth:`show_text`."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self.setStyleSheet(_SHEET)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.hide()

    def show_text(self, text: str, area: QRect) -> None:
        self.setText(text)
        self.show()
        self.place(area)

    def place(self, area: QRect) -> None:
        self.setFixedWidth(min(480, max(160, area.width() - 48)))
        self.adjustSize()
        self.move(area.center().x() - self.width() // 2, area.bottom() - self.height() - 24)
