"""What a scan meets in a folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from safelight.core.photo import FileStat


class FoundFile(NamedTuple):
    path: bytes
    """Relative to the root."""
    stat: FileStat
    ctime_ns: int | None = None
    """When its bytes, name or rights last changed; None where the system does not tell (Windows)."""


@dataclass(frozen=True, slots=True)
class UnreadableFolder:
    """A folder that could not be listed: files below it do not count as deleted."""

    path: bytes
    """Relative to the root; empty for the root itself."""
    reason: str


Found = FoundFile | UnreadableFolder
