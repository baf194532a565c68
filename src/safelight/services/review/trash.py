"""Moving a file to the system's trash and back. Nothing here ever deletes a file."""

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
from safelight.services.indexing.scanner import file_stat
from safelight.services.review import freedesktop_trash


class TrashError(SafelightError):
    """A file did not go to the trash, or did not come back; the text is the reason, without the name."""


class Trash(Protocol):
    """What the rest of the program asks of a trash."""

    def send(self, path: bytes) -> bytes | None:
        """Move a file there and say where it lies now, None where the system does not tell. Raises
        TrashError; then the file is where it was."""

    def find(self, path: bytes, status: FileStat) -> bytes | None:
        """Where a file lies that went there earlier."""

    def put_back(self, path: bytes, lies: bytes | None, status: FileStat, content_hash: bytes) -> bytes:
        """Move a file back to ``path``, or beside it where another file has its place; return where it is.
        Raises TrashError; then it lies where it lay."""


class SystemTrash:
    """The trash of the person's own system, through Send2Trash.

    Files come back from it by the freedesktop.org specification. macOS and Windows offer programs no way to
    ask for that; there the reason says where the file lies and how it is put back by hand.
    """

    def __init__(self, platform: str = sys.platform) -> None:
        self._platform = platform

    def send(self, path: bytes) -> bytes | None:
        # Loaded late: it reads the environment when it is, and needs pyobjc or pywin32 on other systems.
        from send2trash import send2trash

        try:
            status = file_stat(os.lstat(path))
            send2trash(os.fsdecode(path))
        except OSError as error:
            raise TrashError(f"the system did not let it go to the trash ({_reason(error)})") from error
        except Exception as error:  # on Windows COM's own errors, which are no OSError
            raise TrashError(f"the system did not let it go to the trash ({error})") from error
        if os.path.lexists(path):
            raise TrashError("the system did not move it to the trash")
        return self.find(path, status)

    def find(self, path: bytes, status: FileStat) -> bytes | None:
        return freedesktop_trash.find(path, status) if self._can_restore else None

    def put_back(self, path: bytes, lies: bytes | None, status: FileStat, content_hash: bytes) -> bytes:
        if holds(path, content_hash):
            # Put back by hand, or by an undo that was interrupted before it could say so.
            if lies is not None and _same_file(lies, path):
                os.unlink(lies)  # the second of its two names
                freedesktop_trash.forget(lies)
            return path
        if not self._can_restore:
            if self._platform == "darwin":
                raise TrashError("it lies in the Trash; open that, choose the file, then File > Put Back")
            raise TrashError("it lies in the Recycle Bin; open that, choose the file, then Restore")
        if lies is None or not holds(lies, content_hash):
            lies = self.find(path, status)
            if lies is None or not holds(lies, content_hash):
                raise TrashError("it is no longer in the trash")
        try:
            where = _put_back(lies, path)
            freedesktop_trash.forget(lies)
        except OSError as error:
            raise TrashError(
                f"it could not be put back ({_reason(error)}); it lies in {os.fsdecode(lies)}"
            ) from error
        return where

    @property
    def _can_restore(self) -> bool:
        return self._platform not in ("darwin", "win32")


def holds(path: bytes, content_hash: bytes) -> bool:
    """Whether a file of this content lies at ``path``. Of a trash, too, a name alone proves nothing."""
    try:
        return content_hash_of_file(path)[0] == content_hash
    except ImageError:
        return False


def _put_back(lies: bytes, path: bytes) -> bytes:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    for name in names_beside(path):
        try:
            move_without_replacing(lies, name)
        except FileExistsError:
            continue
        return name
    raise AssertionError("names do not end")


def _same_file(first: bytes, second: bytes) -> bool:
    try:
        return os.path.samestat(os.lstat(first), os.lstat(second))
    except OSError:
        return False


def names_beside(path: bytes) -> Iterator[bytes]:
    """``a.jpg``, then ``a (restored).jpg``, ``a (restored 2).jpg`` …"""
    yield path
    stem, extension = os.path.splitext(path)
    yield stem + b" (restored)" + extension
    number = 2
    while True:
        yield stem + b" (restored %d)" % number + extension
        number += 1


def move_without_replacing(source: bytes, target: bytes) -> None:
    """Rename a file unless the new name is taken, without an instant in which it could be. Raises OSError
    (FileExistsError where it is taken); then the file is where it was.

    ``rename`` replaces; ``link`` does not. Where a file system has no links the name is taken first.
    """
    try:
        os.link(source, target, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno == errno.EXDEV:
            _copy_without_replacing(source, target)
        elif error.errno in (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EACCES):
            _rename_to_taken_name(source, target)
            return
        else:
            raise
    os.unlink(source)  # one of two names of the file


def _rename_to_taken_name(source: bytes, target: bytes) -> None:
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        os.replace(source, target)
    except OSError:
        os.unlink(target)  # the empty file made above
        raise


def _copy_without_replacing(source: bytes, target: bytes) -> None:
    """For a file that lies on another file system than its place; complete on the disk before it is seen."""
    # A hidden name: what is half there is not taken for a photo.
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
