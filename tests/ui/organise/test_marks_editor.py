"""Editing marks, texts and tags of one or many photos in the details panel."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from safelight.core.operations import AddTag, RemoveTag, SetCaption, SetLabel, SetRating, SetTitle
from safelight.core.photo import ImageMetadata, Photo
from safelight.ui.appearance.theme import DARK, LIGHT
from safelight.ui.organise.marks_editor import MarksEditor

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "This plugin does not support")

A = Photo(
    *(1, 1000, "JPEG", 40, 30, 0, "2020-01-01T00:00:00", True, ImageMetadata(), False, 3, ()),
    label="red",
    title="Beach",
    caption="By the sea",
)
B = replace(A, id=2, label="", title="Lake")


@pytest.fixture
def editor(qtbot: QtBot) -> MarksEditor:
    made = MarksEditor(LIGHT)
    made.operations = []  # type: ignore[attr-defined]
    made.edited.connect(made.operations.append)  # type: ignore[attr-defined]
    qtbot.addWidget(made)
    made.resize(260, 300)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def edits(editor: MarksEditor) -> list[Any]:
    return list(editor.operations)  # type: ignore[attr-defined]


def tag_buttons(editor: MarksEditor) -> list[QPushButton]:
    return [each for each in editor.findChildren(QPushButton) if not each.isHidden()]


def test_one_photo_is_shown_and_edited(editor: MarksEditor) -> None:
    editor.show_photos((1,), [A])
    editor.show_tags({"animals/dog": 1})
    assert [star.isChecked() for star in editor.stars] == [True, True, True, False, False]
    assert editor.labels["red"].isChecked()
    assert (editor.title.text(), editor.caption.toPlainText()) == ("Beach", "By the sea")
    editor.stars[4].click()
    editor.stars[2].click()  # the rating that it has already
    editor.labels["blue"].click()
    editor.reject.click()
    editor.title.setFocus()
    editor.title.selectAll()
    QTest.keyClicks(editor.title, "Harbour")
    editor.caption.setFocus()
    QTest.keyClicks(editor.caption, "!")
    editor.tag.setFocus()
    QTest.keyClicks(editor.tag, " pets / cat ")
    QTest.keyClick(editor.tag, Qt.Key.Key_Return)
    (button,) = tag_buttons(editor)
    button.click()
    assert edits(editor) == [
        SetRating((1,), 5),
        SetRating((1,), 0),
        SetLabel((1,), "blue"),
        SetRating((1,), -1),
        SetTitle((1,), "Harbour"),
        SetCaption((1,), "!By the sea"),
        AddTag((1,), "pets/cat"),
        RemoveTag((1,), "animals/dog"),
    ]


def test_many_photos_show_what_is_common_and_what_differs(editor: MarksEditor) -> None:
    editor.show_photos((1, 2), [A, B])
    editor.show_tags({"all": 2, "one": 1})
    assert editor.title.placeholderText() == "Title (differs)"
    assert editor.caption.placeholderText() == "Caption"
    assert editor.title.text() == ""
    assert editor.caption.toPlainText() == "By the sea"
    assert not editor.labels["red"].isChecked()
    assert [star.isChecked() for star in editor.stars] == [True, True, True, False, False]
    # The names are isolated, which keeps numbers behind names that are written from right to left.
    assert [each.text() for each in tag_buttons(editor)] == [
        "\u2068all\u2069\u2002×",
        "\u2068one\u2069 (1)\u2002×",
    ]
    editor.title.setFocus()
    editor.caption.setFocus()  # leaving it without an edit changes nothing
    assert edits(editor) == []
    QTest.keyClicks(editor.title, "Water")
    QTest.keyClick(editor.title, Qt.Key.Key_Return)
    assert edits(editor) == [SetTitle((1, 2), "Water")]


def test_a_text_that_is_being_edited_goes_to_the_photo_it_was_typed_for(editor: MarksEditor) -> None:
    editor.show_photos((1,), [A])
    editor.title.setFocus()
    editor.title.setText("Cliff")
    editor.show_photos((1,), [replace(A, rating=4)])  # its row was read again meanwhile
    assert editor.title.text() == "Cliff"
    editor.show_photos((2,), [B])
    assert edits(editor) == [SetTitle((1,), "Cliff")]
    assert editor.title.text() == "Lake"


def test_it_follows_the_theme_and_goes_without_photos(editor: MarksEditor) -> None:
    editor.show_photos((1,), [A])
    editor.apply_theme(DARK)
    editor.show_photos((), [])
    assert editor.isHidden()


def test_marks_that_differ_say_so(editor: MarksEditor) -> None:
    editor.show_photos((1, 2), [A, B])  # the rating is the same, the label is not
    assert (editor.rating_differs.isVisible(), editor.label_differs.isVisible()) == (False, True)
    editor.show_photos((1, 2), [A, replace(B, rating=1, label="red")])
    assert (editor.rating_differs.isVisible(), editor.label_differs.isVisible()) == (True, False)
    editor.show_photos((1,), [A])
    assert (editor.rating_differs.isVisible(), editor.label_differs.isVisible()) == (False, False)


def test_the_field_for_tags_is_above_them_and_does_not_move(editor: MarksEditor, qtbot: QtBot) -> None:
    editor.show_photos((1,), [A])
    editor.show_tags({f"tag {number}": 1 for number in range(20)})

    def places() -> list[int]:
        return [button.mapTo(editor, QPoint(0, 0)).y() for button in tag_buttons(editor)]

    qtbot.waitUntil(lambda: len(places()) == 20 and min(places()) > editor.tag.geometry().bottom())


def test_stars_say_how_many_they_are(editor: MarksEditor) -> None:
    assert [star.toolTip() for star in editor.stars] == [
        "1 star",
        *(f"{number} stars" for number in range(2, 6)),
    ]
