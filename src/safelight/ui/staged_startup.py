"""Work of the GUI thread that can wait, done a piece at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, QTimer


class StagedStartup(QObject):
    """Steps that are carried out in their order, each by itself, with the person's doings in between."""

    def __init__(self, steps: Iterable[Callable[[], object]], parent: QObject) -> None:
        super().__init__(parent)
        self._steps = deque(steps)
        # Not 0, which Qt serves before what comes from the screen and the keyboard.
        self._timer = QTimer(self, singleShot=True, interval=1)
        self._timer.timeout.connect(self._take_one)

    @property
    def done(self) -> bool:
        return not self._steps

    def begin(self) -> None:
        """Returns at once."""
        if self._steps:
            self._timer.start()

    def add(self, step: Callable[[], object]) -> None:
        """One more, after all others; at once where there are none."""
        if self._steps:
            self._steps.append(step)
        else:
            step()

    def finish(self) -> None:
        """Carry out what is left now."""
        self._timer.stop()
        while self._steps:
            self._steps.popleft()()

    def stop(self) -> None:
        """Leave what has not been done."""
        self._timer.stop()
        self._steps.clear()

    def _take_one(self) -> None:
        self._steps.popleft()()
        self.begin()
