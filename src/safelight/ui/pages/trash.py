"""The Trash page: the files that Safelight moved to the trash, when, from where, and how to restore them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtGui import QFocusEvent, QShowEvent
from PySide6.QtWidgets import (
    QLabel,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.operations import RestoreFiles, UndoOutcome
from safelight.ui import wording
from safelight.ui.library.engine_bridge import EngineBridge
from safelight.ui.library.reader import LibraryReader
from safelight.ui.library.reads import ReadTrash
from safelight.ui.translation import error_text, translate
from safelight.ui.widgets.empty_state import EmptyState
from safelight.ui.widgets.file_table import FileTable
from safelight.ui.widgets.labels import plain_label
from safelight.ui.widgets.page_head import PageHead
from safelight.ui.widgets.row_model import RowModel

if TYPE_CHECKING:
    from safelight.engine import events
    from safelight.store.journal import TrashedFile


class TrashModel(RowModel["TrashedFile"]):
    """Files in the trash as a table, the latest first."""

    def headings(self) -> Sequence[str]:
        return (
            translate("TrashPage", "File"),
            translate("TrashPage", "Moved as"),
            translate("TrashPage", "Size"),
            translate("TrashPage", "When"),
        )

    def text(self, row: TrashedFile, column: int) -> str:
        match column:
            case 0:
                return wording.name_over_folder(row.path)
            case 1:
                if row.as_duplicate:
                    return translate("TrashPage", "Duplicate")
                return translate("TrashPage", "Photo")
            case 2:
                return wording.file_size(row.size)
            case _:
                return wording.short_moment(row.when)

    def full_text(self, row: TrashedFile, column: int) -> str:
        return wording.display_path(row.path)


class TrashPage(QWidget):
    """Lists the files while it is visible. Selected ones, or all, can be restored."""

    def __init__(self, bridge: EngineBridge, reader: LibraryReader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(translate("TrashPage", "Trash"))
        self._bridge = bridge
        self._reader = reader
        self.model = TrashModel()
        name = translate("TrashPage", "Files in the trash")
        self.table = FileTable(self.model, name, {1: 110, 2: 90, 3: 168}, stretched=0)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._enable())
        self._title = QLabel(translate("TrashPage", "Trash"))
        self.hint = plain_label("", "secondary")
        self.restore = QPushButton(translate("TrashPage", "Restore"))
        self.restore.clicked.connect(lambda: self._restore(self._selected_ids()))
        self.restore_all = QPushButton(translate("TrashPage", "Restore all"))
        self.restore_all.clicked.connect(lambda: self._restore(tuple(file.id for file in self.model.rows)))
        self.empty = EmptyState()
        self._lay_out()
        self._show_status("")
        self.show_files([])
        bridge.library_changed.connect(self._on_library_changed)

    def _lay_out(self) -> None:
        listed = QWidget()
        column = QVBoxLayout(listed)
        column.setContentsMargins(16, 14, 12, 0)
        column.setSpacing(12)
        column.addWidget(PageHead(self._title, self.hint, (self.restore, self.restore_all)))
        column.addWidget(self.table, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(listed)
        self._stack.addWidget(self.empty)

    # --- the list -----------------------------------------------------------------------------

    def show_files(self, files: Sequence[TrashedFile]) -> None:
        kept = set(self._selected_ids())
        self.model.show_rows(files)
        self.table.select_rows(row for row, file in enumerate(files) if file.id in kept)
        title = translate("TrashPage", "Trash")
        self._title.setText(f"{title} · {len(files):,}" if files else title)
        if not files and self.table.hasFocus():
            self.setFocus()  # rather than the next widget of the window
        self._stack.setCurrentIndex(0 if files else 1)
        self._enable()

    def _load(self) -> None:
        self._reader.read(ReadTrash(), self.show_files)

    def _on_library_changed(self, change: LibraryChanged) -> None:
        if self.isVisible() and change.any_of(ChangeKind.FILES):
            self._load()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_status("")
        self._load()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self.model.rows:
            self.table.setFocus(event.reason())

    def _selected_ids(self) -> tuple[int, ...]:
        return tuple(self.model.rows[row].id for row in self.table.selected_rows())

    def _enable(self) -> None:
        self.restore.setEnabled(bool(self.table.selectionModel().selectedRows()))
        self.restore_all.setEnabled(bool(self.model.rows))

    # --- putting back -------------------------------------------------------------------------

    def _restore(self, ids: tuple[int, ...]) -> None:
        if ids:
            # The button is disabled once nothing is selected. Its focus would go to *Restore all*, where a
            # second press of the space bar restores everything.
            self.table.setFocus()
            self._bridge.run(RestoreFiles(ids), self._show_restored, self._show_failure)

    def _show_restored(self, outcome: UndoOutcome) -> None:
        parts = []
        if outcome.restored:
            parts.append(wording.restored(outcome.restored))
        if outcome.failed:
            parts.append(wording.not_restored(outcome.failed))
        self._show_status(" · ".join(parts))
        self._load()

    def _show_failure(self, failure: events.OperationFailed) -> None:
        self._show_status(error_text(failure.message))

    def _show_status(self, text: str) -> None:
        """What happened last; otherwise what the page shows."""
        self.hint.setText(
            text
            or translate(
                "TrashPage",
                "Files that Safelight moved to the trash. They stay there until you empty it.",
            )
        )
        self.empty.show_text(
            translate("TrashPage", "Nothing in the trash"),
            text or translate("TrashPage", "Photos that you trash are listed here and can be restored."),
        )
