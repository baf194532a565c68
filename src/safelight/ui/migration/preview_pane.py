"""The preview of an import: what would come, what differs and what was not found."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from safelight.core.migration import ImportPreview, LeftOut
from safelight.ui.migration import words
from safelight.ui.migration.tables import FIELD, OURS, PHOTO, THEIRS, ConflictModel, NotFoundModel
from safelight.ui.translation import error_text, translate
from safelight.ui.widgets.file_table import FileTable
from safelight.ui.widgets.labels import plain_label
from safelight.ui.widgets.layouts import clear_layout
from safelight.ui.widgets.page_scroll import PageScroll

_COUNTS_WIDTH = 520
_LISTS_HEIGHT = 220
_LISTED_IN_FILES = frozenset({LeftOut.VALUE, LeftOut.TRASHED, LeftOut.SHARED})
"""What “Save list …” names one by one."""
"""Pixels of the lists in a window that is not high enough for all."""


class PreviewPane(QWidget):
    another_requested = Signal()
    moved_requested = Signal()
    list_requested = Signal()
    import_requested = Signal(bool, object)  # all of the other program's values; else (photo, field) of each

    def __init__(self) -> None:
        super().__init__()
        self._preview: ImportPreview | None = None
        self.headline = plain_label("", "section")
        self.recognised = plain_label("", "secondary")
        self.notes = plain_label("", "secondary")
        self._counts = QGridLayout()
        self._counts.setContentsMargins(0, 4, 0, 4)
        self._counts.setHorizontalSpacing(24)
        self._counts.setVerticalSpacing(6)
        self._counts.setColumnStretch(0, 1)
        self.conflicts = ConflictModel()
        self.not_found = NotFoundModel()
        self.theirs = QCheckBox()
        self.theirs.toggled.connect(self.conflicts.check_all)
        self.conflict_table = FileTable(
            self.conflicts,
            translate("Migration", "Values that differ"),
            {FIELD: 96},
            stretched=(PHOTO, OURS, THEIRS),
        )
        self.not_found_table = FileTable(
            self.not_found, translate("Migration", "Photos that were not found"), {1: 170}, stretched=0
        )
        self.problems = QListWidget()
        self.problems.setAccessibleName(translate("Migration", "What cannot be read or taken over"))
        self.problems.setWordWrap(True)
        self._differing = QWidget()
        differing = QVBoxLayout(self._differing)
        differing.setContentsMargins(0, 8, 0, 0)
        differing.addWidget(self.theirs)
        differing.addWidget(self.conflict_table, 1)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.another = QPushButton(translate("Migration", "Back"))
        self.another.clicked.connect(self.another_requested)
        self.moved = QPushButton(translate("Migration", "A folder moved …"))
        self.moved.clicked.connect(self.moved_requested)
        self.moved.setToolTip(
            translate("Migration", "Name a folder of the other program and where it is now")
        )
        self.save = QPushButton(translate("Migration", "Save list …"))
        self.save.clicked.connect(self.list_requested)
        self.start = QPushButton(translate("Migration", "Import"))
        self.start.setProperty("kind", "primary")
        self.start.clicked.connect(self._request_import)
        self._lay_out()

    def _lay_out(self) -> None:
        counts = QWidget()
        counts.setLayout(self._counts)
        counts.setMaximumWidth(_COUNTS_WIDTH)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.another, self.moved, self.save):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.start)
        self.tabs.setMinimumHeight(_LISTS_HEIGHT)
        inside = QWidget()
        above = QVBoxLayout(inside)
        above.setContentsMargins(0, 0, 0, 0)
        above.setSpacing(8)
        above.addWidget(self.headline)
        above.addWidget(self.recognised)
        above.addWidget(counts)
        above.addWidget(self.notes)
        above.addWidget(self.tabs, 1)
        self._filler = QWidget()
        above.addWidget(self._filler, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(PageScroll(inside), 1)
        column.addLayout(buttons)  # always in reach

    def show_preview(self, preview: ImportPreview) -> None:
        self._preview = preview
        self.headline.setText(words.headline(preview))
        self.recognised.setText(words.recognised(preview))
        self.notes.setText(words.notes(preview))
        self.notes.setVisible(bool(self.notes.text()))
        self._show_counts(preview)
        self.conflicts.show_conflicts(preview.program, preview.conflicts)
        self.theirs.setChecked(False)
        self.theirs.setText(
            translate("Migration", "Take all values of {program}").format(program=preview.program)
        )
        self.not_found.show_rows(preview.not_found)
        self.problems.clear()
        self.problems.addItems([error_text(each) for each in preview.problems])
        self._show_tabs(preview)
        listed = not _LISTED_IN_FILES.isdisjoint(preview.left_out)
        self.save.setEnabled(bool(preview.conflicts or preview.not_found or listed))
        self.start.setEnabled(bool(preview.photos or preview.conflicts))

    def show_note(self, text: str) -> None:
        """Show a line in place of those about the preview."""
        self.notes.setText(text)
        self.notes.show()

    def _show_counts(self, preview: ImportPreview) -> None:
        clear_layout(self._counts)
        heads = (
            "",
            translate("Migration", "New"),
            translate("Migration", "Already here"),
            translate("Migration", "Different"),
        )
        rows: list[tuple[str, ...]] = [heads]
        rows += [
            (words.KINDS[each.kind], *(f"{n:,}" if n else "–" for n in (each.new, each.same, each.conflicts)))
            for each in preview.counts
        ]
        if not preview.counts:
            rows = [(translate("Migration", "It says nothing about them that Safelight can keep."),)]
        for row, texts in enumerate(rows):
            for column, text in enumerate(texts):
                label = QLabel(text)
                if not row and len(rows) > 1:
                    label.setProperty("kind", "secondary")
                if column:
                    label.setAlignment(Qt.AlignmentFlag.AlignRight)
                self._counts.addWidget(label, row, column)

    def _show_tabs(self, preview: ImportPreview) -> None:
        self.tabs.clear()
        for widget, text, number in (
            (self._differing, translate("Migration", "Different values"), preview.conflict_count),
            (
                self.not_found_table,
                translate("Migration", "Not found"),
                preview.missing + preview.ambiguous,
            ),
            (self.problems, translate("Migration", "Not taken over"), len(preview.problems)),
        ):
            if number:
                self.tabs.addTab(widget, f"{text} · {number:,}")
        self.tabs.setVisible(self.tabs.count() > 0)
        self._filler.setVisible(self.tabs.count() == 0)

    def _request_import(self) -> None:
        self.start.setEnabled(False)
        self.import_requested.emit(self.theirs.isChecked(), self.conflicts.taken)
