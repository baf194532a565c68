"""Turning photos in the viewer, and the slideshow."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from safelight.services.indexing.decoding import DecodePool
from safelight.store import marks
from safelight.ui.explanation.why_card import turned_heat
from safelight.ui.library.picture_loader import PictureLoader
from safelight.ui.library.reader import LibraryReader
from safelight.ui.library.turning import region_before_turn, turned_image, turned_size
from safelight.ui.viewer.slideshow import Slideshow
from safelight.ui.viewer.viewer import Viewer
from support.filled_library import FilledLibrary
from support.waiting import PATIENCE

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def viewer(library: FilledLibrary, qtbot: QtBot) -> Iterator[Viewer]:
    reader = LibraryReader(library.directory)
    reader.start()
    loader = PictureLoader(DecodePool(1))
    made = Viewer(loader, reader, lambda _: QPixmap())
    made.resize(640, 480)
    qtbot.addWidget(made)
    made.show()
    yield made
    made.close_viewer()
    loader.close()
    assert reader.stop(PATIENCE)


@pytest.mark.slow
def test_a_turn_is_shown_before_it_is_stored_and_the_file_stays(
    viewer: Viewer, library: FilledLibrary, qtbot: QtBot
) -> None:
    (photo,) = library.add(("a.jpg", "2020-01-01T00:00:00"))
    path = library.folder / "a.jpg"
    before = hashlib.sha256(path.read_bytes()).digest()
    turned: list[tuple[int, int]] = []
    viewer.turned.connect(lambda *of: turned.append(of))
    viewer.open([photo], photo)
    qtbot.waitUntil(lambda: viewer.display.pictures.best(photo) is not None, timeout=30_000)

    def is_upright() -> bool:
        return viewer.view.picture_rect().width() > viewer.view.picture_rect().height()

    def read_rows() -> None:
        """Have the viewer read the photo again, and wait until it has."""
        row = viewer.photo
        viewer.refresh([photo])
        qtbot.waitUntil(lambda: viewer.photo is not row)

    assert is_upright()
    QTest.keyClick(viewer, Qt.Key.Key_R)
    assert not is_upright()
    QTest.keyClick(viewer, Qt.Key.Key_R, Qt.KeyboardModifier.ShiftModifier)
    assert is_upright()
    QTest.keyClick(viewer, Qt.Key.Key_R, Qt.KeyboardModifier.ShiftModifier)
    assert turned == [(photo, 1), (photo, 3), (photo, 3)]
    read_rows()
    assert not is_upright(), "the row does not hold the turn yet"
    for _ in turned:
        viewer.display.turn_stored(photo)
    read_rows()
    assert is_upright(), "nothing was stored"
    with library.store.write() as db:
        marks.turn(db, [photo], 3)
    read_rows()
    assert not is_upright()
    assert viewer.display.turns == 3
    assert hashlib.sha256(path.read_bytes()).digest() == before


def test_regions_and_heat_maps_follow_the_turn() -> None:
    image = QImage(10, 10, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.black)
    image.setPixelColor(1, 2, Qt.GlobalColor.white)
    for turns in range(4):
        turned = turned_image(image, turns)
        (white,) = [
            (x, y) for x in range(10) for y in range(10) if turned.pixelColor(x, y) == Qt.GlobalColor.white
        ]
        back = region_before_turn(QRectF(white[0] / 10, white[1] / 10, 0.1, 0.1), turns)
        assert (round(back.x() * 10), round(back.y() * 10)) == (1, 2)
    assert turned_heat(((1.0, 2.0), (3.0, 4.0)), 1) == ((3.0, 1.0), (4.0, 2.0))
    assert turned_size(QSize(3, 2), 3) == QSize(2, 3)


@pytest.mark.slow
def test_the_slideshow_moves_on_when_the_next_picture_is_there_and_ends_at_the_last(
    viewer: Viewer, library: FilledLibrary, qtbot: QtBot
) -> None:
    ids = library.add(*((f"{name}.jpg", "2020-01-01T00:00:00") for name in "abc"))
    viewer.slideshow._interval = 20
    viewer.controls.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)  # wherever the pointer is
    viewer.open(ids, ids[0])
    QTest.keyClick(viewer, Qt.Key.Key_F6)
    assert viewer.slideshow.is_running
    assert "F6" in viewer.message
    assert viewer.controls._fade.endValue() == 0.0, "the bar fades"
    qtbot.waitUntil(lambda: not viewer.slideshow.is_running, timeout=30_000)
    assert viewer.current == ids[-1]


def test_the_slideshow_waits_for_a_picture_that_is_not_there(viewer: Viewer, qtbot: QtBot) -> None:
    moved: list[int] = []
    """How often it had asked at each move."""
    asked: list[bool] = []

    def advance() -> bool:
        moved.append(len(asked))
        return True

    def ready() -> bool:
        asked.append(True)
        return len(asked) > 2

    show = Slideshow(advance, ready, viewer, seconds=0.01)
    show.toggle()
    qtbot.waitUntil(lambda: bool(moved))
    assert moved[0] == 3
    show.toggle()
    assert not show.is_running
