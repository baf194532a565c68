"""Measures how long the steps of some work take, on request."""

from __future__ import annotations

import time
from collections.abc import Callable

RecordStep = Callable[[str], None]
"""Called with the name of a step when the step ends."""


def record_nothing(step: str) -> None:
    """Measure nothing: the default where nobody wants the times."""
    del step


class Stopwatch:
    """A :data:`RecordStep` that adds the time since its last call to the step."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._last = clock()
        self.seconds: dict[str, float] = {}
        """Seconds by step, in the order in which the steps first ended."""

    def __call__(self, step: str) -> None:
        now = self._clock()
        self.seconds[step] = self.seconds.get(step, 0.0) + now - self._last
        self._last = now
