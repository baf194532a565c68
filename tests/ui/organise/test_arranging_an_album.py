"""An album is arranged by hand, by keys and by dragging, and gets a cover."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from safelight.core.operations import AddToAlbum, SetHidden
from safelight.core.order import Order
from safelight.services.operations.runner import OperationRunner
from safelight.store import albums
from safelight.ui.view_request import Place, ViewRequest
from support.window_driver import WindowDriver

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "This plugin does not support (raise|grabbing)")

ALT_SHIFT = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier


class OwnDrag(QDropEvent):
    """A drop of photos of the grid itself, as Qt tells it while the mouse drags."""

    def __init__(self, source: QObject, place: QPoint) -> None:
        self._mime = QMimeData()
        super().__init__(
            QPointF(place),
            Qt.DropAction.CopyAction,
            self._mime,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        self._source = source

    def source(self) -> QObject:
        return self._source


class AlbumDriver(WindowDriver):
    """A window that shows an album with all six photos."""

    def __init__(self, place: Path, app: QApplication, bot: QtBot) -> None:
        super().__init__(place, app, bot)
        self.album = self.window.controllers.organise.albums[0].album.id
        OperationRunner(self.library.store).run(AddToAlbum(self.album, tuple(self.ids)))
        self.window.views.show_scope(ViewRequest(Place.ALBUM, album_id=self.album))
        self.wait(lambda: self.order() == [4, 0, 1, 2, 3, 5])

    def order(self) -> list[int]:
        """The numbers of the photos as they are shown."""
        return [self.ids.index(photo) for photo in self.shown()]

    def stored(self) -> list[int]:
        with self.library.store.read() as db:
            return [self.ids.index(photo) for photo in albums.photo_ids(db, self.album)]

    def drop(self, row: int, *, right: bool) -> None:
        grid = self.window.grid
        rect = grid.visualRect(self.window.model.index(row))
        x = rect.right() - 5 if right else rect.left() + 5
        grid.dropEvent(OwnDrag(grid, QPoint(x, rect.center().y())))


@pytest.fixture
def driver(tmp_path: Path, qapp: QApplication, qtbot: QtBot) -> Iterator[AlbumDriver]:
    made = AlbumDriver(tmp_path, qapp, qtbot)
    yield made
    assert made.window.shutdown()
    made.library.close()


def test_photos_are_moved_by_keys_and_stay_selected(driver: AlbumDriver) -> None:
    driver.return_to_grid()
    driver.select(1, 2)
    driver.key(Qt.Key.Key_Left, ALT_SHIFT)
    driver.wait(lambda: driver.order() == [4, 1, 2, 0, 3, 5])
    assert driver.window.controllers.selection.ids == (driver.ids[1], driver.ids[2])
    driver.key(Qt.Key.Key_Right, ALT_SHIFT)
    driver.wait(lambda: driver.order() == [4, 0, 1, 2, 3, 5])
    driver.key(Qt.Key.Key_End, ALT_SHIFT)
    driver.wait(lambda: driver.order() == [4, 0, 3, 5, 1, 2])
    driver.key(Qt.Key.Key_Right, ALT_SHIFT)  # there is no place further on
    driver.key(Qt.Key.Key_Home, ALT_SHIFT)
    driver.wait(lambda: driver.order() == [1, 2, 4, 0, 3, 5])
    driver.key(Qt.Key.Key_Left, ALT_SHIFT)
    driver.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    driver.wait(lambda: driver.order() == [4, 0, 3, 5, 1, 2])
    assert driver.stored() == [4, 0, 3, 5, 1, 2]


def test_apart_photos_are_moved_together(driver: AlbumDriver) -> None:
    driver.return_to_grid()
    driver.select(0, 3)
    driver.key(Qt.Key.Key_Right, ALT_SHIFT)
    driver.wait(lambda: driver.order() == [4, 1, 2, 5, 0, 3])


def test_photos_are_dragged_to_another_place(driver: AlbumDriver) -> None:
    driver.select(5)
    driver.drop(0, right=True)
    driver.wait(lambda: driver.order() == [4, 5, 0, 1, 2, 3])
    driver.select(4, 0)
    driver.drop(4, right=False)
    driver.wait(lambda: driver.order() == [5, 1, 4, 0, 2, 3])
    driver.select(5)
    driver.drop(5, right=True)
    driver.wait(lambda: driver.order() == [1, 4, 0, 2, 3, 5])
    assert driver.stored() == [1, 4, 0, 2, 3, 5]


def test_a_line_shows_where_dragged_photos_would_go(driver: AlbumDriver) -> None:
    grid = driver.window.grid
    rect = grid.visualRect(driver.window.model.index(2))
    gap = grid.gap_at(QPoint(rect.left() + 3, rect.center().y()))
    assert gap is not None
    assert (gap.row, gap.after) == (2, False)
    beyond = grid.gap_at(
        QPoint(rect.center().x(), grid.visualRect(driver.window.model.index(5)).bottom() + 40)
    )
    assert beyond is not None
    assert beyond.row == 6
    grid._show_gap(gap)
    accent = QColor(driver.window.services.themes.theme.accent)
    picture = grid.viewport().grab().toImage()
    ratio = picture.devicePixelRatio()
    line = [
        picture.pixelColor(round(x * ratio), round(rect.center().y() * ratio))
        for x in range(rect.left() - grid.gap, rect.left())
    ]
    assert accent in line
    grid._show_gap(None)


def test_nothing_is_arranged_in_another_order_or_view(driver: AlbumDriver) -> None:
    grid = driver.window.grid
    assert grid.viewport().acceptDrops()
    driver.window.results.set_order(Order.OLDEST)
    driver.wait(lambda: driver.order() == [5, 4, 3, 2, 1, 0])
    assert not grid.viewport().acceptDrops()
    driver.select(0)
    driver.key(Qt.Key.Key_Home, ALT_SHIFT)
    driver.wait(lambda: "own order" in driver.window.toasts.text)
    driver.drop(0, right=False)
    assert driver.stored() == [4, 0, 1, 2, 3, 5]
    driver.window.results.set_order(Order.NATURAL)
    driver.window.views.show_scope(ViewRequest())
    driver.wait(lambda: driver.order() == [0, 1, 2, 3, 4, 5])
    assert not grid.viewport().acceptDrops()
    assert not driver.window.commands["earlier"].isVisible()


def test_an_album_shows_its_cover(driver: AlbumDriver) -> None:
    def cover() -> int | None:
        entry = driver.window.sidebar._albums[0]
        return None if entry.cover is None else driver.ids.index(entry.cover)

    driver.wait(lambda: cover() == 4)
    driver.select(2)
    driver.window.commands["album_cover"].trigger()
    driver.wait(lambda: cover() == 2)
    OperationRunner(driver.library.store).run(SetHidden((driver.ids[2],), True))
    driver.window.controllers.organise.load()
    driver.wait(lambda: cover() == 4)  # a hidden photo is shown nowhere
    menu = driver.window.controllers.organise.menu(ViewRequest(Place.ALBUM, album_id=driver.album))
    first = next(action for action in menu.actions() if "first photo" in action.text())
    first.trigger()
    driver.wait(lambda: driver.window.controllers.organise.albums[0].album.cover_id is None)
