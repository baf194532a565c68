"""Frames around faces in the viewer, as a person uses them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from safelight.core.photo import FaceRegion, ImageMetadata
from safelight.core.query import parse
from safelight.store import file_metadata, filter_ids
from safelight.ui.viewer.viewer import Viewer
from support.window_driver import WindowDriver

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "This plugin does not support (raise|grabbing)")

ANNA = FaceRegion("Anna Smith", "Face", 0.6, 0.25, 0.25, 0.5)
NOBODY = FaceRegion("", "Face", 0.1, 0.1, 0.1, 0.1)
REX = FaceRegion("Rex", "Pet", 0.3, 0.5, 0.2, 0.2)


@pytest.fixture
def driver(tmp_path: Path, qapp: QApplication, qtbot: QtBot) -> Iterator[WindowDriver]:
    made = WindowDriver(tmp_path, qapp, qtbot)
    with made.library.store.write() as db:
        stated = ImageMetadata(regions=(ANNA, NOBODY, REX))
        file_metadata.merge_metadata(db, [(made.ids[0], stated)])
    yield made
    assert made.window.shutdown()
    made.library.close()


def opened(driver: WindowDriver, number: int) -> Viewer:
    """The viewer with the details of a photo."""
    viewer = driver.window.controllers.viewer
    driver.window.views.open_viewer(driver.ids[number])
    driver.wait(lambda: viewer.display.shown == driver.ids[number])
    driver.wait(lambda: viewer.display.pictures.best(driver.ids[number]) is not None)
    if viewer.info.isHidden():
        QTest.keyClick(viewer, Qt.Key.Key_I)
    return viewer


def names(viewer: Viewer) -> list[str]:
    return [each.text() for each in viewer.faces.frames.names if each.isVisible()]


def frame_is_drawn(viewer: Viewer, face: FaceRegion) -> bool:
    """Whether the middle of a face's upper edge is lighter than the picture beside it."""
    picture = viewer.view.picture_rect()
    x = picture.left() + (face.left + face.width / 2) * picture.width()
    y = picture.top() + face.top * picture.height()
    image = viewer.view.grab().toImage()
    scale = image.devicePixelRatio()
    edge, beside = (image.pixelColor(round(x * scale), round((y + by) * scale)) for by in (0, 8))
    return edge.lightness() > beside.lightness() + 20


def test_faces_are_framed_while_the_details_are_shown(driver: WindowDriver) -> None:
    viewer = opened(driver, 0)
    driver.wait(lambda: names(viewer) == ["Anna Smith", "Rex"])
    assert viewer.faces.frames.faces == (ANNA, NOBODY, REX)
    assert frame_is_drawn(viewer, ANNA)
    assert viewer.info.faces.text() == "Show 3 faces"
    QTest.keyClick(viewer, Qt.Key.Key_I)
    assert names(viewer) == []
    assert viewer.faces.frames.isHidden()
    QTest.keyClick(viewer, Qt.Key.Key_I)
    assert names(viewer) == ["Anna Smith", "Rex"]
    opened(driver, 1)
    driver.wait(viewer.faces.frames.isHidden)
    assert viewer.info.faces.isHidden()
    opened(driver, 0)
    driver.wait(lambda: names(viewer) == ["Anna Smith", "Rex"])


def test_frames_can_be_switched_off_and_stay_off(driver: WindowDriver) -> None:
    viewer = opened(driver, 0)
    driver.wait(lambda: len(names(viewer)) == 2)
    QTest.mouseClick(viewer.info.faces, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    assert names(viewer) == []
    assert viewer.faces.frames.isHidden()
    assert not driver.window.services.state.flag("faces", True)
    viewer.info.faces.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(viewer.info.faces, Qt.Key.Key_Space)
    assert names(viewer) == ["Anna Smith", "Rex"]


def test_frames_turn_with_the_picture(driver: WindowDriver) -> None:
    viewer = opened(driver, 0)
    driver.wait(lambda: len(names(viewer)) == 2)
    viewer.turn(1)
    assert viewer.faces.frames.faces == tuple(each.turned(1) for each in (ANNA, NOBODY, REX))
    assert frame_is_drawn(viewer, ANNA.turned(1))


def test_a_name_searches_the_person(driver: WindowDriver) -> None:
    viewer = opened(driver, 0)
    driver.wait(lambda: len(names(viewer)) == 2)
    anna, rex = viewer.faces.frames.names
    QTest.mouseClick(rex, Qt.MouseButton.LeftButton)
    assert driver.window.search_bar.field.text() == ""
    QTest.mouseClick(anna, Qt.MouseButton.LeftButton)
    assert driver.window.search_bar.field.text() == 'tag:"Anna Smith"'
    driver.wait(viewer.isHidden)
    with driver.library.store.read() as db:
        found = filter_ids.matching_ids(db, parse('tag:"Anna Smith"').restrictions)
    assert found.tolist() == [driver.ids[0]]


def test_the_picture_can_be_dragged_below_the_frames(driver: WindowDriver) -> None:
    viewer = opened(driver, 0)
    driver.wait(lambda: len(names(viewer)) == 2)
    assert viewer.childAt(viewer.view.picture_rect().center().toPoint()) is viewer.view
