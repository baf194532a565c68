"""Reading a file again before anything is done with it."""

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


class UnfitError(SafelightError):
    """A file is not what the library expects; the text is the reason, without the name."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A file that was just read and matches the library."""

    path: bytes
    content_hash: bytes
    stat: FileStat
    sample: bytes = b""
    """Hash of the first, the middle and the last 4 KB."""
    links: int = 1
    """Names that the file has (hard links)."""

    def still_there(self) -> bool:
        """Whether the path still names a file of this stat. Does not open it."""
        try:
            return file_stat(os.lstat(self.path)) == self.stat
        except OSError:
            return False

    def still_readable(self) -> bool:
        """Whether the file can be opened and read through its own path, and is the one that was read.

        ``lstat`` may be answered from a cache of attributes, long after the file went through another mount
        of the same folder; opening asks the file system itself.
        """
        try:
            if stat.S_ISLNK(os.lstat(self.path).st_mode):
                return False
            sample, status = sample_of_file(self.path)
        except (OSError, ImageError):
            return False
        return file_stat(status) == self.stat and sample == self.sample

    def same_file_as(self, other: Verified) -> bool:
        """Whether both names refer to one file: by a hard link, a link to a folder, a second mount, or a file
        system that ignores case.

        A second mount of another type (bindfs, SMB beside NFS) hides that. So the file to keep is opened
        again after each file that went: see :meth:`still_readable`.
        """
        if self.stat.inode and other.stat.inode:
            return (self.stat.device, self.stat.inode) == (other.stat.device, other.stat.inode)
        return _folded(self.path) == _folded(other.path)


def verified(path: bytes, content_hash: bytes | None) -> Verified:
    """Read a whole file and compare it with the hash in the library (None if it has none).

    Raises UnfitError where it is missing, a link, no regular file, unreadable, or of other content.
    """
    try:
        before = os.lstat(path)
    except FileNotFoundError as error:
        raise _missing(path) from error
    except OSError as error:
        raise UnfitError(
            "it cannot be read ({reason})", reason=(error.strerror or "").lower() or Message("unknown reason")
        ) from error
    if stat.S_ISLNK(before.st_mode):
        raise UnfitError("it is a link to another file")
    if not stat.S_ISREG(before.st_mode):
        raise UnfitError("it is not a file")
    try:
        found, status = content_hash_of_file(path)
        sample, _ = sample_of_file(path)
    except ImageError as error:
        raise UnfitError("it cannot be read: {error}", error=error) from error
    if content_hash is not None and found != content_hash:
        raise UnfitError("it has changed since it was indexed")
    return Verified(path, found, file_stat(status), sample, status.st_nlink)


def verified_keeper(path: bytes, content_hash: bytes | None) -> Verified:
    """Verify as :func:`verified`, but refuse a file in a recycle bin or a cache, as it is to be kept."""
    folder = find_discard_folder(path)
    if folder is not None:
        raise UnfitError("it is in “{folder}”, a recycle bin or a cache", folder=folder)
    return verified(path, content_hash)


def _missing(path: bytes) -> UnfitError:
    if os.path.isdir(os.path.dirname(path)):
        return UnfitError("it is no longer there")
    return UnfitError("its folder is not there; perhaps its drive is not connected")


def _folded(path: bytes) -> str:
    return unicodedata.normalize("NFC", os.fsdecode(os.path.realpath(path))).casefold()
