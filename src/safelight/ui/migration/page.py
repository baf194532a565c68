"""The page “Import from another program”: choose, look at the preview, import, undo."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from safelight.core.jobs import Progress
from safelight.core.migration import ImportPreview, NotFound
from safelight.services.migration.sources import SOURCES
from safelight.ui import wording
from safelight.ui.migration import words
from safelight.ui.migration.moved_dialog import MovedDialog
from safelight.ui.migration.preview_pane import PreviewPane
from safelight.ui.translation import translate
from safelight.ui.widgets.closable_page import ClosablePage
from safelight.ui.widgets.labels import plain_label
from safelight.ui.widgets.page_scroll import PageScroll


class MigrationPage(ClosablePage):
    """Shows one of four panes. What it asks for is done by the controller."""

    path_chosen = Signal(str)
    cancel_requested = Signal()
    mapping_added = Signal(str, str)  # folder of the other program, where it is now
    list_requested = Signal(str)  # a new file
    import_requested = Signal(bool, object)
    undo_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(translate("Migration", "Import from another program"))
        self._not_found: tuple[NotFound, ...] = ()
        self.file = QPushButton(translate("Migration", "Choose file …"))
        self.file.clicked.connect(self._choose_file)
        self.folder = QPushButton(translate("Migration", "Choose folder …"))
        self.folder.clicked.connect(self._choose_folder)
        self.error = plain_label("", "error")
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(translate("Migration", "Progress"))
        self.activity = QLabel()
        self.cancel = QPushButton(translate("Migration", "Cancel"))
        self.cancel.clicked.connect(self.cancel_requested)
        self.preview = PreviewPane()
        self.preview.another_requested.connect(self.show_choice)
        self.preview.import_requested.connect(self.import_requested)
        self.preview.list_requested.connect(self._choose_list)
        self.preview.moved_requested.connect(self._ask_for_mapping)
        self.result = plain_label("", "section")
        self.undo = QPushButton(translate("Migration", "Undo"))
        self.undo.clicked.connect(self.undo_requested)
        self.again = QPushButton(translate("Migration", "Import more …"))
        self.again.clicked.connect(self.show_choice)
        self.done = QPushButton(translate("Migration", "Done"))
        self.done.clicked.connect(self.closed)
        self.panes = QStackedWidget()
        self._choice = PageScroll(self._make_choice())  # a low window has no room for all programs
        self._choice.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._reading = self._make_reading()
        self._result = self._make_result()
        for pane in (self._choice, self._reading, self.preview, self._result):
            self.panes.addWidget(pane)
        self._lay_out()
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(True)  # Return presses it, as in dialogs
        self.show_choice()
        self.setFocusProxy(self.file)

    def _lay_out(self) -> None:
        title = plain_label(translate("Migration", "Import from another program"), "title")
        hint = plain_label(
            translate(
                "Migration",
                "Imports ratings, labels, titles, captions, tags, people and albums. The other program's "
                "files are only read, your own values stay, and one undo takes everything back.",
            ),
            "secondary",
        )
        head = QHBoxLayout()
        head.addWidget(title, 1)
        head.addWidget(self.done)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 16, 16)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(hint)
        column.addSpacing(8)
        column.addWidget(self.panes, 1)

    def _make_choice(self) -> QWidget:
        programs = QWidget()
        listed = QGridLayout(programs)
        listed.setContentsMargins(0, 0, 0, 0)
        listed.setHorizontalSpacing(24)
        listed.setVerticalSpacing(8)
        listed.setColumnStretch(1, 1)
        for row, source in enumerate(SOURCES):
            said = plain_label(words.CHOOSE[source.name], "secondary")
            listed.addWidget(QLabel(source.program), row, 0, Qt.AlignmentFlag.AlignTop)
            listed.addWidget(said, row, 1)
        # The buttons come first, so that a low window shows them.
        return _pane(_left(self.file, self.folder), self.error, programs)

    def _make_reading(self) -> QWidget:
        return _pane(self.activity, self.progress, _left(self.cancel))

    def _make_result(self) -> QWidget:
        return _pane(self.result, _left(self.undo, self.again))

    # --- the panes ------------------------------------------------------------------------------

    def show_choice(self, error: str = "") -> None:
        self.error.setText(error or "")
        self.error.setVisible(bool(error))
        self.panes.setCurrentWidget(self._choice)
        if self.isVisible():
            self.file.setFocus()

    def show_reading(self, path: str) -> None:
        self.activity.setText(
            translate("Migration", "Reading {name} …").format(name=wording.display_name(path))
        )
        self.progress.setRange(0, 0)
        self.panes.setCurrentWidget(self._reading)
        if self.isVisible():
            self.cancel.setFocus()

    def show_progress(self, progress: Progress) -> None:
        if progress.total:
            self.progress.setRange(0, progress.total)
            self.progress.setValue(progress.done)
            text = translate("Migration", "Recognising photos: {done} of {total}").format(
                done=f"{progress.done:,}", total=f"{progress.total:,}"
            )
        else:
            text = translate("Migration", "Reading: {done} photos").format(done=f"{progress.done:,}")
        self.activity.setText(text)

    def show_preview(self, preview: ImportPreview) -> None:
        self._not_found = preview.not_found
        self.preview.show_preview(preview)
        self.panes.setCurrentWidget(self.preview)
        if self.isVisible():
            self.preview.start.setFocus()

    def show_result(self, text: str, *, can_undo: bool) -> None:
        self.result.setText(text)
        self.undo.setVisible(can_undo)
        self.panes.setCurrentWidget(self._result)
        if self.isVisible():
            self.again.setFocus()  # not on Undo, which a second Return would press

    # --- what it asks for -----------------------------------------------------------------------

    def _choose_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, translate("Migration", "Choose a catalogue or table"))
        if path:
            self.path_chosen.emit(path)

    def _choose_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(
            self, translate("Migration", "Choose the folder of an export")
        )
        if path:
            self.path_chosen.emit(path)

    def _choose_list(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self,
            translate("Migration", "Save list"),
            translate("Migration", "Import.csv"),
            translate("Migration", "Tables (*.csv);;JSON (*.json)"),
            options=QFileDialog.Option.DontConfirmOverwrite,
        )
        if path:
            self.list_requested.emit(path)

    def _ask_for_mapping(self) -> None:
        dialog = MovedDialog(self._not_found, self)
        dialog.confirmed.connect(self.mapping_added)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def _pane(*parts: QWidget | QLayout) -> QWidget:
    """The parts below each other, at the top."""
    pane = QWidget()
    column = QVBoxLayout(pane)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(12)
    for part in parts:
        if isinstance(part, QLayout):
            column.addLayout(part)
        else:
            column.addWidget(part)
    column.addStretch(1)
    return pane


def _left(*buttons: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for button in buttons:
        row.addWidget(button)
    row.addStretch(1)
    return row
