"""Earlier searches by the Up key, kept with the library and forgotten when asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from safelight.ui.appearance.theme import DARK
from safelight.ui.search.bar import SearchBar
from safelight.ui.search.history import QueryHistory
from safelight.ui.view_request import Query, TextQuery
from safelight.ui.window_state import FILE_NAME, WindowState

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def test_each_query_once_and_the_newest_last() -> None:
    history = QueryHistory()
    for query in ("dog", "cat", "", "  dog ", "dog", "x" * 5000):
        history.add(query)
    assert history.queries == ("cat", "dog")


def test_a_walk_goes_back_and_ends_at_what_stood_there() -> None:
    history = QueryHistory()
    history.add("dog")
    history.add("cat")
    assert history.older("half a wor") == "cat"
    assert history.older("cat") == "dog"
    assert history.older("dog") is None
    assert history.newer() == "cat"
    assert history.newer() == "half a wor"
    assert history.newer() is None


def test_it_lasts_with_the_library_and_goes_when_cleared(tmp_path: Path) -> None:
    history = QueryHistory(WindowState(tmp_path))
    history.add('dog "ünïcode" 😀')
    history.add("-people")
    WindowState(tmp_path).save()
    assert QueryHistory(WindowState(tmp_path)).queries == ('dog "ünïcode" 😀', "-people")
    again = QueryHistory(WindowState(tmp_path))
    again.clear()
    assert QueryHistory(WindowState(tmp_path)).queries == ()
    assert "people" not in (tmp_path / FILE_NAME).read_text(encoding="utf-8")


@pytest.mark.parametrize("damaged", ["{", "7", '{"a": 1}', "[1, null]"])
def test_damaged_settings_cost_the_history_alone(tmp_path: Path, damaged: str) -> None:
    state = WindowState(tmp_path)
    state.keep("searches", damaged)
    history = QueryHistory(state)
    assert not history.queries
    history.add("dog")
    assert QueryHistory(WindowState(tmp_path)).queries == ("dog",)


@pytest.fixture
def bar(qtbot: QtBot) -> SearchBar:
    made = SearchBar(DARK, (96, 320))
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.field.setFocus()
    return made


@pytest.fixture
def queries(bar: SearchBar) -> list[Query | None]:
    heard: list[Query | None] = []
    bar.query_changed.connect(heard.append)
    return heard


def press(*keys: Qt.Key) -> None:
    for key in keys:
        widget = QApplication.focusWidget()
        assert widget is not None
        QTest.keyClick(widget, key)


def asked(bar: SearchBar, *queries: str) -> None:
    for query in queries:
        bar.field.clear()
        QTest.keyClicks(bar.field, query)
        press(Qt.Key.Key_Return)
    bar.field.setFocus()


def test_up_brings_earlier_searches_and_searches_for_them(
    bar: SearchBar, queries: list[Query | None], qtbot: QtBot
) -> None:
    asked(bar, "dog", "cat -grass")
    bar.field.clear()
    press(Qt.Key.Key_Up)
    assert bar.field.text() == "cat -grass"
    assert [chip.said for chip in bar.chips.chips] == ["Not: grass"]
    press(Qt.Key.Key_Up)
    assert bar.field.text() == "dog"
    qtbot.waitUntil(lambda: queries[-1] == TextQuery("dog"))
    press(Qt.Key.Key_Up)
    assert bar.field.text() == "dog", "there is none before the first"
    press(Qt.Key.Key_Down, Qt.Key.Key_Down)
    assert bar.field.text() == ""


def test_typing_ends_the_walk(bar: SearchBar) -> None:
    asked(bar, "dog", "cat")
    press(Qt.Key.Key_Up)  # the text in the box is the newest, so the one before
    assert bar.field.text() == "dog"
    QTest.keyClicks(bar.field, "s")
    press(Qt.Key.Key_Return)
    assert bar.history.queries == ("dog", "cat", "dogs")
    press(Qt.Key.Key_Up)
    assert bar.field.text() == "cat"


def test_down_outside_a_walk_goes_to_the_chips_or_the_results(bar: SearchBar) -> None:
    left: list[None] = []
    bar.results_requested.connect(lambda: left.append(None))
    bar.set_text("dog -grass")
    press(Qt.Key.Key_Down)
    assert bar.chips.chips[0].hasFocus()
    assert left == []
    bar.field.setFocus()
    bar.set_text("dog")
    press(Qt.Key.Key_Down)
    assert left == [None]


def test_what_was_searched_for_is_remembered_without_enter_too(bar: SearchBar, qtbot: QtBot) -> None:
    QTest.keyClicks(bar.field, "dog")
    qtbot.waitUntil(lambda: bar.query is not None)
    assert not bar.history.queries
    bar.menu_button.setFocus()
    assert list(bar.history.queries) == ["dog"]
    bar.field.setFocus()
    bar.field.selectAll()
    QTest.keyClicks(bar.field, "cat")
    qtbot.waitUntil(lambda: bar.query == TextQuery("cat"))
    press(Qt.Key.Key_Escape)
    assert list(bar.history.queries) == ["dog", "cat"]
