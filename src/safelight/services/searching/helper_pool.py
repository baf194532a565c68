"""Shares the work of one thread with others, without ever finishing later than that thread alone would."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor


class HelperPool:
    """Threads that help the caller with many small pieces of work.

    The caller works too, and each thread takes one piece at a time. On a busy machine, where a thread may
    wait milliseconds for a core, the caller does not wait for helpers that have not started.
    """

    def __init__(self, threads: int) -> None:
        """``threads`` work at once, including the caller."""
        self._helpers = max(0, threads - 1)
        self._pool: ThreadPoolExecutor | None = None

    def __call__(self, work: Callable[[int], None], numbers: Sequence[int]) -> Iterable[None]:
        """Call ``work`` with each number. If ``work`` raises, that is raised, and numbers may be skipped."""
        left = iter(numbers)
        lock = threading.Lock()

        def run_items() -> None:
            while True:
                with lock:
                    number = next(left, None)
                if number is None:
                    return
                work(number)

        helping = [self._threads().submit(run_items) for _ in range(min(self._helpers, len(numbers) - 1))]
        try:
            run_items()
        finally:
            begun = [helper for helper in helping if not helper.cancel()]
            for helper in begun:
                helper.result()
        return ()

    def close(self) -> None:
        """Idempotent."""
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None

    def _threads(self) -> ThreadPoolExecutor:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._helpers, thread_name_prefix="compare")
        return self._pool
