"""When the details panel is shown: while photos are selected, in a window that is wide enough."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

_AUTO_SHOW_WIDTH = 1000
"""Width of the window in pixels from which the panel is shown without a command."""
_HIDE_DELAY = 400
"""Milliseconds without a selection after which the panel is hidden. A selection that changes is empty for a
moment, and the photos beside the panel must not move for that."""
_SHOW_DELAY = 100
"""Milliseconds to wait after the time in which a second click makes a double click. If the photos moved
between both clicks, the second one would hit another photo."""
_RETRY_DELAY = 100
"""Milliseconds after which to try again while a mouse button is pressed, as when photos are selected."""


class DetailsVisibility(QObject):
    """Shows and hides the panel with the selection, and on command.

    The command shows it at once, even in a narrow window or with nothing selected. From then on it hides
    itself as before. Hidden by command, it stays hidden until the command shows it again.
    """

    changed = Signal(bool)

    def __init__(self, window: QWidget, panel: QWidget, *, wanted: bool) -> None:
        """``wanted``: False if the panel was hidden by command in the last session."""
        super().__init__(window)
        self._window = window
        self._panel = panel
        self._selected = False
        self._is_forced = False
        """Whether the command showed it, so that it is shown without a selection or without room."""
        self.wanted = wanted
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._apply)
        panel.setVisible(False)
        window.installEventFilter(self)

    @property
    def shown(self) -> bool:
        """Whether it is shown, unless the viewer covers it."""
        return not self._panel.isHidden()

    def toggle(self) -> None:
        """Show or hide the panel by command."""
        self.wanted = self._is_forced = not self.shown
        self._show(self.wanted)

    def show_selection(self, count: int) -> None:
        """Follow the selection, which has this many photos now."""
        if self._selected and not count:
            self._is_forced = False
        self._selected = count > 0
        if self._should_be_shown == self.shown:
            self._timer.stop()
        elif not self._timer.isActive():
            double_click = QApplication.doubleClickInterval()
            self._timer.start(double_click + _SHOW_DELAY if self._should_be_shown else _HIDE_DELAY)

    @property
    def _should_be_shown(self) -> bool:
        """Whether it has to be shown."""
        return self.wanted and (
            self._is_forced or (self._selected and self._window.width() >= _AUTO_SHOW_WIDTH)
        )

    def _apply(self) -> None:
        if QApplication.mouseButtons().value:
            self._timer.start(_RETRY_DELAY)
        else:
            self._show(self._should_be_shown)

    def _show(self, shown: bool) -> None:
        self._timer.stop()
        if shown != self.shown:
            self._panel.setVisible(shown)
        self.changed.emit(shown)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._window:
            roomy = self._window.width() >= _AUTO_SHOW_WIDTH
            if roomy and self._selected:
                self._is_forced = False
            if self._should_be_shown != self.shown and not self._timer.isActive():
                self._show(self._should_be_shown)
        return super().eventFilter(watched, event)
