"""Photos are turned in the grid and in the viewer, as marks that can be undone."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap

from safelight.engine.events import EngineReady
from safelight.store import marks, stored_thumbnails
from safelight.ui.library.reads import ReadFrames
from support.window_driver import WindowDriver

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "This plugin does not support (raise|grabbing)")

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def turns(driver: WindowDriver) -> dict[int, int]:
    """The turns of the turned photos, by their numbers."""
    with driver.library.store.read() as db:
        return {driver.ids.index(photo): by for photo, by in marks.turns(db, driver.ids).items()}


def is_tall(driver: WindowDriver, number: int) -> bool:
    """Whether the thumbnail of a photo, once loaded, is higher than wide. All files are wider than high."""
    cache = driver.window.services.cache
    found: list[QPixmap] = []

    def loaded() -> bool:
        pixmap = cache.get(driver.ids[number])
        found[:] = [] if pixmap is None else [pixmap]
        return bool(found)

    driver.wait(loaded)
    return found[0].height() > found[0].width()


def shows_tall_size(driver: WindowDriver) -> bool:
    """Whether the details panel shows a size that is higher than wide."""
    size = driver.window.details.rows.get("Size", "").partition(" · ")[0]
    width, _, height = size.partition(" × ")
    return bool(height) and int(height) > int(width)


def test_selected_photos_are_turned_and_turned_back(driver: WindowDriver) -> None:
    assert not is_tall(driver, 1)
    driver.select(1, 2)
    driver.key(Qt.Key.Key_R)
    driver.wait(lambda: turns(driver) == {1: 1, 2: 1})
    driver.wait(lambda: is_tall(driver, 1))
    driver.select(1)
    driver.wait(lambda: shows_tall_size(driver))
    upright = driver.window.services.cache.upright(driver.ids[1])
    assert upright is not None
    assert upright.width() > upright.height()
    driver.select(2)
    driver.key(Qt.Key.Key_R, SHIFT)
    driver.wait(lambda: turns(driver) == {1: 1})
    driver.wait(lambda: not is_tall(driver, 2))
    driver.wait(lambda: not shows_tall_size(driver))
    driver.key(Qt.Key.Key_Z, CTRL)
    driver.wait(lambda: turns(driver) == {1: 1, 2: 1})
    driver.wait(lambda: is_tall(driver, 2))


def test_a_turn_in_the_viewer_is_stored(driver: WindowDriver) -> None:
    viewer = driver.window.controllers.viewer
    driver.window.views.open_viewer(driver.ids[0])
    driver.wait(lambda: viewer.display.shown == driver.ids[0])
    driver.key(Qt.Key.Key_R, SHIFT)
    assert viewer.display.turns == 3
    driver.wait(lambda: turns(driver) == {0: 3})
    driver.wait(lambda: viewer.photo is not None and viewer.photo.turns == 3)
    driver.key(Qt.Key.Key_R, SHIFT)
    driver.key(Qt.Key.Key_R, SHIFT)
    assert viewer.display.turns == 1
    driver.wait(lambda: turns(driver) == {0: 1})
    driver.wait(lambda: viewer.photo is not None and viewer.photo.turns == 1)
    assert viewer.display.turns == 1


def test_turns_that_an_older_version_kept_are_taken_over(driver: WindowDriver) -> None:
    a, b, c = driver.ids[:3]
    state = driver.window.services.state
    state.keep("rotations", f"{a}:1 {b}:3 {c}:9 x:1 987654:2 ::")
    driver.client.say(EngineReady())
    driver.wait(lambda: turns(driver) == {0: 1, 1: 3})
    assert state.text("rotations") == ""
    driver.wait(lambda: is_tall(driver, 1))


def test_frames_of_a_turned_video_are_turned(driver: WindowDriver) -> None:
    photo = driver.ids[3]
    buffer = BytesIO()
    Image.new("RGB", (160, 120)).save(buffer, "JPEG")
    with driver.library.store.write() as db:
        stored_thumbnails.put_frames(db, photo, [(0.0, buffer.getvalue()), (1.0, buffer.getvalue())])
    driver.select(3)
    driver.key(Qt.Key.Key_R)
    driver.wait(lambda: turns(driver) == {3: 1})
    found: list[QImage] = []
    driver.window.services.background_reader.read(ReadFrames(photo), found.extend)
    driver.wait(lambda: len(found) == 2)
    assert all(image.height() > image.width() for image in found)
