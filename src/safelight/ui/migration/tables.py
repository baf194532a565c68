"""The lists of a preview: values that differ, and photos that were not recognised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal

from safelight.core.migration import ImportConflict, NotFound
from safelight.ui import wording
from safelight.ui.migration import words
from safelight.ui.translation import translate
from safelight.ui.widgets.row_model import Index, RowModel

PHOTO, FIELD, OURS, THEIRS = range(4)


class ConflictModel(RowModel[ImportConflict]):
    """One row for each value that differs. A checked one is taken from the other program."""

    chosen_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._program = ""
        self._taken: set[tuple[int, str]] = set()

    def show_conflicts(self, program: str, conflicts: Sequence[ImportConflict]) -> None:
        self._program = program
        self._taken = set()
        self.show_rows(conflicts)

    @property
    def taken(self) -> tuple[tuple[int, str], ...]:
        """(photo, field) of the values to take."""
        return tuple(sorted(self._taken))

    def check_all(self, taken: bool) -> None:
        self._taken = {(each.photo_id, each.field) for each in self.rows} if taken else set()
        if self.rows:
            last = self.index(len(self.rows) - 1, THEIRS)
            self.dataChanged.emit(self.index(0, THEIRS), last, [Qt.ItemDataRole.CheckStateRole])
        self.chosen_changed.emit()

    def headings(self) -> Sequence[str]:
        return (
            translate("Migration", "Photo"),
            translate("Migration", "Value"),
            translate("Migration", "In Safelight"),
            translate("Migration", "In {program}").format(program=self._program),
        )

    def text(self, row: ImportConflict, column: int) -> str:
        match column:
            case 0:
                return wording.name_over_folder(row.path)
            case 1:
                return words.FIELDS[row.field]
            case 2:
                return words.value(row, row.ours)
            case _:
                return words.value(row, row.theirs)

    def full_text(self, row: ImportConflict, column: int) -> str:
        return wording.display_path(row.path) if column == PHOTO else self.text(row, column)

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsUserCheckable if index.column() == THEIRS else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.CheckStateRole and index.column() == THEIRS:
            each = self.rows[index.row()]
            taken = (each.photo_id, each.field) in self._taken
            return Qt.CheckState.Checked if taken else Qt.CheckState.Unchecked
        return super().data(index, role)

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole or index.column() != THEIRS:
            return False
        each = self.rows[index.row()]
        if Qt.CheckState(value) is Qt.CheckState.Checked:
            self._taken.add((each.photo_id, each.field))
        else:
            self._taken.discard((each.photo_id, each.field))
        self.dataChanged.emit(index, index, [role])
        self.chosen_changed.emit()
        return True


class NotFoundModel(RowModel[NotFound]):
    """Photos of the other program that are not in the library, or may be one of several."""

    def headings(self) -> Sequence[str]:
        return (translate("Migration", "In the other program"), translate("Migration", "May be"))

    def text(self, row: NotFound, column: int) -> str:
        if column == 0:
            if row.original_name:
                return f"{wording.display_path(row.original_name)}\n{wording.display_path(row.path)}"
            return words.path_over_folder(row.path)
        if not row.candidates:
            return translate("Migration", "Not in the library")
        return wording.count_of(len(row.candidates), "photo")

    def full_text(self, row: NotFound, column: int) -> str:
        return row.path if column == 0 else "\n".join(row.candidates)
