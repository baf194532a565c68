"""Moves a file to the system's trash and back. No function in this module deletes a photo."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from typing import Protocol

from safelight.core.errors import ImageError, SafelightError
from safelight.core.photo import FileStat
from safelight.imaging.hashes import content_hash_of_file
from safelight.services.review import freedesktop_trash


class TrashError(SafelightError):
    """A file could not be moved to the trash or restored. The message is the reason, without the name."""


class Trash(Protocol):
    """The interface to a trash."""

    def send(self, path: bytes) -> bytes | None:
        """Move a file to the trash. Returns its path there, None if the system does not tell. Raises
        TrashError; the file is then still in its place."""

    def find(self, path: bytes, status: FileStat) -> bytes | None:
        """The path in the trash of a file that was moved there earlier; None if it is not found."""

    def put_back(self, path: bytes, trashed: bytes | None, status: FileStat, content_hash: bytes) -> bytes:
        """Move a file back to ``path``, or to a free name in that folder if it is taken. Returns its path.
        Raises TrashError; the file is then still in the trash."""

    def forget_attempt(self, path: bytes) -> None:
        """Remove what a killed process left in the trash for a file that was not moved."""


class SystemTrash:
    """The trash of the user's system: by the freedesktop.org specification, or through Send2Trash.

    Programs cannot restore a file on macOS and Windows. The error says there how to restore it by hand.
    """

    def __init__(self, platform: str = sys.platform) -> None:
        self._platform = platform

    def send(self, path: bytes) -> bytes | None:
        trashed = None
        try:
            if self._can_restore:
                trashed = freedesktop_trash.send(path)
            else:
                _send_with_library(path)
        except OSError as error:
            raise TrashError(
                "the system did not move it to the trash ({reason})", reason=_reason(error)
            ) from error
        except Exception as error:  # on Windows COM errors, which are no OSError
            raise TrashError("the system did not move it to the trash ({reason})", reason=error) from error
        if os.path.lexists(path):
            raise TrashError("the system did not move it to the trash")
        return trashed

    def find(self, path: bytes, status: FileStat) -> bytes | None:
        return freedesktop_trash.find(path, status) if self._can_restore else None

    def put_back(self, path: bytes, trashed: bytes | None, status: FileStat, content_hash: bytes) -> bytes:
        if holds(path, content_hash):
            # It was restored by hand, or by an undo that was interrupted before it could record that.
            if trashed is not None and _same_file(trashed, path):
                os.unlink(trashed)  # the second of its two names
                freedesktop_trash.forget(trashed)
            return path
        if not self._can_restore:
            if self._platform == "darwin":
                raise TrashError("it is in the Trash; open that, choose the file, then File > Put Back")
            raise TrashError("it is in the Recycle Bin; open that, choose the file, then Restore")
        if trashed is None or not holds(trashed, content_hash):
            trashed = self.find(path, status)
            if trashed is None or not holds(trashed, content_hash):
                raise TrashError("it is no longer in the trash")
        try:
            where = _put_back(trashed, path)
            freedesktop_trash.forget(trashed)
        except OSError as error:
            raise TrashError(
                "it could not be put back ({reason}); it is in {path}",
                reason=_reason(error),
                path=os.fsdecode(trashed),
            ) from error
        return where

    def forget_attempt(self, path: bytes) -> None:
        if self._can_restore:
            freedesktop_trash.remove_orphaned_info(path)

    @property
    def _can_restore(self) -> bool:
        return self._platform not in ("darwin", "win32")


def _send_with_library(path: bytes) -> None:
    # Imported here because it needs pyobjc or pywin32.
    from send2trash import send2trash

    send2trash(os.fsdecode(path))


def holds(path: bytes, content_hash: bytes) -> bool:
    """Whether the file at ``path`` has this content. A name alone proves nothing, even in a trash."""
    try:
        return content_hash_of_file(path)[0] == content_hash
    except ImageError:
        return False


def _put_back(trashed: bytes, path: bytes) -> bytes:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    for name in free_names(path):
        try:
            move_without_replacing(trashed, name)
        except FileExistsError:
            continue
        return name
    raise AssertionError("names do not end")


def _same_file(first: bytes, second: bytes) -> bool:
    try:
        return os.path.samestat(os.lstat(first), os.lstat(second))
    except OSError:
        return False


def free_names(path: bytes) -> Iterator[bytes]:
    """``a.jpg``, then ``a (restored).jpg``, ``a (restored 2).jpg`` …"""
    yield path
    stem, extension = os.path.splitext(path)
    yield stem + b" (restored)" + extension
    number = 2
    while True:
        yield stem + b" (restored %d)" % number + extension
        number += 1


def move_without_replacing(source: bytes, target: bytes) -> None:
    """Rename a file unless the new name is taken, without a race. Raises OSError (FileExistsError if it is
    taken); the file then keeps its name.

    ``rename`` replaces an existing file, and ``link`` does not. On a file system without links, an empty file
    reserves the name first.
    """
    try:
        os.link(source, target, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno == errno.EXDEV:
            _copy_without_replacing(source, target)
        elif error.errno in (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EACCES):
            _rename_to_reserved_name(source, target)
            return
        else:
            raise
    os.unlink(source)  # one of two names of the file


def _rename_to_reserved_name(source: bytes, target: bytes) -> None:
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        os.replace(source, target)
    except OSError:
        os.unlink(target)  # the empty file made above
        raise


def _copy_without_replacing(source: bytes, target: bytes) -> None:
    """Copy a file to another file system. The copy is complete on the disk before it is visible."""
    # A hidden name: an incomplete file must not count as a photo.
    part = os.path.join(os.path.dirname(target), b".safelight-" + secrets.token_hex(8).encode())
    try:
        shutil.copyfile(source, part)
        shutil.copystat(source, part)
        with open(part, "rb+") as file:
            os.fsync(file.fileno())
        if os.path.getsize(part) != os.path.getsize(source):
            raise OSError(errno.EIO, "the copy is not whole")
        move_without_replacing(part, target)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(part)  # our own copy


def _reason(error: OSError) -> str:
    return (error.strerror or str(error) or type(error).__name__).lower()
