"""One line of progress for the status bar, from the work of several threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from safelight.core.jobs import Phase, Progress, RateMeter
from safelight.engine.events import IndexProgress
from safelight.services.duplicates.comparing import Comparison
from safelight.services.stages.declarations import COMPARISON

SHOWN_AFTER = 1.0
"""Comparisons shorter than this many seconds are not shown: a new photo takes less."""


class ProgressBoard:
    """Shows the index run, or the comparison of duplicates while no index run is active.

    Thread-safe.
    """

    def __init__(
        self, send: Callable[[IndexProgress], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._send = send
        self._clock = clock
        self._lock = threading.Lock()
        self._index = Progress(Phase.IDLE)
        self._begun: float | None = None
        """When the comparison under way began."""
        self._compared: Progress | None = None
        self._meter = RateMeter()
        self._done = 0

    def indexed(self, progress: Progress) -> None:
        """Report the progress of the index run. Once it is idle, a comparison under way is shown instead."""
        with self._lock:
            self._index = progress
            self._show()

    def compared(self, comparison: Comparison | None) -> None:
        """Report the progress of comparing; None when it has ended."""
        with self._lock:
            shown = self._compared is not None
            if comparison is None:
                self._begun = self._compared = None
            else:
                self._set_comparison(comparison)
            if shown or self._compared is not None:
                self._show()

    def _set_comparison(self, comparison: Comparison) -> None:
        now = self._clock()
        if self._begun is None:
            self._begun, self._meter, self._done = now, RateMeter(), 0
        self._meter.add(comparison.done - self._done, now)
        self._done = comparison.done
        if now - self._begun >= SHOWN_AFTER:
            self._compared = Progress(
                Phase.PROCESSING,
                comparison.done,
                comparison.total,
                rate=self._meter.rate,
                activity=COMPARISON.activity,
            )

    def _show(self) -> None:
        waits = self._index.phase is Phase.IDLE
        self._send(IndexProgress(self._compared if waits and self._compared is not None else self._index))
