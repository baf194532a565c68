"""Reads a file again before it is moved, to verify that it is the one that the library knows."""

from __future__ import annotations

import os
import stat
import unicodedata
from dataclasses import dataclass

from safelight.core.discard_folders import find_discard_folder
from safelight.core.errors import ImageError, SafelightError
from safelight.core.message import Message
from safelight.core.photo import FileStat
from safelight.imaging.hashes import content_hash_of_file
from safelight.imaging.sample import sample_of_file
from safelight.services.indexing.scanner import file_stat


class CannotTrashError(SafelightError):
    """A file must not be moved to the trash. The message is the reason, without the name."""


@dataclass(frozen=True, slots=True)
class VerifiedFile:
    """A file that was just read and matches the library."""

    path: bytes
    content_hash: bytes
    stat: FileStat
    sample: bytes = b""
    """Hash of the first, middle and last 4 KB."""
    links: int = 1
    """The number of hard links."""

    def is_unchanged(self) -> bool:
        """Whether the file at the path still has this stat. Does not open the file."""
        try:
            return file_stat(os.lstat(self.path)) == self.stat
        except OSError:
            return False

    def is_readable_and_unchanged(self) -> bool:
        """Whether the file can be read at its path, and is the one that was verified.

        This opens the file, because a network file system may answer ``lstat`` from its cache long after the
        file was removed through another mount of the same folder.
        """
        try:
            if stat.S_ISLNK(os.lstat(self.path).st_mode):
                return False
            sample, status = sample_of_file(self.path)
        except (OSError, ImageError):
            return False
        return file_stat(status) == self.stat and sample == self.sample

    def is_same_file(self, other: VerifiedFile) -> bool:
        """Whether both paths name the same file: by a hard link, a symbolic link to a folder, a second mount,
        or a file system that ignores case.

        A second mount of another type (bindfs, or SMB and NFS) hides this. Therefore the file to keep is
        opened again after each move; see :meth:`is_readable_and_unchanged`.
        """
        if self.stat.inode and other.stat.inode:
            return (self.stat.device, self.stat.inode) == (other.stat.device, other.stat.inode)
        return _normalized(self.path) == _normalized(other.path)


def verify_file(path: bytes, content_hash: bytes | None) -> VerifiedFile:
    """Read a whole file and compare it with the hash in the library (None if it has none).

    Raises CannotTrashError if it is missing, a link, not a regular file, unreadable, or has other content.
    """
    try:
        before = os.lstat(path)
    except FileNotFoundError as error:
        raise _missing_error(path) from error
    except OSError as error:
        raise CannotTrashError(
            "it cannot be read ({reason})", reason=(error.strerror or "").lower() or Message("unknown reason")
        ) from error
    if stat.S_ISLNK(before.st_mode):
        raise CannotTrashError("it is a link to another file")
    if not stat.S_ISREG(before.st_mode):
        raise CannotTrashError("it is not a file")
    try:
        found, status = content_hash_of_file(path)
        sample, _ = sample_of_file(path)
    except ImageError as error:
        raise CannotTrashError("it cannot be read: {error}", error=error) from error
    if content_hash is not None and found != content_hash:
        raise CannotTrashError("it has changed since it was indexed")
    return VerifiedFile(path, found, file_stat(status), sample, status.st_nlink)


def verify_keeper(path: bytes, content_hash: bytes | None) -> VerifiedFile:
    """The same as :func:`verify_file` for a file to keep, which must not be in a recycle bin or a cache."""
    folder = find_discard_folder(path)
    if folder is not None:
        raise CannotTrashError("it is in “{folder}”, a recycle bin or a cache", folder=folder)
    return verify_file(path, content_hash)


def _missing_error(path: bytes) -> CannotTrashError:
    if os.path.isdir(os.path.dirname(path)):
        return CannotTrashError("it is no longer there")
    return CannotTrashError("its folder is not there; perhaps its drive is not connected")


def _normalized(path: bytes) -> str:
    return unicodedata.normalize("NFC", os.fsdecode(os.path.realpath(path))).casefold()
