"""Notices workers whose job makes no progress, such as one that waits for a lock or a disk for ever.

The engine answers a :class:`~safelight.engine.requests.Ping` on the thread that receives requests, so a ping
does not show that a worker is blocked.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from safelight.core.message import Message
from safelight.engine.events import WorkStalled
from safelight.engine.worker import Job, Send, Worker

STALLED_SECONDS = 120.0
"""Seconds without progress after which a job is reported, and between two reports. A file may keep its
decoder busy for 60 seconds, and a job may wait for it."""

_CHECK_INTERVAL = 10.0
"""Seconds between two checks."""

_MIN_CPU_SHARE = 0.005
"""The share of a processor that a working thread uses at least. One that waits in a loop uses less."""


def stalled_change(seconds: int) -> Message:
    return Message(
        "A change has made no progress for {seconds} s. Wait, or restart the engine; saved changes are kept.",
        seconds=seconds,
    )


def stalled_search(seconds: int) -> Message:
    return Message(
        "A search has made no progress for {seconds} s. Wait, or restart the engine.", seconds=seconds
    )


@dataclass(frozen=True, slots=True)
class WatchedWorker:
    worker: Worker
    stalled: Callable[[int], Message]
    """The message for a number of seconds."""
    is_excused: Callable[[], bool] = lambda: False
    """Whether its job waits for something that may take long, such as a model that loads."""


@dataclass(slots=True)
class _Observation:
    """What was seen of a worker, and for how long there was no progress."""

    job: Job | None = None
    checkpoints: int = 0
    cpu: float = 0.0
    transferred: int = 0
    seconds: float = 0.0
    reported: float = 0.0


@dataclass(slots=True)
class StalledWork:
    """Checks workers on a thread of its own.

    A job makes progress if it passes a checkpoint, computes, reads or writes, or if it ends. Where a thread's
    processor time is not known (other systems than Linux), that of the process counts instead, so that there
    a blocked worker is noticed only while the engine does nothing else.
    """

    workers: Sequence[WatchedWorker]
    send: Send
    _seen: list[_Observation] = field(default_factory=list)
    _closing: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="stalled-work", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        if self._thread is not None:
            self._thread.join()

    def check(self, passed: float) -> None:
        """Compare with the last check, which was ``passed`` seconds ago, and report."""
        self._seen = self._seen or [_Observation() for _ in self.workers]
        for watched, seen in zip(self.workers, self._seen, strict=True):
            self._check(watched, seen, passed)

    def _run(self) -> None:
        before = time.monotonic()
        while not self._closing.wait(_CHECK_INTERVAL):
            now = time.monotonic()
            # The process may have been stopped, or the computer asleep, and the workers with it.
            self.check(min(now - before, 2 * _CHECK_INTERVAL))
            before = now

    def _check(self, watched: WatchedWorker, seen: _Observation, passed: float) -> None:
        job = watched.worker.current_job
        cpu, transferred = _activity(watched.worker.thread)
        checkpoints = 0 if job is None else job.control.checkpoints
        waits = (
            job is not None
            and job is seen.job
            and checkpoints == seen.checkpoints
            and transferred == seen.transferred
            and cpu - seen.cpu < _MIN_CPU_SHARE * passed
            and not job.control.paused
            and not watched.is_excused()
        )
        seen.job, seen.checkpoints, seen.cpu, seen.transferred = job, checkpoints, cpu, transferred
        if waits:
            seen.seconds += passed
            if seen.seconds - seen.reported >= STALLED_SECONDS:
                seen.reported = seen.seconds
                self.send(WorkStalled(watched.stalled(int(seen.seconds))))
            return
        if seen.reported:
            self.send(WorkStalled(None))
        seen.seconds = seen.reported = 0.0


def _activity(thread: threading.Thread) -> tuple[float, int]:
    """(processor time in seconds, bytes read and written) of a thread; of the process where unknown."""
    if sys.platform != "linux" or thread.ident is None or not thread.is_alive():
        return time.process_time(), 0
    try:
        cpu = time.clock_gettime(time.pthread_getcpuclockid(thread.ident))
        lines = Path(f"/proc/self/task/{thread.native_id}/io").read_text(encoding="ascii").splitlines()
    except OSError:
        return time.process_time(), 0
    return cpu, sum(int(line.split()[1]) for line in lines if line.startswith(("rchar", "wchar")))
