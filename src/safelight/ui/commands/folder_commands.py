"""Commands for folders: add, rescan, show, remove."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QDir, QFileInfo, QObject, QPoint, QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QWidget

from safelight.core.operations import (
    AddFolder,
    ExcludeFolder,
    IncludeFolder,
    Operation,
    Outcome,
    RemoveFolder,
    Undo,
)
from safelight.core.photo import Folder
from safelight.engine import requests
from safelight.ui import wording
from safelight.ui.commands import desktop_integration
from safelight.ui.commands.trash_commands import Notify
from safelight.ui.library.engine_bridge import EngineBridge
from safelight.ui.translation import translate
from safelight.ui.widgets.menus import pop_up
from safelight.ui.widgets.toast import STEPS_TOPIC


class FolderCommands(QObject):
    """Dialogs and menus for folders. Nothing blocks: each dialog reports its own result."""

    def __init__(self, bridge: EngineBridge, window: QWidget, notify: Notify) -> None:
        super().__init__(window)
        self._notify = notify
        self._bridge = bridge
        self._window = window

    def choose(self) -> None:
        """Ask for a folder and add it."""
        start = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
        if not QFileInfo(start).isDir():  # the dialog would offer a name that it cannot choose
            start = QDir.homePath()
        dialog = QFileDialog(self._window, translate("FolderCommands", "Add a folder of photos"), start)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(lambda path: self.add([path]))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def add(self, paths: Sequence[str]) -> None:
        """Add folders. The message that says what became of them replaces the one shown meanwhile."""
        told: list[str] = []
        steps: list[int] = []

        def announce(path: str, outcome: Outcome) -> None:
            notes = [wording.folder_note(note) for note in outcome.notes]
            name = wording.display_name(path)
            told.extend(notes or [translate("FolderCommands", "Added “{name}”.").format(name=name)])
            steps.extend(() if outcome.step is None else (outcome.step,))
            if len(steps) == 1:
                self._offer_undo(" ".join(told), steps[0])
            else:
                self._notify(" ".join(told), topic=STEPS_TOPIC)

        for path in paths:
            self._bridge.run(AddFolder(path), partial(announce, path))
        names = ", ".join(f"“{wording.display_name(path)}”" for path in paths[:3])
        more = (
            translate("FolderCommands", " and {value} more").format(value=len(paths) - 3)
            if len(paths) > 3
            else ""
        )
        adding = translate("FolderCommands", "Adding {names}{more} …").format(names=names, more=more)
        self._notify(adding, topic=STEPS_TOPIC)

    def exclude(self, path: str) -> None:
        """Leave a folder inside one of the library out."""
        self._run(ExcludeFolder(path))

    def include(self, path: str) -> None:
        """Take a folder that was left out into the library again."""
        self._run(IncludeFolder(path))

    def rescan(self, folder: Folder | None = None) -> None:
        self._bridge.send(requests.Rescan(None if folder is None else (folder.id,)))

    def show_menu(self, folder: Folder, position: QPoint) -> None:
        pop_up(self.menu(folder), position)

    def menu(self, folder: Folder) -> QMenu:
        menu = QMenu(self._window)
        menu.addAction(translate("FolderCommands", "Rescan")).triggered.connect(lambda: self.rescan(folder))
        menu.addAction(translate("FolderCommands", "Show in file manager")).triggered.connect(
            lambda: self.show_file(folder.path)
        )
        menu.addSeparator()
        menu.addAction(translate("FolderCommands", "Remove from library …")).triggered.connect(
            lambda: self.ask_to_remove(folder)
        )
        return menu

    def ask_to_remove(self, folder: Folder) -> None:
        """Asks first, because many photos may leave the window at once."""
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(
            translate("FolderCommands", "Remove “{name}” from the library?").format(
                name=wording.display_name(folder.path)
            )
        )
        box.setInformativeText(
            translate(
                "FolderCommands",
                "{count} will no longer be shown here. The files stay where they are, "
                "unchanged. Undo brings the photos back at once.",
            ).format(count=wording.count_of(folder.photos, "photo"))
        )
        remove = box.addButton(translate("FolderCommands", "Remove"), QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        remove.clicked.connect(lambda: self._remove(folder))
        box.finished.connect(box.deleteLater)
        box.open()

    def _remove(self, folder: Folder) -> None:
        name = wording.display_name(folder.path)

        def announce(outcome: Outcome) -> None:
            if outcome.step is not None:
                removed = translate("FolderCommands", "Removed “{name}” from the library").format(name=name)
                self._offer_undo(removed, outcome.step)

        self._bridge.run(RemoveFolder(folder.id), announce)

    def _run(self, operation: Operation[Outcome]) -> None:
        """Run an operation, say what it did and offer to undo it."""

        def announce(outcome: Outcome) -> None:
            for note in outcome.notes:
                if outcome.step is None:
                    self._notify(wording.folder_note(note), topic=STEPS_TOPIC)
                else:
                    self._offer_undo(wording.folder_note(note), outcome.step)

        self._bridge.run(operation, announce)

    def _offer_undo(self, text: str, step: int) -> None:
        """Say what a step did, with a button that undoes it."""
        undo = translate("FolderCommands", "Undo")
        self._notify(text, undo, lambda: self._bridge.run(Undo(step)), topic=STEPS_TOPIC)

    def open_file(self, path: str) -> None:
        """Open a file in its default application, or say why that is not possible."""
        problem = desktop_integration.open_file(path)
        if problem:
            self._notify(problem)

    def show_file(self, path: str) -> None:
        """Show a file or folder in the file manager."""
        message = desktop_integration.show_in_folder(path)
        if message:
            self._notify(message)
