"""A pool of processes that turn files into pixels, and survive whatever a file does to them."""

from __future__ import annotations

import contextlib
import multiprocessing
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any

from safelight.core.encoder import InputSpec, Pixels
from safelight.core.errors import FailureKind, ImageError
from safelight.core.photo import DecodedPhoto, ImageMetadata
from safelight.core.region import Region
from safelight.services.indexing import decode_worker
from safelight.services.indexing.decode_worker import READY, DecodeTask, Limits, LoadTask, PrepareTask, Task

Serve = Callable[[Connection, Limits], None]
"""What runs in a decode process."""

_AHEAD = 2
"""Tasks handed to a process at once, so that it never waits for the next one."""


@dataclass(slots=True)
class _Job:
    task: Task
    future: Future[Any]
    retried: bool = False

    @property
    def bulky(self) -> bool:
        """Too big for a pipe's buffer: sent only to an idle process, which is reading. A busy one may
        itself be writing a picture to us, and then both sides would wait for ever."""
        return not isinstance(self.task, DecodeTask) and isinstance(self.task.source, bytes)


@dataclass(slots=True)
class _Worker:
    process: SpawnProcess
    connection: Connection
    jobs: deque[_Job] = field(default_factory=deque)
    """First in, first out: the first one is the one being read now."""
    head_since: float = 0.0
    ready: bool = False
    """False while the process is still starting, which is not the file's time."""


