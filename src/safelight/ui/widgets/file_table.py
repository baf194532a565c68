"""A table of files, with the name over the folder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QAbstractTableModel, QItemSelectionModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

_ROW_HEIGHT = 46
"""Height of a row with two lines."""
_MIN_STRETCHED_WIDTH = 150
"""Pixels that a stretched column has at least, as long as another one can be hidden."""


_LINE_SEPARATOR = "\u2028"
"""What Qt makes of a line break in a cell."""


class _LineDelegate(QStyledItemDelegate):
    """Shortens each line of a cell with several lines by itself, so that a long name leaves its folder
    visible. Other cells wrap."""

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        if _LINE_SEPARATOR in option.text:
            option.features &= ~QStyleOptionViewItem.ViewItemFeature.WrapText


class FileTable(QTableView):
    """Whole rows are selected. One or more columns share the room that the others leave. In a narrow table,
    some of the others are hidden.
    """

    def __init__(
        self, model: QAbstractTableModel, name: str, widths: dict[int, int], stretched: int | Sequence[int]
    ) -> None:
        """``name`` is for screen readers; ``widths`` in pixels, by column, those that are hidden first before
        others; ``stretched``: the columns that share the rest."""
        super().__init__()
        self._widths = widths
        self._stretched = (stretched,) if isinstance(stretched, int) else tuple(stretched)
        self.setModel(model)
        self.setAccessibleName(name)
        self.setItemDelegate(_LineDelegate(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setStyleSheet("QTableView::item { padding: 0 5px; }")
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column in self._stretched:
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        for column, width in widths.items():
            header.resizeSection(column, width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        left = event.size().width() - _MIN_STRETCHED_WIDTH * len(self._stretched)
        wanted = sum(self._widths.values())
        for column, width in self._widths.items():
            self.setColumnHidden(column, wanted > left)
            if wanted > left:
                wanted -= width
        super().resizeEvent(event)

    def selected_rows(self) -> list[int]:
        """The selected rows from the top."""
        return sorted(index.row() for index in self.selectionModel().selectedRows())

    def select_rows(self, rows: Iterable[int]) -> None:
        """Select these rows as well."""
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        for row in rows:
            self.selectionModel().select(self.model().index(row, 0), flags)
