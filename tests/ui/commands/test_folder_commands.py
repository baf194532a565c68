"""Folders: messages when they are added, drives that come and go, and keys after a click in the sidebar."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.photo import FolderState
from safelight.store import folders
from safelight.ui.view_request import Place, ViewRequest
from support.undo_questions import answer_undo_question
from support.window_driver import WindowDriver

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def known_folders(driver: WindowDriver) -> list[str]:
    with driver.library.store.read() as db:
        return [each.path for each in folders.all_folders(db)]


def undo_button(driver: WindowDriver) -> QPushButton:
    return next(each for each in driver.window.toasts.findChildren(QPushButton) if each.text() == "Undo")


def test_one_message_says_what_became_of_a_folder_and_undoes_it(driver: WindowDriver, tmp_path: Path) -> None:
    before = known_folders(driver)
    other = tmp_path / "Other"
    other.mkdir()
    driver.window.controllers.folder_commands.add([str(other)])
    driver.wait(lambda: driver.window.toasts.text == "Added “Other”.")
    undo_button(driver).click()
    driver.wait(lambda: known_folders(driver) == before)
    driver.window.controllers.folder_commands.add([str(other)])
    driver.wait(lambda: driver.window.toasts.text == "Added “Other”.")
    driver.window.commands["undo"].trigger()
    answer_undo_question(driver.window, "Remove from library", driver.wait)
    driver.wait(lambda: driver.window.toasts.text == "Undone: added the folder “Other”")


def test_a_folder_inside_one_of_the_library_is_explained_at_once(driver: WindowDriver) -> None:
    inside = Path(driver.library.folder) / "inside"
    inside.mkdir()
    driver.window.controllers.folder_commands.add([str(inside)])
    expected = "“inside” is already in the library as part of “Pictures”."
    driver.wait(lambda: driver.window.toasts.text == expected)
    assert not any(each.isVisible() for each in driver.window.toasts.findChildren(QPushButton))


def test_details_follow_a_drive_that_goes_and_returns(driver: WindowDriver) -> None:
    def say(state: FolderState) -> None:
        with driver.library.store.write() as db:
            folders.set_state(db, driver.library.folder_id, state)
        # As the indexer reports it: no photo changed.
        driver.client.say(LibraryChanged(ChangeKind.FOLDERS))

    def offline() -> bool:
        return any(not file.online for file in shown[-1].files)

    shown = [driver.photo(0)]
    driver.window.controllers.selection.photos_changed.connect(lambda photos, _: shown.extend(photos))
    driver.select(0)
    driver.wait(lambda: len(shown) > 1)
    assert not offline()
    say(FolderState.OFFLINE)
    driver.wait(offline)
    say(FolderState.ONLINE)
    driver.wait(lambda: not offline())


def test_after_a_click_in_the_sidebar_keys_are_for_what_is_shown(driver: WindowDriver) -> None:
    sidebar, window = driver.window.sidebar.list, driver.window
    index = window.sidebar.places.find(ViewRequest(Place.FAVOURITES))
    middle = sidebar.visualRect(index).center()
    QTest.mouseClick(sidebar.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    driver.wait(window.grid.hasFocus)
    assert window.controllers.views.scope == ViewRequest(Place.FAVOURITES)
    sidebar.setFocus(Qt.FocusReason.TabFocusReason)
    driver.key(Qt.Key.Key_Up)
    assert sidebar.hasFocus()
    assert window.controllers.views.scope == ViewRequest()
