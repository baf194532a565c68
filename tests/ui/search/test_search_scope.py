"""Searches keep to what is open, an empty answer names the filter to blame, and the empty box teaches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from safelight.core.message import Message
from safelight.core.query import restrict_query
from safelight.engine import events, requests
from safelight.store.saved_searches import SavedSearch
from safelight.store.vocabulary import ValueCount, Vocabulary
from safelight.ui.library import queries as library_queries
from safelight.ui.library.reads import ReadBlocker
from safelight.ui.pages.declarations import SETTINGS
from safelight.ui.search.introduction import introduction
from safelight.ui.view_request import Place, ViewRequest
from safelight.ui.widgets.notice_line import NoticeLine
from safelight.ui.window.build import build_window
from safelight.ui.window.main_window import MainWindow
from support.filled_library import FilledLibrary
from support.scripted_client import ScriptedClient
from support.threaded_decoder import ThreadedDecoder

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def library(tmp_path: Path) -> Iterator[FilledLibrary]:
    made = FilledLibrary(tmp_path)
    made.add(("a.jpg", "2021-06-04T10:00:00"), ("b.jpg", "2020-06-04T10:00:00"))
    yield made
    made.close()


@pytest.fixture
def window(
    library: FilledLibrary, client: ScriptedClient, qapp: QApplication, qtbot: QtBot
) -> Iterator[MainWindow]:
    made = build_window(qapp, library.directory, lambda: client, ThreadedDecoder())
    qtbot.addWidget(made)
    made.resize(1100, 700)
    made.show()
    made.start()
    qtbot.waitUntil(lambda: made.model.rowCount() == 2 and bool(made.sidebar.scopes[3:]))
    yield made
    assert made.shutdown()


def asked(client: ScriptedClient) -> list[str]:
    return [each.text for each in client.requests if isinstance(each, requests.Search)]


def type_query(window: MainWindow, text: str) -> None:
    window.search_bar.field.setFocus()
    QTest.keyClicks(window.search_bar.field, text)
    window.search_bar.help.dismiss()


def test_a_search_keeps_to_the_open_folder_until_its_chip_is_removed(
    window: MainWindow, client: ScriptedClient, library: FilledLibrary, qtbot: QtBot
) -> None:
    scope = next(each for each in window.sidebar.scopes if each.place == Place.FOLDER)
    window.views.show_scope(scope)
    assert window.search_bar.chips.place.isHidden()
    type_query(window, "dog")
    chip = window.search_bar.chips.place
    assert chip.said == "In: Pictures"
    qtbot.waitUntil(lambda: asked(client)[-1:] == [f"dog in:{library.folder}"])
    assert window.search_bar.saveable == f"dog in:{library.folder}"
    chip.removed.emit()
    qtbot.waitUntil(lambda: asked(client)[-1:] == ["dog"])
    assert chip.isHidden()
    # The next search from there keeps to it again.
    window.views.show_scope(scope)
    type_query(window, "cat OR dog")
    qtbot.waitUntil(lambda: asked(client)[-1:] == [f"(cat OR dog) in:{library.folder}"])


def test_favourites_are_a_part_of_the_library_too_and_the_library_is_none(
    window: MainWindow, client: ScriptedClient, qtbot: QtBot
) -> None:
    window.views.show_scope(ViewRequest(Place.FAVOURITES))
    type_query(window, "dog")
    qtbot.waitUntil(lambda: asked(client)[-1:] == ["dog is:favourite"])
    window.views.show_scope(ViewRequest())
    type_query(window, "dog")
    qtbot.waitUntil(lambda: asked(client)[-1:] == ["dog"])
    window.views.navigation.back()
    window.views.navigation.back()
    assert window.search_bar.field.text() == "dog"
    qtbot.waitUntil(lambda: asked(client)[-1:] == ["dog is:favourite"])
    assert window.search_bar.chips.place.said == "In: Favourites"


def answer_nothing(client: ScriptedClient) -> None:
    request = [each for each in client.requests if isinstance(each, requests.Search)][-1]
    client.say(events.SearchResults(request.generation, ()))


def test_the_filter_that_leaves_nothing_is_named_and_can_be_removed(
    window: MainWindow, client: ScriptedClient, qtbot: QtBot
) -> None:
    type_query(window, "dog camera:foo type:jpg")
    qtbot.waitUntil(lambda: asked(client)[-1:] == ["dog camera:foo type:jpg"])
    answer_nothing(client)
    qtbot.waitUntil(lambda: window.content.blocker is not None)
    button = next(each for each in window.grid.findChildren(QPushButton) if "foo" in each.text())
    assert button.text() == "Remove “Taken with foo”"
    button.click()
    assert window.search_bar.field.text() == "dog type:jpg"
    qtbot.waitUntil(lambda: asked(client)[-1:] == ["dog type:jpg"])


def test_the_filter_that_leaves_nothing_is_named_beside_a_picture_too(
    window: MainWindow, client: ScriptedClient, qtbot: QtBot
) -> None:
    window.views.find_similar(window.model.photo_ids(0, 1)[0])
    type_query(window, "camera:foo")

    def similar() -> list[requests.FindSimilar]:
        return [each for each in client.requests if isinstance(each, requests.FindSimilar)]

    qtbot.waitUntil(lambda: [each.text for each in similar()[-1:]] == ["camera:foo"])
    client.say(events.SearchResults(similar()[-1].generation, ()))
    qtbot.waitUntil(lambda: window.content.blocker is not None)
    button = next(each for each in window.grid.findChildren(QPushButton) if "foo" in each.text())
    button.click()
    qtbot.waitUntil(lambda: [each.text for each in similar()[-1:]] == [""])


def test_a_notice_on_results_is_hidden_on_other_pages(
    window: MainWindow, client: ScriptedClient, qtbot: QtBot
) -> None:
    type_query(window, "dog")
    qtbot.waitUntil(lambda: asked(client)[-1:] == ["dog"])
    request = [each for each in client.requests if isinstance(each, requests.Search)][-1]
    client.say(events.SearchResults(request.generation, (), (Message("No strong matches."),)))
    notice = window.content.findChild(NoticeLine)
    assert notice is not None
    qtbot.waitUntil(notice.isVisible)
    window.views.show_page(SETTINGS)
    assert not notice.isVisible()
    window.content.close_page()
    assert notice.isVisible()


def test_which_filter_is_to_blame(library: FilledLibrary) -> None:
    def blamed(query: str) -> tuple[str, bool, int] | None:
        found = library_queries.answer(db, ReadBlocker(query))
        return None if found is None else (found.part, found.matches_nothing, found.others)

    with library.store.read() as db:
        assert blamed("dog date:2021 camera:foo") == ("camera:foo", True, 1)
        assert blamed("date:2021 name:b.jpg") == ("date:2021", False, 1)
        assert blamed("tag:x,y name:a") == ("tag:x,y", True, 1)
        assert blamed("dog date:2021") is None
        assert blamed("dog") is None
        assert blamed("date:2021 date:2020 name:a name:b") is None


def test_the_empty_box_shows_what_can_be_typed(window: MainWindow, qtbot: QtBot) -> None:
    window.search_bar.history.add("snow")
    window.views.focus_search()
    popup = window.search_bar.help.popup
    qtbot.waitUntil(popup.isVisible)
    labels = [each.label for each in popup.model.candidates]
    assert labels[0] == "Try"
    assert {"Recent searches", "snow", "Filters", "iso:", "has:"} <= set(labels)
    QTest.keyClick(window.search_bar.field, Qt.Key.Key_Down)
    assert popup.chosen is not None
    assert popup.chosen.label == "dog on a beach"
    QTest.keyClick(window.search_bar.field, Qt.Key.Key_Return)
    assert window.search_bar.field.text() == "dog on a beach "
    assert not popup.isVisible()


def test_examples_and_counts_come_from_the_library() -> None:
    vocabulary = Vocabulary({"camera": (ValueCount("Pixel 7", 4),)}, months=(ValueCount("2023-05", 9),))
    found = introduction(vocabulary, ("old", "new"), (SavedSearch(1, "Dogs", "dog"),))
    labels = [each.label for each in found]
    assert {"snow date:2023", 'portrait camera:"Pixel 7"', "Dogs"} <= set(labels)
    assert labels.index("new") < labels.index("old")
    assert "1 in this library" in next(each.detail for each in found if each.label == "camera:")
    assert all(each.insert for each in found if not each.is_heading)


def test_a_query_is_narrowed_as_a_whole() -> None:
    assert restrict_query("a OR b", "is:favourite") == "(a OR b) is:favourite"
    assert restrict_query("", "is:favourite") == "is:favourite"
    assert restrict_query('"open', "in:x") == '"open" in:x'
    assert restrict_query("dog", "") == "dog"


def test_a_picture_in_the_query_is_shown_and_never_a_path(
    window: MainWindow, library: FilledLibrary, qtbot: QtBot
) -> None:
    path = library.folder / "a.jpg"
    type_query(window, f"like:{path} like:{path}#xywh=percent:0,0,50,50 like:/elsewhere/b.jpg")
    chips = window.search_bar.chips
    qtbot.waitUntil(lambda: [chip.has_picture for chip in chips.chips] == [True, True, False])
    assert [chip.said for chip in chips.chips] == ["Like a.jpg", "Like part of a.jpg", "Like b.jpg"]
