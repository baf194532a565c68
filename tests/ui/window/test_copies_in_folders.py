"""Photos with copies in several folders: the copy in the open folder is the one that counts."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from safelight.ui.view_request import Place, ViewRequest
from support.window_driver import WindowDriver

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def test_details_and_commands_name_the_copy_in_the_open_folder(driver: WindowDriver) -> None:
    window, library = driver.window, driver.library
    copy = library.folder / "Backup" / "copy.jpg"
    library.add_copy("Backup/copy.jpg", driver.ids[2])
    scope = ViewRequest(Place.FOLDER, library.folder_id, below="Backup")
    window.views.open_scope(scope)
    driver.wait(lambda: driver.shown() == [driver.ids[2]])
    driver.select(2)
    driver.wait(lambda: window.details.heading == "copy.jpg")
    driver.key(Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    driver.wait(lambda: QGuiApplication.clipboard().text() == str(copy))
    window.views.open_scope(ViewRequest())
    driver.wait(lambda: driver.shown() == driver.ids)
    driver.select(2)
    driver.wait(lambda: window.details.heading == "photo2.jpg")
