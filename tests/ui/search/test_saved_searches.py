"""Saved searches: created, shown, changed, and run again each time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from safelight.engine import requests
from safelight.store import saved_searches
from safelight.store.saved_searches import SavedSearch
from safelight.ui.search.saved_searches import NameDialog, suggested_name
from safelight.ui.view_request import SimilarQuery
from safelight.ui.window.build import build_window
from safelight.ui.window.main_window import MainWindow
from support.filled_library import FilledLibrary
from support.scripted_client import LibraryClient
from support.sidebar_rows import choose
from support.threaded_decoder import ThreadedDecoder

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def library(tmp_path: Path) -> Iterator[FilledLibrary]:
    made = FilledLibrary(tmp_path)
    made.add(("a.jpg", "2021-06-03T10:00:00"))
    yield made
    made.close()


@pytest.fixture
def engine(library: FilledLibrary) -> LibraryClient:
    return LibraryClient(library.store)


@pytest.fixture
def window(
    library: FilledLibrary, engine: LibraryClient, qapp: QApplication, qtbot: QtBot
) -> Iterator[MainWindow]:
    made = build_window(qapp, library.directory, lambda: engine, ThreadedDecoder())
    qtbot.addWidget(made)
    made.show()
    made.start()
    qtbot.waitUntil(lambda: made.model.rowCount() == 1)
    yield made
    assert made.shutdown()


def names(window: MainWindow) -> list[str]:
    return [search.name for search in window.controllers.saved_searches.searches]


def saved_as(window: MainWindow) -> str | None:
    saved = window.search_bar.bookmark.saved
    return saved.name if saved is not None else None


def undo(window: MainWindow) -> None:
    button = next(each for each in window.toasts.findChildren(QPushButton) if each.isVisible())
    assert button.text() == "Undo"
    button.click()


def dialog_of(window: MainWindow) -> NameDialog | None:
    return next((each for each in window.findChildren(NameDialog) if each.isVisible()), None)


def save(window: MainWindow, qtbot: QtBot, query: str, name: str | None = None) -> None:
    window.search_bar.set_text(query)
    window.search_bar.bookmark.action.trigger()
    dialog = dialog_of(window)
    assert dialog is not None
    if name is not None:
        dialog.field.setText(name)
    expected = dialog.field.text()
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    qtbot.waitUntil(
        lambda: any(
            each.name == expected and each.query == query
            for each in window.controllers.saved_searches.searches
        )
    )


def last_search(engine: LibraryClient) -> str | None:
    found = [request.text for request in engine.requests if isinstance(request, requests.Search)]
    return found[-1] if found else None


def act(window: MainWindow, search: SavedSearch, text: str) -> QAction:
    return next(
        each
        for each in window.controllers.saved_searches.menu(search).actions()
        if each.text().startswith(text)
    )


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("dog on a beach", "dog on a beach"),
        ("beach -people date:2019", "beach · Not: people · Taken in 2019"),
        ("is:favourite", "Favourites"),
        ("x" * 200, "x" * 59 + "…"),
    ],
)
def test_a_name_is_suggested_in_words(query: str, name: str) -> None:
    assert suggested_name(query) == name
    assert len(name) <= saved_searches.MAX_NAME_LENGTH


def test_a_saved_search_is_in_the_sidebar_and_runs_again(
    window: MainWindow, engine: LibraryClient, qtbot: QtBot
) -> None:
    save(window, qtbot, "beach -people", "Empty beaches")
    assert saved_as(window) == "Empty beaches"
    assert window.search_bar.bookmark.action.text() == "Saved as Empty beaches"
    window.search_bar.clear()
    assert saved_as(window) is None
    sent = len(engine.requests)
    window.sidebar.list.setFocus()
    choose(window.sidebar, "Empty beaches")
    qtbot.waitUntil(lambda: len(engine.requests) > sent and last_search(engine) == "beach -people")
    assert window.search_bar.field.text() == "beach -people"
    assert [chip.said for chip in window.search_bar.chips.chips] == ["Not: people"]


def test_the_same_question_written_otherwise_is_the_same_search(window: MainWindow, qtbot: QtBot) -> None:
    save(window, qtbot, 'beach  in:"Italy"', "Italy")
    window.search_bar.set_text("beach in:Italy")
    assert saved_as(window) == "Italy"
    window.search_bar.set_text("beach in:Italy 2:sunset")
    assert saved_as(window) is None


def test_a_name_that_is_taken_replaces_and_can_be_undone(
    window: MainWindow, engine: LibraryClient, qtbot: QtBot
) -> None:
    save(window, qtbot, "dog", "Pets")
    window.search_bar.set_text("cat")
    window.controllers.search.save()
    dialog = dialog_of(window)
    assert dialog is not None
    dialog.field.setText("  pets ")
    assert dialog.hint == "“Pets” already exists. It will be replaced."
    assert dialog.button.text() == "Replace"
    dialog.button.click()
    qtbot.waitUntil(lambda: [each.query for each in window.controllers.saved_searches.searches] == ["cat"])
    qtbot.waitUntil(lambda: window.toasts.text == "“pets” was replaced")
    undo(window)
    qtbot.waitUntil(lambda: [each.query for each in window.controllers.saved_searches.searches] == ["dog"])


def test_renamed_and_deleted_with_a_way_back(window: MainWindow, qtbot: QtBot) -> None:
    save(window, qtbot, "dog", "Dogs")
    save(window, qtbot, "cat", "Cats")
    assert names(window) == ["Cats", "Dogs"]
    cats = window.controllers.saved_searches.searches[0]
    act(window, cats, "Rename").trigger()
    dialog = dialog_of(window)
    assert dialog is not None
    dialog.field.setText("Dogs")
    assert not dialog.button.isEnabled(), "another search has that name"
    dialog.field.setText("Felines")
    dialog.button.click()
    qtbot.waitUntil(lambda: names(window) == ["Dogs", "Felines"])
    act(window, window.controllers.saved_searches.searches[0], "Delete").trigger()
    qtbot.waitUntil(lambda: names(window) == ["Felines"])
    undo(window)
    qtbot.waitUntil(lambda: names(window) == ["Dogs", "Felines"])


def test_nothing_and_a_picture_without_a_file_are_not_saved(window: MainWindow) -> None:
    window.controllers.search.save()
    assert window.toasts.text == "There is no search to save; type one first."
    window.toasts.clear()
    bar = window.search_bar
    bar.show_similar(SimilarQuery(image=b"png"), "the pasted picture", None)
    window.controllers.search.save()
    assert window.toasts.text == "This search cannot be saved because the picture is not in a file."
    assert dialog_of(window) is None


def test_a_picture_of_a_file_is_part_of_what_is_saved(
    window: MainWindow, engine: LibraryClient, qtbot: QtBot
) -> None:
    bar = window.search_bar
    bar.show_similar(SimilarQuery(path="/p/cat 1.jpg"), "cat 1.jpg", None, "/p/cat 1.jpg")
    bar.field.setFocus()
    QTest.keyClicks(bar.field, "at night")
    window.controllers.search.save()
    dialog = dialog_of(window)
    assert dialog is not None
    assert dialog.field.text() == "at night · Like cat 1.jpg"
    dialog.button.click()
    qtbot.waitUntil(lambda: names(window) == ["at night · Like cat 1.jpg"])
    bar.clear()
    choose(window.sidebar, "at night · Like cat 1.jpg")
    qtbot.waitUntil(lambda: last_search(engine) == 'like:"/p/cat 1.jpg" at night')
    assert [chip.said for chip in bar.chips.chips] == ["Like cat 1.jpg"]
