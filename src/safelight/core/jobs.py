"""Cancelling, pausing and progress of long work."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from enum import StrEnum

from safelight.core.errors import CancelledError
from safelight.core.message import Message


class JobControl:
    """Lets one thread cancel or pause the work of another. Thread-safe.

    A worker calls :meth:`checkpoint` between items: it returns at once while running,
    blocks while paused, and raises :class:`CancelledError` once cancelled.
    """

    def __init__(self) -> None:
        self._cancelled = threading.Event()
        self._running = threading.Event()
        self._running.set()
        self._pausing = threading.Lock()
        self._reason: Message | None = None
        self.checkpoints = 0
        """How many checkpoints the work has passed. Work that does not advance passes none."""

    def cancel(self) -> None:
        with self._pausing:  # a pause that overlaps must not stop the checkpoint from seeing this
            self._cancelled.set()
            self._running.set()

    def pause(self, reason: Message | None = None) -> None:
        """``reason`` is shown to the user, such as ``on battery``; None where the user paused it."""
        with self._pausing:
            if not self.cancelled:
                self._reason = reason
                self._running.clear()

    def resume(self) -> None:
        self._running.set()

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    @property
    def paused(self) -> bool:
        return not self._running.is_set()

    @property
    def reason(self) -> Message | None:
        """Why it is paused."""
        return self._reason if self.paused else None

    def checkpoint(self) -> None:
        self.checkpoints += 1
        self._running.wait()
        if self.cancelled:
            raise CancelledError


class Phase(StrEnum):
    IDLE = "idle"
    SCANNING = "scanning"
    INDEXING = "indexing"
    PROCESSING = "processing"
    """A stage works on photos that are indexed already; :attr:`Progress.activity` says which."""
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Progress:
    phase: Phase
    done: int = 0
    total: int = 0
    failed: int = 0
    rate: float = 0.0
    """Photos per second over the last few seconds; 0 when unknown."""
    reason: Message | None = None
    """Why it is paused, where the user did not pause it."""
    activity: Message | None = None
    """What is done to the photos, where that is not indexing: ``Comparing photos``."""

    @property
    def seconds_left(self) -> float | None:
        """None while the rate is unknown."""
        if self.rate <= 0 or self.total <= self.done:
            return None
        return (self.total - self.done) / self.rate


class RateMeter:
    """Items per second over a sliding window, so that an estimate follows the present speed."""

    def __init__(self, window: float = 10.0) -> None:
        self._window = window
        self._marks: deque[tuple[float, int]] = deque()
        self._total = 0

    def add(self, count: int, now: float) -> None:
        """Record ``count`` items finished at ``now`` (seconds on a monotonic clock)."""
        self._total += count
        self._marks.append((now, self._total))
        while len(self._marks) > 2 and now - self._marks[0][0] > self._window:
            self._marks.popleft()

    @property
    def rate(self) -> float:
        if len(self._marks) < 2:
            return 0.0
        (start, before), (end, after) = self._marks[0], self._marks[-1]
        return (after - before) / (end - start) if end > start else 0.0
