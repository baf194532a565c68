"""Start-up work on the GUI thread, done step by step."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, QTimer


class StagedStartup(QObject):
    """Runs steps in order and processes user input between them."""

    def __init__(self, steps: Iterable[Callable[[], object]], parent: QObject) -> None:
        super().__init__(parent)
        self._steps = deque(steps)
        # Not 0: Qt serves such timers before input and painting.
        self._timer = QTimer(self, singleShot=True, interval=1)
        self._timer.timeout.connect(self._run_next)

    @property
    def done(self) -> bool:
        return not self._steps

    def begin(self) -> None:
        """Returns at once."""
        if self._steps:
            self._timer.start()

    def add(self, step: Callable[[], object]) -> None:
        """Append a step, or run it at once if no steps are left."""
        if self._steps:
            self._steps.append(step)
        else:
            step()

    def finish(self) -> None:
        """Run the remaining steps now."""
        self._timer.stop()
        while self._steps:
            self._steps.popleft()()

    def stop(self) -> None:
        """Drop the remaining steps."""
        self._timer.stop()
        self._steps.clear()

    def _run_next(self) -> None:
        self._steps.popleft()()
        self.begin()
