"""The groups of one kind as rows, updated in place so that views keep their position."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from safelight.core.duplicates import DuplicateGroup
from safelight.ui import wording
from safelight.ui.duplicates.choice import Choices
from safelight.ui.translation import message_text, translate

GROUP_ROLE = int(Qt.ItemDataRole.UserRole)
"""The :class:`DuplicateGroup` of a row."""
_MANY_CHANGES = 64
"""Number of runs of rows beyond which a model reset is cheaper than a signal for each."""

_Index = QModelIndex | QPersistentModelIndex


class GroupModel(QAbstractListModel):
    def __init__(self, choices: Choices, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._choices = choices
        self._groups: list[DuplicateGroup] = []
        self._rows: dict[str, int] = {}

    @property
    def groups(self) -> Sequence[DuplicateGroup]:
        return self._groups

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._groups)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._groups):
            return None
        group = self._groups[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return message_text(group.reason)
        if role == GROUP_ROLE:
            return group
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{message_text(group.reason)}. {outcome_text(group, self._choices)}."
        return None

    def row_of(self, key: str) -> int | None:
        return self._rows.get(key)

    def marks_changed(self, group: DuplicateGroup) -> None:
        """The files to keep in a group have changed."""
        row = self._rows.get(group.key)
        if row is not None:
            self.dataChanged.emit(self.index(row), self.index(row))

    def set_groups(self, groups: Sequence[DuplicateGroup]) -> None:
        """Show these groups, in this order; each key at most once."""
        wanted = {group.key: group for group in groups}
        staying = [group.key for group in self._groups if group.key in wanted]
        in_order = staying == [key for key in wanted if key in self._rows]
        gone = list(_runs([row for row, group in enumerate(self._groups) if group.key not in wanted]))
        new = list(_runs([row for row, key in enumerate(wanted) if key not in self._rows]))
        if not in_order or len(gone) + len(new) > _MANY_CHANGES:
            self.beginResetModel()
            self._set_groups(list(wanted.values()))
            self.endResetModel()
            return
        for first, last in reversed(gone):
            self.beginRemoveRows(QModelIndex(), first, last)
            self._set_groups(self._groups[:first] + self._groups[last + 1 :])
            self.endRemoveRows()
        ordered = list(wanted.values())
        for first, last in new:
            self.beginInsertRows(QModelIndex(), first, last)
            self._set_groups(self._groups[:first] + ordered[first : last + 1] + self._groups[first:])
            self.endInsertRows()
        changed = [
            row
            for row, (old, now) in enumerate(zip(self._groups, ordered, strict=True))
            if old is not now and old != now
        ]
        self._set_groups(ordered)
        for first, last in _runs(changed):
            self.dataChanged.emit(self.index(first), self.index(last))

    def _set_groups(self, groups: list[DuplicateGroup]) -> None:
        self._groups = groups
        self._rows = {group.key: row for row, group in enumerate(groups)}


def outcome_text(group: DuplicateGroup, choices: Choices) -> str:
    """The result of the marks in words: which file is kept and why, and how much is removed."""
    kept = choices.kept(group)
    staying = [member for member in group.members if member.file_id in kept]
    going = len(group.members) - len(staying)
    if not going:
        return translate("Model", "All are kept; nothing is marked for the trash")
    names = wording.display_name(staying[0].path)
    if len(staying) > 1:
        names = translate("Model", "{names} and {count}").format(
            names=names, count=wording.count_of(len(staying) - 1, "other")
        )
    if choices.is_changed(group):
        why = translate("Model", "your choice")
    else:
        why = (
            translate("Model", "protected by you")
            if staying[0].protected and not staying[0].why
            else message_text(staying[0].why)
        )
    return translate("Model", "Keep {names}").format(names=names) + (f": {why}" if why else "")


def label_of(group: DuplicateGroup, at: int) -> str:
    """The text that distinguishes a file from the others of its group: its name, or its folder if names
    agree.
    """
    path = group.members[at].path
    names = {Path(member.path).name for member in group.members}
    return wording.display_name(path if len(names) > 1 else str(Path(path).parent))


def _runs(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Ascending rows as (first, last) of each contiguous range."""
    first = 0
    for at in range(1, len(rows) + 1):
        if at == len(rows) or rows[at] != rows[at - 1] + 1:
            yield rows[first], rows[at - 1]
            first = at
