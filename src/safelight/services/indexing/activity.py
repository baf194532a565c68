"""The state of the index thread: its current run, whether that is paused, and the reports about it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from safelight.core.jobs import JobControl, Phase, Progress
from safelight.core.message import Message


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


class IndexActivity:
    """Pauses, resumes and cancels the run of the index thread. Thread-safe.

    Shares the condition on which that thread waits. Attributes are read and set with the condition held.
    """

    def __init__(self, changed: threading.Condition, report: Callable[[Progress], None]) -> None:
        """``report`` is called without a lock, so that it may make requests."""
        self._changed = changed
        self._report = report
        self.control: JobControl | None = None
        """The control of the run; None between two runs."""
        self.paused = False
        self._reason: Message | None = None

    def pause(self, reason: Message | None = None) -> None:
        """Pause the current run and later ones. ``reason`` is why Safelight pauses by itself; None for a
        pause by the user, which an automatic one never replaces."""
        with self._changed:
            if reason is not None and self.paused:
                return
            self.paused = True
            self._reason = reason
            if self.control is not None:
                self.control.pause(reason)
        self.report()

    def resume_from(self, reason: Message) -> None:
        """Resume if it was paused for this reason, and the user has neither resumed nor paused since."""
        with self._changed:
            if not self.paused or self._reason != reason:
                return
            self._end_pause()
        self.report()

    def resume(self) -> None:
        with self._changed:
            self._end_pause()
        self.report()

    def cancel(self) -> None:
        """Cancel the current run and end a pause. Files that were not read wait for the next scan."""
        with self._changed:
            self.interrupt()
            self._end_pause()
        self.report()

    def interrupt(self) -> None:
        """Cancel the current run. The condition is held."""
        if self.control is not None:
            self.control.cancel()

    def report(self) -> None:
        """Report the current state, and repeat that while it changes.

        The repetition is needed because threads may report their changes in another order than they made
        them, and the last report must be right.
        """
        reported = None
        while (now := self._state()) != reported:
            self._report(now)
            reported = now

    def _state(self) -> Progress:
        with self._changed:
            if self.paused:
                return Progress(Phase.PAUSED, reason=self._reason)
            # A run reports its progress itself, but while scanning only once.
            running = self.control is not None and not self.control.cancelled
            return Progress(Phase.SCANNING if running else Phase.IDLE)

    def _end_pause(self) -> None:
        """The condition is held."""
        self.paused = False
        if self.control is not None:
            self.control.resume()
        self._changed.notify_all()
