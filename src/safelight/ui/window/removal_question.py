"""Asks what to do when much of a folder is missing."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from safelight.core.changes import RemovalsHeld
from safelight.engine import requests
from safelight.ui import wording
from safelight.ui.library.engine_bridge import EngineBridge
from safelight.ui.translation import translate


class RemovalQuestions(QObject):
    """Asks about one folder at a time without blocking. Without an answer the photos are kept.

    A question closes by itself when no file is missing any more.
    """

    def __init__(self, bridge: EngineBridge, window: QWidget) -> None:
        super().__init__(window)
        self._bridge = bridge
        self._window = window
        self._open: dict[int, QMessageBox] = {}
        bridge.removals_held.connect(self._ask)
        bridge.removals_settled.connect(self._close)

    def _ask(self, held: RemovalsHeld) -> None:
        box = self._open.get(held.folder_id)
        if box is None:
            box = self._open[held.folder_id] = self._box(held)
            box.open()
        text = (
            translate(
                "RemovalQuestions",
                "All {missing:,} files in “{name}” changed at once: another card or drive may be in its "
                "place. Were they replaced on purpose?",
            )
            if held.replaced
            else translate(
                "RemovalQuestions",
                "{missing:,} of {known:,} files in “{name}” are gone. Were they deleted on purpose?",
            )
        )
        box.setText(text.format(missing=held.missing, known=held.known, name=wording.display_name(held.path)))

    def _close(self, folder_id: int) -> None:
        box = self._open.get(folder_id)
        if box is not None:
            box.done(QMessageBox.StandardButton.NoButton)

    def _box(self, held: RemovalsHeld) -> QMessageBox:
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.NoIcon)
        # A folder's name may look like markup.
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setInformativeText(
            translate(
                "RemovalQuestions",
                "Until you decide, their photos stay in the library with their marks and tags. If a drive or "
                "network folder is not connected, connect it, and the files are found again.",
            )
        )
        gone = box.addButton(
            translate("RemovalQuestions", "Remove from library"), QMessageBox.ButtonRole.DestructiveRole
        )
        keep = box.addButton(translate("RemovalQuestions", "Keep"), QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(keep)
        later = box.addButton(translate("RemovalQuestions", "Ask later"), QMessageBox.ButtonRole.RejectRole)
        box.setEscapeButton(later)
        folder_id = held.folder_id
        gone.clicked.connect(lambda: self._bridge.send(requests.ConfirmRemovals(folder_id)))
        keep.clicked.connect(lambda: self._bridge.send(requests.KeepMissing(folder_id)))
        box.finished.connect(lambda: self._open.pop(folder_id, None))
        box.finished.connect(box.deleteLater)
        return box
