"""The search bar: when a search begins, and what a dropped or pasted thing becomes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from safelight.ui import dropped_files
from safelight.ui.appearance.theme import DARK
from safelight.ui.search.bar import SearchBar
from safelight.ui.view_request import Query, SimilarQuery, TextQuery
from support.drops import drop, urls

# The offscreen platform says this of every window with a fixed size.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def bar(qtbot: QtBot) -> SearchBar:
    made = SearchBar(DARK, (96, 320))
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def queries(bar: SearchBar) -> list[Query | None]:
    heard: list[Query | None] = []
    bar.query_changed.connect(heard.append)
    return heard


def test_typing_searches_once_after_a_pause(
    bar: SearchBar, queries: list[Query | None], qtbot: QtBot
) -> None:
    QTest.keyClicks(bar.field, " a  dog ")
    assert queries == []
    qtbot.waitUntil(lambda: bool(queries))
    assert queries == [TextQuery("a dog")]


def test_enter_searches_at_once_and_the_pause_does_not_repeat_it(
    bar: SearchBar, queries: list[Query | None], qtbot: QtBot
) -> None:
    QTest.keyClicks(bar.field, "dog")
    QTest.keyClick(bar.field, Qt.Key.Key_Return)
    assert queries == [TextQuery("dog")]
    qtbot.wait(200)  # longer than the pause after typing
    assert queries == [TextQuery("dog")]


def test_escape_clears_then_leaves(bar: SearchBar, queries: list[Query | None], qtbot: QtBot) -> None:
    left: list[None] = []
    bar.results_requested.connect(lambda: left.append(None))
    QTest.keyClicks(bar.field, "dog")
    QTest.keyClick(bar.field, Qt.Key.Key_Escape)
    assert bar.field.text() == ""
    assert queries == [None]
    assert left == []
    QTest.keyClick(bar.field, Qt.Key.Key_Escape)
    assert left == [None]
    assert queries == [None]


def test_deleting_the_words_ends_the_search(
    bar: SearchBar, queries: list[Query | None], qtbot: QtBot
) -> None:
    QTest.keyClicks(bar.field, "x")
    QTest.keyClick(bar.field, Qt.Key.Key_Return)
    QTest.keyClick(bar.field, Qt.Key.Key_Backspace)
    qtbot.waitUntil(lambda: len(queries) == 2)
    assert queries == [TextQuery("x"), None]


def test_the_chip_names_the_picture_and_works_by_keyboard(
    bar: SearchBar, queries: list[Query | None], qtbot: QtBot
) -> None:
    QTest.keyClicks(bar.field, "dog")
    bar.show_similar(SimilarQuery(photo_id=4), "IMG_1.JPG", None)
    assert bar.chip.isVisible()
    assert bar.chip.said == "Similar to IMG_1.JPG"
    assert bar.field.text() == ""
    qtbot.wait(200)  # the words that stood there are not searched for any more
    assert queries == []
    QTest.keyClick(bar.chip, Qt.Key.Key_Delete)
    assert queries == [None]
    assert not bar.chip.isVisible()


def test_words_and_a_picture_are_looked_for_together(
    bar: SearchBar, queries: list[Query | None], tmp_path: Path
) -> None:
    bar.show_similar(SimilarQuery(photo_id=4), "IMG_1.JPG", None)
    QTest.keyClicks(bar.field, "at  night")
    QTest.keyClick(bar.field, Qt.Key.Key_Return)
    assert queries == [SimilarQuery(photo_id=4, words="at night")]
    picture = tmp_path / "a.jpg"
    picture.touch()
    assert drop(bar, urls(picture))
    assert queries[1:] == [SimilarQuery(path=str(picture), words="at night")]
    assert bar.chip.said == "Similar to a.jpg"
    QTest.keyClick(bar.chip, Qt.Key.Key_Backspace)
    assert queries[2:] == [TextQuery("at night")]
    assert not bar.chip.isVisible()
    assert drop(bar, urls(picture))
    bar.field.selectAll()
    QTest.keyClick(bar.field, Qt.Key.Key_Delete)
    QTest.keyClick(bar.field, Qt.Key.Key_Return)
    assert queries[4:] == [SimilarQuery(path=str(picture))]


def test_a_picture_pasted_elsewhere_is_a_new_question(bar: SearchBar, queries: list[Query | None]) -> None:
    image = QImage(20, 20, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.darkGreen)
    QGuiApplication.clipboard().setImage(image)
    bar.set_text("dog")
    bar.menu_button.setFocus()
    bar.paste()
    asked = queries[-1]
    assert isinstance(asked, SimilarQuery)
    assert asked.words == bar.field.text() == ""
    bar.set_text("dog")
    assert queries[2:] == [TextQuery("dog")], "a query that is set stands alone"
    bar.field.setFocus()
    bar.paste()
    both = queries[-1]
    assert isinstance(both, SimilarQuery)
    assert both.words == "dog"
    assert bar.saveable == "", "a pasted picture is in no file"


def test_a_picture_of_a_file_is_saved_by_its_path(bar: SearchBar, tmp_path: Path) -> None:
    bar.show_similar(SimilarQuery(photo_id=4), "IMG 1.JPG", None, "/my photos/IMG 1.JPG")
    assert bar.saveable == 'like:"/my photos/IMG 1.JPG"'
    QTest.keyClicks(bar.field, "at night")
    assert bar.saveable == 'like:"/my photos/IMG 1.JPG" at night'


def test_a_dropped_picture_is_a_query(bar: SearchBar, queries: list[Query | None], tmp_path: Path) -> None:
    picture = tmp_path / "a b%20ü.jpg"
    picture.touch()
    assert drop(bar, urls(picture, tmp_path / "other.jpg"))
    assert queries == [SimilarQuery(path=str(picture))]


def test_a_dropped_folder_is_passed_on(bar: SearchBar, queries: list[Query | None], tmp_path: Path) -> None:
    heard: list[dropped_files.Dropped] = []
    bar.dropped_on.connect(heard.append)
    assert drop(bar, urls(tmp_path))
    assert heard == [dropped_files.Dropped(folders=(str(tmp_path),))]
    assert queries == []


def test_a_pasted_picture_is_a_query_and_pasted_words_are_words(
    bar: SearchBar, queries: list[Query | None], qtbot: QtBot
) -> None:
    image = QImage(3000, 1500, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.darkGreen)
    QGuiApplication.clipboard().setImage(image)
    QTest.keyClick(bar.field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    (query,) = queries
    assert isinstance(query, SimilarQuery)
    assert query.image is not None
    sent = QImage.fromData(query.image)
    assert (sent.width(), sent.height()) == (1024, 512)
    assert sent.pixelColor(500, 200) == image.pixelColor(0, 0)
    QGuiApplication.clipboard().setText("a dog")
    QTest.keyClick(bar.field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert bar.field.text() == "a dog"


@pytest.mark.skipif(os.name == "nt", reason="paths are text there")
def test_paths_that_are_not_utf8_survive_a_url(bar: SearchBar) -> None:
    path = os.fsdecode(b"/photos/caf\xe9 100%/\xe2\x82\xac#1.jpg")
    assert dropped_files.path_of_url(dropped_files.file_url(path)) == path


def test_web_addresses_and_plain_text_are_not_taken(bar: SearchBar, queries: list[Query | None]) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl("https://example.org/a.jpg")])
    mime.setText("https://example.org/a.jpg")
    assert not dropped_files.may_hold_something(mime)
    assert not drop(bar, mime)
    assert queries == []
