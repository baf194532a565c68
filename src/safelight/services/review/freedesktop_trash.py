"""Where a file went in the trash of Linux and its like, by the freedesktop.org Trash specification 1.0.

https://specifications.freedesktop.org/trash-spec/1.0/
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from configparser import Error as ConfigError
from configparser import RawConfigParser
from urllib.parse import unquote_to_bytes

from safelight.core.photo import FileStat
from safelight.services.indexing.scanner import file_stat

_SUFFIX = b".trashinfo"


def directories(path: bytes) -> Iterator[bytes]:
    """The trash directories that a file at ``path`` may have gone to, whether or not they exist: the home
    trash, and those at the top of the mounts on the way to it."""
    data = os.environb.get(b"XDG_DATA_HOME") or os.path.expanduser(b"~/.local/share")
    yield os.path.join(data, b"Trash")
    user = str(os.getuid()).encode()
    top = os.path.dirname(path)
    while True:
        if os.path.ismount(top):
            yield os.path.join(top, b".Trash", user)
            yield os.path.join(top, b".Trash-" + user)
        parent = os.path.dirname(top)
        if parent == top:
            return
        top = parent


def find(path: bytes, status: FileStat) -> bytes | None:
    """Where in the trash the file lies that was at ``path`` and looked like ``status``; None if nowhere.

    A file that was renamed into the trash is the same inode. One that was copied there, from a mount
    without a trash of its own, is known by the path that its ``.trashinfo`` gives.
    """
    for trash in dict.fromkeys(directories(path)):
        found = _by_name(trash, path, status) or _by_inode(trash, status) or _by_path(trash, path, status)
        if found is not None:
            return found
    return None


def origin(lies: bytes) -> bytes | None:
    """The path that a file in the trash came from, as its ``.trashinfo`` gives it."""
    trash = os.path.dirname(os.path.dirname(lies))
    # Bytes that are not UTF-8 have no place in the file (paths are percent-encoded), but may stand there.
    parser = RawConfigParser(strict=False)
    try:
        with open(_info(lies), encoding="utf-8", errors="surrogateescape") as file:
            parser.read_file(file)
        name = parser.get("Trash Info", "Path")
    except (OSError, ConfigError):
        return None
    path = unquote_to_bytes(name)
    # Relative to the directory that holds the trash: the top of a mount, or the home's data folder.
    top = os.path.dirname(trash)
    if os.path.basename(top) == b".Trash":
        top = os.path.dirname(top)
    return os.path.normpath(os.path.join(top, path))


def forget(lies: bytes) -> None:
    """Remove what describes a file that has left the trash."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(_info(lies))


def _info(lies: bytes) -> bytes:
    trash = os.path.dirname(os.path.dirname(lies))
    return os.path.join(trash, b"info", os.path.basename(lies) + _SUFFIX)


def _by_name(trash: bytes, path: bytes, status: FileStat) -> bytes | None:
    """As most lie: under its own name. Spares looking through a trash of many thousands."""
    lies = os.path.join(trash, b"files", os.path.basename(path))
    try:
        return lies if status.inode and file_stat(os.lstat(lies)) == status else None
    except OSError:
        return None


def _by_inode(trash: bytes, status: FileStat) -> bytes | None:
    if not status.inode:
        return None
    try:
        with os.scandir(os.path.join(trash, b"files")) as entries:
            for entry in entries:
                if entry.inode() == status.inode % 2**64:
                    found = entry.stat(follow_symlinks=False)
                    if stat.S_ISREG(found.st_mode) and file_stat(found) == status:
                        return entry.path
    except OSError:
        pass  # no such trash, or one that is not ours to read
    return None


def _by_path(trash: bytes, path: bytes, status: FileStat) -> bytes | None:
    """The latest that came from this path, of the same size and time."""
    stem = os.path.splitext(os.path.basename(path))[0]
    candidates: list[tuple[int, bytes]] = []
    try:
        with os.scandir(os.path.join(trash, b"files")) as entries:
            for entry in entries:
                if not entry.name.startswith(stem):
                    continue  # every implementation names after the file; reading all would be slow
                found = entry.stat(follow_symlinks=False)
                same = (found.st_size, found.st_mtime_ns) == (status.size, status.mtime_ns)
                if same and stat.S_ISREG(found.st_mode) and _is_origin(entry.path, path):
                    candidates.append((found.st_ctime_ns, entry.path))
    except OSError:
        pass
    return max(candidates)[1] if candidates else None


def _is_origin(lies: bytes, path: bytes) -> bool:
    came_from = origin(lies)
    if came_from is None:
        return False
    # The folder may have been reached through a link.
    return came_from == path or os.path.realpath(came_from) == os.path.realpath(path)
