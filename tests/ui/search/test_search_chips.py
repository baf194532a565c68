"""The chips under the search box: what they show, and what is done with them by mouse and keyboard."""

from __future__ import annotations

from datetime import date

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from safelight.ui.appearance.theme import DARK, LIGHT
from safelight.ui.search.bar import SearchBar
from safelight.ui.search.chip import CHIP_HEIGHT, Chip
from safelight.ui.view_request import Query, TextQuery

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def bar(qtbot: QtBot) -> SearchBar:
    """In a window of its own, with a shortcut on one of the chips' keys."""
    window = QWidget()
    qtbot.addWidget(window)
    made = SearchBar(DARK, (96, 320), today=lambda: date(2026, 11, 21))
    layout = QVBoxLayout(window)
    layout.addWidget(made)
    layout.addStretch(1)
    action = QAction("Move to trash", window)
    action.setShortcut(QKeySequence(Qt.Key.Key_Delete))
    window.addAction(action)
    action.triggered.connect(lambda: window.setProperty("trashed", True))
    window.resize(900, 400)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    made.field.setFocus()
    return made


@pytest.fixture
def queries(bar: SearchBar) -> list[Query | None]:
    heard: list[Query | None] = []
    bar.query_changed.connect(heard.append)
    return heard


def said(bar: SearchBar) -> list[str]:
    return [chip.said for chip in bar.chips.chips]


def press(*keys: Qt.Key) -> None:
    """To whatever has the keyboard."""
    for key in keys:
        widget = QApplication.focusWidget()
        assert widget is not None
        QTest.keyClick(widget, key)


def focused(bar: SearchBar) -> str:
    widget = QApplication.focusWidget()
    return widget.said if isinstance(widget, Chip) else "field" if widget is bar.field else "elsewhere"


def test_what_was_understood_appears_as_one_types(bar: SearchBar) -> None:
    assert not bar.chips.isVisible()
    QTest.keyClicks(bar.field, "beach -people ")
    assert said(bar) == ["Not: people"]
    QTest.keyClicks(bar.field, "date:2019")
    assert said(bar) == ["Not: people", "Taken in 2019"]
    assert bar.chips.isVisible()
    bar.field.clear()
    assert said(bar) == []
    assert not bar.chips.isVisible()


def test_down_goes_into_the_chips_and_arrows_between_them(bar: SearchBar) -> None:
    bar.set_text("beach -people date:2019 is:favourite")
    results: list[None] = []
    bar.results_requested.connect(lambda: results.append(None))
    press(Qt.Key.Key_Down)
    assert focused(bar) == "Not: people"
    press(Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right)
    assert focused(bar) == "Favourites"
    press(Qt.Key.Key_Left)
    assert focused(bar) == "Taken in 2019"
    press(Qt.Key.Key_Home)
    assert focused(bar) == "Not: people"
    press(Qt.Key.Key_End)
    assert focused(bar) == "Favourites"
    press(Qt.Key.Key_Up)
    assert focused(bar) == "field"
    press(Qt.Key.Key_Tab)
    assert focused(bar) == "Not: people"
    press(Qt.Key.Key_Tab)
    assert focused(bar) == "Taken in 2019"
    press(Qt.Key.Key_Escape)
    assert focused(bar) == "field"
    assert results == []
    press(Qt.Key.Key_Down, Qt.Key.Key_Down)
    assert results == [None]
    assert bar.field.text() == "beach -people date:2019 is:favourite"


def test_removing_edits_the_text_and_the_keyboard_stays(bar: SearchBar, queries: list[Query | None]) -> None:
    bar.set_text("beach -people at  sea date:2019 is:favourite")
    press(Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Delete)
    assert bar.field.text() == "beach -people at  sea is:favourite"
    assert queries[1:] == [TextQuery("beach -people at sea is:favourite")]
    assert focused(bar) == "Favourites"
    press(Qt.Key.Key_Backspace)
    assert focused(bar) == "Not: people"
    press(Qt.Key.Key_Delete)
    assert (bar.field.text(), focused(bar)) == ("beach at  sea", "field")
    assert queries[-1] == TextQuery("beach at sea")
    assert bar.window().property("trashed") is None, "the chip's own keys are no shortcuts of the window"


