"""A folder that is connected again while its photos are looked at."""

from __future__ import annotations

import pytest

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.photo import FolderState
from safelight.store import folders
from support.window_driver import WindowDriver

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "This plugin does not support")

OFFLINE = "The folder is offline. Showing the stored thumbnail."


def set_state(driver: WindowDriver, state: FolderState) -> None:
    with driver.library.store.write() as db:
        folders.set_state(db, driver.library.folder_id, state)
    driver.client.say(LibraryChanged(ChangeKind.FOLDERS))


def test_the_viewer_shows_the_picture_and_no_message(driver: WindowDriver) -> None:
    set_state(driver, FolderState.OFFLINE)
    viewer = driver.window.controllers.viewer
    driver.window.views.open_viewer(driver.ids[0])
    driver.wait(lambda: viewer.message == OFFLINE)
    assert viewer.display.pictures.best(driver.ids[0]) is None
    set_state(driver, FolderState.ONLINE)
    driver.wait(lambda: viewer.message == "")
    driver.wait(lambda: viewer.display.pictures.best(driver.ids[0]) is not None)


def test_a_comparison_shows_the_pictures_and_no_message(driver: WindowDriver) -> None:
    set_state(driver, FolderState.OFFLINE)
    compare = driver.window.controllers.compare
    compare.open(driver.ids[:2])
    panes = compare.page.get().area.panes[:2]
    driver.wait(lambda: [pane.message for pane in panes] == [OFFLINE, OFFLINE])
    set_state(driver, FolderState.ONLINE)
    driver.wait(lambda: [pane.message for pane in panes] == ["", ""])
    driver.wait(lambda: all(pane.view.image_side == 640 for pane in panes))
