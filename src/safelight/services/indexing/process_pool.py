"""A pool of processes that survives crashes, hangs and memory exhaustion in its tasks."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, Self

from safelight.core.errors import FailureKind, ImageError
from safelight.services.indexing.pool_processes import PoolProcesses, Serve, StartError
from safelight.services.indexing.worker_process import READY, Limits

_TASKS_PER_PROCESS = 2
"""Tasks sent to a process at once, so that it never waits for the next one."""

_START_DELAY = 1.0
"""Seconds to wait after a process could not be started before starting another."""

_MAX_FAILED_STARTS = 3
"""After this many failed starts in a row, with no process running, waiting tasks fail."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Job:
    task: Any
    future: Future[Any]
    is_large: bool
    """Larger than a pipe's buffer, and therefore sent only to an idle process, which is reading. A busy one
    may be writing a picture to this process at the same time, and then both would wait forever."""
    retried: bool = False
    extra_seconds: float = 0.0
    """Added to the time limit of the pool."""
    urgent: bool = False
    """Whether it precedes all tasks that are not urgent."""
    kill_if_cancelled: bool = False
    """Whether its process is killed when the task is cancelled and other tasks wait, because it takes
    long."""


@dataclass(slots=True)
class _Worker:
    process: SpawnProcess
    connection: Connection
    jobs: deque[_Job] = field(default_factory=deque)
    """In the order sent: the first is the one being worked on."""
    head_since: float = 0.0
    ready: bool = False
    """False while the process is still starting, which does not count as the task's time."""

    @property
    def takes_more(self) -> bool:
        """Whether another task may be sent to the process. A task that is tried again shares it with none."""
        return len(self.jobs) < _TASKS_PER_PROCESS and not any(job.retried for job in self.jobs)


