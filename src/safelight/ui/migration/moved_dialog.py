"""Asks for a folder of the other program and where it is now."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QWidget,
)

from safelight.core.migration import NotFound
from safelight.ui.translation import translate

_WIDTH = 560


class MovedDialog(QDialog):
    confirmed = Signal(str, str)

    def __init__(self, not_found: Sequence[NotFound], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(translate("Migration", "A folder moved"))
        self.source = QLineEdit(common_folder([each.path for each in not_found]))
        self.source.setAccessibleName(translate("Migration", "Folder in the other program"))
        self.target = QLineEdit()
        self.target.setAccessibleName(translate("Migration", "Folder now"))
        choose = QPushButton(translate("Migration", "Choose …"))
        choose.clicked.connect(self._choose)
        where = QHBoxLayout()
        where.addWidget(self.target, 1)
        where.addWidget(choose)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.accepted.connect(self._confirm)
        self.buttons.rejected.connect(self.reject)
        form = QFormLayout(self)
        form.addRow(translate("Migration", "In the other program"), self.source)
        form.addRow(translate("Migration", "Is now"), where)
        form.addRow(self.buttons)
        self.setMinimumWidth(_WIDTH)
        for edit in (self.source, self.target):
            edit.textChanged.connect(self._enable)
        self._enable()

    def _choose(self) -> None:
        path = QFileDialog.getExistingDirectory(self, translate("Migration", "Choose the folder"))
        if path:
            self.target.setText(path)

    def _enable(self) -> None:
        ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        ok.setEnabled(bool(self.source.text().strip() and self.target.text().strip()))

    def _confirm(self) -> None:
        self.confirmed.emit(self.source.text().strip(), self.target.text().strip())
        self.accept()


def common_folder(paths: Sequence[str]) -> str:
    """The deepest folder that contains all of these paths, as the other program writes it."""
    parts: list[str] | None = None
    for path in paths:
        separator = "\\" if "\\" in path and "/" not in path else "/"
        folders = path.split(separator)[:-1]
        if parts is None:
            parts = folders
        else:
            same = 0
            while same < min(len(parts), len(folders)) and parts[same] == folders[same]:
                same += 1
            parts = parts[:same]
    if not parts:
        return ""
    separator = "\\" if "\\" in paths[0] and "/" not in paths[0] else "/"
    return separator.join(parts)
