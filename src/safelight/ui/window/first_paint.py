"""Detects the first paint of a widget."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget


class FirstPaint(QObject):
    """Watches for the first paint of a widget."""

    happened = Signal()
    """Emitted once, when the first frame is on its way to the screen."""

    def __init__(self, widget: QWidget, *, timeout: int | None = None) -> None:
        """``timeout``: milliseconds after which the signal is emitted without a paint, for example
        when the window starts minimised.
        """
        super().__init__(widget)
        self._widget = widget
        self.seen = False
        widget.installEventFilter(self)
        if timeout is not None:
            QTimer.singleShot(timeout, self, self._note)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self._note()
        return False

    def _note(self) -> None:
        if not self.seen:
            self.seen = True
            self._widget.removeEventFilter(self)
            QTimer.singleShot(0, self, self.happened.emit)
