"""RAW photos: first the camera's preview, then the developed picture."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from safelight.services.indexing.decoding import DecodePool
from safelight.ui.library.picture_loader import PictureLoader
from safelight.ui.library.reader import LibraryReader
from safelight.ui.viewer.viewer import Viewer
from support.filled_library import FilledLibrary
from support.pictures import dng, encoded
from support.waiting import PATIENCE

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

_WAIT = 60_000
_SIZE = (1200, 900)


@pytest.fixture
def viewer(library: FilledLibrary, qtbot: QtBot) -> Iterator[Viewer]:
    reader = LibraryReader(library.directory)
    reader.start()
    loader = PictureLoader(DecodePool(1))
    made = Viewer(loader, reader, lambda _: QPixmap())
    made.resize(400, 300)
    qtbot.addWidget(made)
    made.show()
    yield made
    made.close_viewer()
    loader.close()
    assert reader.stop(PATIENCE)


def raw_photo(library: FilledLibrary, name: str) -> int:
    """A RAW photo whose preview is red, and whose sensor saw grey."""
    sensor = np.full((_SIZE[1], _SIZE[0]), 20_000, np.uint16)
    preview = encoded(Image.new("RGB", _SIZE, "#d01010"), "JPEG")
    (library.folder / name).write_bytes(dng(sensor, preview=preview))
    return library.add_file(name, "2020-01-01T00:00:00")


def middle(viewer: Viewer) -> QColor:
    return viewer.view.grab().toImage().pixelColor(viewer.view.width() // 2, viewer.view.height() // 2)


def is_red(viewer: Viewer) -> bool:
    colour = middle(viewer)
    return colour.red() > 180 and colour.green() < 60


@pytest.mark.slow
def test_the_preview_comes_first_and_the_developed_picture_after_a_moment(
    viewer: Viewer, library: FilledLibrary, qtbot: QtBot
) -> None:
    photo = raw_photo(library, "a.dng")
    viewer.display._develop.setInterval(3_600_000)  # the moment is over when the test says so
    viewer.open([photo], photo)
    qtbot.waitUntil(lambda: is_red(viewer), timeout=_WAIT)
    viewer.display._develop.stop()
    viewer.display._develop.timeout.emit()
    qtbot.waitUntil(lambda: not is_red(viewer), timeout=_WAIT)
    assert abs(middle(viewer).red() - middle(viewer).blue()) < 80
    assert viewer.view.image_side == 400, "no larger than the screen needs"


@pytest.mark.slow
def test_zooming_in_develops_at_once_and_in_full_size(
    viewer: Viewer, library: FilledLibrary, qtbot: QtBot
) -> None:
    photo = raw_photo(library, "a.dng")
    viewer.display._develop.setInterval(3_600_000)
    viewer.open([photo], photo)
    qtbot.waitUntil(lambda: is_red(viewer), timeout=_WAIT)
    QTest.keyClick(viewer, Qt.Key.Key_1)
    qtbot.waitUntil(lambda: not is_red(viewer), timeout=_WAIT)
    assert viewer.view.image_side == max(_SIZE)
    assert viewer.view.zoom == pytest.approx(1.0), "the place looked at stays"


@pytest.mark.slow
def test_moving_on_releases_the_developed_picture(
    viewer: Viewer, library: FilledLibrary, qtbot: QtBot
) -> None:
    first, second = raw_photo(library, "a.dng"), raw_photo_of_other_content(library)
    viewer.display._develop.setInterval(1)
    viewer.open([first, second], first)
    qtbot.waitUntil(
        lambda: viewer.display.pictures.best(first) is not None and not is_red(viewer), timeout=_WAIT
    )
    viewer.display._develop.setInterval(3_600_000)
    viewer.go(1)
    qtbot.waitUntil(lambda: viewer.display.shown == second and is_red(viewer), timeout=_WAIT)
    viewer.go(-1)
    qtbot.waitUntil(lambda: viewer.display.shown == first and is_red(viewer), timeout=_WAIT)


def raw_photo_of_other_content(library: FilledLibrary) -> int:
    sensor = np.full((_SIZE[1], _SIZE[0]), 21_000, np.uint16)
    preview = encoded(Image.new("RGB", _SIZE, "#d41010"), "JPEG")
    (library.folder / "b.dng").write_bytes(dng(sensor, preview=preview))
    return library.add_file("b.dng", "2020-01-02T00:00:00")
