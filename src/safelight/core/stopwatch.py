"""Where the time of one piece of work goes, for those who ask."""

from __future__ import annotations

import time
from collections.abc import Callable

Lap = Callable[[str], None]
"""Called with the name of a stage as it ends."""


def untimed(stage: str) -> None:
    """For those who do not ask."""
    del stage


class Stopwatch:
    """A stopwatch: each call books the time since the last one to a stage."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._last = clock()
        self.seconds: dict[str, float] = {}
        """By stage, in the order in which they first ended."""

    def __call__(self, stage: str) -> None:
        now = self._clock()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._last
        self._last = now
