"""Reads a file's bytes without blocking on anything that is not a regular file."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from safelight.core.errors import FailureKind, ImageError
from safelight.core.message import Message
from safelight.imaging.faults import out_of_memory

MAX_BYTES = 2 * 2**30

_BLOCK = 2**20

# O_NONBLOCK: otherwise opening a FIFO without a writer would wait forever. Windows has no FIFOs in its
# file systems, and needs O_BINARY.
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


def read_file(path: bytes | str, max_bytes: int = MAX_BYTES) -> bytes:
    """The content of a regular file, opened read-only.

    Raises ImageError: NOT_A_FILE for folders, FIFOs, sockets and devices, EMPTY, TOO_LARGE above
    ``max_bytes``, OUT_OF_MEMORY, and UNREADABLE for errors of the operating system.
    """
    with opened(path) as (file, status):
        if status.st_size > max_bytes:
            raise ImageError(
                FailureKind.TOO_LARGE,
                "The file is too large to open ({megabytes:,.0f} MB).",
                megabytes=status.st_size / 2**20,
            )
        data = file.read(status.st_size + 1)
    if not data:
        raise ImageError(FailureKind.EMPTY, "The file is empty.")
    if len(data) != status.st_size:
        # The file is being written. UNREADABLE is temporary, so the file is tried again later.
        raise _being_written()
    return data


def digest_file(path: bytes | str, digest_size: int) -> tuple[bytes, os.stat_result]:
    """BLAKE2b of a regular file's bytes on disk, and its stat. The size is not limited.

    Raises ImageError like :func:`read_file`, except for EMPTY and TOO_LARGE.
    """
    digest = hashlib.blake2b(digest_size=digest_size)
    with opened(path) as (file, status):
        while block := file.read(_BLOCK):
            digest.update(block)
        after = os.fstat(file.fileno())
        if (after.st_size, after.st_mtime_ns) != (status.st_size, status.st_mtime_ns):
            raise _being_written()
    return digest.digest(), status


@contextmanager
def opened(path: bytes | str) -> Iterator[tuple[BinaryIO, os.stat_result]]:
    """A regular file, open for reading, and its stat. Raises ImageError like :func:`read_file`, also for read
    errors in the block.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError as error:
        raise _refused(path, error) from error
    except ValueError as error:  # a NUL in the name
        raise ImageError(FailureKind.UNREADABLE, "No file can have this name.") from error
    try:
        status = os.fstat(descriptor)  # of the open file: the name may refer to another file by now
        if not stat.S_ISREG(status.st_mode):
            raise _not_a_file()
        with open(descriptor, "rb", closefd=False) as file:
            yield file, status
    except OSError as error:
        raise _refused(path, error) from error
    except MemoryError as error:
        raise out_of_memory() from error
    finally:
        os.close(descriptor)


def _being_written() -> ImageError:
    return ImageError(FailureKind.UNREADABLE, "The file was being written while it was read.")


def _not_a_file() -> ImageError:
    return ImageError(FailureKind.NOT_A_FILE, "This is not a file but a folder, a pipe or a device.")


def _refused(path: bytes | str, error: OSError) -> ImageError:
    no_device = error.errno in (errno.ENXIO, errno.ENODEV, errno.EISDIR)  # opening a socket gives ENXIO
    if no_device or (error.errno == errno.EACCES and os.path.isdir(path)):  # noqa: PTH112 - bytes paths
        return _not_a_file()
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return ImageError(FailureKind.UNREADABLE, "The file is no longer there.")
    if error.errno in (errno.EACCES, errno.EPERM):
        return ImageError(FailureKind.UNREADABLE, "Safelight is not permitted to read this file.")
    if error.errno == errno.ENOMEM:
        return out_of_memory()
    reason = (error.strerror or "").lower() or Message("unknown reason")
    return ImageError(FailureKind.UNREADABLE, "The file could not be read ({reason}).", reason=reason)
