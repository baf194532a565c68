"""Asks for a folder of the other program and where it is now."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

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
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, self
        )
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setDefault(True)
        self.buttons.accepted.connect(self._confirm)
        self.buttons.rejected.connect(self.reject)
        form = QFormLayout(self)
        form.addRow(translate("Migration", "In the other program"), self.source)
        form.addRow(translate("Migration", "Is now"), where)
        form.addRow(self.buttons)
        self.setMinimumWidth(_WIDTH)
        self.target.setFocus()  # the buttons got their parent first, and would have it otherwise
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
    if not paths:
        return ""
    folders = [path.split(_separator(path))[:-1] for path in paths]
    levels = takewhile(lambda level: len(set(level)) == 1, zip(*folders, strict=False))
    return _separator(paths[0]).join(level[0] for level in levels)


def _separator(path: str) -> str:
    return "\\" if "\\" in path and "/" not in path else "/"
