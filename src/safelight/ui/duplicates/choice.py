"""What the user has marked in the groups of duplicates, and the resulting actions. No widgets here."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from safelight.core.duplicates import DuplicateGroup, DuplicateKind, DuplicateMember, GroupAction
from safelight.ui.translation import translate


@dataclass(frozen=True, slots=True)
class KindTab:
    """The tab of a kind of duplicates: its name, what the kind is, and what is proposed."""

    kind: DuplicateKind
    title: str
    hint: str
    none: str
    """Displayed where there are none."""
    rare: bool = False
    """Whether the tab is hidden where there are none. The row of tabs is long."""


KIND_TABS = (
    KindTab(
        DuplicateKind.IDENTICAL,
        translate("Choice", "Identical"),
        translate("Choice", "Exact copies. One is kept; the rest are marked for the trash."),
        translate("Choice", "No identical files"),
    ),
    KindTab(
        DuplicateKind.SAME_PICTURE,
        translate("Choice", "Same picture"),
        translate(
            "Choice",
            "Equal pixels with a different date, caption or other metadata. The file "
            "with the most information is kept; the rest are marked for the trash.",
        ),
        translate("Choice", "No files with equal pixels and different metadata"),
    ),
    KindTab(
        DuplicateKind.RESAVED,
        translate("Choice", "Re-saved"),
        translate(
            "Choice",
            "The same picture resized, compressed again, converted, rotated or lightly "
            "edited. The best version is kept; the rest are marked for the trash.",
        ),
        translate("Choice", "No re-saved pictures"),
    ),
    KindTab(
        DuplicateKind.RESAVED_VIDEO,
        translate("Choice", "Videos"),
        translate(
            "Choice",
            "The same video with another codec, size or bit rate. Nothing is marked; "
            "P plays the current file.",
        ),
        translate("Choice", "No videos that were encoded again"),
        rare=True,
    ),
    KindTab(
        DuplicateKind.VIDEO_PART,
        translate("Choice", "Parts of videos"),
        translate(
            "Choice",
            "A video that was cut out of a longer one and encoded again. Nothing is marked; "
            "P plays the current file.",
        ),
        translate("Choice", "No parts of longer videos"),
        rare=True,
    ),
    KindTab(
        DuplicateKind.CROP,
        translate("Choice", "Crops and edits"),
        translate(
            "Choice",
            "One shows a part of the other, or was edited more heavily. The whole "
            "picture is kept; review each group by itself.",
        ),
        translate("Choice", "No crops or edits"),
    ),
    KindTab(
        DuplicateKind.BURST,
        translate("Choice", "Bursts"),
        translate("Choice", "Taken by one camera within seconds. Nothing is marked; choose what to keep."),
        translate("Choice", "No bursts"),
    ),
    KindTab(
        DuplicateKind.LOOKALIKE,
        translate("Choice", "Look-alikes"),
        translate("Choice", "They look alike, but are often different photos. Nothing is marked beforehand."),
        translate("Choice", "No look-alikes"),
    ),
)
"""The order of the tabs: from certain to merely similar."""


def tab_of(kind: DuplicateKind) -> KindTab:
    return next(tab for tab in KIND_TABS if tab.kind is kind)


class Choices:
    """Which files of each group to keep: those proposed, until the user marks others.

    One file of a group is always kept, and so are protected files.
    """

    def __init__(self) -> None:
        self._kept: dict[str, tuple[frozenset[int], frozenset[int]]] = {}
        """By group key: the group's files when it was marked, and those of them to keep."""

    def kept(self, group: DuplicateGroup) -> frozenset[int]:
        """File ids."""
        members = frozenset(member.file_id for member in group.members)
        marked = self._kept.get(group.key)
        if marked is None or marked[0] != members:  # it was marked when it had other files
            return proposed(group)
        return marked[1] | _locked(group)

    def is_changed(self, group: DuplicateGroup) -> bool:
        """Whether the user marked something other than what is proposed."""
        return self.kept(group) != proposed(group)

    def keep_only(self, group: DuplicateGroup, file_id: int) -> None:
        self._mark(group, frozenset({file_id}))

    def toggle(self, group: DuplicateGroup, file_id: int) -> bool:
        """Mark a file to be kept, or no longer; False where it has to be kept."""
        kept = self.kept(group) ^ {file_id}
        if not kept or file_id in _locked(group):
            return False
        self._mark(group, kept)
        return True

    def action(self, group: DuplicateGroup) -> GroupAction | None:
        """The action that the marks ask for; None where no file is to be trashed."""
        kept = self.kept(group)
        going = tuple(member.file_id for member in group.members if member.file_id not in kept)
        staying = tuple(member.file_id for member in group.members if member.file_id in kept)
        return GroupAction(group.key, staying, going) if going else None

    def going(self, group: DuplicateGroup) -> tuple[DuplicateMember, ...]:
        kept = self.kept(group)
        return tuple(member for member in group.members if member.file_id not in kept)

    def freed(self, group: DuplicateGroup) -> int:
        """Bytes freed if the marks are carried out."""
        return sum(member.facts.size for member in self.going(group))

    def prune(self, keys: Iterable[str]) -> None:
        """Forget the marks of all groups but these."""
        present = set(keys)
        self._kept = {key: marked for key, marked in self._kept.items() if key in present}

    def _mark(self, group: DuplicateGroup, kept: frozenset[int]) -> None:
        self._kept[group.key] = (frozenset(member.file_id for member in group.members), kept)


