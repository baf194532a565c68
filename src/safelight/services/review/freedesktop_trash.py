"""The trash of Linux and similar systems, by the freedesktop.org Trash specification 1.0.

https://specifications.freedesktop.org/trash-spec/1.0/
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from configparser import Error as ConfigError
from configparser import RawConfigParser
from datetime import datetime
from urllib.parse import quote_from_bytes, unquote_to_bytes

from safelight.core.photo import FileStat
from safelight.services.indexing.scanner import file_stat

_INFO_SUFFIX = b".trashinfo"

_MAX_STEM_BYTES, _MAX_EXTENSION_BYTES = 160, 40
"""Longer parts of a file's name are cut off in the trash, so that its name there has less than 255 bytes."""

_ATTEMPTS = 100
"""Names that are tried before a trash counts as unusable."""


def send(path: bytes) -> bytes:
    """Move a file to the trash. Returns its path there. Raises OSError; the file is then still in its place.

    The specification demands that the ``.trashinfo`` is created with O_EXCL first, because that reserves the
    name. Not every program does so: one that checks for a name and then renames would replace a file that
    arrived in between. So the name in the trash has a random part that no other program chooses. Leftovers
    of a failure are removed.
    """
    path = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
    os.lstat(path)  # raises where there is no file to move, before anything is created
    for trash, top in _trash_directories(path):
        try:
            return _move_to(trash, top, path)
        except OSError as error:
            # A bind mount has the device number of the trash, but nothing can be renamed across it.
            if error.errno != errno.EXDEV:
                raise
    _make_trash(_home_trash())
    return _move_to(_home_trash(), None, path, copy=True)


def _trash_directories(path: bytes) -> Iterator[tuple[bytes, bytes | None]]:
    """(trash directory, folder to which its paths are relative) to try for a file; (…, None) for absolute
    paths. Creates missing directories.
    """
    home, folder = _home_trash(), os.path.dirname(path)
    if os.stat(folder).st_dev == os.stat(_nearest_existing(home)).st_dev:
        _make_trash(home)
        yield home, None
    user = str(os.geteuid()).encode()
    top = _mount_point_of(folder)
    shared = os.path.join(top, b".Trash")
    candidates = [os.path.join(top, b".Trash-" + user)]
    if _is_sticky_folder(shared):
        candidates.insert(0, os.path.join(shared, user))
    for trash in candidates:
        try:
            _make_trash(trash)
        except OSError:
            continue  # full, read-only, or without permission
        yield trash, top


def _home_trash() -> bytes:
    data = os.environb.get(b"XDG_DATA_HOME") or os.path.expanduser(b"~/.local/share")
    return os.path.join(data, b"Trash")


def _nearest_existing(path: bytes) -> bytes:
    """The nearest parent folder of ``path`` that exists."""
    while not os.path.lexists(path):
        path = os.path.dirname(path) or b"/"
    return path


def _mount_point_of(folder: bytes) -> bytes:
    """The mount point of the file system that contains a folder."""
    while not os.path.ismount(folder):
        folder = os.path.dirname(folder)
    return folder


def _is_sticky_folder(path: bytes) -> bool:
    """Whether a folder is sticky, which the specification demands of a trash that several users share."""
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return False
    return stat.S_ISDIR(mode) and bool(mode & stat.S_ISVTX)


def _make_trash(trash: bytes) -> None:
    """Create a trash directory. Raises OSError if that fails, or if it belongs to another user."""
    os.makedirs(os.path.dirname(trash), mode=0o700, exist_ok=True)
    for folder in (trash, os.path.join(trash, b"files"), os.path.join(trash, b"info")):
        with contextlib.suppress(FileExistsError):
            os.mkdir(folder, 0o700)
        found = os.lstat(folder)
        if not stat.S_ISDIR(found.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, "the trash is not a folder", folder)
        if found.st_uid != os.geteuid():
            raise PermissionError(errno.EACCES, "the trash belongs to another user", folder)


