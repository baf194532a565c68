"""Photos with copies in several folders: the copy in the open folder is the one that counts."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.order import Order
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


def test_names_and_their_order_are_those_of_the_open_folder(driver: WindowDriver) -> None:
    window, library = driver.window, driver.library
    for copy, number in (("b.jpg", 1), ("c.jpg", 3), ("a.jpg", 4), ("inner/0.jpg", 1)):
        library.add_copy(f"Backup/{copy}", driver.ids[number])
    first, second, third = driver.ids[4], driver.ids[1], driver.ids[3]

    driver.client.say(LibraryChanged(ChangeKind.FILES, updated=(first, second, third)))

    def title(photo: int) -> str:
        return window.info_cache.title_of(photo) or ""

    driver.wait(lambda: title(first) == "photo4.jpg · in 2 files")
    window.results.set_order(Order.NAME)
    window.views.open_scope(ViewRequest(Place.FOLDER, library.folder_id, below="Backup"))
    driver.wait(lambda: set(driver.shown()) == {first, second, third})
    driver.wait(lambda: title(first) == "a.jpg · in 2 files")
    assert driver.shown() == [first, second, third]
    driver.wait(lambda: title(third) == "c.jpg · in 2 files")
    window.views.open_scope(ViewRequest(Place.FOLDER, library.folder_id, below="Backup/inner"))
    driver.wait(lambda: driver.shown() == [second])
    driver.wait(lambda: title(second) == "0.jpg · in 3 files")
    window.views.open_scope(ViewRequest())
    driver.wait(lambda: driver.shown() == driver.ids)
    driver.wait(lambda: title(first) == "photo4.jpg · in 2 files")
