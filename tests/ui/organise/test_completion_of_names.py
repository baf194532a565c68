"""Which names and commands are offered while typing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from safelight.ui.organise.completion import NameCompleter, NameIndex
from safelight.ui.organise.palette import Choice, matching_choices, search_texts

NAMES = ("a dog", "animals/Dog", "Dog", "hot/dogs/small", "mad dogs")


def test_names_with_a_level_that_begins_with_it_come_first() -> None:
    index = NameIndex(NAMES)
    assert index.matches(" DOG ") == ["animals/Dog", "Dog", "hot/dogs/small", "a dog", "mad dogs"]
    assert index.matches("dogs/s") == ["hot/dogs/small"]
    assert index.matches("") == []
    assert index.matches("cat") == []
    assert NameIndex(()).matches("a") == []


def test_few_of_many_names_are_offered() -> None:
    names = [f"tag {number}" for number in range(1000)]
    assert NameIndex(names).matches("tag") == names[:50]
    assert NameIndex(names).matches("ag 9") == ["tag 9", *(f"tag {n}" for n in range(90, 100))] + [
        f"tag {n}" for n in range(900, 939)
    ]


@given(st.lists(st.text("abD/ é", min_size=1, max_size=6), max_size=30), st.text("abD/ é", max_size=3))
def test_the_same_names_are_offered_as_by_looking_at_each(names: list[str], typed: str) -> None:
    wanted = " ".join(typed.lower().split())
    containing = [name for name in names if wanted and wanted in name.lower()]
    first = [name for name in containing if f"/{wanted}" in f"/{name.lower()}"]
    others = [name for name in containing if f"/{wanted}" not in f"/{name.lower()}"]
    assert NameIndex(names).matches(typed) == [*first, *others]


def test_choices_contain_every_word_and_may_be_asked_for_by_kind() -> None:
    choices = [
        Choice(text, kind, lambda: None)
        for text, kind in (("Hide", "Command"), ("Trips/Ireland", "Album"), ("Ride", "Tag"), ("ridge", "Tag"))
    ]

    def found(typed: str) -> list[str]:
        return [choice.text for choice in matching_choices(choices, search_texts(choices), typed)]

    assert found("rid") == ["Ride", "ridge"]
    assert found("ir") == ["Trips/Ireland"]
    assert found("ide") == ["Hide", "Ride"]
    assert found("ri tag") == ["Ride", "ridge"]
    assert found("album ireland") == ["Trips/Ireland"]
    assert found("nothing") == []
    assert len(found("")) == 4


@pytest.mark.qt_log_ignore("propagateSizeHints", "This plugin does not support (raise|grabbing)")
def test_down_in_the_empty_field_offers_all_names(qtbot: QtBot) -> None:
    field = QLineEdit()
    qtbot.addWidget(field)
    completer = NameCompleter(field, ["Best", "Trips", "Trips/Oslo"])
    field.show()
    field.activateWindow()
    qtbot.waitUntil(field.isActiveWindow)
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Down)
    popup = completer.list
    qtbot.waitUntil(popup.isVisible)
    assert completer.suggestions == ["Best", "Trips", "Trips/Oslo"]
    QTest.keyClick(popup, Qt.Key.Key_Down)
    QTest.keyClick(popup, Qt.Key.Key_Down)
    QTest.keyClick(popup, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: field.text() == "Trips")
    popup.hide()
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert completer.suggestions == ["Best", "Trips", "Trips/Oslo"]
    assert not popup.isVisible()  # what is typed is not replaced