def test_the_cross_removes_by_mouse(bar: SearchBar) -> None:
    bar.set_text("-people date:2019")
    chip = bar.chips.chips[0]
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton, pos=chip.rect().center())
    assert bar.field.text() == "-people date:2019"
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton, pos=QPoint(chip.width() - 12, CHIP_HEIGHT // 2))
    assert bar.field.text() == "date:2019"


@pytest.mark.parametrize("text", ["beach -people x", "😀 \u2003 -people", '"😀" -people date:2019'])
def test_enter_or_a_double_click_selects_the_part_in_the_text(bar: SearchBar, text: str) -> None:
    bar.set_text(text)
    number = said(bar).index("Not: people")
    press(Qt.Key.Key_Down, *[Qt.Key.Key_Right] * number, Qt.Key.Key_Return)
    assert (focused(bar), bar.field.selectedText()) == ("field", "-people")
    bar.field.deselect()
    QTest.mouseDClick(bar.chips.chips[number], Qt.MouseButton.LeftButton, pos=QPoint(40, 10))
    assert bar.field.selectedText() == "-people"
    QTest.keyClicks(bar.field, "-cars")
    assert bar.field.text() == text.replace("people", "cars")
    assert said(bar)[number] == "Not: cars"


def test_a_date_is_offered_and_applied_only_when_taken(bar: SearchBar, queries: list[Query | None]) -> None:
    bar.set_text("hills summer 2019")
    assert said(bar) == ["Only summer 2019?"]
    press(Qt.Key.Key_Return)
    assert queries == [TextQuery("hills summer 2019")], "nothing is applied in silence"
    press(Qt.Key.Key_Down, Qt.Key.Key_Return)
    assert bar.field.text() == "hills date:2019-06..2019-08"
    assert queries[1:] == [TextQuery("hills date:2019-06..2019-08")]
    assert said(bar) == ["Taken June 2019 to August 2019"]
    bar.set_text("last december")
    QTest.mouseClick(bar.chips.chips[0], Qt.MouseButton.LeftButton)
    assert queries[-1] == TextQuery("date:2025-12")


def test_an_offer_that_is_declined_changes_nothing(bar: SearchBar, queries: list[Query | None]) -> None:
    bar.set_text("hills 2019 -snow")
    press(Qt.Key.Key_Down, Qt.Key.Key_End, Qt.Key.Key_Delete)
    assert (bar.field.text(), said(bar)) == ("hills 2019 -snow", ["Not: snow"])
    assert queries == [TextQuery("hills 2019 -snow")]
    bar.clear()
    bar.set_text("hills 2019")
    assert said(bar) == ["Only 2019?"]


def test_many_chips_take_more_lines_and_then_are_counted(bar: SearchBar, qtbot: QtBot) -> None:
    bar.set_text(" ".join(f"-thing{n}" for n in range(12)))
    lines = {chip.y() for chip in bar.chips.chips}
    assert len(lines) == 2
    assert bar.chips.height() >= max(lines) + CHIP_HEIGHT
    for chip in bar.chips.chips:
        assert chip.geometry().right() <= bar.chips.width()
    bar.set_text(" ".join(f"-thing{n}" for n in range(500)))
    seen = [chip for chip in bar.chips.chips if chip.isVisible()]
    assert len({chip.y() for chip in seen}) == 3
    press(Qt.Key.Key_Down, Qt.Key.Key_End)
    assert focused(bar) == seen[-1].said
    bar.window().resize(400, 400)
    qtbot.waitUntil(lambda: len([chip for chip in bar.chips.chips if chip.isVisible()]) < len(seen))


def test_a_long_chip_is_elided_and_says_all_of_it(bar: SearchBar) -> None:
    name = "Very long " * 30
    bar.set_text(f'in:"{name}" -"{name}"')
    for chip in bar.chips.chips:
        assert chip.width() <= bar.chips.width()
        assert name.strip() in chip.accessibleName()
        assert name.strip() in chip.toolTip()


def test_chips_are_named_for_screen_readers_and_drawn_in_both_themes(bar: SearchBar) -> None:
    bar.set_text("2019 -people")
    chip, offer = bar.chips.chips
    assert (chip.accessibleName(), offer.accessibleName()) == ("Not: people", "Only 2019?")
    assert "Delete removes" in chip.accessibleDescription()
    assert "Enter" not in bar.chip.accessibleDescription(), "a picture cannot be changed, only taken away"
    dark = chip.grab().toImage()
    bar.apply_theme(LIGHT)
    assert chip.grab().toImage() != dark


def test_parts_are_added_by_others(bar: SearchBar, queries: list[Query | None]) -> None:
    bar.set_text("dog")
    bar.add_part("like:/a.jpg")
    bar.add_part("-like:/b.jpg")
    bar.add_part("-like:/a.jpg")
    assert queries[-1] == TextQuery("dog -like:/b.jpg -like:/a.jpg")
    assert said(bar) == ["Not: like b.jpg", "Not: like a.jpg"]
