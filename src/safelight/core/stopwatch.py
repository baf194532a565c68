"""Measures the stages of a piece of work on request."""

from __future__ import annotations

import time
from collections.abc import Callable

Lap = Callable[[str], None]
"""Called with the name of a stage when it ends."""


def untimed(stage: str) -> None:
    """Measures nothing."""
    del stage


class Stopwatch:
    """A stopwatch: each call adds the time since the last call to a stage."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._last = clock()
        self.seconds: dict[str, float] = {}
        """Seconds by stage, in the order in which the stages first ended."""

    def __call__(self, stage: str) -> None:
        now = self._clock()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._last
        self._last = now