class ProcessPool:
    """Processes behind futures.

    Each process works on one task at a time. When it dies or exceeds the time limit, the task it was working
    on is tried once more, alone in a new process, and only then fails; tasks that merely waited behind it
    are given to another process. Thread-safe. Processes start with the first task.

    If the system refuses a process, the pool continues with those it has. Without any, it tries again for
    some seconds and then fails the waiting tasks, with a reason that counts as temporary. A process that
    cannot be killed, for example while it reads from a disk that does not respond, is abandoned.
    """

    def __init__(self, workers: int, limits: Limits | None, serve: Serve, name: str) -> None:
        """``name`` is the name of the processes in process lists."""
        self._name = name
        self._limits = limits or Limits()
        self._processes = PoolProcesses(serve, self._limits, name)
        self._size = max(1, workers)
        self._wake_in, self._wake_out = self._processes.pipe()
        self._lock = threading.Lock()
        self._waiting: deque[_Job] = deque()
        self._retries: deque[_Job] = deque()
        self._workers: list[_Worker] = []
        self._failed_starts = 0
        self._start_after = 0.0
        self._closing = False
        self._manager: threading.Thread | None = None

    @property
    def size(self) -> int:
        return self._size

    def close(self) -> None:
        """End the processes at once and cancel open futures. Idempotent."""
        with self._lock:
            if self._closing:
                return
            self._closing = True
            manager = self._manager
            self._wake()
        if manager is not None:
            manager.join()
        self._wake_in.close()
        self._wake_out.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- called by any thread -------------------------------------------------------------------

    def submit(
        self,
        task: Any,
        *,
        urgent: bool = False,
        is_large: bool = False,
        extra_seconds: float = 0.0,
        kill_if_cancelled: bool = False,
    ) -> Future[Any]:
        """The future of a task, which raises ImageError.

        ``urgent`` puts it before all others that wait. ``is_large`` tasks are larger than the buffer of a
        pipe. ``extra_seconds`` extend the time limit for this task. The process of a long task is
        killed when the task is cancelled and other tasks wait.
        """
        job = _Job(
            task,
            Future(),
            is_large,
            extra_seconds=extra_seconds,
            urgent=urgent,
            kill_if_cancelled=kill_if_cancelled,
        )
        with self._lock:
            if self._closing:
                raise RuntimeError(f"the pool of {self._name} processes is closed")
            if self._manager is None and not self._start_manager():
                job.future.set_exception(_no_process())
                return job.future
            if urgent:
                self._waiting.insert(sum(each.urgent for each in self._waiting), job)
            else:
                self._waiting.append(job)
            self._wake()
        return job.future

    def _start_manager(self) -> bool:
        manager = threading.Thread(target=self._manage, name=f"{self._name}-pool", daemon=True)
        try:
            manager.start()
        except (RuntimeError, MemoryError):  # as many threads as the system allows
            return False
        self._manager = manager
        return True

    def _wake(self) -> None:
        self._wake_out.send_bytes(b"!")

    # --- the manager thread ---------------------------------------------------------------------

    def _manage(self) -> None:
        try:
            while True:
                self._processes.reap()
                with self._lock:
                    if self._closing:
                        break
                    self._assign_jobs()
                    cancelled = self._pop_cancelled_workers()
                    unserved = self._pop_unserved()
                for job in unserved:
                    _complete(job.future, error=_no_process())
                if cancelled:
                    self._end(cancelled)
                    continue
                self._wait_for_something()
        except Exception:  # noqa: BLE001 - whatever it was, the next task must find a pool
            _log.exception("the %s pool broke off; the next task restarts it", self._name)
        finally:
            self._stop()

    def _stop(self) -> None:
        """End the processes and settle every future; the next task starts another manager."""
        try:
            self._end(self._workers)
        finally:
            with self._lock:
                closing = self._closing
                self._manager = None
                jobs = [*self._pop_waiting(), *(job for worker in self._workers for job in worker.jobs)]
                self._workers.clear()
            for job in jobs:
                if closing:
                    job.future.cancel()
                else:
                    _complete(job.future, error=_pool_failed())

    def _pop_waiting(self) -> list[_Job]:
        jobs = [*self._retries, *self._waiting]
        self._retries.clear()
        self._waiting.clear()
        return jobs

    def _pop_cancelled_workers(self) -> list[_Worker]:
        """Remove and return processes to kill: they work on a long task that was cancelled, and other tasks
        wait. Tasks sent to them go back to the front of the queue. The caller holds the lock.
        """
        found = [
            worker
            for worker in self._workers
            if worker.jobs
            and worker.jobs[0].kill_if_cancelled
            and worker.jobs[0].future.cancelled()
            and (len(worker.jobs) > 1 or self._waiting)
        ]
        for worker in found:
            self._workers.remove(worker)
            _, *behind = worker.jobs
            self._waiting.extendleft(reversed(behind))
        return found

    def _pop_unserved(self) -> list[_Job]:
        """All waiting jobs, once no process is running and none could be started. Holds the lock."""
        if self._failed_starts < _MAX_FAILED_STARTS:
            return []
        self._failed_starts = 0
        return self._pop_waiting()

    def _assign_jobs(self) -> None:
        """Send waiting jobs to processes. A job that is tried again gets a process of its own. The caller
        holds the lock."""
        while self._retries:
            idle = next((worker for worker in self._workers if not worker.jobs), None)
            if idle is None and len(self._workers) < self._size:
                idle = self._start()
            if idle is None:
                break
            self._send(idle, self._retries.popleft())
        while self._waiting:
            if self._retries:
                return  # wait until a process has finished its jobs and can take the job tried again
            free = [worker for worker in self._workers if worker.takes_more]
            target = min(free, key=lambda worker: len(worker.jobs), default=None)
            if (target is None or target.jobs) and len(self._workers) < self._size:
                target = self._start() or target
            if target is None or (target.jobs and self._waiting[0].is_large):
                return
            self._send(target, self._waiting.popleft())

    def _send(self, worker: _Worker, job: _Job) -> None:
        if job.future.cancelled():
            return
        if not worker.jobs:
            worker.head_since = time.monotonic()
        worker.jobs.append(job)
        # If the process has just died, its sentinel says so, and its jobs are taken back.
        with contextlib.suppress(OSError):
            worker.connection.send(job.task)

    def _wait_for_something(self) -> None:
        sources: list[Any] = [self._wake_in]
        for worker in self._workers:
            sources += [worker.connection, worker.process.sentinel]
        now = time.monotonic()
        deadlines = [w.head_since + self._time_limit(w) - now for w in self._workers if w.jobs]
        if (self._waiting or self._retries) and (self._start_after > now or not self._workers):
            deadlines.append(self._start_after - now)
        ready = wait(sources, timeout=max(0.0, min(deadlines)) if deadlines else None)
        now = time.monotonic()
        if self._wake_in in ready:
            while self._wake_in.poll():
                self._wake_in.recv_bytes()
        for worker in list(self._workers):
            if worker.connection in ready:
                self._receive(worker)
            elif worker.process.sentinel in ready:
                self._handle_lost_worker(worker, FailureKind.CRASHED)
            elif worker.jobs and now >= worker.head_since + self._time_limit(worker):
                self._handle_lost_worker(worker, FailureKind.TIMED_OUT)

    def _time_limit(self, worker: _Worker) -> float:
        seconds = self._limits.seconds + (worker.jobs[0].extra_seconds if worker.jobs else 0.0)
        # Starting an interpreter on a busy machine takes seconds, which do not count as the task's time.
        return seconds if worker.ready else seconds + 30.0

    def _receive(self, worker: _Worker) -> None:
        try:
            answer = worker.connection.recv()
        except Exception as error:  # noqa: BLE001 - an answer that cannot be received costs one process
            short = isinstance(error, MemoryError)
            self._handle_lost_worker(worker, FailureKind.OUT_OF_MEMORY if short else FailureKind.CRASHED)
            return
        worker.head_since = time.monotonic()
        if isinstance(answer, str) and answer == READY:
            worker.ready = True
            self._failed_starts = 0
            return
        job = worker.jobs.popleft()
        if isinstance(answer, ImageError):
            _complete(job.future, error=answer)
        else:
            _complete(job.future, result=answer)

    def _handle_lost_worker(self, worker: _Worker, kind: FailureKind) -> None:
        """Kill a process that died or was too slow, queue its other tasks again, and retry or fail the task
        it was working on."""
        ended = self._end([worker])
        if not ended:
            kind = FailureKind.UNREADABLE
        with self._lock:
            self._workers.remove(worker)
            if not worker.ready:  # it has not begun to work, so no task is the cause
                for job in reversed(worker.jobs):
                    (self._retries if job.retried else self._waiting).appendleft(job)
                self._failed_start("it ended before it was ready")
                return
            if not worker.jobs:
                return
            head, *behind = worker.jobs
            self._waiting.extendleft(reversed(behind))
            if ended and not head.retried:
                head.retried = True
                self._retries.append(head)
                return
        _complete(head.future, error=_failure(kind, self._limits))

    def _start(self) -> _Worker | None:
        """A new process, or None if the system refuses one. Holds the lock."""
        if time.monotonic() < self._start_after:
            return None
        try:
            worker = _Worker(*self._processes.start())
        except StartError as error:
            self._failed_start(str(error))
            return None
        self._workers.append(worker)
        return worker

    def _failed_start(self, reason: str) -> None:
        _log.warning("a %s process could not be started: %s", self._name, reason)
        self._start_after = time.monotonic() + _START_DELAY
        if not self._workers:
            self._failed_starts += 1

    def _end(self, workers: Sequence[_Worker]) -> bool:
        """Kill processes. False if one stays alive, which is then abandoned."""
        ended = self._processes.kill(worker.process for worker in workers)
        for worker in workers:
            worker.connection.close()
        return ended


def _complete(future: Future[Any], *, result: Any = None, error: ImageError | None = None) -> None:
    try:
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)
    except InvalidStateError:  # cancelled meanwhile
        pass


def _failure(kind: FailureKind, limits: Limits) -> ImageError:
    match kind:
        case FailureKind.TIMED_OUT:
            return ImageError(
                kind, "Reading it took longer than {seconds:.0f} seconds.", seconds=limits.seconds
            )
        case FailureKind.OUT_OF_MEMORY:
            return ImageError(kind, "There was not enough memory to read it.")
        case FailureKind.UNREADABLE:
            return ImageError(kind, "The disk it is on does not answer.")
    return ImageError(kind, "Reading it crashed the decoder, twice.")


def _no_process() -> ImageError:
    return ImageError(
        FailureKind.OUT_OF_MEMORY,
        "The system could not start a process to read it. Close other programs or try again later.",
    )


def _pool_failed() -> ImageError:
    return ImageError(
        FailureKind.UNREADABLE, "Reading it was interrupted by an error in Safelight. Try again."
    )
