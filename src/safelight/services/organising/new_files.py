"""Writes new files into a folder of the user: verified, in one step, and never over an existing one."""

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

_BLOCK = 2**20
_DIGEST = 20
_MOST_NUMBERS = 100_000

_NO_MORE = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ENODEV, errno.ENXIO))


class TargetError(SafelightError):
    """A copy could not be written."""


class NoMoreError(TargetError):
    """Nothing can be written there any more, as on a full disk."""


class Names:
    """Remembers how far the numbers of each name are, so that many copies of one name need no search."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[Path, str, str], int] = {}

    def place(self, folder: Path, name: str, extension: str, sidecar: str = "") -> NewPlace:
        """``sidecar``: what takes the place of the extension in the name of the file's sidecar, which then
        has to be free too; empty for none."""
        return NewPlace(folder, name, extension, sidecar, self._numbers)


@dataclass(frozen=True, slots=True)
class NewPlace:
    """Where a file goes: under its name, or with a number where that is taken."""

    folder: Path
    name: str
    extension: str
    sidecar: str
    _numbers: dict[tuple[Path, str, str], int]

    def publish(self, part: Path) -> Path:
        """Give a complete file its name; returns it. Raises TargetError, OSError."""
        key = (self.folder, self.name, self.extension)
        for number in range(self._numbers.get(key, 0) + 1, _MOST_NUMBERS):
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


def put_copy(source: bytes, place: NewPlace, checkpoint: Callable[[], None]) -> Path:
    """Copy a file byte for byte, with its time and permissions.

    Returns the path of the copy. Raises ImageError for a source that cannot be read, TargetError, and what
    ``checkpoint`` raises between two megabytes.
    """
    with _part(place.folder, place.name + place.extension) as (part, file):
        digest = hashlib.blake2b(digest_size=_DIGEST)
        with opened(source) as (original, before):
            while block := original.read(_BLOCK):
                checkpoint()
                digest.update(block)
                with _writing(place.folder):
                    _write(file, block)
            after = os.fstat(original.fileno())
        if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
            raise TargetError("It was being written; copy it again later.")
        with _writing(place.folder):
            _finish(file, before)
            _verify(part, digest.digest())
            os.utime(part, ns=(before.st_atime_ns, before.st_mtime_ns))
            return place.publish(part)


def put_content(content: bytes, like: bytes, place: NewPlace, *, keep_time: bool) -> Path:
    """Write a file with the permissions of ``like`` and, with ``keep_time``, its time. Raises TargetError."""
    with _part(place.folder, place.name + place.extension) as (part, file), _writing(place.folder):
        status = os.stat(like)
        _write(file, content)
        _finish(file, status)
        _verify(part, hashlib.blake2b(content, digest_size=_DIGEST).digest())
        if keep_time:
            os.utime(part, ns=(status.st_atime_ns, status.st_mtime_ns))
        return place.publish(part)


def put_sidecar(content: bytes, path: Path, like: bytes) -> None:
    """Write a sidecar under exactly this name. Raises TargetError, also if the name is taken."""
    with _part(path.parent, path.name) as (part, file), _writing(path.parent):
        _write(file, content)
        _finish(file, os.stat(like))
        _verify(part, hashlib.blake2b(content, digest_size=_DIGEST).digest())
        try:
            put_in_place(part, path, replace=False)
        except FileExistsError:
            raise TargetError("There is another file {name} now.", name=path.name) from None


@contextmanager
def _part(folder: Path, name: str) -> Iterator[tuple[Path, BinaryIO]]:
    """A new file beside the target, which is removed unless it was given its name."""
    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        part = reserve_part(folder / name)
    try:
        with _writing(folder):
            file = open(part, "r+b", buffering=0)  # noqa: SIM115 - closed below
        with file:
            yield part, file
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Tell errors of the target from those of the source."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoMoreError("The disk of {folder} is full.", folder=folder) from error
        kind = NoMoreError if error.errno in _NO_MORE or not is_folder(folder) else TargetError
        raise kind(
            "{path} cannot be written ({reason}).", path=folder, reason=error.strerror or error
        ) from error


def _write(file: BinaryIO, content: bytes) -> None:
    """Write all of it. A disk that becomes full first takes a part without an error."""
    rest = memoryview(content)
    while rest:
        rest = rest[file.write(rest) :]


def _finish(file: BinaryIO, like: os.stat_result) -> None:
    """Make it durable, and readable by whoever may read the original."""
    if hasattr(os, "fchmod"):
        os.fchmod(file.fileno(), stat.S_IMODE(like.st_mode) & 0o666 | 0o600)
    file.flush()
    os.fsync(file.fileno())
    if hasattr(os, "posix_fadvise"):
        # The check reads the disk rather than what is still in memory.
        with contextlib.suppress(OSError):
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _verify(part: Path, digest: bytes) -> None:
    if digest_file(os.fsencode(part), _DIGEST)[0] != digest:
        raise TargetError("The copy differs from the original; the disk may be failing.")
