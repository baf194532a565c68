"""The date scrubber beside the grid's scroll bar, and the heading that stays in view."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QStyle, QStyleOptionSlider
from pytestqt.qtbot import QtBot

from safelight.ui.appearance.theme import DARK
from safelight.ui.grid.model import PhotoGridModel
from safelight.ui.grid.view import PhotoGridView
from safelight.ui.library.grid_content import Section
from safelight.ui.library.thumbnail_cache import ThumbnailCache
from support.waiting import PATIENCE

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[PhotoGridView]:
    cache = ThumbnailCache(lambda: lambda _: {}, lambda: lambda _: {})
    model = PhotoGridModel(lambda _: None)
    made = PhotoGridView(model, cache, DARK)
    qtbot.addWidget(made)
    made.resize(500, 400)
    made.show()
    titles = [f"{month} {year}" for year in (2021, 2020) for month in ("June", "May", "April")]
    model.set_photos(range(600), [Section(title, 100 * n, 100) for n, title in enumerate(titles)])
    yield made
    assert cache.stop(PATIENCE)


def handle(view: PhotoGridView) -> QPoint:
    bar = view.verticalScrollBar()
    option = QStyleOptionSlider()
    bar.initStyleOption(option)
    control, part = QStyle.ComplexControl.CC_ScrollBar, QStyle.SubControl.SC_ScrollBarSlider
    return bar.style().subControlRect(control, option, part, bar).center()


def test_dragging_the_scroll_bar_shows_the_date_at_the_top(view: PhotoGridView) -> None:
    scrubber = view._scrubber
    assert not scrubber.isVisible()
    bar = view.verticalScrollBar()
    QTest.mousePress(bar, Qt.MouseButton.LeftButton, pos=handle(view))
    assert scrubber.isVisible()
    assert scrubber.title == "June 2021"
    bar.setValue(bar.maximum() // 2)
    assert scrubber.title in ("April 2021", "June 2020")
    assert [year for year, _ in scrubber.years()] == ["2021", "2020"]
    (_, first), (_, second) = scrubber.years()
    assert first < second < scrubber.height()
    view.grab()  # paints
    QTest.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=handle(view))
    assert not scrubber.isVisible()


def test_a_click_beside_the_handle_goes_to_the_year_there(view: PhotoGridView) -> None:
    bar, scrubber = view.verticalScrollBar(), view._scrubber
    QApplication.sendEvent(bar, QEvent(QEvent.Type.Enter))
    assert scrubber.isVisible()
    at = QPoint(bar.width() // 2, dict(scrubber.years())["2020"] + 8)
    QTest.mousePress(bar, Qt.MouseButton.LeftButton, pos=at)
    assert scrubber.title == "June 2020"
    assert bar.isSliderDown()
    QTest.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=at)


@pytest.mark.parametrize("part", [0.003, 0.3, 0.5, 0.99])
def test_the_handle_is_under_the_pointer_wherever_one_clicks(view: PhotoGridView, part: float) -> None:
    view._photos.set_photos(
        range(200_000), [Section(f"June {2000 + n}", 10_000 * n, 10_000) for n in range(20)]
    )
    bar = view.verticalScrollBar()
    bar.setValue(bar.maximum() // 3)
    QApplication.sendEvent(bar, QEvent(QEvent.Type.Enter))
    at = QPoint(bar.width() // 2, round((bar.height() - 1) * part))
    QTest.mousePress(bar, Qt.MouseButton.LeftButton, pos=at)
    assert bar.isSliderDown()
    assert abs(bar.value() - part * bar.maximum()) < bar.maximum() * 0.1
    QTest.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=at)


def test_years_are_found_wherever_a_language_writes_them(view: PhotoGridView) -> None:
    view._photos.set_photos(range(600), [Section("2021年6月", 0, 300), Section("2020年6月", 300, 300)])
    QApplication.sendEvent(view.verticalScrollBar(), QEvent(QEvent.Type.Enter))
    assert [year for year, _ in view._scrubber.years()] == ["2021", "2020"]


def test_the_longest_date_is_shown_whole(view: PhotoGridView) -> None:
    title = "Wednesday, 25 September 2024"
    view._photos.set_photos(range(600), [Section(title, 0, 300), Section("Monday, 1 May 2023", 300, 300)])
    QApplication.sendEvent(view.verticalScrollBar(), QEvent(QEvent.Type.Enter))
    font = QFont(view.font())
    font.setPixelSize(DARK.font_body)
    font.setWeight(QFont.Weight.DemiBold)
    assert QFontMetrics(font).horizontalAdvance(title) + 24 <= view._scrubber.width()


def test_keys_go_from_heading_to_heading(view: PhotoGridView) -> None:
    def press(key: Qt.Key) -> int:
        QTest.keyClick(view, key, Qt.KeyboardModifier.AltModifier)
        return view.currentIndex().row()

    assert press(Qt.Key.Key_PageDown) == 100
    assert press(Qt.Key.Key_PageDown) == 200
    assert view._scrubber.title in ("May 2021", "April 2021")
    view.go_to_row(250)
    assert press(Qt.Key.Key_PageUp) == 200
    assert press(Qt.Key.Key_PageUp) == 100
    assert press(Qt.Key.Key_PageUp) == 0
    assert press(Qt.Key.Key_PageUp) == 0
    view.go_to_row(599)
    assert press(Qt.Key.Key_PageDown) == 599


def test_one_section_needs_no_scrubber(view: PhotoGridView) -> None:
    view._photos.set_photos(range(600), [Section("All", 0, 600)])
    QTest.mousePress(view.verticalScrollBar(), Qt.MouseButton.LeftButton, pos=handle(view))
    assert not view._scrubber.isVisible()
    QTest.mouseRelease(view.verticalScrollBar(), Qt.MouseButton.LeftButton, pos=handle(view))


def test_photos_under_the_sticky_heading_cannot_be_clicked(view: PhotoGridView) -> None:
    view.verticalScrollBar().setValue(300)
    point = QPoint(60, 10)
    assert view.sticky_heading_at(point.y()) == 0
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert not view.selectionModel().hasSelection()
    assert not view.indexAt(point).isValid()


def test_scrolling_to_a_photo_keeps_it_out_from_under_the_heading(view: PhotoGridView) -> None:
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
    index = view._photos.index(40)
    view.scrollTo(index)
    assert view.sticky_heading_at(view.visualRect(index).top()) is None
    assert view.indexAt(view.visualRect(index).center()) == index
