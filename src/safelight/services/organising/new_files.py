"""Writes new files into a folder of the user: verified, atomically, and never over an existing file."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from safelight.core.errors import SafelightError
from safelight.core.output_file import put_in_place, reserve_part
from safelight.core.user_paths import is_folder
from safelight.imaging.source import digest_file, opened

_BLOCK_BYTES = 2**20
_DIGEST_BYTES = 20
_MAX_NUMBER = 100_000

_UNAVAILABLE_ERRNOS = frozenset(
    (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ENODEV, errno.ENXIO)
)


class TargetError(SafelightError):
    """A copy could not be written."""


class TargetUnavailableError(TargetError):
    """No file can be written to the target any more, for example because the disk is full."""


class TargetNames:
    """Remembers the last number used with each name, so that many copies of one name need no search."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[Path, str, str], int] = {}

    def target(self, folder: Path, name: str, extension: str, sidecar: str = "") -> TargetName:
        """The name for a new file. ``sidecar`` replaces the extension in the name of the file's sidecar,
        which must be free too; empty if there is no sidecar."""
        return TargetName(folder, name, extension, sidecar, self._numbers)


@dataclass(frozen=True, slots=True)
class TargetName:
    """The name of a new file. A number is added if it is taken."""

    folder: Path
    name: str
    extension: str
    sidecar: str
    _numbers: dict[tuple[Path, str, str], int]

    def publish(self, part: Path) -> Path:
        """Rename a complete file to its final name. Returns its path. Raises TargetError, OSError."""
        key = (self.folder, self.name, self.extension)
        for number in range(self._numbers.get(key, 0) + 1, _MAX_NUMBER):
            stem = self.name if number == 1 else f"{self.name} ({number})"
            target = self.folder / f"{stem}{self.extension}"
            if self.sidecar and os.path.lexists(self.folder / f"{stem}{self.sidecar}"):
                continue
            try:
                put_in_place(part, target, replace=False)
            except FileExistsError:
                continue
            self._numbers[key] = number
            return target
        raise TargetError(
            "There are too many files named {name} in {folder}.", name=self.name, folder=self.folder
        )


def copy_file(source: bytes, target_name: TargetName, checkpoint: Callable[[], None]) -> Path:
    """Copy a file byte for byte, with its time and permissions.

    ``checkpoint`` is called once per megabyte, and may raise to stop the copy. Returns the path of the copy.
    Raises ImageError for a source that cannot be read, and TargetError.
    """
    with _temporary_file(target_name.folder, target_name.name + target_name.extension) as (part, file):
        digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
        with opened(source) as (original, before):
            while block := original.read(_BLOCK_BYTES):
                checkpoint()
                digest.update(block)
                with _target_errors(target_name.folder):
                    _write(file, block)
            after = os.fstat(original.fileno())
        if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
            raise TargetError("It was being written; copy it again later.")
        with _target_errors(target_name.folder):
            _finish(file, before)
            _verify(part, digest.digest())
            os.utime(part, ns=(before.st_atime_ns, before.st_mtime_ns))
            return target_name.publish(part)


def write_file(content: bytes, like: bytes, target_name: TargetName, *, keep_time: bool) -> Path:
    """Write a file with the permissions of ``like`` and, with ``keep_time``, its time. Raises TargetError."""
    with (
        _temporary_file(target_name.folder, target_name.name + target_name.extension) as (part, file),
        _target_errors(target_name.folder),
    ):
        status = os.stat(like)
        _write(file, content)
        _finish(file, status)
        _verify(part, hashlib.blake2b(content, digest_size=_DIGEST_BYTES).digest())
        if keep_time:
            os.utime(part, ns=(status.st_atime_ns, status.st_mtime_ns))
        return target_name.publish(part)


def write_sidecar(content: bytes, path: Path, like: bytes) -> None:
    """Write a sidecar under exactly this name. Raises TargetError, also if the name is taken."""
    with _temporary_file(path.parent, path.name) as (part, file), _target_errors(path.parent):
        _write(file, content)
        _finish(file, os.stat(like))
        _verify(part, hashlib.blake2b(content, digest_size=_DIGEST_BYTES).digest())
        try:
            put_in_place(part, path, replace=False)
        except FileExistsError:
            raise TargetError("There is another file {name} now.", name=path.name) from None


@contextmanager
def _temporary_file(folder: Path, name: str) -> Iterator[tuple[Path, BinaryIO]]:
    """Create a temporary file in the target's folder. It is removed on exit, unless it was renamed."""
    with _target_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        part = reserve_part(folder / name)
    try:
        with _target_errors(folder):
            file = open(part, "r+b", buffering=0)  # noqa: SIM115 - closed below
        with file:
            yield part, file
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


@contextmanager
def _target_errors(folder: Path) -> Iterator[None]:
    """Convert OSErrors to TargetErrors, to distinguish them from errors of the source."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise TargetUnavailableError("The disk of {folder} is full.", folder=folder) from error
        kind = (
            TargetUnavailableError
            if error.errno in _UNAVAILABLE_ERRNOS or not is_folder(folder)
            else TargetError
        )
        raise kind(
            "{path} cannot be written ({reason}).", path=folder, reason=error.strerror or error
        ) from error


def _write(file: BinaryIO, content: bytes) -> None:
    """Write all of the content. A single write to a nearly full disk may write only a part, without an
    error."""
    rest = memoryview(content)
    while rest:
        rest = rest[file.write(rest) :]


def _finish(file: BinaryIO, like: os.stat_result) -> None:
    """Sync a file to the disk, and give it the read and write permissions of the original."""
    if hasattr(os, "fchmod"):
        os.fchmod(file.fileno(), stat.S_IMODE(like.st_mode) & 0o666 | 0o600)
    file.flush()
    os.fsync(file.fileno())
    if hasattr(os, "posix_fadvise"):
        # So that the verification reads the disk instead of the page cache.
        with contextlib.suppress(OSError):
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _verify(part: Path, digest: bytes) -> None:
    if digest_file(os.fsencode(part), _DIGEST_BYTES)[0] != digest:
        raise TargetError("The copy differs from the original; the disk may be failing.")
