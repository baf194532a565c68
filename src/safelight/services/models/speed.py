"""Measures how many pictures per second a model encodes on this machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from safelight.services.models import installed as models
from safelight.store.library import LibraryStore

_MIN_PICTURES = 64
"""A measurement of fewer pictures is not reliable."""


class SpeedMeter:
    """Adds up the time spent in the model alone; waiting for files and pauses do not count."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._count = 0
        self._seconds = 0.0
        self._method = ""

    @contextmanager
    def timing(self, count: int, method: str = "") -> Iterator[None]:
        """Time the encoding of ``count`` pictures by ``method``. An encoding that fails does not count."""
        began = self._clock()
        yield
        self._seconds += self._clock() - began
        self._count += count
        self._method = method

    def store_if_enough(self, store: LibraryStore, name: str, *, at_least: int = _MIN_PICTURES) -> None:
        """Store the speed of the model ``name`` if enough pictures were timed, and start again."""
        if self._count >= at_least and self._seconds > 0:
            models.store_speed(store, name, self._count / self._seconds, self._method)
            self._count, self._seconds = 0, 0.0
