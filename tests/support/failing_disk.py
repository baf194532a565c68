"""A disk that fails on request: SQLite's own system calls are replaced, and so are Python's.

SQLite's Unix layer calls the system through a table that programs may change, which is how its own test
suite makes the n-th write fail. That table is the process's: one such disk at a time.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

import apsw

_size, _ssize, _offset, _int, _pointer = (
    ctypes.c_size_t,
    ctypes.c_ssize_t,
    ctypes.c_int64,
    ctypes.c_int,
    ctypes.c_void_p,
)

_CALLS: dict[str, tuple[Any, ...]] = {
    # result, arguments; as in the C library
    "open": (_int, ctypes.c_char_p, _int, _int),
    "write": (_ssize, _int, _pointer, _size),
    "pwrite": (_ssize, _int, _pointer, _size, _offset),
    "pwrite64": (_ssize, _int, _pointer, _size, _offset),
    "ftruncate": (_int, _int, _offset),
    "unlink": (_int, ctypes.c_char_p),
    "openDirectory": (_int, ctypes.c_char_p, ctypes.POINTER(_int)),
}
"""Calls of SQLite's Unix layer that change the disk. fsync is no entry of its table."""

_PYTHON = ("open", "rename", "replace", "fsync", "unlink", "mkdir", "link", "write")
"""Functions of :mod:`os` that change the disk."""


class FailingDisk:
    """Counts calls that change the disk; from the ``fail_at``-th on, ``length`` of them fail."""

    def __init__(self) -> None:
        self.calls = 0
        self.failed = 0
        self._first = sys.maxsize
        self._length = 0
        self._errno = errno.ENOSPC

    def arm(self, fail_at: int, length: int, code: int) -> None:
        """The ``fail_at``-th call from now fails, and so do those after it, ``length`` in all."""
        self.calls = self.failed = 0
        self._first, self._length, self._errno = fail_at, length, code

    def disarm(self) -> None:
        self._first = sys.maxsize

    def next_fails(self) -> int:
        """The errno with which this call fails; 0 if it may go on."""
        self.calls += 1
        if self._first <= self.calls < self._first + self._length:
            self.failed += 1
            return self._errno
        return 0


@contextlib.contextmanager
def failing_disk() -> Iterator[FailingDisk]:
    """While the block runs the whole process writes through the disk that it gets."""
    disk = FailingDisk()
    vfs = apsw.VFS("failing-disk", "")
    kept: list[Any] = []  # callbacks that C still points to
    originals = {name: getattr(os, name) for name in _PYTHON if hasattr(os, name)}
    try:
        for name, (result, *arguments) in _CALLS.items():
            address = vfs.xGetSystemCall(name)
            if address:
                kind = ctypes.CFUNCTYPE(result, *arguments, use_errno=True)
                replacement = kind(_through(disk, kind(address)))
                kept.append(replacement)
                vfs.xSetSystemCall(name, ctypes.cast(replacement, ctypes.c_void_p).value or 0)
        for name, function in originals.items():
            setattr(os, name, _guarded(disk, function))
        yield disk
    finally:
        disk.disarm()
        vfs.xSetSystemCall(None, 0)  # all of them as they were
        for name, function in originals.items():
            setattr(os, name, function)
        vfs.unregister()


def _through(disk: FailingDisk, original: Callable[..., int]) -> Callable[..., int]:
    def call(*arguments: Any) -> int:
        code = disk.next_fails()
        if code:
            ctypes.set_errno(code)
            return -1
        return original(*arguments)

    return call


def _guarded(disk: FailingDisk, original: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any, **named: Any) -> Any:
        code = disk.next_fails()
        if code:
            raise OSError(code, os.strerror(code), *arguments[:1])
        return original(*arguments, **named)

    return call
