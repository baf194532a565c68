"""The state of the duplicates review, and the actions in it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QObject, Signal

from safelight.core.duplicates import DuplicateGroup, DuplicateKind, DuplicateMember, Verdict
from safelight.ui.duplicates.choice import KIND_TABS, Batch, Choices, Totals, batch_of, totals
from safelight.ui.duplicates.model import GroupModel
from safelight.ui.duplicates.session import DuplicatesSession
from safelight.ui.translation import translate


class DuplicatesReview(QObject):
    """One kind of groups is shown at a time, one of its groups is current, and one file of that group.

    The list and the comparison are two views of this state, and both follow it.
    """

    kind_changed = Signal()
    counts_changed = Signal()
    current_changed = Signal()
    """Another group or file is current, or its marks or facts have changed."""
    notified = Signal(str)
    play_requested = Signal(str)
    """The path of a video to play."""
    group_lost = Signal(str)
    """One line about the group that was shown, which does not exist any more."""

    def __init__(self, session: DuplicatesSession, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.choices = Choices()
        self.model = GroupModel(self.choices, self)
        self.selection = QItemSelectionModel(self.model, self)
        self._kind = KIND_TABS[0].kind
        self._by_kind: dict[DuplicateKind, list[DuplicateGroup]] = {}
        self._counts: dict[DuplicateKind, Totals] = {}
        self._total = totals([])
        self._member = 0
        self._updating = False
        self._chosen = False
        """Whether the user went to a group or a file. Until then each visit begins at the first group."""
        self._decided_key = ""
        """The group that the user has just decided about."""
        self.selection.currentChanged.connect(self._on_current_changed)
        session.groups_changed.connect(self._on_groups_changed)

    # --- where we are -------------------------------------------------------------------------

    @property
    def kind(self) -> DuplicateKind:
        return self._kind

    @property
    def counts(self) -> Mapping[DuplicateKind, Totals]:
        return self._counts

    @property
    def total(self) -> Totals:
        """The totals of all kinds together."""
        return self._total

    @property
    def group(self) -> DuplicateGroup | None:
        index = self.selection.currentIndex()
        return self.model.groups[index.row()] if index.isValid() else None

    @property
    def member_number(self) -> int:
        """The number of the current file in its group, from 0."""
        return self._member

    @property
    def member(self) -> DuplicateMember | None:
        group = self.group
        return group.members[self._member] if group is not None else None

    @property
    def is_video(self) -> bool:
        """Whether the current file is a video."""
        member = self.member
        return member is not None and member.facts.duration is not None

    def play(self) -> None:
        """Play the current file, if it is a video."""
        member = self.member
        if member is not None and self.is_video:
            self.play_requested.emit(member.path)

    @property
    def position(self) -> tuple[int, int]:
        """The current group's number, from 1 (0 for none), and how many there are."""
        return self.selection.currentIndex().row() + 1, self.model.rowCount()

    def show_kind(self, kind: DuplicateKind) -> None:
        if kind is self._kind:
            return
        self._kind = kind
        self._fill()
        self.kind_changed.emit()

    def visit(self) -> None:
        """The page was shown. If the kind has no groups, show the most certain kind that has some.

        Groups are found in any order, so the group that was found first may be anywhere in the list. Until
        the user chooses a group, each visit makes the first of the list current.
        """
        kinds = [tab.kind for tab in KIND_TABS if self._by_kind.get(tab.kind)]
        if kinds and self._kind not in kinds:
            self.show_kind(kinds[0])
        if not self._chosen and self.model.rowCount():
            self._updating = True
            self._select(0)
            self._updating = False
            self._member = 0
            self.current_changed.emit()

    def go_to_group(self, row: int) -> None:
        """Make the group in a row current; a row beyond either end means the group there."""
        rows = self.model.rowCount()
        if rows:
            self._select(min(max(row, 0), rows - 1))

    def step_group(self, by: int) -> None:
        self.go_to_group(self.selection.currentIndex().row() + by)

    def step_member(self, by: int) -> None:
        self.go_to_member(self._member + by)

    def go_to_member(self, number: int) -> None:
        """Make a file of the group current; a number beyond either end means the file there."""
        group = self.group
        if group is None:
            return
        number = min(max(number, 0), len(group.members) - 1)
        if number != self._member:
            self._chosen = True
            self._member = number
            self.current_changed.emit()

    # --- what is done -------------------------------------------------------------------------

    def keep_this(self) -> None:
        """Keep only the current file of the group; mark the others for the trash."""
        group, member = self.group, self.member
        if group is not None and member is not None:
            self.choices.keep_only(group, member.file_id)
            self._on_marked(group)

    def toggle_keep(self) -> None:
        group, member = self.group, self.member
        if group is None or member is None:
            return
        if self.choices.toggle(group, member.file_id):
            self._on_marked(group)
        elif member.protected:
            self.notified.emit(translate("DuplicatesReview", "This file is protected, so it is always kept."))
        else:
            self.notified.emit(translate("DuplicatesReview", "One file of a group is always kept."))

    def keep_all(self) -> None:
        self._decide(Verdict.KEEP_BOTH)

    def not_duplicates(self) -> None:
        self._decide(Verdict.NOT_DUPLICATES)

    def trash_rest(self) -> None:
        """Move the marked files to the trash, and go to the next group."""
        group = self.group
        if group is None:
            return
        action = self.choices.action(group)
        if action is None:
            self.notified.emit(
                translate(
                    "DuplicatesReview",
                    "Nothing is marked for the trash. K keeps only this file, Space marks it.",
                )
            )
            return
        self._decided_key = group.key
        self.session.trash([group], [action])

    def undo(self) -> None:
        """Undo the latest step, whenever it was made."""
        self.session.undo()

    def batch(self) -> Batch:
        """The result of keeping the best in all groups shown; empty for kinds that are not safe."""
        return batch_of(self.model.groups if self._kind.safe else [], self.choices)

    def trash_batch(self, batch: Batch) -> None:
        """Carry out a batch; groups that do not exist any more are left out."""
        actions = [action for action in batch.actions if self.model.row_of(action.key) is not None]
        keys = {action.key for action in actions}
        groups = [group for group in self.model.groups if group.key in keys]
        if groups:
            self._decided_key = self.group.key if self.group is not None else ""
            self.session.trash(groups, actions)

    # --- following ----------------------------------------------------------------------------

    def _decide(self, verdict: Verdict) -> None:
        group = self.group
        if group is not None:
            self._decided_key = group.key
            self.session.judge(group, verdict)

    def _on_marked(self, group: DuplicateGroup) -> None:
        self.model.marks_changed(group)
        self.current_changed.emit()

    def _on_groups_changed(self) -> None:
        self._by_kind = {tab.kind: [] for tab in KIND_TABS}
        for group in self.session.groups:
            self._by_kind[group.kind].append(group)
        self._counts = {kind: totals(groups) for kind, groups in self._by_kind.items()}
        self._total = totals(self.session.groups)
        self.choices.prune(self.session.keys)
        self._fill()
        self.counts_changed.emit()

    def _fill(self) -> None:
        """Show the groups of the kind. The current one stays current, or its successor replaces it."""
        before, member = self.group, self.member
        order = [group.key for group in self.model.groups]
        at = self.selection.currentIndex().row()
        self._updating = True
        self.model.set_groups(self._by_kind.get(self._kind, []))
        near = [*order[at:], *reversed(order[:at])] if at >= 0 else []
        row = next((row for key in near if (row := self.model.row_of(key)) is not None), 0)
        if self.model.rowCount():
            self._select(row)
        else:
            self.selection.clear()
        self._updating = False
        now = self.group
        same = before is not None and now is not None and now.key == before.key
        ids = [each.file_id for each in now.members] if now is not None else []
        kept_place = same and member is not None and member.file_id in ids
        self._member = ids.index(member.file_id) if kept_place and member is not None else 0
        if before is not None and not same:
            if before.kind is self._kind and before.key != self._decided_key:
                self.group_lost.emit(
                    translate(
                        "DuplicatesReview",
                        "This group no longer exists because its files changed.",
                    )
                )
            self._decided_key = ""
        self.current_changed.emit()

    def _select(self, row: int) -> None:
        self.selection.setCurrentIndex(
            self.model.index(row), QItemSelectionModel.SelectionFlag.ClearAndSelect
        )

    def _on_current_changed(self, now: QModelIndex, before: QModelIndex) -> None:
        if not self._updating:
            self._chosen = True
            self._member = 0
            self.current_changed.emit()
