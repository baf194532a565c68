"""A scroll area for pages of text and controls."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


class PageScroll(QScrollArea):
    """Scrolls its content vertically. The place of the scroll bar stays free where nothing is to be scrolled.

    With a scroll bar that comes and goes, text that is wrapped differently at both widths can need the bar at
    one width only. Qt then resizes the content back and forth until the stack overflows.
    """

    def __init__(self, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        bar = self.verticalScrollBar()
        bar.setEnabled(False)  # the style sheet hides the handle of a disabled bar
        bar.rangeChanged.connect(lambda low, high: bar.setEnabled(high > low))
        self.setWidget(content)

    @property
    def bar_width(self) -> int:
        """Pixels beside the content that are reserved for the scroll bar."""
        return self.verticalScrollBar().sizeHint().width()
