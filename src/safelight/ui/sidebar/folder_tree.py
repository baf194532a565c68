"""The folders of the sidebar: reads their subfolders, follows changes, and has their menu."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QTimer, Signal
from PySide6.QtWidgets import QMenu

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.engine import requests
from safelight.ui.library.places_model import Entry
from safelight.ui.library.reads import FolderKey, ReadSubfolders
from safelight.ui.translation import translate
from safelight.ui.view_request import WITH_SUBFOLDERS, Place
from safelight.ui.widgets.menus import pop_up

if TYPE_CHECKING:
    from safelight.core.photo import Folder
    from safelight.ui.commands.folder_commands import FolderCommands
    from safelight.ui.library.window_services import WindowServices
    from safelight.ui.sidebar.sidebar import Sidebar

_READ_DELAY = 1000
"""Milliseconds that changes are gathered before the folders are read again."""


class FolderTree(QObject):
    """Fills the folders of the sidebar. The folders in a root are read at once, deeper ones when opened."""

    with_subfolders_changed = Signal(bool)

    def __init__(self, services: WindowServices, sidebar: Sidebar, commands: FolderCommands) -> None:
        super().__init__(sidebar)
        self._reader = services.reader
        self._bridge = services.bridge
        self._state = services.state
        self._sidebar = sidebar
        self._commands = commands
        self._open: dict[FolderKey, Entry] = {}
        """Folders whose subfolders are shown."""
        self.with_subfolders = services.state.flag(WITH_SUBFOLDERS, True)
        sidebar.set_with_subfolders(self.with_subfolders)
        self._again = QTimer(self, singleShot=True, interval=_READ_DELAY)
        self._again.timeout.connect(self._read)
        sidebar.places.children_requested.connect(self._on_entry_opened)
        sidebar.folder_menu_requested.connect(self.show_menu)
        services.bridge.library_changed.connect(self._on_library_changed)

    def show_folders(self, folders: tuple[Folder, ...]) -> None:
        """These are the roots now."""
        roots = {folder.id for folder in folders}
        for key in [key for key in self._open if key[0] not in roots]:
            del self._open[key]
        filled = [folder.id for folder in folders if folder.photos or folder.excluded]
        new = [folder_id for folder_id in filled if (folder_id, "") not in self._open]
        for folder_id in new:
            entry = self._sidebar.entry_of(folder_id)
            if entry is not None:
                self._open[folder_id, ""] = entry
        if new:
            self._read()

    def set_with_subfolders(self, shown: bool) -> None:
        """Whether a folder is shown with its subfolders; the one that is shown now changes too."""
        self.with_subfolders = shown
        self._state.keep(WITH_SUBFOLDERS, shown)
        self._sidebar.set_with_subfolders(shown)
        self.with_subfolders_changed.emit(shown)

    def _on_entry_opened(self, entry: Entry) -> None:
        scope = entry.scope
        if scope is not None and scope.folder_id is not None and scope.place == Place.FOLDER:
            self._open[scope.folder_id, scope.below] = entry
            self._read()

    def _on_library_changed(self, change: LibraryChanged) -> None:
        concerned = change.any_of(ChangeKind.FILES | ChangeKind.PHOTOS | ChangeKind.FOLDERS)
        if concerned and self._open and not self._again.isActive():
            self._again.start()

    def _read(self) -> None:
        self._reader.read(ReadSubfolders(tuple(self._open)), self._show)

    def _show(self, found: Mapping[FolderKey, tuple[Entry, ...]]) -> None:
        for key, children in sorted(found.items()):  # a folder before those inside it
            entry = self._open.get(key)
            if entry is not None and not self._sidebar.show_subfolders(entry, children):
                del self._open[key]  # it is gone

    # --- the menu -------------------------------------------------------------------------------

    def show_menu(self, folder: Folder, below: str, position: QPoint) -> None:
        pop_up(self.menu(folder, below), position)

    def menu(self, folder: Folder, below: str = "") -> QMenu:
        """The commands for a folder; ``below`` names a folder inside it."""
        if below in folder.excluded:
            return self.menu_of_excluded(folder, below)
        menu = self._commands.menu(folder) if not below else self._menu_of_subfolder(folder, below)
        first = menu.actions()[0]
        choice = menu.addAction(translate("FolderTree", "Include subfolders"))
        menu.insertAction(first, choice)
        menu.insertSeparator(first)
        choice.setCheckable(True)
        choice.setChecked(self.with_subfolders)
        choice.toggled.connect(self.set_with_subfolders)
        return menu

    def _menu_of_subfolder(self, folder: Folder, below: str) -> QMenu:
        menu = QMenu(self._sidebar.window())
        path = str(Path(folder.path, below))

        rescan = menu.addAction(translate("FolderTree", "Rescan"))
        rescan.triggered.connect(lambda: self._bridge.send(requests.Rescan((folder.id,), os.fsencode(below))))
        show = menu.addAction(translate("FolderTree", "Show in file manager"))
        show.triggered.connect(lambda: self._commands.show_file(path))
        menu.addSeparator()
        exclude = menu.addAction(translate("FolderTree", "Exclude from library"))
        exclude.triggered.connect(lambda: self._commands.exclude(path))
        return menu

    def menu_of_excluded(self, folder: Folder, below: str) -> QMenu:
        """The commands for a folder that is left out."""
        menu = QMenu(self._sidebar.window())
        path = str(Path(folder.path, below))
        include = menu.addAction(translate("FolderTree", "Include in library"))
        include.triggered.connect(lambda: self._commands.include(path))
        show = menu.addAction(translate("FolderTree", "Show in file manager"))
        show.triggered.connect(lambda: self._commands.show_file(path))
        return menu
