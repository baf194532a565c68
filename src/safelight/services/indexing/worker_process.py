"""Code that all processes of a :class:`safelight.services.indexing.process_pool.ProcessPool` share.

This module is imported in the child process, so it imports nothing heavy.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from typing import Any

from safelight.core.errors import FailureKind, ImageError
from safelight.process_exit import end_with_parent

_LEAST_MEMORY = 2 * 2**30
"""Enough for a picture of 100 megapixels and the decoders themselves."""

READY = "ready"
"""The first thing a process sends: from here on the time counts as the task's."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one task."""

    seconds: float = 60.0
    """Wall clock. After it the process is killed."""
    memory: int = 6 * 2**30
    """Bytes of address space of a process, where the platform can limit it. On a machine with little memory
    the limit is half of that memory, but at least 2 GiB."""
    pixels: int = 300_000_000
    """Width × height as the header of a picture states them."""
    niceness: int = 5
    """How far the priority is below that of the window and the model, for which the user waits: 0 for a pool
    whose results the user waits for too."""


@contextlib.contextmanager
def without_interrupts() -> Iterator[None]:
    """Processes that are started within never receive Ctrl+C, which reaches all processes of a terminal.

    The process that started them shuts them down. While they import, they could not even handle it.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    resource_tracker.ensure_running()  # if multiprocessing starts it later, it unblocks the signal
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # which a new process inherits
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def serve(
    connection: Connection,
    limits: Limits,
    warm_up: Callable[[], None],
    run_task: Callable[[Any], Any],
) -> None:
    """Answer tasks from ``connection`` until it closes or the parent process is gone.

    ``warm_up`` imports what tasks need, before memory is limited.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl+C
    threading.Thread(target=end_with_parent, name="parent-watch", daemon=True).start()
    _lower_priority(limits.niceness)
    _silence()
    warm_up()
    _limit_memory(limits.memory)
    connection.send(READY)
    while True:
        try:
            task = connection.recv()
        except (EOFError, OSError):
            return
        answer: Any
        try:
            answer = run_task(task)
        except ImageError as error:
            answer = error
        except MemoryError:
            answer = ImageError(FailureKind.OUT_OF_MEMORY, "There was not enough memory to read it.")
        except Exception as error:  # noqa: BLE001 - one task must never end the process
            answer = ImageError(
                FailureKind.BROKEN, "It could not be read ({error}).", error=type(error).__name__
            )
        try:
            connection.send(answer)
        except (BrokenPipeError, OSError):
            return


def _lower_priority(niceness: int) -> None:
    if hasattr(os, "nice"):
        os.nice(niceness)


def _silence() -> None:
    """Discard standard error, where libtiff, libpng and LibRaw write messages about broken files.

    The failure that is reported holds the essential part.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def _limit_memory(limit: int) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    ceiling = min(limit, max(_LEAST_MEMORY, _physical_memory() // 2))
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        ceiling = min(ceiling, hard)
    resource.setrlimit(resource.RLIMIT_AS, (ceiling, hard))


def _physical_memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # not every platform has it
        return 2**63
