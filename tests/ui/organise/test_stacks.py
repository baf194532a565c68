"""Photos are stacked by hand in the window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from safelight.ui.appearance.theme import DARK
from safelight.ui.grid.badges import STACK_BADGE, Badge
from safelight.ui.grid.painter import CellPainter
from safelight.ui.view_request import Place, ViewRequest
from support.window_driver import WindowDriver

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "This plugin does not support (raise|grabbing)")

CTRL = Qt.KeyboardModifier.ControlModifier


def numbers(driver: WindowDriver) -> list[int]:
    return [driver.ids.index(photo) for photo in driver.shown()]


def badges(driver: WindowDriver, number: int) -> tuple[Badge, ...]:
    return driver.window.info_cache.badges(driver.ids[number])


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
    viewer = driver.window.controllers.viewer
    driver.wait(lambda: viewer.photo is not None and viewer.photo.id == driver.ids[1])
    viewer.setFocus()
    driver.key(Qt.Key.Key_O)
    driver.wait(lambda: viewer.photo is not None and viewer.photo.id == driver.ids[4])
    driver.wait(lambda: driver.window.controllers.selection.ids == (driver.ids[4],))
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


def badge_centre(driver: WindowDriver, number: int) -> QPoint:
    """The middle of the badge that opens and closes the stack of a photo."""
    grid, photo = driver.window.grid, driver.ids[number]
    row = driver.window.model.row_of(photo)
    assert row is not None
    painter = CellPainter(DARK, grid.font())
    picture = painter.picture_rect(grid.visualRect(driver.window.model.index(row)), None)
    rect = painter.badge_rect(picture, grid.badges_at(photo), STACK_BADGE)
    assert rect is not None
    return rect.center()


def places(driver: WindowDriver) -> list[str]:
    """The numbers on the photos of open stacks, by row."""
    found = [driver.window.grid.badges_at(photo) for photo in driver.shown()]
    return [badge.text for badges in found for badge in badges if badge.icon == STACK_BADGE]


def test_a_stack_is_opened_in_place_and_another_photo_becomes_its_top(driver: WindowDriver) -> None:
    driver.return_to_grid()
    driver.select(1, 3, 4)
    driver.key(Qt.Key.Key_G)
    driver.wait(lambda: numbers(driver) == [0, 1, 2, 5])
    driver.wait(lambda: Badge("stack", "3") in badges(driver, 1))
    driver.select(1)

    driver.key(Qt.Key.Key_O)
    driver.wait(lambda: numbers(driver) == [0, 1, 4, 3, 2, 5])  # the earliest first below the top
    assert places(driver) == ["1/3", "2/3", "3/3"]
    assert driver.window.controllers.selection.ids == (driver.ids[1],)
    assert sum(section.count for section in driver.window.model.sections) == 6

    # Another photo becomes the top; the stack stays open at the place of its new top.
    driver.select(4)
    driver.key(Qt.Key.Key_T, CTRL)
    driver.wait(lambda: numbers(driver) == [0, 2, 4, 3, 1, 5])
    assert places(driver) == ["1/3", "2/3", "3/3"]
    assert driver.window.controllers.selection.ids == (driver.ids[4],)

    # Closed with the selection on a photo that disappears: the top is selected instead.
    driver.select(1)
    driver.key(Qt.Key.Key_O)
    driver.wait(lambda: numbers(driver) == [0, 2, 4, 5])
    driver.wait(lambda: driver.window.controllers.selection.ids == (driver.ids[4],))
    driver.wait(lambda: places(driver) == ["3"])


def test_the_badge_opens_and_closes_a_stack(driver: WindowDriver) -> None:
    driver.return_to_grid()
    driver.select(2, 4)
    driver.key(Qt.Key.Key_G)
    driver.wait(lambda: Badge("stack", "2") in badges(driver, 2) and len(numbers(driver)) == 5)
    viewport = driver.window.grid.viewport()
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=badge_centre(driver, 2))
    driver.wait(lambda: numbers(driver) == [0, 1, 2, 4, 3, 5])

    # A second click on the badge of another photo of the stack closes it.
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=badge_centre(driver, 4))
    driver.wait(lambda: numbers(driver) == [0, 1, 2, 3, 5])

    # A double click does not also open the viewer.
    QTest.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=badge_centre(driver, 2))
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=badge_centre(driver, 2))  # or it stays down
    assert driver.window.controllers.viewer.current is None


def test_an_open_stack_follows_what_happens_to_it(driver: WindowDriver) -> None:
    driver.return_to_grid()
    driver.select(1, 3, 4)
    driver.key(Qt.Key.Key_G)
    driver.wait(lambda: numbers(driver) == [0, 1, 2, 5])
    driver.select(1)
    driver.key(Qt.Key.Key_O)
    driver.wait(lambda: numbers(driver) == [0, 1, 4, 3, 2, 5])

    # A hidden photo is not shown below its top either.
    driver.select(4)
    driver.key(Qt.Key.Key_H)
    driver.wait(lambda: numbers(driver) == [0, 1, 3, 2, 5])
    driver.wait(lambda: places(driver) == ["1/2", "2/2"])
    driver.key(Qt.Key.Key_Z, CTRL)
    driver.wait(lambda: numbers(driver) == [0, 1, 4, 3, 2, 5])

    # Ended: its photos go back to their places.
    driver.select(1)
    driver.key(Qt.Key.Key_G, Qt.KeyboardModifier.ShiftModifier)
    driver.wait(lambda: numbers(driver) == [0, 1, 2, 3, 4, 5])
    driver.wait(lambda: places(driver) == [])

    # Another view shows stacks closed.
    driver.select(1, 3)
    driver.key(Qt.Key.Key_G)
    driver.wait(lambda: numbers(driver) == [0, 1, 2, 4, 5])
    driver.select(1)
    driver.key(Qt.Key.Key_O)
    driver.wait(lambda: numbers(driver) == [0, 1, 3, 2, 4, 5])
    driver.window.views.show_scope(ViewRequest(Place.RECENT))
    driver.wait(lambda: sorted(numbers(driver)) == [0, 1, 2, 4, 5])
