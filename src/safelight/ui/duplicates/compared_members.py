"""Which files of a group are compared, and by which frame a video is shown."""

from __future__ import annotations

from safelight.core.duplicates import DuplicateGroup, DuplicateMember
from safelight.ui.widgets.compare_panes import MAX_PANES


def shown_numbers(amount: int, current: int) -> list[int]:
    """The numbers of the files that are shown side by side; the first and the current one are among them."""
    if amount <= MAX_PANES:
        return list(range(amount))
    first = min(max(1, current - MAX_PANES + 2), amount - MAX_PANES + 1)
    return [0, *range(first, first + MAX_PANES - 1)]


def frame_of(group: DuplicateGroup, member: DuplicateMember, current: int) -> float | None:
    """The time in seconds of the frame that represents a video; None for its poster.

    A part of a longer video is shown by its first frame, and the longer video by the frame at which the part
    with the number ``current`` begins, or else the first part: so both show the same.
    """
    if member.part is not None:
        return 0.0
    if member != group.members[0]:
        return None
    parts = [each.part for each in (group.members[current], *group.members) if each.part is not None]
    return parts[0][0] if parts else None


def pair_of(
    group: DuplicateGroup, current: int, kept: frozenset[int]
) -> tuple[DuplicateMember, DuplicateMember]:
    """The current file and the one it is compared with: the file to keep, or another file."""
    members = group.members
    keeper = next((member for member in members if member.file_id in kept), members[0])
    other = members[current]
    if other == keeper:
        other = members[1] if members[0] == keeper else members[0]
    return keeper, other
