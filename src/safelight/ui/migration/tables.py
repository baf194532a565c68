"""The lists of a preview: values that differ, and photos that were not recognised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from safelight.core.migration import Conflict, NotFound
from safelight.ui import wording
from safelight.ui.migration import words
from safelight.ui.translation import translate

_Index = QModelIndex | QPersistentModelIndex

PHOTO, FIELD, OURS, THEIRS = range(4)


class ConflictModel(QAbstractTableModel):
    """One row for each value that differs. A checked one is taken from the other program."""

    chosen_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._program = ""
        self._conflicts: list[Conflict] = []
        self._taken: set[tuple[int, str]] = set()

    def show(self, program: str, conflicts: Sequence[Conflict]) -> None:
        self.beginResetModel()
        self._program = program
        self._conflicts = list(conflicts)
        self._taken = set()
        self.endResetModel()

    @property
    def taken(self) -> tuple[tuple[int, str], ...]:
        """(photo, field) of the values to take."""
        return tuple(sorted(self._taken))

    def take_all(self, taken: bool) -> None:
        self._taken = {(each.photo_id, each.field) for each in self._conflicts} if taken else set()
        if self._conflicts:
            last = self.index(len(self._conflicts) - 1, THEIRS)
            self.dataChanged.emit(self.index(0, THEIRS), last, [Qt.ItemDataRole.CheckStateRole])
        self.chosen_changed.emit()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._conflicts)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else 4

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return (
            translate("Migration", "Photo"),
            translate("Migration", "Value"),
            translate("Migration", "In Safelight"),
            translate("Migration", "In {program}").format(program=self._program),
        )[section]

    def flags(self, index: _Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsUserCheckable if index.column() == THEIRS else flags

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        each = self._conflicts[index.row()]
        if role == Qt.ItemDataRole.CheckStateRole and index.column() == THEIRS:
            taken = (each.photo_id, each.field) in self._taken
            return Qt.CheckState.Checked if taken else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.ToolTipRole:
            return wording.tip(self._text(each, index.column(), full=True))
        return self._text(each, index.column()) if role == Qt.ItemDataRole.DisplayRole else None

    def _text(self, each: Conflict, column: int, *, full: bool = False) -> str:
        match column:
            case 0:
                return wording.display_path(each.path) if full else wording.name_over_folder(each.path)
            case 1:
                return words.FIELDS[each.field]
            case 2:
                return words.value(each, each.ours)
            case _:
                return words.value(each, each.theirs)

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole or index.column() != THEIRS:
            return False
        each = self._conflicts[index.row()]
        if Qt.CheckState(value) is Qt.CheckState.Checked:
            self._taken.add((each.photo_id, each.field))
        else:
            self._taken.discard((each.photo_id, each.field))
        self.dataChanged.emit(index, index, [role])
        self.chosen_changed.emit()
        return True


class NotFoundModel(QAbstractTableModel):
    """Photos of the other program that are not in the library, or may be one of several."""

    def __init__(self) -> None:
        super().__init__()
        self._entries: list[NotFound] = []

    def show(self, entries: Sequence[NotFound]) -> None:
        self.beginResetModel()
        self._entries = list(entries)
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._entries)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else 2

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return (translate("Migration", "In the other program"), translate("Migration", "May be"))[section]

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        each = self._entries[index.row()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return wording.tip(each.path if index.column() == 0 else "\n".join(each.candidates))
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if index.column() == 0:
            return words.path_over_folder(each.path)
        if not each.candidates:
            return translate("Migration", "Not in the library")
        return wording.count_of(len(each.candidates), "photo")
