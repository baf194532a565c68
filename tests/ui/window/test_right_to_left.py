"""The window in a language written from right to left."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import PySide6
import pytest
from PySide6.QtCore import QLocale, QPoint, QRect, QSize, Qt, QTranslator
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.ui import direction, wording
from safelight.ui.appearance import icons
from safelight.ui.translation import install_translation
from safelight.ui.view_request import TextQuery
from support.sidebar_rows import row_of, texts
from support.window_driver import WindowDriver

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "This plugin does not support (raise|grabbing)")

TRANSLATION = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="{language}"><context><name>Actions</name>
<message><source>Undo</source><translation>x</translation></message></context></TS>"""


@pytest.fixture
def mirrored(qapp: QApplication) -> Iterator[None]:
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    yield
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


@pytest.fixture
def driver(mirrored: None, tmp_path: Path, qapp: QApplication, qtbot: QtBot) -> Iterator[WindowDriver]:
    made = WindowDriver(tmp_path, qapp, qtbot)
    yield made
    assert made.window.shutdown()
    made.library.close()


def cell(driver: WindowDriver, row: int) -> QRect:
    return driver.window.grid.visualRect(driver.window.model.index(row))


def click(driver: WindowDriver, at: QPoint) -> None:
    QTest.mouseClick(driver.window.grid.viewport(), Qt.MouseButton.LeftButton, pos=at)


def test_photos_run_from_right_to_left(driver: WindowDriver) -> None:
    grid = driver.window.grid
    first, second = cell(driver, 0), cell(driver, 1)
    assert second.right() < first.left()
    viewport = grid.viewport().rect()
    assert 0 < viewport.right() - first.right() < first.width() // 2
    click(driver, second.center())
    assert grid.selected_ids().tolist() == [driver.window.model.photo_id(1)]
    driver.key(Qt.Key.Key_Left)
    assert grid.currentIndex().row() == 2
    driver.key(Qt.Key.Key_Right)
    driver.key(Qt.Key.Key_Right)
    assert grid.currentIndex().row() == 0


def test_the_rubber_band_selects_what_it_touches(driver: WindowDriver) -> None:
    grid = driver.window.grid
    second = cell(driver, 1)
    grid.setSelection(second.adjusted(10, 10, -10, -10), grid.selectionModel().SelectionFlag.ClearAndSelect)
    assert grid.selected_ids().tolist() == [driver.window.model.photo_id(1)]


def test_a_photo_is_dropped_where_the_line_was_shown(driver: WindowDriver) -> None:
    first = cell(driver, 0)
    gap = driver.window.grid.gap_at(QPoint(first.left() + 5, first.center().y()))
    assert gap is not None
    assert (gap.row, gap.after) == (1, True)
    gap = driver.window.grid.gap_at(QPoint(first.right() - 5, first.center().y()))
    assert gap is not None
    assert (gap.row, gap.after) == (0, False)


def test_a_heading_is_written_over_its_first_photo(driver: WindowDriver) -> None:
    grid, first = driver.window.grid, cell(driver, 0)
    picture = grid.viewport().grab(QRect(0, 0, grid.viewport().width(), first.top())).toImage()
    written = bright(picture)
    assert written
    assert max(written) <= first.right()
    assert max(written) > first.center().x()
    assert min(written) > cell(driver, 2).right()


def bright(picture: QImage) -> list[int]:
    """The columns with light pixels."""
    return [
        x
        for x in range(picture.width())
        if any(picture.pixelColor(x, y).lightness() > 120 for y in range(picture.height()))
    ]


