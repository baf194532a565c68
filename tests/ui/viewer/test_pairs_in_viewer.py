"""Both halves of a pair can be reached in the viewer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from safelight.services.indexing.decoding import DecodePool
from safelight.ui.library.picture_loader import PictureLoader
from safelight.ui.library.reader import LibraryReader
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


def test_o_goes_through_the_halves_and_moving_on_starts_at_the_owner(
    viewer: Viewer, library: FilledLibrary, qtbot: QtBot
) -> None:
    first, owner, half, last = library.add(
        *((f"{name}.jpg", "2020-01-01T00:00:00") for name in ("first", "owner", "half", "last"))
    )
    with library.store.write() as db:
        db.execute("INSERT INTO pair VALUES (?, ?, 'raw')", (half, owner))
    shown = [first, owner, last]
    closed: list[int] = []
    viewer.closed.connect(closed.append)

    def reach(photo_id: int) -> None:
        qtbot.waitUntil(lambda: viewer.photo is not None and viewer.photo.id == photo_id)

    viewer.open(shown, first)
    reach(first)
    assert not viewer.controls.other_half.isVisible()
    QTest.keyClick(viewer, Qt.Key.Key_O)
    assert viewer.current == first
    viewer.go(1)
    reach(owner)
    assert viewer.controls.other_half.isVisible()
    QTest.keyClick(viewer, Qt.Key.Key_O)
    reach(half)
    assert viewer.controls.other_half.isVisible()
    viewer.update_ids(shown)
    assert viewer.current == half
    viewer.go(1)
    reach(last)
    viewer.go(-1)
    reach(owner)
    QTest.mouseClick(viewer.controls.other_half, Qt.MouseButton.LeftButton)
    reach(half)
    QTest.mouseClick(viewer.controls.other_half, Qt.MouseButton.LeftButton)
    reach(owner)
    QTest.keyClick(viewer, Qt.Key.Key_O)
    viewer.close_viewer()
    assert closed == [owner]


def test_a_photo_that_left_the_list_while_its_half_was_shown_does_not_come_back(
    viewer: Viewer, library: FilledLibrary, qtbot: QtBot
) -> None:
    first, owner, half, last = library.add(
        *((f"{name}.jpg", "2020-01-01T00:00:00") for name in ("first", "owner", "half", "last"))
    )
    with library.store.write() as db:
        db.execute("INSERT INTO pair VALUES (?, ?, 'raw')", (half, owner))
    viewer.open([first, owner, last], owner)
    qtbot.waitUntil(lambda: viewer.photo is not None)
    QTest.keyClick(viewer, Qt.Key.Key_O)
    qtbot.waitUntil(lambda: viewer.photo is not None and viewer.photo.id == half)
    viewer.update_ids([first, last])
    qtbot.waitUntil(lambda: viewer.photo is not None and viewer.photo.id == last)
    assert not viewer.controls.other_half.isVisible()
    viewer.go(-1)
    viewer.go(1)
    assert viewer.current == last
