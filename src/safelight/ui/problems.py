"""The Problems page: files that could not be read, why, and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from safelight.core.photo import Failure
from safelight.ui import wording
from safelight.ui.theme import Theme
from safelight.ui.translation import translate
from safelight.ui.widgets.file_table import FileTable

_COLUMNS = (
    translate("Problems", "File"),
    translate("Problems", "Why it could not be read"),
    translate("Problems", "When"),
)
_Index = QModelIndex | QPersistentModelIndex


class FailureModel(QAbstractTableModel):
    """Failures as a table, newest first."""

    def __init__(self) -> None:
        super().__init__()
        self._failures: list[Failure] = []

    def set_failures(self, failures: Sequence[Failure]) -> None:
        self.beginResetModel()
        self._failures = sorted(failures, key=lambda failure: (-failure.when, failure.path))
        self.endResetModel()

    def failure(self, row: int) -> Failure:
        return self._failures[row]

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._failures)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(_COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        shown = orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return _COLUMNS[section] if shown else None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        failure = self._failures[index.row()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return wording.tip(f"{wording.display_path(failure.path)}\n{failure.reason}")
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        match index.column():
            case 0:
                return wording.name_over_folder(failure.path)
            case 1:
                return failure.reason
            case _:
                return wording.short_moment(failure.when)


class ProblemsPage(QWidget):
    """Lists failures. Selected ones can be retried or ignored; all can be retried."""

    retry_requested = Signal(object)  # tuple of file ids, or None for all
    ignore_requested = Signal(object)  # tuple of file ids
    show_in_folder_requested = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = FailureModel()
        name = translate("ProblemsPage", "Files that could not be read")
        self.table = FileTable(self.model, name, {0: 280, 2: 168}, stretched=1)
        self._title = QLabel(translate("ProblemsPage", "Problems"))
        self._title.setProperty("kind", "section")
        self._hint = QLabel(
            translate(
                "ProblemsPage",
                "These files could not be added to the library. They are retried when they change.",
            ),
            wordWrap=True,
        )
        self._hint.setProperty("kind", "secondary")
        self._retry = QPushButton(translate("ProblemsPage", "Retry selected"))
        self._retry.clicked.connect(self._retry_selected)
        self._retry_all = QPushButton(translate("ProblemsPage", "Retry all"))
        self._retry_all.clicked.connect(lambda: self.retry_requested.emit(None))
        self._ignore = QPushButton(translate("ProblemsPage", "Ignore"))
        self._ignore.setToolTip(
            translate(
                "ProblemsPage", "Hide them from this list until they change. Retry all brings them back"
            )
        )
        self._ignore.clicked.connect(lambda: self.ignore_requested.emit(self._selected_ids()))
        self._show = QPushButton(translate("ProblemsPage", "Show in folder"))
        self._show.clicked.connect(self._show_selected)
        self._skipped = QLabel(wordWrap=True)
        self._skipped.setProperty("kind", "secondary")
        self._skipped.setContentsMargins(16, 12, 12, 12)
        self._skipped.hide()
        self._empty = QLabel(translate("ProblemsPage", "No problems"), alignment=Qt.AlignmentFlag.AlignCenter)
        self._empty.setProperty("kind", "section")
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._enable())
        self.table.doubleClicked.connect(lambda _: self._show_selected())
        self._lay_out()
        self.show_failures([])

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._hint)
        head.addLayout(words, 1)
        for button in (self._show, self._ignore, self._retry, self._retry_all):
            head.addWidget(button)
        listed = QWidget()
        column = QVBoxLayout(listed)
        column.setContentsMargins(16, 12, 12, 0)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self.table, 1)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.setSpacing(0)
        self._stack = QStackedLayout()
        outside.addLayout(self._stack, 1)
        outside.addWidget(self._skipped)
        self._stack.addWidget(listed)
        self._stack.addWidget(self._empty)

    def show_failures(self, failures: Sequence[Failure]) -> None:
        kept = set(self._selected_ids())
        self.model.set_failures(failures)
        rows = range(self.model.rowCount())
        self.table.select_rows(row for row in rows if self.model.failure(row).file_id in kept)
        self._title.setText(
            translate("ProblemsPage", "Problems · {count:,}").format(count=len(failures))
            if failures
            else translate("ProblemsPage", "Problems")
        )
        self._stack.setCurrentIndex(0 if failures else 1)
        self._enable()

    def show_skipped_videos(self, count: int) -> None:
        """Say how many videos the library leaves out because their decoder is not installed."""
        text = translate(
            "Problems",
            "{count} videos are not shown. To add them, install Safelight with the extra “video”.",
        ).format(count=f"{count:,}")
        self._skipped.setText(text if count else "")
        self._skipped.setVisible(bool(count))

    def _selected(self) -> list[Failure]:
        return [self.model.failure(row) for row in self.table.selected_rows()]

    def _selected_ids(self) -> tuple[int, ...]:
        return tuple(failure.file_id for failure in self._selected())

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self.model.rowCount():
            self.table.setFocus(event.reason())

    def _enable(self) -> None:
        chosen = bool(self.table.selectionModel().selectedRows())
        self._retry.setEnabled(chosen)
        self._ignore.setEnabled(chosen)
        self._show.setEnabled(chosen)
        self._retry_all.setEnabled(self.model.rowCount() > 0)

    def _retry_selected(self) -> None:
        self.retry_requested.emit(self._selected_ids())

    def _show_selected(self) -> None:
        for failure in self._selected()[:1]:
            self.show_in_folder_requested.emit(failure.path)
