"""The summary before files of many groups are moved to the trash, and the list of those that were spared."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QListWidget, QVBoxLayout, QWidget

from safelight.ui import wording
from safelight.ui.duplicates.choice import Batch
from safelight.ui.duplicates.session import Spared
from safelight.ui.translation import error_text, translate
from safelight.ui.widgets.labels import plain_label

_ROWS_SHOWN = 6


class BatchDialog(QDialog):
    """Shows which files would be moved to the trash, from where, and which are kept."""

    agreed = Signal(object)  # Batch

    def __init__(self, batch: Batch, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(translate("BatchDialog", "Keep the best"))
        self.setMinimumWidth(520)
        files = wording.count_of(batch.files, "file")
        groups = len(batch.actions)
        layout = _column(self)
        layout.addWidget(
            plain_label(
                translate("BatchDialog", "Keep the best in this group?")
                if groups == 1
                else translate("BatchDialog", "Keep the best in all {groups:,} groups?").format(
                    groups=groups
                ),
                "section",
            )
        )
        freed = wording.file_size(batch.freed)
        self._summary = plain_label(
            translate(
                "BatchDialog", "{files} of “{title}” would go to the trash. That saves {freed}."
            ).format(files=files, title=title, freed=freed)
        )
        layout.addWidget(self._summary)
        if batch.own:
            layout.addWidget(
                plain_label(
                    translate("BatchDialog", "Your own choices apply in {count}.").format(
                        count=wording.count_of(batch.own, "group")
                    ),
                    "secondary",
                )
            )
        layout.addSpacing(8)
        layout.addWidget(
            plain_label(
                translate("BatchDialog", "They are in {count}:").format(
                    count=wording.count_of(len(batch.folders), "folder")
                ),
                "secondary",
            )
        )
        folders = [f"{wording.display_path(folder)}  ·  {amount:,}" for folder, amount in batch.folders]
        layout.addWidget(_list(translate("BatchDialog", "Folders"), folders))
        if batch.protected:
            layout.addSpacing(8)
            spared = wording.count_of(len(batch.protected), "file")
            layout.addWidget(
                plain_label(
                    translate("BatchDialog", "Kept because you protected them: {spared}").format(
                        spared=spared
                    ),
                    "secondary",
                )
            )
            layout.addWidget(
                _list(
                    translate("BatchDialog", "Spared files"),
                    [wording.display_path(path) for path in batch.protected],
                )
            )
        layout.addSpacing(8)
        layout.addWidget(
            plain_label(
                translate(
                    "BatchDialog",
                    "Before a file is moved, it and the kept file are read and compared at full "
                    "size. A file that differs or has changed is not moved. You can undo all of this "
                    "in one step.",
                ),
                "secondary",
            )
        )
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.cancel = buttons.button(QDialogButtonBox.StandardButton.Cancel)
        self.cancel.setDefault(True)
        self.button = buttons.addButton(
            translate("BatchDialog", "Move {files} to the trash").format(files=files),
            QDialogButtonBox.ButtonRole.AcceptRole,
        )
        self.button.setProperty("kind", "primary")
        layout.addSpacing(8)
        layout.addWidget(buttons)
        buttons.accepted.connect(lambda: self.agreed.emit(batch))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.finished.connect(self.deleteLater)
        self.cancel.setFocus()

    @property
    def summary(self) -> str:
        return self._summary.text()


class SparedDialog(QDialog):
    """Lists files that were spared, each with the reason."""

    def __init__(self, headline: str, spared: Spared, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(translate("SparedDialog", "Left alone"))
        self.setMinimumWidth(520)
        layout = _column(self)
        layout.addWidget(plain_label(headline, "section"))
        rows = [f"{wording.display_path(path)}\n{error_text(reason)}" for path, reason in spared]
        self.list = _list(translate("SparedDialog", "Files and reasons"), rows)
        layout.addWidget(self.list)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        layout.addSpacing(8)
        layout.addWidget(buttons)
        buttons.rejected.connect(self.reject)
        self.finished.connect(self.deleteLater)


def _column(dialog: QDialog) -> QVBoxLayout:
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(16, 16, 16, 16)
    layout.setSpacing(8)
    return layout


def _list(name: str, rows: Sequence[str]) -> QListWidget:
    widget = QListWidget()
    widget.setAccessibleName(name)
    widget.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    widget.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    widget.setSelectionMode(QListWidget.SelectionMode.NoSelection)
    widget.addItems(list(rows))
    widget.ensurePolished()
    widget.setFixedHeight(widget.sizeHintForRow(0) * min(len(rows), _ROWS_SHOWN) + 4)
    return widget
