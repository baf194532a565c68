"""The write lock of a library: one process at a time may open it for writing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from safelight.core.errors import LibraryInUseError, LibraryUnavailableError
from safelight.core.private_files import make_folder

LOCK_NAME = "library.lock"


@contextmanager
def hold_lock(directory: Path) -> Iterator[None]:
    """Hold the write lock without opening the library. Raises LibraryInUseError."""
    lock = acquire(directory.absolute())
    try:
        yield
    finally:
        lock.release()


def acquire(directory: Path) -> filelock.BaseFileLock:
    """Take the write lock, which the operating system releases when its holder dies.

    Raises LibraryInUseError, LibraryUnavailableError.
    """
    lock = filelock.FileLock(directory / LOCK_NAME, mode=0o600, blocking=False, thread_local=False)
    with translate_os_errors(directory):
        make_folder(directory)
        try:
            lock.acquire()
        except filelock.Timeout:
            raise LibraryInUseError(
                "Another Safelight is using the library at {directory}; close it, or wait until it is done.",
                directory=directory,
            ) from None
    return lock


@contextmanager
def translate_os_errors(directory: Path) -> Iterator[None]:
    """Turn OSError into LibraryUnavailableError, which names the directory."""
    try:
        yield
    except OSError as error:
        raise LibraryUnavailableError(
            "The library cannot be kept at {directory} ({reason}); name another folder or change its "
            "permissions.",
            directory=directory,
            reason=error.strerror or error,
        ) from error
