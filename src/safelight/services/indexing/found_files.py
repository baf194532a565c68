"""Values for the files and folders that a scan finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from safelight.core.photo import FileStat


class FoundFile(NamedTuple):
    path: bytes
    """Relative to the root."""
    stat: FileStat
    ctime_ns: int | None = None
    """When its content, name or permissions last changed; None on Windows, which does not record it."""


@dataclass(frozen=True, slots=True)
class UnreadableFolder:
    """A folder that could not be listed. Files below it do not count as deleted."""

    path: bytes
    """Relative to the root; empty for the root itself."""
    reason: str


ScanItem = FoundFile | UnreadableFolder


def is_below(path: bytes, folder: bytes) -> bool:
    """Whether a path is a folder or inside it. Both are relative to a root, which is empty."""
    return not folder or path == folder or path.startswith(folder + b"/")