def test_the_rows_of_the_sidebar_are_mirrored(driver: WindowDriver) -> None:
    tree = driver.window.sidebar.list
    row = tree.visualRect(row_of(driver.window.sidebar, "Library"))
    driver.wait(lambda: driver.window.sidebar.places.index(0, 0).isValid())
    driver.window.grid.setFocus()
    drawn = bright(tree.viewport().grab(row).toImage())
    # The icon begins 12 pixels from the right; the count ends 16 pixels from the left.
    assert row.width() - 32 <= max(drawn) <= row.width() - 16
    assert 14 <= min(drawn) <= 30
    icon = [x for x in drawn if x >= row.width() - 42]
    name = [x for x in drawn if row.width() // 2 < x < row.width() - 46]
    assert icon
    assert name


def test_the_arrow_of_a_folder_is_at_the_right(driver: WindowDriver) -> None:
    added = driver.library.add(("inner/deep.jpg", "2021-06-01T10:00:00"))
    driver.client.say(LibraryChanged(ChangeKind.PHOTOS | ChangeKind.FILES, added=tuple(added)))
    sidebar = driver.window.sidebar
    name = wording.display_name("Pictures")
    driver.wait(lambda: name in texts(sidebar))
    driver.wait(lambda: sidebar.places.hasChildren(row_of(sidebar, name)))
    index = row_of(sidebar, name)
    row = sidebar.list.visualRect(index)
    at = QPoint(row.right() - 14, row.center().y())
    QTest.mouseClick(sidebar.list.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert sidebar.list.isExpanded(row_of(sidebar, name))


def test_the_arrow_keys_turn_pages_as_in_a_book(driver: WindowDriver) -> None:
    driver.select(1)
    driver.key(Qt.Key.Key_Return)
    viewer = driver.window.controllers.viewer
    driver.wait(lambda: viewer.isVisible() and viewer.current == driver.ids[1])
    driver.key(Qt.Key.Key_Left)
    assert viewer.current == driver.ids[2]
    driver.key(Qt.Key.Key_Right)
    driver.key(Qt.Key.Key_Right)
    assert viewer.current == driver.ids[0]
    driver.key(Qt.Key.Key_T)
    film = viewer.film
    driver.wait(film.isVisible)
    assert film.cell(1).right() < film.cell(0).left()
    assert film.place_at(film.cell(3).center().x()) == 3


def test_chips_begin_at_the_right(driver: WindowDriver) -> None:
    bar = driver.window.search_bar
    driver.window.results.search(TextQuery("rating:>=3 -is:video"))
    bar.field.setText("rating:>=3 -is:video")
    driver.wait(lambda: len([chip for chip in bar.chips.chips if chip.isVisible()]) >= 2)
    first, second = [chip for chip in bar.chips.chips if chip.isVisible()][:2]
    assert second.geometry().right() < first.geometry().left()
    assert first.geometry().right() > bar.chips.width() - 20
    QTest.mouseClick(first, Qt.MouseButton.LeftButton, pos=QPoint(10, first.height() // 2))
    assert "rating" not in bar.field.text()


def test_arrows_that_point_forward_point_to_the_left(mirrored: None) -> None:
    def picture(name: str) -> QImage:
        return icons.icon(name, "#ffffff").pixmap(QSize(20, 20), 1.0).toImage()

    forward, back = picture("arrow-right"), picture("arrow-left")
    QApplication.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    assert forward == picture("arrow-left")
    assert back == picture("arrow-right")


def test_names_keep_the_order_of_their_characters(mirrored: None, qapp: QApplication) -> None:
    assert wording.display_name("/a/2019_trip.jpg") == "\u20682019_trip.jpg\u2069"
    assert wording.display_path("/a/2019") == "\u2066/a/2019\u2069"
    assert wording.path_text("/a/2019") == "/a/2019"
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    assert wording.display_name("/a/2019_trip.jpg") == "2019_trip.jpg"


@pytest.mark.parametrize(("language", "is_mirrored"), [("fa_IR", True), ("de_DE", False)])
def test_the_direction_is_that_of_the_translation(
    language: str, is_mirrored: bool, tmp_path: Path, qapp: QApplication
) -> None:
    source = tmp_path / f"safelight_{language}.ts"
    source.write_text(TRANSLATION.format(language=language), encoding="utf-8")
    release = next(path for path in Path(PySide6.__file__).parent.glob("lrelease*") if path.is_file())
    subprocess.run([release, "-silent", source, "-qm", source.with_suffix(".qm")], check=True)
    before = set(qapp.findChildren(QTranslator))
    try:
        assert install_translation(qapp, QLocale(language), tmp_path)
        assert direction.is_mirrored() is is_mirrored
    finally:
        for translator in set(qapp.findChildren(QTranslator)) - before:
            qapp.removeTranslator(translator)
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
