"""Words that fit the photo in the viewer, as a person uses them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from safelight.core.settings import Settings
from safelight.core.tag_words import SharedSuggestion
from safelight.engine.events import Event, SettingsRead, TagsSuggested
from safelight.engine.requests import ReadSettings, Request, SuggestTags
from safelight.ui.viewer.fitting_words import REQUEST_VIEW, WordChips
from support.window_driver import WindowDriver

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "This plugin does not support (raise|grabbing)")

SHIFT = Qt.KeyboardModifier.ShiftModifier


class WordsDriver(WindowDriver):
    """A window whose engine finds the same words for every photo but the last, which has none."""

    def __init__(self, place: Path, app: QApplication, bot: QtBot) -> None:
        self.asked: list[SuggestTags] = []
        super().__init__(place, app, bot)
        run = self.client.answers

        def answer(request: Request) -> list[Event]:
            match request:
                case ReadSettings(generation):
                    return [SettingsRead(generation, Settings().with_text("suggest-tags", self.setting))]
                case SuggestTags(generation, photo_ids, view) if view == REQUEST_VIEW:
                    self.asked.append(request)
                    tags = () if photo_ids == (self.ids[5],) else ("animal/dog", "snow", "red car")
                    found = tuple(SharedSuggestion(tag, 0.9, photo_ids) for tag in tags)
                    return [TagsSuggested(generation, found)]
                case SuggestTags(generation):
                    return [TagsSuggested(generation, ())]
            return run(request)

        self.client.answers = answer
        self.set("on")

    def set(self, setting: str) -> None:
        self.setting = setting
        bridge = self.window.services.bridge
        bridge.send(ReadSettings(next(bridge.generations)))

    @property
    def chips(self) -> WordChips:
        return self.window.controllers.viewer.info.words

    @property
    def words(self) -> list[str]:
        return [button.text() for button in self.chips.buttons] if self.chips.isVisible() else []

    def open(self, number: int) -> None:
        """Open the viewer with the details of a photo."""
        viewer = self.window.controllers.viewer
        self.window.views.open_viewer(self.ids[number])
        self.wait(lambda: viewer.photo is not None and viewer.photo.id == self.ids[number])
        if viewer.info.isHidden():
            QTest.keyClick(viewer, Qt.Key.Key_I)

    @property
    def query(self) -> str:
        return self.window.search_bar.field.text()


@pytest.fixture
def driver(tmp_path: Path, qapp: QApplication, qtbot: QtBot) -> Iterator[WordsDriver]:
    made = WordsDriver(tmp_path, qapp, qtbot)
    yield made
    assert made.window.shutdown()
    made.library.close()


def test_a_word_starts_a_search_and_shows_the_results(driver: WordsDriver) -> None:
    driver.open(0)
    driver.wait(lambda: driver.words == ["dog", "snow", "red car"])
    QTest.mouseClick(driver.chips.buttons[0], Qt.MouseButton.LeftButton)
    assert driver.query == "dog"
    driver.wait(driver.window.controllers.viewer.isHidden)


def test_words_are_added_and_excluded(driver: WordsDriver) -> None:
    driver.window.search_bar.set_text("beach")
    driver.open(1)
    driver.wait(lambda: len(driver.words) == 3)
    QTest.mouseClick(driver.chips.buttons[2], Qt.MouseButton.LeftButton)
    assert driver.query == 'beach +"red car"'
    driver.open(1)
    driver.wait(lambda: len(driver.words) == 3)
    driver.chips.buttons[2].setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(driver.chips.buttons[2], Qt.Key.Key_Space, SHIFT)
    assert driver.query == 'beach -"red car"'
    driver.open(1)
    driver.wait(lambda: len(driver.words) == 3)
    menu = driver.chips.menu_of("snow")
    add, exclude = menu.actions()
    exclude.trigger()
    assert driver.query == 'beach -"red car" -snow'
    add.trigger()
    assert driver.query == 'beach -"red car" +snow'
    menu.deleteLater()


def test_nothing_is_shown_where_no_word_fits_or_suggestions_are_off(driver: WordsDriver) -> None:
    driver.open(4)
    driver.wait(lambda: len(driver.words) == 3)
    driver.open(5)
    driver.wait(lambda: driver.asked[-1].photo_ids == (driver.ids[5],))
    assert driver.words == []
    driver.open(4)
    driver.wait(lambda: len(driver.words) == 3)
    driver.set("off")
    driver.wait(lambda: driver.words == [])
    count = len(driver.asked)
    driver.open(3)
    assert driver.words == []
    assert len(driver.asked) == count


def test_the_words_can_be_reached_with_the_keyboard(driver: WordsDriver) -> None:
    driver.open(0)
    driver.wait(lambda: len(driver.words) == 3)
    reached = set()
    for _ in range(40):
        focused = QApplication.focusWidget()
        assert focused is not None
        reached.add(focused.accessibleName())
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    assert {"Add dog to the search", "Add red car to the search"} <= reached
