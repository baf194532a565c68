"""Linux's inotify(7), which reports changes in single folders."""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import struct
from typing import NamedTuple

IN_MODIFY = 0x2
IN_ATTRIB = 0x4
IN_CLOSE_WRITE = 0x8
IN_MOVED_FROM = 0x40
IN_MOVED_TO = 0x80
IN_CREATE = 0x100
IN_DELETE = 0x200
IN_UNMOUNT = 0x2000
IN_Q_OVERFLOW = 0x4000
IN_IGNORED = 0x8000
IN_ISDIR = 0x40000000

_IN_ONLYDIR = 0x1000000
_IN_DONT_FOLLOW = 0x2000000

_CHANGES = IN_MODIFY | IN_ATTRIB | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE
"""Opening and reading are left out: otherwise indexing would trigger itself."""

_HEADER = struct.Struct("iIII")
_BUFFER = 256 * 1024


class InotifyEvent(NamedTuple):
    """One change in a watched folder."""

    descriptor: int
    """The folder's watch; -1 for an overflow."""
    mask: int
    """What happened: flags named ``IN_…``."""
    name: bytes
    """The changed entry of the folder; empty where the folder itself changed."""


class Inotify:
    """An inotify instance. :meth:`read` is for one thread, the rest for any.

    Raises OSError where the system has no instance left (EMFILE).
    """

    def __init__(self) -> None:
        # The C library is loaded here and not at import, because only Linux has these functions.
        self._library = ctypes.CDLL(None, use_errno=True)
        self._file = self._checked(self._library.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))
        try:
            self._wake_out, self._wake_in = os.pipe()
        except OSError:
            os.close(self._file)
            raise
        self._poll = select.poll()
        self._poll.register(self._file, select.POLLIN)
        self._poll.register(self._wake_out, select.POLLIN)

    def add(self, folder: bytes) -> int:
        """Watch a folder and return the descriptor of its watch: one for each folder, whatever its path.

        Raises OSError: ENOSPC where the user has no watch left.
        """
        return self._checked(
            self._library.inotify_add_watch(
                self._file, ctypes.c_char_p(folder), ctypes.c_uint32(_CHANGES | _IN_ONLYDIR | _IN_DONT_FOLLOW)
            )
        )

    def remove(self, descriptor: int) -> None:
        """End a watch. The kernel may have ended it before."""
        self._library.inotify_rm_watch(self._file, descriptor)

    def read(self) -> list[InotifyEvent]:
        """Wait for events; empty after :meth:`wake`."""
        self._poll.poll()
        try:
            data = os.read(self._file, _BUFFER)
        except BlockingIOError:
            return []
        events = []
        start = 0
        while start < len(data):
            descriptor, mask, _, length = _HEADER.unpack_from(data, start)
            start += _HEADER.size + length
            events.append(InotifyEvent(descriptor, mask, data[start - length : start].rstrip(b"\0")))
        return events

    def wake(self) -> None:
        """Let :meth:`read` return, now and from now on."""
        os.write(self._wake_in, b"!")

    def close(self) -> None:
        """End all watches. No other call may follow or be in progress."""
        for descriptor in (self._file, self._wake_in, self._wake_out):
            with contextlib.suppress(OSError):
                os.close(descriptor)

    @staticmethod
    def _checked(result: int) -> int:
        if result < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        return result
