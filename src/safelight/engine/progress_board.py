"""Combines the progress of several threads into the one line that the status bar shows."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from safelight.core.jobs import Phase, Progress, RateMeter
from safelight.core.message import Message
from safelight.engine.events import IndexProgress
from safelight.services.duplicates.comparing import Comparison
from safelight.services.stages.declarations import COMPARISON

SHOWN_AFTER = 1.0
"""Seconds after which background work is shown. A single new photo takes less and would only flicker."""


@dataclass(slots=True)
class _BackgroundWork:
    """Background work that is in progress."""

    started_at: float
    """Monotonic seconds."""
    done_at_start: int
    meter: RateMeter = field(default_factory=RateMeter)
    done: int = 0
    shown: Progress | None = None

    def update(self, now: float, done: int, total: int, activity: Message | None) -> None:
        self.meter.add(done - self.done_at_start - self.done, now)
        self.done = done - self.done_at_start
        if now - self.started_at >= SHOWN_AFTER:
            self.shown = Progress(Phase.PROCESSING, done, total, rate=self.meter.rate, activity=activity)


class ProgressBoard:
    """Shows one kind of work at a time: indexing, or else the preparation of searches, or else the comparison
    of duplicates. Thread-safe."""

    def __init__(
        self, send: Callable[[IndexProgress], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._send = send
        self._clock = clock
        self._lock = threading.Lock()
        self._index = Progress(Phase.IDLE)
        self._comparing: _BackgroundWork | None = None
        self._preparing: _BackgroundWork | None = None

    def report_indexing(self, progress: Progress) -> None:
        """Report the progress of the index run."""
        with self._lock:
            self._index = progress
            self._show()

    def report_comparison(self, comparison: Comparison | None) -> None:
        """Report the progress of comparing; None when it has ended."""
        with self._lock:
            before = self._comparing
            if comparison is None:
                self._comparing = None
            else:
                self._comparing = before or _BackgroundWork(self._clock(), 0)
                self._comparing.update(self._clock(), comparison.done, comparison.total, COMPARISON.activity)
            self._show_change(before, self._comparing)

    def report_preparation(self, progress: Progress | None) -> None:
        """Report the progress of preparing searches for a model; None when there is nothing left."""
        with self._lock:
            before = self._preparing
            if progress is None:
                self._preparing = None
            else:
                self._preparing = before or _BackgroundWork(self._clock(), progress.done)
                self._preparing.update(self._clock(), progress.done, progress.total, progress.activity)
            self._show_change(before, self._preparing)

    def _show_change(self, before: _BackgroundWork | None, after: _BackgroundWork | None) -> None:
        if any(each is not None and each.shown is not None for each in (before, after)):
            self._show()

    def _show(self) -> None:
        shown = self._index
        if shown.phase is Phase.IDLE:
            for each in (self._preparing, self._comparing):
                if each is not None and each.shown is not None:
                    shown = each.shown
        self._send(IndexProgress(shown))
