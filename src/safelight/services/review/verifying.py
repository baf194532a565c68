"""Looking at a file again before anything is done with it."""

from __future__ import annotations

import os
import stat
import unicodedata
from dataclasses import dataclass

from safelight.core.errors import ImageError, SafelightError
from safelight.core.photo import FileStat
from safelight.imaging.hashes import content_hash_of_file
from safelight.services.indexing.scanner import file_stat


class UnfitError(SafelightError):
    """A file is not what it was taken for; the text is the reason, without the name."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A file that was just read and found to be what the library says."""

    path: bytes
    content_hash: bytes
    stat: FileStat

    def still_there(self) -> bool:
        """Whether it is, at a glance, the file that was read."""
        try:
            return file_stat(os.lstat(self.path)) == self.stat
        except OSError:
            return False

    def same_file_as(self, other: Verified) -> bool:
        """Whether both names lead to one file: by a hard link, a link to a folder, a second mount, or a file
        system to which upper and lower case are one."""
        if self.stat.inode and other.stat.inode:
            return (self.stat.device, self.stat.inode) == (other.stat.device, other.stat.inode)
        return _folded(self.path) == _folded(other.path)


def verified(path: bytes, content_hash: bytes | None) -> Verified:
    """Read a file whole and compare it with what the library knows of it (None: nothing).

    Raises UnfitError where it is missing, a link, no regular file, unreadable, or another content.
    """
    try:
        before = os.lstat(path)
    except FileNotFoundError as error:
        raise UnfitError(_missing(path)) from error
    except OSError as error:
        raise UnfitError(f"it cannot be read ({(error.strerror or 'unknown reason').lower()})") from error
    if stat.S_ISLNK(before.st_mode):
        raise UnfitError("it is a link to another file")
    if not stat.S_ISREG(before.st_mode):
        raise UnfitError("it is not a file")
    try:
        found, status = content_hash_of_file(path)
    except ImageError as error:
        raise UnfitError("it cannot be read: " + str(error)) from error
    if content_hash is not None and found != content_hash:
        raise UnfitError("it has changed since it was indexed")
    return Verified(path, found, file_stat(status))


def _missing(path: bytes) -> str:
    if os.path.isdir(os.path.dirname(path)):
        return "it is no longer there"
    return "its folder is not there; perhaps its drive is not connected"


def _folded(path: bytes) -> str:
    return unicodedata.normalize("NFC", os.fsdecode(os.path.realpath(path))).casefold()
