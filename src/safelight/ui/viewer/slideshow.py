"""Shows one photo after the other."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

SECONDS_PER_PHOTO = 5
"""How long each photo is shown, from the moment that it is sharp."""
_RETRY_DELAY = 200
"""Milliseconds until a photo that is not there yet is looked for again."""


class Slideshow(QObject):
    """Moves on when a photo has been shown long enough and the next one is loaded."""

    running_changed = Signal(bool)

    def __init__(
        self,
        advance: Callable[[], bool],
        ready: Callable[[], bool],
        parent: QObject,
        seconds: float = SECONDS_PER_PHOTO,
    ) -> None:
        """``advance`` shows the next photo and returns whether there was one; ``ready`` returns whether its
        picture is loaded.
        """
        super().__init__(parent)
        self._advance = advance
        self._ready = ready
        self._interval = round(seconds * 1000)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._move_on)
        self.is_running = False

    def toggle(self) -> None:
        """Start or stop."""
        if self.is_running:
            self.stop()
        else:
            self.is_running = True
            self._timer.start(self._interval)
            self.running_changed.emit(True)

    def stop(self) -> None:
        """Idempotent."""
        self._timer.stop()
        if self.is_running:
            self.is_running = False
            self.running_changed.emit(False)

    def restart(self) -> None:
        """Show the photo that the user moved to for the full time."""
        if self.is_running:
            self._timer.start(self._interval)

    def _move_on(self) -> None:
        if not self._ready():
            self._timer.start(_RETRY_DELAY)
        elif self._advance():
            self._timer.start(self._interval)
        else:
            self.stop()
