"""The list of what assistants and other programs asked for and were given."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QFileSystemWatcher, Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from safelight.services.program_requests import ProgramRequest, RequestRecord
from safelight.ui import wording
from safelight.ui.translation import translate

_MAX_SHOWN = 500


class ProgramRequestList(QWidget):
    """The newest requests first. It follows the record while it is visible."""

    changed = Signal(bool)
    """Whether there are requests, emitted when that was read."""

    def __init__(self, record: RequestRecord, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._record = record
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(self.read)
        words = QLabel(
            translate(
                "ProgramRequestList",
                "What assistants and other programs asked this library for, through “safelight mcp” and "
                "“safelight serve”, and how many photos they were given. The list stays on this computer.",
            ),
            wordWrap=True,
        )
        self.tree = QTreeWidget()
        self.tree.setAccessibleName(translate("ProgramRequestList", "Requests of programs"))
        self.tree.setRootIsDecorated(False)
        self.tree.setUniformRowHeights(True)
        self.tree.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.tree.setHeaderLabels(
            [
                translate("ProgramRequestList", "When"),
                translate("ProgramRequestList", "Program"),
                translate("ProgramRequestList", "Request"),
                translate("ProgramRequestList", "Answer"),
            ]
        )
        header = self.tree.header()
        header.setStretchLastSection(False)
        for column in (0, 1, 3):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        self.error = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.error.hide()
        self.clear = QPushButton(translate("ProgramRequestList", "Clear list"))
        self.clear.clicked.connect(self._clear)
        buttons = QHBoxLayout()
        buttons.addWidget(self.clear)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(words)
        layout.addWidget(self.tree, 1)
        layout.addWidget(self.error)
        layout.addLayout(buttons)

    def read(self) -> None:
        """Show what the record has now."""
        try:
            found = self._record.newest(_MAX_SHOWN)
        except OSError as error:
            self._show_error(error)
            return
        self.error.hide()
        self._show(found)
        self._watch_record()
        self.changed.emit(bool(found))

    def check(self) -> None:
        """Find out whether there are requests. This is faster than to list them."""
        try:
            found = self._record.newest(1)
        except OSError as error:
            self._show_error(error)
            return
        self.changed.emit(bool(found))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.read()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self._watcher.files():
            self._watcher.removePaths(self._watcher.files())

    def _watch_record(self) -> None:
        """The file is replaced when older requests are dropped, which ends its watch."""
        path = str(self._record.path)
        if self.isVisible() and path not in self._watcher.files() and self._record.path.exists():
            self._watcher.addPath(path)

    def _show(self, found: Sequence[ProgramRequest]) -> None:
        self.tree.clear()
        self.tree.addTopLevelItems([QTreeWidgetItem(_columns(each)) for each in found])
        self.clear.setEnabled(bool(found))

    def _clear(self) -> None:
        try:
            self._record.clear()
        except OSError as error:
            self._show_error(error)
            return
        self.read()

    def _show_error(self, error: OSError) -> None:
        self.error.setText(
            translate(
                "ProgramRequestList", "{path} cannot be used ({reason}). Check that you may change it."
            ).format(path=self._record.path, reason=error.strerror)
        )
        self.error.show()


def _columns(request: ProgramRequest) -> list[str]:
    return [
        wording.short_moment(request.at),
        _program(request.program),
        _request(request),
        translate("ProgramRequestList", "refused")
        if request.refused
        else wording.count_of(request.photos, "photo"),
    ]


def _program(code: str) -> str:
    names = {
        "mcp": translate("ProgramRequestList", "Assistant (MCP)"),
        "serve": translate("ProgramRequestList", "Program (HTTP)"),
    }
    return names.get(code, code)


def _request(request: ProgramRequest) -> str:
    texts = {
        "search": translate("ProgramRequestList", "search “{text}”"),
        "similar": translate("ProgramRequestList", "photos similar to {text}"),
        "describe": translate("ProgramRequestList", "details of {text}"),
        "picture": translate("ProgramRequestList", "the picture {text}"),
        "duplicates": translate("ProgramRequestList", "duplicates"),
        "album": translate("ProgramRequestList", "album “{text}”"),
        "tag": translate("ProgramRequestList", "add the tag “{text}”"),
        "untag": translate("ProgramRequestList", "remove the tag “{text}”"),
        "rate": translate("ProgramRequestList", "rate {text} of 5"),
        "add-to-album": translate("ProgramRequestList", "add to the album “{text}”"),
        "undo": translate("ProgramRequestList", "undo an edit"),
    }
    return texts.get(request.request, "{text}").replace("{text}", request.text)
