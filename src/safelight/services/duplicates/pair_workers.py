"""Compares photos on several cores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from safelight.core.errors import CancelledError, ImageError
from safelight.core.jobs import JobControl
from safelight.services.duplicates import pair_tasks
from safelight.services.duplicates.pair_tasks import Fingerprints, MakeFingerprints, PairTask, TaskRunner
from safelight.services.indexing.process_pool import ProcessPool
from safelight.services.indexing.worker_process import Limits
from safelight.store.library import LibraryStore
from safelight.store.likeness import Pair

_TASK_TIMEOUT_S = 600.0
"""A task takes about a second. Only one that hangs takes this long, even on a busy machine."""

_CANCEL_CHECK_S = 0.1
"""How often a wait for a task checks whether the run is cancelled."""

MIN_PHOTOS_FOR_PROCESSES = 256
"""From this number of photos on, processes save more time than starting them takes."""

Answer = TypeVar("Answer")

Run = Callable[[Path, Connection, Limits], None]
"""The function that a process runs: serves tasks on the library in a folder."""


class PairWorkers:
    """Runs tasks in several processes, or in this thread if there are few photos or there is one core.

    Both give the same answers. Each process reads thumbnails from the library itself, so that only ids and
    results are sent between processes.
    """

    def __init__(
        self, store: LibraryStore, processes: int, photos: int, *, run: Run = pair_tasks.run
    ) -> None:
        """``photos`` is the number of photos to compare. At most ``processes`` processes are started, each of
        which runs ``run``.
        """
        self._local_runner = TaskRunner(store)
        self._pool: ProcessPool | None = None
        if processes > 1 and photos >= MIN_PHOTOS_FOR_PROCESSES:
            serve = partial(run, store.directory)
            self._pool = ProcessPool(processes, Limits(seconds=_TASK_TIMEOUT_S), serve, "compare")

    @property
    def processes(self) -> int:
        """How many tasks run at once."""
        return 1 if self._pool is None else self._pool.size

    def compare(self, task: PairTask) -> Future[list[Pair]]:
        """The pairs that a task finds. The future raises ImageError if the task crashed its process twice."""
        return self._submit(self._local_runner.compare, task)

    def make_fingerprints(self, task: MakeFingerprints) -> Future[Fingerprints]:
        """Queue a task as :meth:`compare` does, for fingerprints."""
        return self._submit(self._local_runner.make_fingerprints, task)

    def close(self) -> None:
        """End the processes; tasks in progress are abandoned. Idempotent."""
        if self._pool is not None:
            self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _submit(self, work: Callable[[Any], Answer], task: Any) -> Future[Answer]:
        if self._pool is not None:
            return self._pool.submit(task)
        future: Future[Answer] = Future()
        future.set_result(work(task))
        return future


def collect(
    futures: Sequence[Future[list[Answer]]], control: JobControl
) -> tuple[list[Answer], list[tuple[int, ImageError]]]:
    """All answers in the order of the futures, and (index, error) of each future that failed.

    Raises CancelledError once ``control`` is cancelled, without waiting for the tasks in progress.
    """
    found: list[Answer] = []
    failed: list[tuple[int, ImageError]] = []
    for place, future in enumerate(futures):
        while not wait([future], _CANCEL_CHECK_S).done:
            if control.cancelled:
                raise CancelledError
        try:
            found += future.result()
        except ImageError as error:
            failed.append((place, error))
    return found, failed
