"""Replaces sidecars on disk, several in parallel, because most of the time is waiting for the disk."""

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

_THREADS = 8


class ChangedMeanwhileError(Exception):
    """Another program has written the sidecar since it was read."""


@dataclass(frozen=True, slots=True)
class SidecarWrite:
    """The new content of a sidecar."""

    photo_id: int
    folder_id: int
    path: bytes
    relative: bytes
    content: bytes
    expected: KnownSidecar | None
    """The state of the sidecar from which the content was made; None for a new sidecar."""
    picture: bytes


def current_state(path: bytes, relative: bytes) -> KnownSidecar:
    """The size and time of a sidecar now. Raises OSError."""
    status = os.lstat(path)
    return KnownSidecar(relative, status.st_size, status.st_mtime_ns)


def file_kind(path: bytes) -> str | None:
    """The kind of file at a path: “file”, “folder”, “symbolic link” or “pipe or device”; None if there is
    none. Raises OSError."""
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISREG(mode):
        return "file"
    if stat.S_ISDIR(mode):
        return "folder"
    return "symbolic link" if stat.S_ISLNK(mode) else "pipe or device"


def replace_all(jobs: Sequence[SidecarWrite]) -> list[KnownSidecar | OSError | ChangedMeanwhileError]:
    """Write each sidecar. Returns, in the order of ``jobs``, its new state or why it was not written."""
    if not jobs:
        return []
    with ThreadPoolExecutor(min(_THREADS, len(jobs)), "sidecars") as pool:
        return list(pool.map(_attempt, jobs))


def _attempt(job: SidecarWrite) -> KnownSidecar | OSError | ChangedMeanwhileError:
    try:
        _replace(job)
        return current_state(job.path, job.relative)
    except (OSError, ChangedMeanwhileError) as error:
        return error


def _replace(job: SidecarWrite) -> None:
    """Replace a sidecar atomically, so that no other program reads a part of it.

    It gets the permissions of the sidecar that it replaces, or of the picture.
    """
    folder, name = os.path.split(job.path)
    # The name is always the same, so that the next write removes the file that a killed run has left.
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
    """Rename a complete file to a name that is not in use. Raises ChangedMeanwhileError if another program
    has created such a file meanwhile, OSError."""
    try:
        put_in_place(Path(os.fsdecode(part)), Path(os.fsdecode(path)), replace=False)
    except FileExistsError:
        raise ChangedMeanwhileError from None


def _digest(name: bytes) -> bytes:
    """A digest that distinguishes long names with the same beginning."""
    return hashlib.blake2b(name, digest_size=8).hexdigest().encode()


def _is_as_expected(job: SidecarWrite) -> bool:
    try:
        return current_state(job.path, job.relative) == job.expected
    except FileNotFoundError:
        return False
