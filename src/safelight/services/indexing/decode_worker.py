"""The inside of a decode process: reads one file after another and answers with pixels or a reason.

A decoder that crashes, hangs or eats memory does so here, where it costs one file and one process
that is started anew. This module is imported in the child, so it imports imaging and nothing heavier.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import parent_process, resource_tracker
from multiprocessing.connection import Connection

from safelight.core.encoder import InputSpec, Pixels
from safelight.core.errors import FailureKind, ImageError
from safelight.core.photo import DecodedPhoto, ImageMetadata
from safelight.core.region import Region

_LEAST_MEMORY = 2 * 2**30
"""Enough for a picture of 100 megapixels beside the decoders themselves."""


@contextlib.contextmanager
def born_deaf() -> Iterator[None]:
    """Processes that are started within never hear Ctrl+C, which reaches all of a terminal's processes:
    whoever started them ends them in order. While they import, they could not even say so in one line."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    resource_tracker.ensure_running()  # when multiprocessing starts this itself, it lets the signal in again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # which a new process takes over
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost."""

    seconds: float = 60.0
    """Wall clock; after it the process is killed."""
    memory: int = 6 * 2**30
    """Bytes of address space of a decode process, where the platform can limit it; on a machine with little
    memory half of that, but never less than :data:`_LEAST_MEMORY`."""
    pixels: int = 300_000_000
    """Width × height as the header states them."""


@dataclass(frozen=True, slots=True)
class DecodeTask:
    """Read a file once for everything that indexing needs."""

    path: str
    spec: InputSpec | None


@dataclass(frozen=True, slots=True)
class LoadTask:
    """Read a picture (a file, or encoded bytes) to look at it, its long side at most ``max_side``."""

    source: str | bytes
    max_side: int | None


@dataclass(frozen=True, slots=True)
class PrepareTask:
    """Read a picture (a file, or encoded bytes) as a model's input only; with ``regions``, as one for each
    of these parts of it."""

    source: str | bytes
    spec: InputSpec
    regions: tuple[Region, ...] = ()


READY = "ready"
"""The first thing a process says: from here on time is the file's."""

Task = DecodeTask | LoadTask | PrepareTask
Result = DecodedPhoto | tuple[Pixels, ImageMetadata] | Pixels


def run(connection: Connection, limits: Limits) -> None:
    """Serve tasks from ``connection`` until it closes or the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's to handle
    threading.Thread(target=_end_with_parent, name="parent-watch", daemon=True).start()
    _lower_priority()
    _silence()
    import safelight.imaging.read  # noqa: F401 - before the limit, which loading it would count against

    _limit_memory(limits.memory)
    connection.send(READY)
    while True:
        try:
            task: Task = connection.recv()
        except (EOFError, OSError):
            return
        answer: Result | ImageError
        try:
            answer = _carry_out(task, limits)
        except ImageError as error:
            answer = error
        except MemoryError:
            answer = ImageError(FailureKind.OUT_OF_MEMORY, "There was not enough memory to read it.")
        except Exception as error:  # noqa: BLE001 - one file must never end the process
            answer = ImageError(FailureKind.BROKEN, f"It could not be read ({type(error).__name__}).")
        try:
            connection.send(answer)
        except (BrokenPipeError, OSError):
            return


def _carry_out(task: Task, limits: Limits) -> Result:
    from safelight.imaging import read

    match task:
        case DecodeTask(path, spec):
            return read.decode_photo(path, spec, max_pixels=limits.pixels)
        case LoadTask(source, max_side):
            if isinstance(source, bytes):
                return read.load_bytes(source, max_side, max_pixels=limits.pixels)
            return read.load_image(source, max_side, max_pixels=limits.pixels)
        case PrepareTask(source, spec, regions):
            if regions:
                return read.region_inputs(source, spec, regions, max_pixels=limits.pixels)
            return read.model_input(source, spec, max_pixels=limits.pixels)


def _end_with_parent() -> None:
    """A decoder stuck in a library call would outlive a killed parent; this thread does not let it."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)


def _lower_priority() -> None:
    """Decoding yields to the window and to the model, which have someone waiting."""
    if hasattr(os, "nice"):
        os.nice(5)


def _silence() -> None:
    """libtiff, libpng and LibRaw write what they think of a broken file straight to standard error. What
    matters of it comes back as the file's reason."""
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
    except (AttributeError, OSError, ValueError):  # not every platform tells
        return 2**63
