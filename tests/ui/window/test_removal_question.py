"""The window asks before photos of vanished files are forgotten."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from safelight.core.changes import RemovalsHeld, RemovalsSettled
from safelight.engine.requests import ConfirmRemovals, KeepMissing, Request
from safelight.ui.library.engine_bridge import EngineBridge
from safelight.ui.window.removal_question import RemovalQuestions
from support.scripted_client import ScriptedClient
from support.waiting import PATIENCE, wait_until

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


class Asked:
    def __init__(self, qtbot: QtBot) -> None:
        self.client = ScriptedClient()
        self.bridge = EngineBridge(lambda: self.client)
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.questions = RemovalQuestions(self.bridge, self.window)
        self.window.show()
        self.bridge.start()
        self._qtbot = qtbot

    def ask(self, missing: int, folder_id: int = 3, path: str = "/photos/<b>Pictures<i>") -> QMessageBox:
        with self._qtbot.waitSignal(self.bridge.removals_held):
            self.client.say(RemovalsHeld(folder_id, path, missing, 1000))
        return self.boxes()[-1]

    def boxes(self) -> list[QMessageBox]:
        return [box for box in self.window.findChildren(QMessageBox) if box.isVisible()]

    def answer(self, box: QMessageBox, text: str) -> None:
        next(button for button in box.buttons() if button.text() == text).click()


@pytest.fixture
def asked(qtbot: QtBot) -> Iterator[Asked]:
    made = Asked(qtbot)
    yield made
    assert made.bridge.stop(PATIENCE)


@pytest.mark.parametrize(
    ("button", "requests"),
    [("Remove from library", [ConfirmRemovals(3)]), ("Keep", [KeepMissing(3)]), ("Ask later", [])],
)
def test_each_answer_reaches_the_engine(asked: Asked, button: str, requests: list[Request]) -> None:
    box = asked.ask(312)
    assert box.text().startswith("312 of 1,000 files in “<b>Pictures<i>” are gone.")
    assert box.textFormat() is Qt.TextFormat.PlainText
    asked.answer(box, button)
    wait_until(lambda: asked.client.requests == requests, "the answer")
    assert not asked.boxes()


def test_a_folder_is_asked_about_once_at_a_time(asked: Asked) -> None:
    box = asked.ask(312)
    assert asked.ask(400) is box
    assert box.text().startswith("400 of")
    asked.ask(50, folder_id=4)
    assert len(asked.boxes()) == 2
    for open_box in asked.boxes():
        asked.answer(open_box, "Keep")
    wait_until(lambda: len(asked.client.requests) == 2, "both answers")


def test_a_question_closes_by_itself_when_nothing_is_missing_any_more(asked: Asked) -> None:
    asked.ask(312)
    asked.ask(50, folder_id=4)
    with asked._qtbot.waitSignal(asked.bridge.removals_settled):
        asked.client.say(RemovalsSettled(3))
    (other,) = asked.boxes()
    assert other.text().startswith("50 of")
    assert asked.client.requests == []
    with asked._qtbot.waitSignal(asked.bridge.removals_settled):
        asked.client.say(RemovalsSettled(3))  # nothing to close
    assert asked.ask(20).text().startswith("20 of")
    for box in asked.boxes():
        asked.answer(box, "Ask later")


def test_replaced_files_are_not_called_gone(asked: Asked) -> None:
    with asked._qtbot.waitSignal(asked.bridge.removals_held):
        asked.client.say(RemovalsHeld(3, "/media/card", 60, 60, replaced=True))
    (box,) = asked.boxes()
    assert box.text().startswith("All 60 files in “card” changed at once")
    asked.answer(box, "Ask later")
