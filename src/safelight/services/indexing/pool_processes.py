"""Starts and kills the processes of a :class:`safelight.services.indexing.process_pool.ProcessPool`."""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.process
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from types import ModuleType

from safelight.services.indexing.worker_process import Limits, without_interrupts

Serve = Callable[[Connection, Limits], None]
"""What runs in a process of the pool."""

_KILL_TIMEOUT = 2.0
"""Seconds within which a killed process ends, unless it is in a system call that does not return."""

_MAX_ABANDONED = 16
"""Number of killed processes still alive beyond which no more are started: they would end the same way."""


@contextlib.contextmanager
def _without_main() -> Iterator[None]:
    """Start processes that do not run the main script of this one again.

    WORKAROUND: multiprocessing does that in every process that it spawns, and has no option against it:
    https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods
    A short script that uses the Python library, as in its documentation, ran twice and failed. Processes of
    the pool need nothing of it.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


class StartError(Exception):
    """A process could not be started. The message says why."""


class PoolProcesses:
    """Used under the pool's lock, except :meth:`kill` and :meth:`reap`, which only its manager calls."""

    def __init__(self, serve: Serve, limits: Limits, name: str) -> None:
        """``name`` is the name of the processes in process lists."""
        self._serve = serve
        self._limits = limits
        self._name = name
        self._context = multiprocessing.get_context("spawn")
        self._abandoned: list[SpawnProcess] = []

    def pipe(self) -> tuple[Connection, Connection]:
        """(the end to read from, the end to write to)."""
        return self._context.Pipe(duplex=False)

    def start(self) -> tuple[SpawnProcess, Connection]:
        """A new process, and the connection to it. Raises StartError if the system refuses one."""
        if len(self._abandoned) >= _MAX_ABANDONED:
            raise StartError("too many that were killed are still alive")
        try:
            return self._spawn()
        except (OSError, MemoryError) as error:
            raise StartError(getattr(error, "strerror", None) or type(error).__name__) from error

    def _spawn(self) -> tuple[SpawnProcess, Connection]:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=self._serve, args=(theirs, self._limits), name=f"safelight-{self._name}", daemon=True
        )
        with theirs, without_interrupts(), _without_main():
            process.start()
        return process, ours

    def kill(self, processes: Iterable[SpawnProcess]) -> bool:
        """Kill processes and wait for their end. False if one stays alive, which is then abandoned."""
        killed = list(processes)
        for process in killed:
            with contextlib.suppress(OSError):  # Windows refuses for one that is ending
                process.kill()
        deadline = time.monotonic() + _KILL_TIMEOUT
        all_ended = True
        for process in killed:
            process.join(max(0.0, deadline - time.monotonic()))
            if process.exitcode is not None:
                process.close()
                continue
            all_ended = False
            self._abandoned.append(process)
            # WORKAROUND: at exit, multiprocessing joins its children without a timeout. There is no public
            # way to give one up.
            vars(multiprocessing.process)["_children"].discard(process)
        return all_ended

    def reap(self) -> None:
        """Release abandoned processes that have ended since."""
        for process in [process for process in self._abandoned if process.exitcode is not None]:
            process.close()
            self._abandoned.remove(process)
