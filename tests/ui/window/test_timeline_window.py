"""The timeline in the window: sections follow the size of thumbnails, and a typed date is gone to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from safelight.core.order import Order
from safelight.ui.window.build import build_window
from safelight.ui.window.date_jump import DatePrompt
from safelight.ui.window.main_window import MainWindow
from support.filled_library import FilledLibrary
from support.open_windows import bring_up
from support.scripted_client import ScriptedClient
from support.threaded_decoder import ThreadedDecoder

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

DATES = [
    f"{year}-{month:02}-{day:02}T10:00:00"
    for year in (2021, 2020, 2018)
    for month in (8, 3)
    for day in (25, 12)
    for _ in range(4)
]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[FilledLibrary]:
    made = FilledLibrary(tmp_path)
    made.add(*((f"{number}.jpg", date) for number, date in enumerate(DATES)))
    yield made
    made.close()


def opened(library: FilledLibrary, qapp: QApplication, qtbot: QtBot) -> MainWindow:
    made = build_window(qapp, library.directory, ScriptedClient, ThreadedDecoder())
    bring_up(made, qtbot, height=500)
    qtbot.waitUntil(lambda: made.model.rowCount() == len(DATES))
    return made


@pytest.fixture
def window(library: FilledLibrary, qapp: QApplication, qtbot: QtBot) -> Iterator[MainWindow]:
    made = opened(library, qapp, qtbot)
    yield made
    assert made.shutdown()


def titles(window: MainWindow) -> list[str]:
    return [section.title for section in window.model.sections]


def wheel(window: MainWindow, notches: int) -> None:
    viewport = window.grid.viewport()
    at = QPointF(viewport.rect().center())
    event = QWheelEvent(
        at,
        QPointF(viewport.mapToGlobal(at.toPoint())),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(viewport, event)


def test_zooming_goes_from_months_to_days_and_years(window: MainWindow) -> None:
    assert titles(window)[:2] == ["August 2021", "March 2021"]
    wheel(window, 5)
    assert titles(window)[:2] == ["Wednesday, 25 August 2021", "Thursday, 12 August 2021"]
    assert len(titles(window)) == 12
    wheel(window, -12)
    assert titles(window) == ["2021", "2020", "2018"]
    wheel(window, 5)
    assert len(titles(window)) == 6


def test_the_photo_at_the_top_stays_there(window: MainWindow) -> None:
    window.search_bar.slider.setValue(230)
    photo = window.model.photo_id(20)
    window.grid.scroll_to_top(photo)
    assert photo in window.grid.ids_on_screen()[:6]
    window.search_bar.slider.setValue(250)
    assert len(titles(window)) == 12
    assert photo in window.grid.ids_on_screen()[:6]


def test_a_chosen_grouping_stays_whatever_the_size_and_at_the_next_start(
    window: MainWindow, library: FilledLibrary, qapp: QApplication, qtbot: QtBot
) -> None:
    by_year = window.search_bar.arrange.groupings[3]
    assert by_year.text() == "Year"
    by_year.trigger()
    assert titles(window) == ["2021", "2020", "2018"]
    wheel(window, 5)
    assert titles(window) == ["2021", "2020", "2018"]
    assert window.shutdown()
    again = opened(library, qapp, qtbot)
    assert titles(again) == ["2021", "2020", "2018"]
    assert again.search_bar.arrange.groupings[3].isChecked()
    again.search_bar.arrange.groupings[0].trigger()
    assert again.shutdown()


def ask(window: MainWindow, text: str, qtbot: QtBot) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.grid.setFocus()
    QTest.keyClick(window.grid, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    prompt = window.findChild(DatePrompt)
    assert isinstance(prompt, DatePrompt)
    QTest.keyClicks(prompt.field, text)
    assert prompt.button.isEnabled()
    with qtbot.waitSignal(prompt.destroyed):
        QTest.keyClick(prompt.field, Qt.Key.Key_Return)


def test_a_typed_date_is_gone_to(window: MainWindow, qtbot: QtBot) -> None:
    grid = window.grid
    grid.setFocus()
    ask(window, "March 2020", qtbot)
    assert grid.selected_ids().tolist() == [window.model.photo_id(24)]
    assert window.model.photo_id(24) in grid.ids_on_screen()
    assert window.toasts.text == ""
    ask(window, "2019", qtbot)
    assert grid.selected_ids().tolist() == [window.model.photo_id(32)]
    assert window.toasts.text == "No photos of that date. The nearest are from Saturday, 25 August 2018."


def test_going_to_a_date_keeps_the_photos_that_were_selected(window: MainWindow, qtbot: QtBot) -> None:
    grid = window.grid
    chosen = [window.model.photo_id(row) for row in (0, 2)]
    grid.select_photos(chosen)
    ask(window, "March 2020", qtbot)
    assert grid.selected_ids().tolist() == chosen
    assert grid.currentIndex().row() == 24
    assert window.model.photo_id(24) in grid.ids_on_screen()


def test_what_is_no_date_cannot_be_gone_to(window: MainWindow) -> None:
    window.controllers.date_jump.ask()
    prompt = window.findChild(DatePrompt)
    assert isinstance(prompt, DatePrompt)
    QTest.keyClicks(prompt.field, "someday")
    assert not prompt.button.isEnabled()
    assert prompt.hint == "That is not a date."
    prompt.reject()


@pytest.mark.parametrize(
    "text", ["2", "201", "2019-", "2019-0", "j", "12 m", "12 may", "june 20", "june 201", ""]
)
def test_a_date_that_is_being_typed_is_not_called_wrong(window: MainWindow, text: str) -> None:
    window.controllers.date_jump.ask()
    prompt = window.findChild(DatePrompt)
    assert isinstance(prompt, DatePrompt)
    QTest.keyClicks(prompt.field, text)
    assert prompt.hint.startswith("For example")
    prompt.reject()


def test_where_photos_are_not_sorted_by_date_it_says_so(window: MainWindow, qtbot: QtBot) -> None:
    window.results.set_order(Order.NAME)
    qtbot.waitUntil(lambda: not window.grid_content.days)
    window.controllers.date_jump.ask()
    assert window.toasts.text == "These photos are not sorted by date."
