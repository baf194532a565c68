"""How many pictures a second a model reads on this machine, seen while it works."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from safelight.services.models import installed as models
from safelight.store.library import LibraryStore

_ENOUGH = 64
"""Pictures below which a speed says little."""


class SpeedGauge:
    """Adds up the time spent in the model alone: waiting for files and pauses do not count."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._count = 0
        self._seconds = 0.0

    @contextmanager
    def timing(self, count: int) -> Iterator[None]:
        """Around the encoding of ``count`` pictures; one that fails does not count."""
        began = self._clock()
        yield
        self._seconds += self._clock() - began
        self._count += count

    def keep(self, store: LibraryStore, name: str, *, at_least: int = _ENOUGH) -> None:
        """Remember the speed of the model ``name`` if so many pictures were seen, and begin anew then."""
        if self._count >= at_least and self._seconds > 0:
            models.keep_speed(store, name, self._count / self._seconds)
            self._count, self._seconds = 0, 0.0
