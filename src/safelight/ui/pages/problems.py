"""The Problems page: files that could not be read, why, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import (
    QLabel,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from safelight.core.photo import Failure
from safelight.ui import wording
from safelight.ui.appearance.theme import Theme
from safelight.ui.translation import message_text, translate
from safelight.ui.widgets.empty_state import EmptyState
from safelight.ui.widgets.file_table import FileTable
from safelight.ui.widgets.page_head import PageHead
from safelight.ui.widgets.row_model import RowModel

_HEADINGS = (
    translate("Problems", "File"),
    translate("Problems", "Why it could not be read"),
    translate("Problems", "When"),
)


class FailureModel(RowModel[Failure]):
    """Failures as a table, newest first."""

    def show_rows(self, rows: Iterable[Failure]) -> None:
        super().show_rows(sorted(rows, key=lambda failure: (-failure.when, failure.path)))

    def headings(self) -> Sequence[str]:
        return _HEADINGS

    def text(self, row: Failure, column: int) -> str:
        match column:
            case 0:
                return wording.name_over_folder(row.path)
            case 1:
                return message_text(row.reason)
            case _:
                return wording.short_moment(row.when)

    def full_text(self, row: Failure, column: int) -> str:
        return f"{wording.display_path(row.path)}\n{message_text(row.reason)}"


class ProblemsPage(QWidget):
    """Lists failures. Selected ones can be retried or ignored; all can be retried."""

    retry_requested = Signal(object)  # tuple of file ids, or None for all
    ignore_requested = Signal(object)  # tuple of file ids
    show_in_folder_requested = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = FailureModel()
        name = translate("ProblemsPage", "Files that could not be read")
        self.table = FileTable(self.model, name, {2: 168}, stretched=(0, 1))
        self._title = QLabel(translate("ProblemsPage", "Problems"))
        self._hint = QLabel(wordWrap=True)
        self._retry = QPushButton(translate("ProblemsPage", "Retry"))
        self._retry.setToolTip(translate("ProblemsPage", "Read the selected files again"))
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
        self._show = QPushButton(translate("ProblemsPage", "Show in file manager"))
        self._show.clicked.connect(self._show_selected)
        self._skipped = QLabel(wordWrap=True)
        self._skipped.setProperty("kind", "secondary")
        self._skipped.setContentsMargins(16, 12, 12, 12)
        self._skipped.hide()
        self._empty = EmptyState()
        self._empty.show_text(
            translate("ProblemsPage", "No problems"),
            translate("ProblemsPage", "Files that cannot be read are listed here, with the reason."),
        )
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._enable())
        self.table.doubleClicked.connect(lambda _: self._show_selected())
        self._lay_out()
        self.show_failures([])

    def _lay_out(self) -> None:
        buttons = (self._show, self._ignore, self._retry, self._retry_all)
        listed = QWidget()
        column = QVBoxLayout(listed)
        column.setContentsMargins(16, 14, 12, 0)
        column.setSpacing(12)
        column.addWidget(PageHead(self._title, self._hint, buttons))
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
        self.model.show_rows(failures)
        self.table.select_rows(row for row, each in enumerate(self.model.rows) if each.file_id in kept)
        self._hint.setText(
            translate(
                "ProblemsPage", "{files} could not be added to the library. Retried after each change."
            ).format(files=wording.count_of(len(failures), "file"))
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
        return [self.model.rows[row] for row in self.table.selected_rows()]

    def _selected_ids(self) -> tuple[int, ...]:
        return tuple(failure.file_id for failure in self._selected())

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self.model.rows:
            self.table.setFocus(event.reason())

    def _enable(self) -> None:
        chosen = bool(self.table.selectionModel().selectedRows())
        self._retry.setEnabled(chosen)
        self._ignore.setEnabled(chosen)
        self._show.setEnabled(chosen)
        self._retry_all.setEnabled(bool(self.model.rows))

    def _retry_selected(self) -> None:
        self.retry_requested.emit(self._selected_ids())

    def _show_selected(self) -> None:
        for failure in self._selected()[:1]:
            self.show_in_folder_requested.emit(failure.path)
