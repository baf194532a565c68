"""The order of the rules by which a file is proposed to be kept, as a person changes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from safelight.core.keeper import DEFAULT_RULES, KeeperRule
from safelight.core.settings import Settings
from safelight.engine import events, requests
from safelight.ui.duplicates.rules import RulesDialog
from safelight.ui.widgets.inputs import NumberBox
from safelight.ui.window.build import build_window
from safelight.ui.window.main_window import MainWindow
from support.filled_library import FilledLibrary
from support.scripted_client import ScriptedClient
from support.threaded_decoder import ThreadedDecoder

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

MARKS, PIXELS, ORIGINAL, *REST = DEFAULT_RULES
ALT = Qt.KeyboardModifier.AltModifier


class Asked:
    """A dialog, and what came of it."""

    def __init__(self, bot: QtBot, rules: tuple[KeeperRule, ...] = ()) -> None:
        self.parent = QWidget()
        bot.addWidget(self.parent)
        self.dialog = RulesDialog(rules, self.parent)
        self.received: list[tuple[KeeperRule, ...]] = []
        self.dialog.chosen.connect(self.received.append)
        self.dialog.open()
        bot.waitUntil(self.dialog.isVisible)

    @property
    def rules(self) -> list[KeeperRule]:
        return list(self.dialog.list.rules)

    @property
    def texts(self) -> list[str]:
        rules = self.dialog.list
        return [rules.item(row).text() for row in range(rules.count())]

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.dialog.list, key, modifiers)


@pytest.fixture
def asked(qtbot: QtBot) -> Asked:
    return Asked(qtbot)


def test_every_rule_is_there_in_plain_words(asked: Asked) -> None:
    assert asked.rules == list(DEFAULT_RULES)
    assert asked.texts[0] == "1.  Your marks: a favourite, a higher rating"
    assert len(set(asked.texts)) == len(KeeperRule)


def test_by_keyboard(asked: Asked) -> None:
    asked.key(Qt.Key.Key_Down)
    asked.key(Qt.Key.Key_Up, ALT)
    assert asked.rules == [PIXELS, MARKS, ORIGINAL, *REST]
    assert asked.texts[0] == "1.  More pixels"
    asked.key(Qt.Key.Key_Up, ALT)  # there is no farther
    asked.key(Qt.Key.Key_Down, ALT)
    asked.key(Qt.Key.Key_Down, ALT)
    assert asked.rules == [MARKS, ORIGINAL, PIXELS, *REST]
    assert asked.dialog.list.currentRow() == 2
    asked.key(Qt.Key.Key_Return)
    assert asked.received == [(MARKS, ORIGINAL, PIXELS, *REST)]


def test_by_buttons(asked: Asked) -> None:
    dialog = asked.dialog
    assert not dialog.up.isEnabled()
    dialog.down.click()
    dialog.down.click()
    assert asked.rules == [PIXELS, ORIGINAL, MARKS, *REST]
    dialog.up.click()
    assert asked.rules == [PIXELS, MARKS, ORIGINAL, *REST]
    dialog.list.setCurrentRow(len(DEFAULT_RULES) - 1)
    assert not dialog.down.isEnabled()
    dialog.accept_button.click()
    assert asked.received == [(PIXELS, MARKS, ORIGINAL, *REST)]


def test_by_dragging(asked: Asked, qtbot: QtBot) -> None:
    rules = asked.dialog.list.model()
    assert rules.moveRow(QModelIndex(), 2, QModelIndex(), 0)  # as a row that is dropped is moved
    assert asked.rules == [ORIGINAL, MARKS, PIXELS, *REST]
    qtbot.waitUntil(lambda: asked.texts[0] == "1.  Closest to the camera original")
    assert asked.texts[2] == "3.  More pixels"
    assert asked.dialog.up.isEnabled()  # what was first, and is current, has become the second


def test_back_to_the_usual_order(qtbot: QtBot) -> None:
    asked = Asked(qtbot, (KeeperRule.AGE, *(rule for rule in DEFAULT_RULES if rule is not KeeperRule.AGE)))
    assert asked.rules[0] is KeeperRule.AGE
    asked.dialog.usual.click()
    assert asked.rules == list(DEFAULT_RULES)
    asked.dialog.accept_button.click()
    assert asked.received == [DEFAULT_RULES]


def test_nothing_is_reported_that_was_not_changed(asked: Asked, qtbot: QtBot) -> None:
    asked.dialog.accept_button.click()
    other = Asked(qtbot)
    other.dialog.down.click()
    QTest.keyClick(other.dialog.list, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not other.dialog.isVisible())
    assert asked.received == other.received == []


def test_all_can_be_reached_and_has_a_name(asked: Asked) -> None:
    dialog = asked.dialog
    assert dialog.list.hasFocus()
    assert dialog.list.accessibleName()
    for button in dialog.findChildren(QPushButton):
        assert button.text()
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus


@pytest.fixture
def window(tmp_path: Path, qapp: QApplication, qtbot: QtBot, client: ScriptedClient) -> Iterator[MainWindow]:
    library = FilledLibrary(tmp_path)
    library.add(("one.jpg", "2021-06-03T10:00:00"))
    made = build_window(qapp, library.directory, lambda: client, ThreadedDecoder())
    qtbot.addWidget(made)
    made.show()
    made.start()
    client.say(events.EngineReady())
    yield made
    assert made.shutdown()
    library.close()


def test_the_page_asks_for_them_and_the_engine_is_notified(
    window: MainWindow, client: ScriptedClient, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: any(isinstance(each, requests.ReadSettings) for each in client.requests))
    order = (PIXELS, MARKS, ORIGINAL, *REST)
    client.say(events.SettingsRead(1, Settings({"idle-minutes": 7, "keeper-rules": order})))
    idle_minutes = window.controllers.models.page.machine.rest.input
    assert isinstance(idle_minutes, NumberBox)
    qtbot.waitUntil(lambda: idle_minutes.value() == 7)
    page = window.controllers.duplicates.page
    page.rules_button.click()
    dialog = window.findChild(RulesDialog)
    assert dialog is not None
    assert dialog.list.rules == order
    dialog.down.click()
    dialog.accept_button.click()

    def changes() -> list[tuple[str, str]]:
        asked = [each for each in client.requests if isinstance(each, requests.ChangeSetting)]
        return [(each.name, each.text) for each in asked]

    qtbot.waitUntil(lambda: bool(changes()))  # it is sent on another thread
    assert changes() == [("keeper-rules", ",".join((MARKS, PIXELS, ORIGINAL, *REST)))]
