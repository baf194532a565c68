"""Drives the main window as a person does: with the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from safelight.core.operations import AddTag, CreateAlbum, SaveSearch
from safelight.core.photo import Photo
from safelight.services.operations.runner import OperationRunner
from safelight.store import photos, tags
from safelight.ui.organise.palette import CommandPalette
from safelight.ui.organise.prompt import NamePrompt
from safelight.ui.window.build import build_window
from safelight.ui.window.main_window import MainWindow
from support.filled_library import FilledLibrary
from support.open_windows import bring_up
from support.scripted_client import LibraryClient
from support.threaded_decoder import ThreadedDecoder

D = TypeVar("D", NamePrompt, CommandPalette)


class WindowDriver:
    """A window over six photos, whose engine applies operations."""

    def __init__(self, place: Path, app: QApplication, bot: QtBot) -> None:
        self.library = FilledLibrary(place)
        self.ids = self.library.add(*((f"photo{n}.jpg", f"2021-06-0{9 - n}T10:00:00") for n in range(6)))
        OperationRunner(self.library.store).run(AddTag((self.ids[5],), "animals/dog"))
        OperationRunner(self.library.store).run(CreateAlbum("Trips", None, (self.ids[4], self.ids[0])))
        OperationRunner(self.library.store).run(SaveSearch("Best", "rating:>=4"))
        self.client = LibraryClient(self.library.store)
        self.window: MainWindow = build_window(
            app, self.library.directory, lambda: self.client, ThreadedDecoder()
        )
        self.bot = bot
        bring_up(self.window, bot)
        self.wait(lambda: self.window.model.rowCount() == len(self.ids))
        self.wait(lambda: len(self.window.controllers.organise.albums) == 1)

    def wait(self, condition: Callable[[], bool]) -> None:
        self.bot.waitUntil(condition)

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(QApplication.focusWidget() or self.window, key, modifiers)

    def write(self, text: str) -> None:
        QTest.keyClicks(QApplication.focusWidget() or self.window, text)

    def dialog(self, kind: type[D]) -> D:
        self.wait(lambda: isinstance(QApplication.activeModalWidget(), kind))
        found = QApplication.activeModalWidget()
        assert isinstance(found, kind)
        found.activateWindow()
        self.wait(lambda: QApplication.focusWidget() is found.field)
        return found

    def return_to_grid(self) -> None:
        """After a dialog; the offscreen platform does not activate the window again by itself."""
        self.wait(lambda: QApplication.activeModalWidget() is None)
        self.window.activateWindow()
        self.wait(self.window.isActiveWindow)
        self.window.grid.setFocus()

    def select(self, *numbers: int) -> None:
        self.window.grid.select_photos([self.ids[number] for number in numbers])
        self.window.grid.setFocus()
        self.wait(lambda: len(self.window.controllers.selection.ids) == len(numbers))

    def photo(self, number: int) -> Photo:
        with self.library.store.read() as db:
            return photos.get_many(db, [self.ids[number]])[0]

    def tags(self) -> dict[str, int]:
        with self.library.store.read() as db:
            return {each.name: each.photos for each in tags.all_tags(db)}

    def shown(self) -> list[int]:
        return list(self.window.grid_content.shown_ids())
