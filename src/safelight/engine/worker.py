"""The base of the engine's workers: one thread that takes jobs from a queue."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from safelight.core.errors import CancelledError, SafelightError
from safelight.core.jobs import JobControl
from safelight.core.message import Message
from safelight.engine.events import Event, RequestFailed

log = logging.getLogger(__name__)

Work = Callable[[JobControl], None]
Send = Callable[[Event], None]


@dataclass(slots=True, eq=False)
class Job:
    """One piece of work in a queue."""

    work: Work
    """Called on the worker's thread. Its control is cancelled when the worker closes."""
    key: Hashable = None
    """A newer job replaces a waiting one with the same key; None never replaces."""
    priority: int = 0
    """The lowest goes first; equal ones go in the order in which they were posted."""
    due: float = 0.0
    """Monotonic time before which it does not begin."""
    generation: int | None = None
    """Repeated in the :class:`RequestFailed` that reports a failure."""
    control: JobControl = field(default_factory=JobControl)


class ReportInterval:
    """Limits how often progress is reported, since jobs advance far more often than a window can show."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._last = 0.0

    def passed(self) -> bool:
        """Whether the interval has passed since this was last true. The first call is true."""
        now = time.monotonic()
        if now - self._last < self._seconds:
            return False
        self._last = now
        return True


class Worker:
    """Runs jobs one at a time on a thread of its own. All methods may be called from any thread.

    A job that raises SafelightError is reported with its message; any other exception is a bug, which is
    logged and reported as one. Either way the next job runs.
    """

    def __init__(self, name: str, send: Send, *, fault: Message, close_timeout: float | None = None) -> None:
        """``fault``: the report of a bug. ``close_timeout``: seconds that :meth:`close` waits for the current
        job; None waits until it ends."""
        self._send = send
        self._fault = fault
        self._close_timeout = close_timeout
        self._changed = threading.Condition()
        self._jobs: list[Job] = []
        self._current: Job | None = None
        self._closing = False
        # A daemon: a job may be waiting for a model that loads, or a network connection, when we exit.
        self.thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self.thread.start()

    def close(self) -> None:
        """Drop the waiting jobs, cancel the current one and end the thread. Idempotent."""
        with self._changed:
            self._closing = True
            self._jobs.clear()
            self.cancel_current()
            self._changed.notify_all()
        if self.thread.is_alive():
            self.thread.join(self._close_timeout)

    def post(
        self,
        work: Work,
        *,
        key: Hashable = None,
        priority: int = 0,
        delay: float = 0.0,
        generation: int | None = None,
    ) -> None:
        """Queue a job. It replaces a waiting one with the same key, and keeps the earlier of both times."""
        due = time.monotonic() + delay if delay > 0 else 0.0
        self.add(Job(work, key, priority, due, generation))

    def add(self, job: Job) -> None:
        """Queue a job as :meth:`post` does."""
        with self._changed:
            if self._closing:
                return
            if job.key is not None:
                job.due = min([job.due, *(each.due for each in self._jobs if each.key == job.key)])
                self.drop(job.key)
            self._jobs.append(job)
            self._changed.notify_all()

    def drop(self, *keys: Hashable) -> None:
        """Remove waiting jobs with these keys."""
        with self._changed:
            self._jobs = [job for job in self._jobs if job.key not in keys]

    def cancel_current(self, *keys: Hashable) -> None:
        """Cancel the current job; with ``keys``, only if it has one of them."""
        with self._changed:
            if self._current is not None and (not keys or self._current.key in keys):
                self._current.control.cancel()

    @property
    def current_job(self) -> Job | None:
        """The job that is running."""
        with self._changed:
            return self._current

    def is_queued(self, key: Hashable) -> bool:
        """Whether a job with this key is queued and has not begun."""
        with self._changed:
            return any(job.key == key for job in self._jobs)

    # --- the worker's thread --------------------------------------------------------------------------

    def _run(self) -> None:
        while (job := self._next_job()) is not None:
            self._perform(job)
            with self._changed:
                self._current = None
                self._changed.notify_all()  # somebody may be waiting for the end of the job

    def _next_job(self) -> Job | None:
        """Wait for the next job; None once closed."""
        with self._changed:
            while not self._closing:
                now = time.monotonic()
                due = [job for job in self._jobs if job.due <= now]
                if due:
                    job = self._current = min(due, key=lambda each: each.priority)
                    self._jobs.remove(job)
                    return job
                self._changed.wait(min((job.due - now for job in self._jobs), default=None))
            return None

    def _perform(self, job: Job) -> bool:
        """Run a job and report its failure; True if it succeeded or was cancelled."""
        try:
            job.work(job.control)
        except CancelledError:
            return True
        except SafelightError as error:
            self._report(job, error)
        except Exception as error:
            log.exception("%s", self._fault)
            self._report(job, error)
        else:
            return True
        return False

    def _report(self, job: Job, error: Exception) -> None:
        """Tell the window that a job failed."""
        self._send(RequestFailed(self._message(error), job.generation))

    def _message(self, error: Exception) -> Message:
        return error.message if isinstance(error, SafelightError) else self._fault
