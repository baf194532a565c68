"""Larger thumbnails, made when a screen needs them: a folder of JPEG files with a size limit.

The files are named by the content of their photos. They can be deleted at any time. When they exceed the
limit, the least recently used files are deleted first.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections import OrderedDict
from pathlib import Path

import apsw

from safelight.core.private_files import create_file, make_folder

_log = logging.getLogger(__name__)

FOLDER = "large-thumbnails"
_SUFFIX = ".jpg"
_FREED = 0.9
"""Share of the limit that remains after a cleaning, so that not every new file needs another cleaning."""


class LargeThumbnails:
    """The files of one library. For one thread; other processes may delete files meanwhile."""

    def __init__(self, library: Path, limit: int) -> None:
        """``limit`` in bytes; 0 keeps nothing."""
        self._folder = library / FOLDER
        self._limit = limit
        self._sizes: OrderedDict[str, int] = OrderedDict()
        """Bytes of each file by name, the least recently used first."""
        self._total = 0
        for name, status in sorted(_files(self._folder), key=lambda each: each[1].st_mtime_ns):
            self._add(name, status.st_size)
        self._clean()

    def set_limit(self, limit: int) -> None:
        self._limit = limit
        self._clean()

    def get(self, content_hash: bytes) -> bytes | None:
        """The JPEG, or None."""
        name = content_hash.hex() + _SUFFIX
        if name not in self._sizes:
            return None
        try:
            data = (self._folder / name).read_bytes()
            os.utime(self._folder / name)
        except OSError:
            self._remove(name)
            return None
        self._sizes.move_to_end(name)
        return data

    def put(self, content_hash: bytes, jpeg: bytes) -> None:
        """Store a JPEG. A full disk is no error."""
        if len(jpeg) > self._limit:
            return
        name = content_hash.hex() + _SUFFIX
        part = self._folder / f"{name}.{os.getpid()}.part"
        try:
            make_folder(self._folder)
            with os.fdopen(create_file(part), "wb") as file:
                file.write(jpeg)
            part.replace(self._folder / name)
        except OSError as error:
            _log.debug("A larger thumbnail could not be kept: %s", error)
            with contextlib.suppress(OSError):
                part.unlink()
            return
        self._total -= self._sizes.pop(name, 0)
        self._add(name, len(jpeg))
        self._clean()

    def _add(self, name: str, size: int) -> None:
        self._sizes[name] = size
        self._total += size

    def _remove(self, name: str) -> None:
        self._total -= self._sizes.pop(name)
        with contextlib.suppress(OSError):
            (self._folder / name).unlink()

    def _clean(self) -> None:
        if self._total <= self._limit:
            return
        while self._sizes and self._total > self._limit * _FREED:
            self._remove(next(iter(self._sizes)))


def drop_forgotten(db: apsw.Connection, library: Path) -> None:
    """Delete the files of photos that ``db`` does not have any more."""
    for entry in _entries(library / FOLDER):
        try:
            content = bytes.fromhex(entry.name.removesuffix(_SUFFIX))
        except ValueError:
            content = b""  # left over from a write that was interrupted
        if not db.execute("SELECT EXISTS (SELECT 1 FROM photo WHERE content_hash = ?)", (content,)).get:
            with contextlib.suppress(OSError):
                Path(entry.path).unlink()


def bytes_used(library: Path) -> int:
    """The space that they take, in bytes."""
    return sum(status.st_size for _, status in _files(library / FOLDER))


def _files(folder: Path) -> list[tuple[str, os.stat_result]]:
    """(name, status) of each file."""
    found = []
    for entry in _entries(folder):
        with contextlib.suppress(FileNotFoundError):  # another thread or process deletes the oldest ones
            found.append((entry.name, entry.stat()))
    return found


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return [entry for entry in found if entry.is_file(follow_symlinks=False)]
    except OSError:
        return []
