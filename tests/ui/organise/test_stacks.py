"""Photos are stacked by hand in the window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from safelight.ui.grid.photo_facts import Badge
from support.window_driver import WindowDriver

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "This plugin does not support (raise|grabbing)")

CTRL = Qt.KeyboardModifier.ControlModifier


def numbers(driver: WindowDriver) -> list[int]:
    return [driver.ids.index(photo) for photo in driver.shown()]


def badges(driver: WindowDriver, number: int) -> tuple[Badge, ...]:
    return driver.window.facts.badges(driver.ids[number])


def test_photos_are_stacked_shown_in_the_viewer_and_unstacked(driver: WindowDriver) -> None:
    driver.return_to_grid()
    driver.select(1, 2, 4)
    driver.key(Qt.Key.Key_G)
    driver.wait(lambda: numbers(driver) == [0, 1, 3, 5])
    driver.wait(lambda: Badge("stack", "3") in badges(driver, 1))
    driver.wait(lambda: "4 photos" in driver.window.status.text)

    # In the viewer, O goes through the stack, and another photo is put on top.
    driver.select(1)
    driver.key(Qt.Key.Key_Return)
    viewer = driver.window.viewer
    driver.wait(lambda: viewer.photo is not None and viewer.photo.id == driver.ids[1])
    viewer.setFocus()
    driver.key(Qt.Key.Key_O)
    driver.wait(lambda: viewer.photo is not None and viewer.photo.id == driver.ids[4])
    driver.wait(lambda: driver.window.selection.ids == (driver.ids[4],))
    driver.key(Qt.Key.Key_T, CTRL)
    driver.wait(lambda: numbers(driver) == [0, 3, 4, 5])
    driver.key(Qt.Key.Key_Escape)

    driver.return_to_grid()
    driver.wait(lambda: Badge("stack", "3") in badges(driver, 4))
    driver.select(4)
    driver.key(Qt.Key.Key_G, Qt.KeyboardModifier.ShiftModifier)
    driver.wait(lambda: numbers(driver) == [0, 1, 2, 3, 4, 5])
    driver.wait(lambda: badges(driver, 4) == ())
    for wanted in ([0, 3, 4, 5], [0, 1, 3, 5], [0, 1, 2, 3, 4, 5]):
        driver.key(Qt.Key.Key_Z, CTRL)
        driver.wait(lambda wanted=wanted: numbers(driver) == wanted)  # type: ignore[misc]


def test_one_photo_is_no_stack(driver: WindowDriver) -> None:
    driver.select(1)
    assert not driver.window.commands["stack"].isEnabled()
    driver.window.commands["stack_top"].trigger()
    driver.wait(lambda: driver.window.toasts.text == "This photo is in no stack.")
