"""Replaces sidecars on disk, several at once, because most of the time is spent waiting for the disk."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from safelight.core.output_file import put_in_place
from safelight.store.sidecars import KnownSidecar

_AT_ONCE = 8


class ChangedMeanwhileError(Exception):
    """Another program wrote the sidecar since it was read."""


@dataclass(frozen=True, slots=True)
class NewContent:
    """What a sidecar is to contain."""

    photo_id: int
    folder_id: int
    path: bytes
    relative: bytes
    content: bytes
    expected: KnownSidecar | None
    """The sidecar that the content was made from; None for a new one."""
    picture: bytes


def stated(path: bytes, relative: bytes) -> KnownSidecar:
    """A sidecar as it is now. Raises OSError."""
    status = os.lstat(path)
    return KnownSidecar(relative, status.st_size, status.st_mtime_ns)


def kind_of(path: bytes) -> str | None:
    """What has a name: “file”, “folder”, “symbolic link” or “pipe or device”; None for nothing. Raises
    OSError."""
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISREG(mode):
        return "file"
    if stat.S_ISDIR(mode):
        return "folder"
    return "symbolic link" if stat.S_ISLNK(mode) else "pipe or device"


def replace_all(jobs: Sequence[NewContent]) -> list[KnownSidecar | OSError | ChangedMeanwhileError]:
    """Write each sidecar, in any order; return what it is now, or why it was not written."""
    if not jobs:
        return []
    with ThreadPoolExecutor(min(_AT_ONCE, len(jobs)), "sidecars") as pool:
        return list(pool.map(_attempt, jobs))


def _attempt(job: NewContent) -> KnownSidecar | OSError | ChangedMeanwhileError:
    try:
        _replace(job)
        return stated(job.path, job.relative)
    except (OSError, ChangedMeanwhileError) as error:
        return error


def _replace(job: NewContent) -> None:
    """Give a sidecar new content in one step, so that no other program reads half of it.

    It may be read by whoever may read the sidecar before it, or else the picture.
    """
    folder, name = os.path.split(job.path)
    # Always the same name, so that the leftover of a killed run is removed when the photo is written again.
    short = name if len(name) <= 200 else name[:150] + _digest(name)
    part = os.path.join(folder, b"." + short + b".safelight.part")
    with contextlib.suppress(FileNotFoundError):
        os.unlink(part)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(job.content)
            file.flush()
            if hasattr(os, "fchmod"):
                like = job.picture if job.expected is None else job.path
                os.fchmod(file.fileno(), stat.S_IMODE(os.lstat(like).st_mode) & 0o666 | 0o600)
            os.fsync(file.fileno())
        if job.expected is None:
            _create(part, job.path)
            return
        if not _is_as_expected(job):
            raise ChangedMeanwhileError
        os.replace(part, job.path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part)
        raise


def _create(part: bytes, path: bytes) -> None:
    """Give a complete file a name that nothing has. Raises ChangedMeanwhileError where another program was
    faster, OSError."""
    try:
        put_in_place(Path(os.fsdecode(part)), Path(os.fsdecode(path)), replace=False)
    except FileExistsError:
        raise ChangedMeanwhileError from None


def _digest(name: bytes) -> bytes:
    """Tells apart long names that begin in the same way and are written at the same time."""
    return hashlib.blake2b(name, digest_size=8).hexdigest().encode()


def _is_as_expected(job: NewContent) -> bool:
    try:
        return stated(job.path, job.relative) == job.expected
    except FileNotFoundError:
        return False
