"""The control of one index run."""

from __future__ import annotations

from collections.abc import Callable

from safelight.core.jobs import JobControl


class RunControl(JobControl):
    """Reports a pause that was requested just before the run began."""

    def __init__(self, report: Callable[[], None]) -> None:
        super().__init__()
        self._report = report
        self._begun = False

    def checkpoint(self) -> None:
        first, self._begun = not self._begun, True
        if first and self.paused:
            self._report()
        super().checkpoint()
