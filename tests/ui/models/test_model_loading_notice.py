"""While the model loads, a search that waits for it is explained in words, and no longer than it waits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from safelight.core.encoder import ModelInfo
from safelight.core.message import Message
from safelight.core.search import Band, SearchHit
from safelight.engine import events, requests
from safelight.ui.library.results_controller import LOADING
from safelight.ui.view_request import TextQuery, ViewRequest
from safelight.ui.window.build import build_window
from safelight.ui.window.main_window import MainWindow
from support.filled_library import FilledLibrary
from support.scripted_client import ScriptedClient
from support.threaded_decoder import ThreadedDecoder

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

MODEL = ModelInfo("fake@0", "fake", 32, "cpu", "Fake")


@pytest.fixture
def photo(tmp_path: Path) -> Iterator[tuple[FilledLibrary, int]]:
    library = FilledLibrary(tmp_path)
    yield library, library.add(("a.jpg", "2021-06-03T10:00:00"))[0]
    library.close()


@pytest.fixture
def window(
    qapp: QApplication, client: ScriptedClient, photo: tuple[FilledLibrary, int], qtbot: QtBot
) -> Iterator[MainWindow]:
    made = build_window(qapp, photo[0].directory, lambda: client, ThreadedDecoder())
    qtbot.addWidget(made)
    made.resize(1100, 700)
    made.show()
    made.start()
    qtbot.waitUntil(lambda: made.model.rowCount() == 1)
    yield made
    assert made.shutdown()


def newest(client: ScriptedClient, after: int = 0) -> requests.Search | None:
    asked = [
        each for each in client.requests if isinstance(each, requests.Search) and each.generation > after
    ]
    return asked[-1] if asked else None


def ask(client: ScriptedClient, window: MainWindow, qtbot: QtBot, text: str) -> requests.Search:
    known = newest(client)
    window.results.search(TextQuery(text))
    qtbot.waitUntil(lambda: newest(client, known.generation if known else 0) is not None)
    found = newest(client)
    assert found is not None
    return found


def test_it_is_reported_until_the_answer_comes(
    window: MainWindow, client: ScriptedClient, photo: tuple[FilledLibrary, int], qtbot: QtBot
) -> None:
    window.results.search(TextQuery("dog"))
    assert window.content.notice == ""
    qtbot.waitUntil(lambda: window.content.notice == LOADING)
    qtbot.waitUntil(lambda: newest(client) is not None)
    request = newest(client)
    assert request is not None
    client.say(events.SearchResults(request.generation, (SearchHit(photo[1], 0.5, Band.STRONG),)))
    qtbot.waitUntil(lambda: window.content.notice == "")


def test_it_stays_while_the_loaded_model_answers_and_then_gives_way_to_what_the_answer_says(
    window: MainWindow, client: ScriptedClient, photo: tuple[FilledLibrary, int], qtbot: QtBot
) -> None:
    request = ask(client, window, qtbot, "dog")
    qtbot.waitUntil(lambda: window.content.notice == LOADING)
    client.say(events.ModelReady(MODEL))
    qtbot.waitUntil(lambda: newest(client, request.generation) is not None)
    assert window.content.notice == LOADING
    again = newest(client, request.generation)
    assert again is not None
    hits = (SearchHit(photo[1], 0.5, Band.STRONG),)
    client.say(events.SearchResults(again.generation, hits, (Message("Searching 1 of 2 photos."),)))
    qtbot.waitUntil(lambda: window.content.notice == "Searching 1 of 2 photos.")


def test_a_failure_and_another_part_of_the_library_end_it(
    window: MainWindow, client: ScriptedClient, qtbot: QtBot
) -> None:
    request = ask(client, window, qtbot, "dog")
    qtbot.waitUntil(lambda: window.content.notice == LOADING)
    client.say(events.RequestFailed(Message("The model is broken."), request.generation))
    qtbot.waitUntil(lambda: window.content.notice == "The model is broken.")
    ask(client, window, qtbot, "cat")
    qtbot.waitUntil(lambda: window.content.notice == LOADING)
    window.views.show_scope(ViewRequest())
    assert window.content.notice == ""


def test_a_slow_search_is_explained_by_the_model_only_if_that_was_unloaded(
    window: MainWindow, client: ScriptedClient, qtbot: QtBot
) -> None:
    said: list[str] = []
    window.results.notice_changed.connect(said.append)
    client.say(events.ModelReady(MODEL))
    qtbot.waitUntil(lambda: "Fake" in window.status.model)
    passed: list[None] = []
    window.results._loading_timer.timeout.connect(lambda: passed.append(None))
    request = ask(client, window, qtbot, "dog")
    qtbot.waitUntil(lambda: bool(passed))
    assert LOADING not in said
    client.say(events.SearchResults(request.generation, ()))
    client.say(events.ModelUnloaded(MODEL))
    qtbot.waitUntil(lambda: "unloaded" in window.status.model)
    ask(client, window, qtbot, "cat")
    qtbot.waitUntil(lambda: LOADING in said)
