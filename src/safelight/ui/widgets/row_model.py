"""The model of a table with one row for each object of a list."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from safelight.ui import wording

Index = QModelIndex | QPersistentModelIndex
_Row = TypeVar("_Row")


class RowModel(QAbstractTableModel, Generic[_Row]):
    """Holds the objects. A subclass names the columns and says what a cell shows."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[_Row] = []

    def show_rows(self, rows: Iterable[_Row]) -> None:
        """Replace all rows."""
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    @abstractmethod
    def headings(self) -> Sequence[str]:
        """The names of the columns."""

    @abstractmethod
    def text(self, row: _Row, column: int) -> str:
        """The text of a cell."""

    @abstractmethod
    def full_text(self, row: _Row, column: int) -> str:
        """The plain text of a cell's tool tip."""

    # --- what Qt asks for -----------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.headings())

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        shown = orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return self.headings()[section] if shown else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(row, column)
        return wording.tip(self.full_text(row, column)) if role == Qt.ItemDataRole.ToolTipRole else None