def _move_to(trash: bytes, top: bytes | None, path: bytes, *, copy: bool = False) -> bytes:
    original = path if top is None else os.path.relpath(path, top)
    now = datetime.now().astimezone().strftime("%Y-%m-%dT%H:%M:%S")
    content = f"[Trash Info]\nPath={quote_from_bytes(original)}\nDeletionDate={now}\n".encode()
    for name in _candidate_names(os.path.basename(path)):
        target, info = os.path.join(trash, b"files", name), os.path.join(trash, b"info", name + _INFO_SUFFIX)
        try:
            descriptor = os.open(info, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            continue
        try:
            with open(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            if os.path.lexists(target):  # a file without a .trashinfo is not replaced either
                os.unlink(info)
                continue
            if copy:
                _copy(path, target)
            else:
                os.rename(path, target)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(info)
            raise
        return target
    raise FileExistsError(errno.EEXIST, "the trash has no free name", path)


def _candidate_names(name: bytes) -> Iterator[bytes]:
    stem, extension = os.path.splitext(name)
    for _ in range(_ATTEMPTS):
        yield stem[:_MAX_STEM_BYTES] + b"." + secrets.token_hex(6).encode() + extension[:_MAX_EXTENSION_BYTES]


def _copy(path: bytes, target: bytes) -> None:
    """Move a file to another file system. The copy is synced to the disk before the original is deleted."""
    descriptor = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with open(path, "rb") as source, open(descriptor, "wb") as file:
            shutil.copyfileobj(source, file)
            file.flush()
            os.fsync(file.fileno())
            if os.fstat(file.fileno()).st_size != os.fstat(source.fileno()).st_size:
                raise OSError(errno.EIO, "the copy is not complete", path)
        shutil.copystat(path, target)
        os.unlink(path)
    except BaseException:
        if os.path.lexists(path):
            with contextlib.suppress(OSError):
                os.unlink(target)  # our own copy
        raise


def remove_orphaned_info(path: bytes) -> None:
    """Remove each ``.trashinfo`` of a file that never arrived, which a killed process leaves behind."""
    stem = os.path.splitext(os.path.basename(path))[0][:_MAX_STEM_BYTES]
    for trash in dict.fromkeys(directories(path)):
        folder = os.path.join(trash, b"info")
        with contextlib.suppress(OSError):
            for name in os.listdir(folder):
                if not (name.startswith(stem) and name.endswith(_INFO_SUFFIX)):
                    continue
                target = os.path.join(trash, b"files", name[: -len(_INFO_SUFFIX)])
                if not os.path.lexists(target) and _is_origin(target, path):
                    os.unlink(os.path.join(folder, name))


def directories(path: bytes) -> Iterator[bytes]:
    """The trash directories that a file at ``path`` may have been moved to, existing or not: the home trash,
    and those of each mount point above it."""
    yield _home_trash()
    user = str(os.geteuid()).encode()
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
    """Find the file in the trash that was at ``path`` and had this stat; None if there is none.

    A file that was renamed into the trash has the same inode. One that was copied there, from a mount
    without a trash of its own, is found by the path in its ``.trashinfo``.
    """
    for trash in dict.fromkeys(directories(path)):
        found = _by_inode(trash, path, status) or _by_path(trash, path, status)
        if found is not None:
            return found
    return None


def origin(trashed: bytes) -> bytes | None:
    """The original path of a file in the trash, from its ``.trashinfo``; None if that cannot be read."""
    trash = os.path.dirname(os.path.dirname(trashed))
    # Paths are percent-encoded, so bytes that are not UTF-8 should not occur; other programs write them.
    parser = RawConfigParser(strict=False)
    try:
        with open(_info(trashed), encoding="utf-8", errors="surrogateescape") as file:
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


def forget(trashed: bytes) -> None:
    """Remove the ``.trashinfo`` of a file that has left the trash."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(_info(trashed))


def _info(trashed: bytes) -> bytes:
    trash = os.path.dirname(os.path.dirname(trashed))
    return os.path.join(trash, b"info", os.path.basename(trashed) + _INFO_SUFFIX)


def _by_inode(trash: bytes, path: bytes, status: FileStat) -> bytes | None:
    if not status.inode:
        return None
    stem = os.path.splitext(os.path.basename(path))[0][:_MAX_STEM_BYTES]
    try:
        with os.scandir(os.path.join(trash, b"files")) as entries:
            # Names that begin like the file's own first: a trash may hold many thousands.
            for entry in sorted(entries, key=lambda entry: not entry.name.startswith(stem)):
                if entry.inode() == status.inode % 2**64:
                    found = entry.stat(follow_symlinks=False)
                    if stat.S_ISREG(found.st_mode) and file_stat(found) == status:
                        return entry.path
    except OSError:
        pass  # no such trash, or one that this user cannot read
    return None


def _by_path(trash: bytes, path: bytes, status: FileStat) -> bytes | None:
    """The latest file that came from this path and has this size and time."""
    stem = os.path.splitext(os.path.basename(path))[0][:_MAX_STEM_BYTES]
    candidates: list[tuple[int, bytes]] = []
    try:
        with os.scandir(os.path.join(trash, b"files")) as entries:
            for entry in entries:
                if not entry.name.startswith(stem):
                    continue  # every trash keeps the start of the name; reading every .trashinfo is slow
                found = entry.stat(follow_symlinks=False)
                same = (found.st_size, found.st_mtime_ns) == (status.size, status.mtime_ns)
                if same and stat.S_ISREG(found.st_mode) and _is_origin(entry.path, path):
                    candidates.append((found.st_ctime_ns, entry.path))
    except OSError:
        pass
    return max(candidates)[1] if candidates else None


def _is_origin(trashed: bytes, path: bytes) -> bool:
    came_from = origin(trashed)
    if came_from is None:
        return False
    # The folder may have been reached through a symbolic link.
    return came_from == path or os.path.realpath(came_from) == os.path.realpath(path)
