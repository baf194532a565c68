"""Suggested tags in the details panel, as a person uses them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QToolButton
from pytestqt.qtbot import QtBot

from safelight.core.settings import Settings
from safelight.core.tag_words import SharedSuggestion, SharedTally, Suggestion
from safelight.engine.events import Event, SettingsRead, TagsSuggested
from safelight.engine.requests import ReadSettings, Request, SuggestTags
from safelight.store import tag_words, tags
from support.window_driver import WindowDriver

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "This plugin does not support (raise|grabbing)")

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
WORDS = ("animal/dog", "snow", "tree")


class SuggestingDriver(WindowDriver):
    """A window whose engine suggests the same words for each photo that lacks them, and one more word for
    photos with an odd number.
    """

    def __init__(self, place: Path, app: QApplication, bot: QtBot, *, on: bool) -> None:
        self.on = on
        super().__init__(place, app, bot)

    def answers(self) -> None:
        run = self.client.answers

        def answer(request: Request) -> list[Event]:
            match request:
                case ReadSettings(generation):
                    preferences = Settings().with_text("suggest-tags", "on" if self.on else "off")
                    return [SettingsRead(generation, preferences)]
                case SuggestTags(generation, photo_ids):
                    found = {photo: self.words_for(photo, len(photo_ids)) for photo in photo_ids}
                    return self.suggested_events(generation, found)
            return run(request)

        self.client.answers = answer
        self.window.services.bridge.send(ReadSettings(next(self.window.services.bridge.generations)))

    def suggested_events(self, generation: int, found: dict[int, list[Suggestion]]) -> list[Event]:
        return [TagsSuggested(generation, shared(found))]

    def words_for(self, photo_id: int, asked: int) -> list[Suggestion]:
        odd = asked > 1 and self.ids.index(photo_id) % 2
        with self.library.store.read() as db:
            left_out = {name.lower() for name in tags.of_photos(db, [photo_id])}
            left_out |= tag_words.refused(db, [photo_id]).get(photo_id, set())
        words = (*WORDS, "sea") if odd else WORDS
        return [Suggestion(word, 0.9) for word in words if word not in left_out]

    @property
    def suggested(self) -> list[str]:
        """The suggestions that are visible."""
        row = self.window.controllers.tag_suggestions.row
        return [button.text().partition("\u2002")[2] for button in row.buttons] if row.isVisible() else []

    def tags_of(self, number: int) -> set[str]:
        with self.library.store.read() as db:
            return set(tags.of_photos(db, [self.ids[number]]))


def shared(found: dict[int, list[Suggestion]]) -> tuple[SharedSuggestion, ...]:
    tally = SharedTally()
    for photo, suggestions in found.items():
        tally.add({photo: suggestions}, 1)
    return tally.shared()


@pytest.fixture
def make(tmp_path: Path, qapp: QApplication, qtbot: QtBot) -> Iterator[list[SuggestingDriver]]:
    made: list[SuggestingDriver] = []
    yield made
    for driver in made:
        assert driver.window.shutdown()
        driver.library.close()


@pytest.fixture
def driver(
    make: list[SuggestingDriver], tmp_path: Path, qapp: QApplication, qtbot: QtBot
) -> SuggestingDriver:
    made = SuggestingDriver(tmp_path, qapp, qtbot, on=True)
    make.append(made)
    made.answers()
    return made


def test_one_is_accepted_by_a_click_and_undone(driver: SuggestingDriver) -> None:
    driver.select(0)
    driver.wait(lambda: driver.suggested == list(WORDS))
    driver.window.controllers.tag_suggestions.row.buttons[1].click()
    driver.wait(lambda: driver.tags_of(0) == {"snow"})
    driver.wait(lambda: driver.suggested == ["animal/dog", "tree"])
    driver.return_to_grid()
    driver.key(Qt.Key.Key_Z, CTRL)
    driver.wait(lambda: driver.suggested == list(WORDS))


def test_all_are_accepted_by_a_key_in_one_step(driver: SuggestingDriver) -> None:
    driver.select(1)
    driver.wait(lambda: driver.suggested == list(WORDS))
    driver.window.grid.setFocus()
    driver.key(Qt.Key.Key_T, CTRL | SHIFT)
    driver.wait(lambda: driver.tags_of(1) == set(WORDS))
    driver.wait(lambda: driver.suggested == [])
    driver.key(Qt.Key.Key_Z, CTRL)
    driver.wait(lambda: driver.tags_of(1) == set())


def test_a_refused_one_is_not_suggested_again(driver: SuggestingDriver) -> None:
    driver.select(2)
    driver.wait(lambda: driver.suggested == list(WORDS))
    chip = driver.window.controllers.tag_suggestions.row.buttons[0].parentWidget()
    assert chip is not None
    refuse = chip.findChild(QToolButton)
    assert refuse is not None
    QTest.mouseClick(refuse, Qt.MouseButton.LeftButton)
    driver.wait(lambda: driver.suggested == ["snow", "tree"])
    driver.select(3)
    driver.wait(lambda: driver.suggested == list(WORDS))
    driver.select(2)
    driver.wait(lambda: driver.suggested == ["snow", "tree"])
    assert driver.tags_of(2) == set()


def test_several_photos_have_shared_suggestions_that_are_accepted_in_one_step(
    driver: SuggestingDriver,
) -> None:
    driver.select(0, 1, 3, 4)
    driver.wait(lambda: driver.suggested == [*WORDS, "sea\u20022"])  # it suits two of the four
    driver.window.controllers.tag_suggestions.row.buttons[3].click()
    driver.wait(lambda: driver.tags_of(1) == {"sea"} == driver.tags_of(3))
    assert driver.tags_of(0) == set() == driver.tags_of(4)
    driver.wait(lambda: driver.suggested == list(WORDS))
    driver.return_to_grid()
    driver.key(Qt.Key.Key_T, CTRL | SHIFT)
    driver.wait(lambda: driver.tags_of(0) == set(WORDS) and driver.tags_of(3) == {*WORDS, "sea"})
    driver.wait(lambda: driver.suggested == [])
    driver.key(Qt.Key.Key_Z, CTRL)
    driver.wait(lambda: driver.tags_of(0) == set() and driver.tags_of(3) == {"sea"})

    # Refused for all photos that it suits.
    driver.wait(lambda: driver.suggested == list(WORDS))
    chip = driver.window.controllers.tag_suggestions.row.buttons[1].parentWidget()
    assert chip is not None
    refuse = chip.findChild(QToolButton)
    assert refuse is not None
    QTest.mouseClick(refuse, Qt.MouseButton.LeftButton)
    driver.wait(lambda: driver.suggested == ["animal/dog", "tree"])
    driver.select(4)
    driver.wait(lambda: driver.suggested == ["animal/dog", "tree"])


def test_suggestions_for_few_of_many_photos_are_left_out() -> None:
    found = {
        photo: [Suggestion("dog", 0.7), Suggestion("cat", 0.9)][: 1 + (photo == 1)] for photo in range(9)
    }
    (dog,) = shared(found)
    assert (dog.tag, dog.photo_ids) == ("dog", tuple(range(9)))
    assert dog.probability == pytest.approx(0.7)
    assert [each.tag for each in shared({1: found[1]})] == ["cat", "dog"]


def test_nothing_is_asked_while_it_is_off(driver: SuggestingDriver, make: list[SuggestingDriver]) -> None:
    driver.select(0)
    driver.wait(lambda: driver.suggested == list(WORDS))
    driver.on = False
    driver.window.services.bridge.send(ReadSettings(next(driver.window.services.bridge.generations)))
    before = sum(isinstance(each, SuggestTags) for each in driver.client.requests)
    driver.select(2)
    driver.wait(lambda: driver.window.controllers.selection.one == driver.ids[2])
    driver.wait(lambda: not driver.window.controllers.tag_suggestions.row.isVisible())
    assert sum(isinstance(each, SuggestTags) for each in driver.client.requests) == before


def test_many_photos_are_looked_at_on_request_with_progress_and_stop(
    driver: SuggestingDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("safelight.ui.organise.suggested_tags._MAX_PHOTOS", 2)
    row = driver.window.controllers.tag_suggestions.row
    asked: list[int] = []

    def first_photos(generation: int, found: dict[int, list[Suggestion]]) -> list[Event]:
        """As an engine that has looked at three photos so far."""
        asked.append(len(found))
        some = dict(list(found.items())[:3])
        return [TagsSuggested(generation, shared(some), done=3)] if found else []

    monkeypatch.setattr(driver, "suggested_events", first_photos)
    driver.select(0, 1, 3, 4)
    driver.wait(row.start_button.isVisible)
    assert (row.start_button.text(), asked) == ("Look at 4 photos", [])
    row.start_button.click()
    label = row.findChild(QLabel)
    assert label is not None
    driver.wait(lambda: label.text() == "Looked at 3 of 4 photos")
    assert driver.suggested == []
    row.stop_button.click()
    driver.wait(lambda: asked == [4, 0])
    assert driver.suggested == [*WORDS, "sea\u20022"]
    row.buttons[0].click()
    driver.wait(lambda: driver.tags_of(0) == {"animal/dog"})
    assert driver.tags_of(4) == set(), "it was not looked at"

    driver.wait(lambda: driver.suggested == ["snow", "tree", "sea\u20022"])

    # Then all of them, and nothing more once others are selected.
    monkeypatch.setattr(driver, "suggested_events", SuggestingDriver.suggested_events.__get__(driver))
    driver.select(0)
    driver.wait(lambda: driver.suggested == ["snow", "tree"])
    driver.select(0, 1, 3, 4)
    driver.wait(row.start_button.isVisible)
    row.start_button.click()
    driver.wait(lambda: driver.suggested == ["snow", "tree", "sea\u20022"])
    row.all_button.click()
    driver.wait(lambda: driver.tags_of(4) == {"snow", "tree"})
    driver.wait(row.start_button.isVisible)
    driver.select(4)
    driver.wait(lambda: driver.suggested == ["animal/dog"])
    assert not row.start_button.isVisible()
    assert not row.stop_button.isVisible()
