"""Asks before Undo would take a folder out of the library."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from safelight.core.operations import UndoOutcome
from safelight.ui import wording
from safelight.ui.translation import translate

_NAME = "undo-question"


def ask_before_undo(outcome: UndoOutcome, undo: Callable[[int], object], window: QWidget) -> None:
    """Ask whether to undo the step that an outcome names as ``asked``, and call ``undo`` with it.

    One question at a time: Ctrl+Z may have been pressed several times.
    """
    step = outcome.asked
    if step is None or window.findChild(QMessageBox, _NAME) is not None:
        return
    box = QMessageBox(window)
    box.setObjectName(_NAME)
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setTextFormat(Qt.TextFormat.PlainText)
    name = wording.display_name(str(outcome.params.get("path", "")))
    box.setText(translate("UndoQuestion", "Remove “{name}” from the library again?").format(name=name))
    box.setInformativeText(
        translate(
            "UndoQuestion",
            "The latest step added this folder. Undoing it removes its photos from the library. "
            "The files stay on the disk.",
        )
    )
    remove = box.addButton(
        translate("UndoQuestion", "Remove from library"), QMessageBox.ButtonRole.DestructiveRole
    )
    keep = box.addButton(translate("UndoQuestion", "Keep"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(keep)
    box.setEscapeButton(keep)
    remove.clicked.connect(lambda: undo(step))
    box.finished.connect(lambda: box.setObjectName(""))
    box.finished.connect(box.deleteLater)
    box.open()
