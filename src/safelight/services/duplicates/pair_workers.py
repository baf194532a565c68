"""Comparing photos on several cores."""

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

_SECONDS = 600.0
"""A task takes a second or so. Only one that hangs takes this long, even on a busy machine."""

_CANCEL_SECONDS = 0.1
"""How often waiting for a task looks whether it is cancelled."""

WORTH_PROCESSES = 256
"""Number of photos from which starting processes takes less time than they save."""

Answer = TypeVar("Answer")

Run = Callable[[Path, Connection, Limits], None]
"""The function that a process runs: serves tasks on the library in a folder."""


class PairWorkers:
    """Carries out tasks in several processes, or in this thread where there are few photos or one core.

    Both give the same answers. Each process reads thumbnails from the library itself, so that only ids and
    results travel.
    """

    def __init__(
        self, store: LibraryStore, processes: int, photos: int, *, run: Run = pair_tasks.run
    ) -> None:
        """``photos`` is the number of photos to compare. At most ``processes`` processes are started, each of
        which runs ``run``.
        """
        self._own = TaskRunner(store)
        self._pool: ProcessPool | None = None
        if processes > 1 and photos >= WORTH_PROCESSES:
            serve = partial(run, store.directory)
            self._pool = ProcessPool(processes, Limits(seconds=_SECONDS), serve, "compare")

    @property
    def processes(self) -> int:
        """How many tasks run at once."""
        return 1 if self._pool is None else self._pool.size

    def compare(self, task: PairTask) -> Future[list[Pair]]:
        """The pairs that a task finds. The future raises ImageError where a process crashed at it twice."""
        return self._submit(self._own.compare, task)

    def make_fingerprints(self, task: MakeFingerprints) -> Future[Fingerprints]:
        """Queue a task as :meth:`compare` does, for fingerprints."""
        return self._submit(self._own.make_fingerprints, task)

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


def collected(
    futures: Sequence[Future[list[Answer]]], control: JobControl
) -> tuple[list[Answer], list[tuple[int, ImageError]]]:
    """All answers in the order of the futures, and the place and error of each that failed.

    Raises CancelledError once ``control`` is cancelled, without waiting for the tasks in progress.
    """
    found: list[Answer] = []
    failed: list[tuple[int, ImageError]] = []
    for place, future in enumerate(futures):
        while not wait([future], _CANCEL_SECONDS).done:
            if control.cancelled:
                raise CancelledError
        try:
            found += future.result()
        except ImageError as error:
            failed.append((place, error))
    return found, failed
