"""What must not change: the bytes, times and rights of people's photos."""

# ruff: noqa: PTH118 (paths of photos are bytes, which pathlib does not know)

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Original:
    """One file as it was at a moment."""

    sha256: str
    mtime_ns: int
    mode: int


def taken_stock(*places: Path) -> dict[bytes, Original]:
    """Every regular file below ``places``, by its path."""
    found: dict[bytes, Original] = {}
    for place in places:
        for folder, _, names in os.walk(os.fsencode(place)):
            for name in names:
                path = os.path.join(folder, name)
                status = os.lstat(path)
                if stat.S_ISREG(status.st_mode):
                    with open(path, "rb") as file:
                        digest = hashlib.file_digest(file, "sha256").hexdigest()
                    found[path] = Original(digest, status.st_mtime_ns, status.st_mode)
    return found


def differences(before: dict[bytes, Original], after: dict[bytes, Original]) -> list[str]:
    """What was added, lost or changed, one line each."""
    lines = [f"lost: {path!r}" for path in before.keys() - after.keys()]
    lines += [f"new: {path!r}" for path in after.keys() - before.keys()]
    lines += [f"changed: {path!r}" for path in before.keys() & after.keys() if before[path] != after[path]]
    return sorted(lines)


def stated(root: Path) -> dict[Path, tuple[int, int, int]]:
    """The size, time and inode of each file and folder."""
    return {path: (s.st_size, s.st_mtime_ns, s.st_ino) for path in root.rglob("*") for s in (path.lstat(),)}
