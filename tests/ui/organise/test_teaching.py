"""Teaching a concept in the window, as a person does it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from safelight.core.concepts import Concept, Proposal
from safelight.engine.events import Event, ExamplesProposed
from safelight.engine.requests import ProposeExamples, Request
from safelight.store import concepts, photos
from safelight.ui.organise.palette import CommandPalette
from safelight.ui.organise.prompt import NamePrompt
from safelight.ui.organise.teach_dialog import TeachDialog
from support.window_driver import WindowDriver

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "This plugin does not support (raise|grabbing)")

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


class TeachingDriver(WindowDriver):
    """A window whose engine proposes photos in order."""

    def __init__(self, place: Path, app: QApplication, bot: QtBot) -> None:
        super().__init__(place, app, bot)
        run = self.client.answers

        def answer(request: Request) -> list[Event]:
            if not isinstance(request, ProposeExamples):
                return run(request)
            known = self.concept(request.concept)
            given = set() if known is None else {*known.shown, *known.not_shown}
            with self.library.store.read() as db:
                contents = photos.content_hashes(db, self.ids)
            free = [photo for photo in self.ids if contents[photo] not in given]
            asked = tuple(Proposal(photo, 0.5 + place / 50) for place, photo in enumerate(free))
            return [ExamplesProposed(request.generation, asked[: request.count])]

        self.client.answers = answer

    def concept(self, name: str) -> Concept | None:
        with self.library.store.read() as db:
            return concepts.find(db, name)

    def open_form(self, *numbers: int) -> TeachDialog:
        self.return_to_grid()
        self.select(*numbers)
        self.key(Qt.Key.Key_T, SHIFT)
        self.wait(lambda: self.window.controllers.teaching.dialog is not None)
        dialog = self.window.controllers.teaching.dialog
        assert dialog is not None
        return dialog

    def picture(self, name: str) -> None:
        """Save a picture of the dialog where the environment asks for one."""
        folder = os.environ.get("SAFELIGHT_SHOTS")
        dialog = self.window.controllers.teaching.dialog
        if folder and dialog is not None:
            QTest.qWait(200)
            dialog.grab().save(str(Path(folder) / f"{name}.png"))


@pytest.fixture
def driver(tmp_path: Path, qapp: QApplication, qtbot: QtBot) -> Iterator[TeachingDriver]:
    made = TeachingDriver(tmp_path, qapp, qtbot)
    yield made
    assert made.window.shutdown()
    made.library.close()


def test_a_concept_is_taught_asked_about_and_found(driver: TeachingDriver) -> None:
    dialog = driver.open_form(0, 1)
    assert not dialog.teach.isEnabled()
    QTest.keyClicks(dialog.field, "our hut")
    dialog.words.setText("a wooden hut")
    assert dialog.teach.isEnabled()
    assert not dialog.against.isEnabled()
    driver.picture("teach-form")
    room = dialog.screen().availableGeometry()
    dialog.move(room.left() + 10, room.bottom() - dialog.height())
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    driver.wait(lambda: bool(dialog.answers))
    driver.wait(lambda: room.contains(dialog.frameGeometry()))
    known = driver.concept("our hut")
    assert known is not None
    assert (len(known.shown), known.not_shown, known.description) == (2, (), "a wooden hut")
    asked = [answer.photo_id for answer in dialog.answers]
    assert set(asked).isdisjoint(driver.ids[:2])

    # Answer by key: yes to the first, no to the second, and nothing where the answer is taken back.
    first, second, third = dialog.answers[:3]
    QTest.keyClick(first, Qt.Key.Key_Y)
    QTest.keyClick(second, Qt.Key.Key_Y)
    QTest.keyClick(second, Qt.Key.Key_N)
    QTest.keyClick(third, Qt.Key.Key_N)
    QTest.keyClick(third, Qt.Key.Key_N)
    assert [answer.shows for answer in (first, second, third)] == [True, False, None]
    driver.picture("teach-questions")
    dialog.more.click()
    driver.wait(lambda: bool(dialog.answers) and dialog.answers[0].photo_id == asked[2])
    known = driver.concept("our hut")
    assert known is not None
    assert (len(known.shown), len(known.not_shown)) == (3, 1)

    dialog.results.click()
    driver.wait(lambda: driver.window.controllers.teaching.dialog is None)
    assert driver.window.search_bar.field.text().strip() == 'my:"our hut"'


def test_the_sidebar_lists_concepts_only_once_there_are_any(driver: TeachingDriver) -> None:
    sidebar, teaching = driver.window.sidebar, driver.window.controllers.teaching

    def names() -> list[str]:
        entries = (sidebar.places.entry(index) for index in sidebar.places.indexes())
        return [entry.name for entry in entries if entry is not None]

    assert "Concepts" not in names()
    dialog = driver.open_form(0)
    QTest.keyClicks(dialog.field, "hut")
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    driver.wait(lambda: bool(dialog.answers))
    dialog.done_button.click()
    driver.wait(lambda: "hut" in names())
    assert "Concepts" in names()
    sidebar.query_chosen.emit("my:hut")
    assert driver.window.search_bar.field.text().strip() == "my:hut"

    # The menu: rename it, ask again, delete it, and take that back.
    rename = next(each for each in teaching.menu("hut").actions() if each.text().startswith("Rename"))
    rename.trigger()
    prompt = driver.dialog(NamePrompt)
    prompt.field.setText("cabin")
    QTest.keyClick(prompt.field, Qt.Key.Key_Return)
    driver.wait(lambda: "cabin" in names())
    ask = next(each for each in teaching.menu("cabin").actions() if each.text().startswith("Ask"))
    ask.trigger()
    driver.wait(lambda: teaching.dialog is not None and bool(teaching.dialog.answers))
    assert teaching.dialog is not None
    teaching.dialog.done_button.click()
    driver.wait(lambda: teaching.dialog is None)
    delete = next(each for each in teaching.menu("cabin").actions() if each.text() == "Delete")
    delete.trigger()
    driver.wait(lambda: "cabin" not in names())
    driver.return_to_grid()
    driver.key(Qt.Key.Key_Z, CTRL)
    driver.wait(lambda: "cabin" in names())


def test_photos_that_do_not_show_it_and_a_name_that_cannot_be(driver: TeachingDriver) -> None:
    dialog = driver.open_form(0)
    QTest.keyClicks(dialog.field, "hut")
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    driver.wait(lambda: bool(dialog.answers))
    dialog.done_button.click()
    driver.wait(lambda: driver.window.controllers.teaching.dialog is None)
    driver.wait(lambda: driver.window.controllers.organise.organisation.concepts == ("hut",))
    again = driver.open_form(1)
    assert not again.against.isEnabled()
    QTest.keyClicks(again.field, "HUT")
    assert again.against.isEnabled()
    again.against.click()
    driver.wait(lambda: bool(again.answers))
    known = driver.concept("hut")
    assert known is not None
    assert (len(known.shown), len(known.not_shown)) == (1, 1)
    QTest.keyClick(again, Qt.Key.Key_Escape)
    driver.wait(lambda: driver.window.controllers.teaching.dialog is None)


@pytest.mark.parametrize("how", ["escape", "close"])
def test_answers_are_saved_however_the_dialog_is_left(driver: TeachingDriver, how: str) -> None:
    dialog = driver.open_form(0)
    QTest.keyClicks(dialog.field, "hut")
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    driver.wait(lambda: bool(dialog.answers))
    yes, no = dialog.answers[:2]
    QTest.keyClick(yes, Qt.Key.Key_Y)
    QTest.keyClick(no, Qt.Key.Key_N)
    if how == "escape":
        QTest.keyClick(no, Qt.Key.Key_Escape)
    else:
        dialog.close()

    def saved() -> tuple[int, int]:
        known = driver.concept("hut")
        return (0, 0) if known is None else (len(known.shown), len(known.not_shown))

    driver.wait(lambda: driver.window.controllers.teaching.dialog is None)
    driver.wait(lambda: saved() == (2, 1))


def test_escape_before_a_name_is_taught_teaches_nothing(driver: TeachingDriver) -> None:
    dialog = driver.open_form(0)
    QTest.keyClicks(dialog.field, "hut")
    QTest.keyClick(dialog.field, Qt.Key.Key_Escape)
    driver.wait(lambda: driver.window.controllers.teaching.dialog is None)
    assert driver.concept("hut") is None


def test_the_palette_offers_concepts(driver: TeachingDriver) -> None:
    dialog = driver.open_form(0)
    QTest.keyClicks(dialog.field, "hut")
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    driver.wait(lambda: bool(dialog.answers))
    dialog.done_button.click()
    driver.wait(lambda: driver.window.controllers.organise.organisation.concepts == ("hut",))
    driver.return_to_grid()
    driver.key(Qt.Key.Key_K, CTRL)
    palette = driver.dialog(CommandPalette)
    driver.write("hut")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    driver.wait(lambda: driver.window.search_bar.field.text().strip() == "my:hut")
