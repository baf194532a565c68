"""What counts as a duplicate, and which file of a group is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class DuplicateKind(StrEnum):
    IDENTICAL = "identical"
    """Several files with the same bytes."""


@dataclass(frozen=True, slots=True)
class DuplicateMember:
    path: str
    keep: bool
    why: str
    """Why it is kept, or empty."""


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    kind: DuplicateKind
    reason: str
    """Why these are duplicates, in words."""
    members: tuple[DuplicateMember, ...]


def group_of_identical(files: Sequence[tuple[str, int]]) -> DuplicateGroup:
    """A group of (path, mtime_ns) that hold the same bytes; the file that was there first is kept."""
    oldest_first = sorted(files, key=lambda file: (file[1], len(file[0]), file[0]))
    return DuplicateGroup(
        DuplicateKind.IDENTICAL,
        f"{len(files)} files with the same bytes",
        tuple(
            DuplicateMember(path, keep=number == 0, why="oldest file" if number == 0 else "")
            for number, (path, _) in enumerate(oldest_first)
        ),
    )