class DecodePool:
    """Decode processes behind futures.

    Each process reads one file at a time. When it dies or exceeds its time, the file it was reading
    is tried once more, alone in a fresh process, and only then blamed; files that merely waited
    behind it are handed to another. Thread-safe. Processes start with the first task.
    """

    def __init__(
        self, workers: int = 1, limits: Limits | None = None, *, serve: Serve = decode_worker.run
    ) -> None:
        self._limits = limits or Limits()
        self._serve = serve
        self._size = max(1, workers)
        self._context = multiprocessing.get_context("spawn")
        self._wake_in, self._wake_out = self._context.Pipe(duplex=False)
        self._lock = threading.Lock()
        self._waiting: deque[_Job] = deque()
        self._suspects: deque[_Job] = deque()
        self._workers: list[_Worker] = []
        self._closing = False
        self._manager: threading.Thread | None = None

    @property
    def size(self) -> int:
        return self._size

    def decode(self, path: str, spec: InputSpec | None) -> Future[DecodedPhoto]:
        """Everything that indexing needs of a file. The future raises ImageError."""
        return self._submit(DecodeTask(path, spec))

    def load(self, source: str | bytes, max_side: int | None = None) -> Future[tuple[Pixels, ImageMetadata]]:
        """Upright sRGB pixels (h, w, 3), the long side at most ``max_side``. Goes ahead of the queue."""
        return self._submit(LoadTask(source, max_side), first=True)

    def prepare(self, source: str | bytes, spec: InputSpec) -> Future[Pixels]:
        """A model's input (size, size, 3). Goes ahead of the queue."""
        return self._submit(PrepareTask(source, spec), first=True)

    def prepare_regions(
        self, source: str | bytes, spec: InputSpec, regions: Sequence[Region]
    ) -> Future[Pixels]:
        """A model's input for each of some parts of a picture (n, size, size, 3). Goes ahead of the queue."""
        return self._submit(PrepareTask(source, spec, tuple(regions)), first=True)

    def close(self) -> None:
        """End the processes at once; futures still open are cancelled. Idempotent."""
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

    def __enter__(self) -> DecodePool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- called by any thread -------------------------------------------------------------------

    def _submit(self, task: Task, *, first: bool = False) -> Future[Any]:
        job = _Job(task, Future())
        with self._lock:
            if self._closing:
                raise RuntimeError("the decode pool is closed")
            if first:
                self._waiting.appendleft(job)
            else:
                self._waiting.append(job)
            if self._manager is None:
                self._manager = threading.Thread(target=self._manage, name="decode-pool", daemon=True)
                self._manager.start()
            self._wake()
        return job.future

    def _wake(self) -> None:
        self._wake_out.send_bytes(b"!")

    # --- the manager thread ---------------------------------------------------------------------

    def _manage(self) -> None:
        try:
            while True:
                with self._lock:
                    if self._closing:
                        break
                    self._hand_out()
                self._wait_for_something()
        finally:
            for worker in self._workers:
                self._end(worker)
            with self._lock:
                abandoned = [*self._suspects, *self._waiting, *(j for w in self._workers for j in w.jobs)]
                self._waiting.clear()
                self._suspects.clear()
                self._workers.clear()
            for job in abandoned:
                job.future.cancel()

    def _hand_out(self) -> None:
        """Give waiting jobs to processes. A suspect gets a process to itself. Holds the lock."""
        while self._suspects:
            idle = next((w for w in self._workers if not w.jobs), None)
            if idle is None and len(self._workers) < self._size:
                idle = self._start()
            if idle is None:
                break
            self._give(idle, self._suspects.popleft())
        while self._waiting:
            if self._suspects:
                return  # let a process run empty for the suspect
            free = [w for w in self._workers if len(w.jobs) < _AHEAD and not any(j.retried for j in w.jobs)]
            target = min(free, key=lambda w: len(w.jobs), default=None)
            if (target is None or target.jobs) and len(self._workers) < self._size:
                target = self._start()
            if target is None or (target.jobs and self._waiting[0].bulky):
                return
            self._give(target, self._waiting.popleft())

    def _give(self, worker: _Worker, job: _Job) -> None:
        if job.future.cancelled():
            return
        if not worker.jobs:
            worker.head_since = time.monotonic()
        worker.jobs.append(job)
        # A process that has just died is noticed by its sentinel, which takes its jobs back.
        with contextlib.suppress(OSError):
            worker.connection.send(job.task)

    def _wait_for_something(self) -> None:
        sources: list[Any] = [self._wake_in]
        for worker in self._workers:
            sources += [worker.connection, worker.process.sentinel]
        now = time.monotonic()
        deadlines = [w.head_since + self._allowance(w) - now for w in self._workers if w.jobs]
        ready = wait(sources, timeout=max(0.0, min(deadlines)) if deadlines else None)
        if self._wake_in in ready:
            while self._wake_in.poll():
                self._wake_in.recv_bytes()
        for worker in list(self._workers):
            if worker.connection in ready:
                self._receive(worker)
            elif worker.process.sentinel in ready:
                self._lost(worker, FailureKind.CRASHED)
            elif worker.jobs and time.monotonic() >= worker.head_since + self._allowance(worker):
                self._lost(worker, FailureKind.TIMED_OUT)

    def _allowance(self, worker: _Worker) -> float:
        # Starting an interpreter on a busy machine takes seconds that no file is to blame for.
        return self._limits.seconds if worker.ready else self._limits.seconds + 30.0

    def _receive(self, worker: _Worker) -> None:
        try:
            answer = worker.connection.recv()
        except (EOFError, OSError):
            self._lost(worker, FailureKind.CRASHED)
            return
        worker.head_since = time.monotonic()
        if isinstance(answer, str) and answer == READY:
            worker.ready = True
            return
        job = worker.jobs.popleft()
        if isinstance(answer, ImageError):
            _settle(job.future, error=answer)
        else:
            _settle(job.future, result=answer)

    def _lost(self, worker: _Worker, kind: FailureKind) -> None:
        """A process died or was too slow: end it, find out which file is to blame, save the others."""
        with self._lock:
            self._workers.remove(worker)
        self._end(worker)
        if not worker.jobs:
            return
        head, *behind = worker.jobs
        with self._lock:
            self._waiting.extendleft(reversed(behind))
            if not head.retried:
                head.retried = True
                self._suspects.append(head)
                return
        _settle(head.future, error=_blame(kind, self._limits))

    def _start(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=self._serve, args=(theirs, self._limits), name="safelight-decode", daemon=True
        )
        process.start()
        theirs.close()
        worker = _Worker(process, ours)
        self._workers.append(worker)
        return worker

    @staticmethod
    def _end(worker: _Worker) -> None:
        worker.process.kill()
        worker.process.join()
        worker.process.close()
        worker.connection.close()


def _settle(future: Future[Any], *, result: Any = None, error: ImageError | None = None) -> None:
    try:
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)
    except InvalidStateError:  # cancelled while it was being read
        pass


def _blame(kind: FailureKind, limits: Limits) -> ImageError:
    if kind is FailureKind.TIMED_OUT:
        return ImageError(kind, f"Reading it took longer than {limits.seconds:.0f} seconds.")
    return ImageError(kind, "Reading it crashed the decoder, twice.")