@dataclass(frozen=True, slots=True)
class Totals:
    groups: int
    proposing: int
    """Groups with files that are proposed for the trash."""
    files: int
    """The number of files that the proposals would trash."""
    freed: int
    """Bytes."""


def totals(groups: Iterable[DuplicateGroup]) -> Totals:
    """The totals of all proposals; a file in several groups counts once."""
    amount = proposing = 0
    sizes: dict[int, int] = {}
    for group in groups:
        amount += 1
        going = [member for member in group.members if not member.keep]
        proposing += bool(going)
        for member in going:
            sizes[member.file_id] = member.facts.size
    return Totals(amount, proposing, len(sizes), sum(sizes.values()))


@dataclass(frozen=True, slots=True)
class Batch:
    """What moving the marked files of many groups to the trash would do."""

    actions: tuple[GroupAction, ...]
    files: int
    freed: int
    """Bytes."""
    folders: tuple[tuple[str, int], ...]
    """Folders that files are removed from, with their numbers, most first."""
    protected: tuple[str, ...]
    """Files that would be trashed if the user had not protected them."""
    own: int
    """Groups in which the user's marks differ from the proposal."""


def batch_of(groups: Sequence[DuplicateGroup], choices: Choices) -> Batch:
    """Keep the best in all groups, or the files that the user marked there instead."""
    actions: list[GroupAction] = []
    sizes: dict[int, int] = {}
    folders: dict[str, int] = {}
    protected: dict[str, None] = {}
    own = 0
    for group in groups:
        action = choices.action(group)
        protected.update(dict.fromkeys(_spared(group, choices.kept(group))))
        if action is None:
            continue
        actions.append(action)
        own += choices.is_changed(group)
        for member in choices.going(group):
            if member.file_id not in sizes:
                sizes[member.file_id] = member.facts.size
                folder = os.path.dirname(member.path)  # noqa: PTH120 - a tenth of pathlib's time, for thousands
                folders[folder] = folders.get(folder, 0) + 1
    most_first = sorted(folders.items(), key=lambda pair: (-pair[1], pair[0]))
    return Batch(tuple(actions), len(sizes), sum(sizes.values()), tuple(most_first), tuple(protected), own)


def proposed(group: DuplicateGroup) -> frozenset[int]:
    """The files that the proposal keeps; the first where it names none, because one is always kept."""
    kept = frozenset(member.file_id for member in group.members if member.keep or member.protected)
    return kept or frozenset({group.members[0].file_id})


def _locked(group: DuplicateGroup) -> frozenset[int]:
    return frozenset(member.file_id for member in group.members if member.protected)


def _spared(group: DuplicateGroup, kept: frozenset[int]) -> list[str]:
    """Protected files other than the one that would be kept anyway."""
    staying = [member for member in group.members if member.file_id in kept]
    return [member.path for member in staying[1:] if member.protected]
