"""When a widget is seen for the first time."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget


class FirstPaint(QObject):
    """Notes when a widget has been painted for the first time."""

    happened = Signal()
    """Emitted once, when what was painted is on its way to the screen."""

    def __init__(self, widget: QWidget, *, at_the_latest: int | None = None) -> None:
        """``at_the_latest``: milliseconds after which it is taken to have happened where nothing is painted,
        as for a window that is opened as an icon."""
        super().__init__(widget)
        self._widget = widget
        self.seen = False
        widget.installEventFilter(self)
        if at_the_latest is not None:
            QTimer.singleShot(at_the_latest, self, self._note)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self._note()
        return False

    def _note(self) -> None:
        if not self.seen:
            self.seen = True
            self._widget.removeEventFilter(self)
            QTimer.singleShot(0, self, self.happened.emit)
