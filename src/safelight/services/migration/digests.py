"""Hashes of file contents by which other programs identify photos."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from typing import BinaryIO, Protocol

from safelight.core.jobs import JobControl

OWN = "blake2b-160"
"""The content hash of this library."""
DIGIKAM = "digikam-v2"
"""MD5 of the first and the last 100 KiB, as in digiKam's ``DImg::getUniqueHashV2``."""

_CHUNK = 1 << 20
_ENDS = 100 * 1024


class _Hasher(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def digest(self) -> bytes: ...


def _whole(make: Callable[[], _Hasher]) -> Callable[[BinaryIO, JobControl], bytes]:
    def digest(file: BinaryIO, control: JobControl) -> bytes:
        hasher = make()
        while block := file.read(_CHUNK):
            hasher.update(block)
            control.checkpoint()
        return hasher.digest()

    return digest


def _ends(file: BinaryIO, _: JobControl) -> bytes:
    hasher = hashlib.md5(usedforsecurity=False)
    size = file.seek(0, os.SEEK_END)
    length = min(_ENDS, size)
    file.seek(0)
    hasher.update(file.read(length))
    file.seek(-length, os.SEEK_END)
    hasher.update(file.read(length))
    return hasher.digest()


ALGORITHMS: dict[str, Callable[[BinaryIO, JobControl], bytes]] = {
    OWN: _whole(lambda: hashlib.blake2b(digest_size=20)),
    DIGIKAM: _ends,
    "md5": _whole(lambda: hashlib.md5(usedforsecurity=False)),
    "sha1": _whole(lambda: hashlib.sha1(usedforsecurity=False)),
    "sha256": _whole(hashlib.sha256),
}


def digest_of(path: str, algorithm: str, control: JobControl) -> bytes | None:
    """The digest of a regular file; None where it cannot be read. A link, pipe or device is never opened."""
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return None
        with open(path, "rb") as file:
            return ALGORITHMS[algorithm](file, control)
    except (OSError, ValueError):
        return None
