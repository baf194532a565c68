"""The write lock of a library: one process at a time may open it for writing."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from safelight.core.errors import LibraryInUseError, LibraryUnavailableError
from safelight.core.private_files import make_folder

if sys.platform != "win32":
    import fcntl

LOCK_NAME = "library.lock"

_NO_LOCKS = frozenset({errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP})
"""Errors of file systems that have no locks, such as some network mounts."""


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
        _check_locks(directory)
        try:
            lock.acquire()
        except filelock.Timeout:
            raise LibraryInUseError(
                "Another Safelight is using the library at {directory}; close it, or wait until it is done.",
                directory=directory,
            ) from None
    return lock


def _check_locks(directory: Path) -> None:
    """Raise LibraryUnavailableError where the file system has no locks.

    filelock would use the existence of the lock file instead, and that file stays after every session. So the
    library would count as in use for ever.
    """
    if sys.platform == "win32":
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _NO_LOCKS:
            raise no_locks(directory) from error
    finally:
        os.close(descriptor)


def no_locks(directory: Path) -> LibraryUnavailableError:
    """The error where two programs could write to a library at once without noticing."""
    return LibraryUnavailableError(
        "The file system at {directory} cannot lock files, which a library needs; name a folder on another "
        "disk.",
        directory=directory,
    )


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
