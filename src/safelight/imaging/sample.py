"""A sample of a file for identifying it quickly: the hash of its first, middle and last 4 KB.

It notices a file that was replaced by another of the same size and time. It does not prove that two files
are equal; for that the whole content is hashed.
"""

from __future__ import annotations

import hashlib
import os
from typing import BinaryIO

from safelight.imaging.source import opened

BLOCK = 4096


def sample_starts(size: int) -> tuple[int, int, int]:
    """Where the three blocks begin in a file of ``size`` bytes."""
    return 0, max(0, size // 2 - BLOCK // 2), max(0, size - BLOCK)


def content_sample(data: bytes) -> bytes:
    """The sample (20 bytes) of a file's content."""
    digest = hashlib.blake2b(digest_size=20)
    for start in sample_starts(len(data)):
        digest.update(data[start : start + BLOCK])
    return digest.digest()


def sample_of_file(path: bytes | str) -> tuple[bytes, os.stat_result]:
    """The sample of a regular file, and its stat. Raises ImageError."""
    with opened(path) as (file, status):
        return _sample(file, status.st_size), status


def _sample(file: BinaryIO, size: int) -> bytes:
    digest = hashlib.blake2b(digest_size=20)
    for start in sample_starts(size):
        file.seek(start)
        digest.update(file.read(BLOCK))
    return digest.digest()
