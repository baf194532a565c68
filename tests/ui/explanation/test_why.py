"""Why did this match: what is asked, how the answer is shown, and the light on the picture."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from safelight.core.explanation import Explanation, PartScore, Standing
from safelight.core.message import Message
from safelight.core.search import Band, SearchHit
from safelight.engine import events, requests
from safelight.ui.appearance.theme import DARK, LIGHT
from safelight.ui.explanation.heatmap_shading import shade_of
from safelight.ui.explanation.why_view import WhyView
from safelight.ui.window.build import build_window
from safelight.ui.window.main_window import MainWindow
from support.filled_library import FilledLibrary
from support.scripted_client import ScriptedClient
from support.threaded_decoder import ThreadedDecoder

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

PARTS = (
    PartScore("dog on a beach", 0.31, 5.2, Standing.CLEARLY),
    PartScore("-grass", 0.2, 0.3, Standing.HARDLY, excluded=True),
)
HEAT = ((0.0, 0.0), (0.0, 1.0))


def explained(photo_id: int, *, heat: bool = False, notice: str = "") -> Explanation:
    return Explanation(
        photo_id,
        PARTS,
        ("dog", "sand"),
        names=Message("file name: beach"),
        heat=HEAT if heat else (),
        notice=Message(notice) if notice else None,
    )


@pytest.fixture
def view(qtbot: QtBot) -> WhyView:
    made = WhyView(DARK)
    qtbot.addWidget(made)
    made.show()
    return made


def test_each_part_in_words_with_what_else_speaks_for_it(view: WhyView) -> None:
    assert view.text == "Analysing the photo …"
    view.show_explanation(explained(1), complete=False)
    assert view.text == (
        "dog on a beach: clearly. Not: grass: hardly there. Looks like: dog, sand. file name: beach"
    )
    assert view.accessibleDescription() == view.text
    assert view.heat.isVisible()
    assert not view.heat.isEnabled()
    assert view.heat.text() == "Finding where …"
    view.show_explanation(explained(1, heat=True), complete=True)
    assert view.heat.isEnabled()
    assert view.heat.text() == "Show where"


def test_where_there_is_no_heat_map_it_says_why(view: WhyView) -> None:
    view.show_explanation(explained(1, notice="This model cannot say where."), complete=True)
    assert not view.heat.isVisible()
    assert view._message.isVisible()
    assert view._message.text() == "This model cannot say where."


def test_filters_and_failures_have_words_of_their_own(view: WhyView) -> None:
    view.show_explanation(Explanation(1), complete=True)
    assert view.text == "It passes the filters. The search has no description."
    view.show_failure("The model is missing.")
    assert view.text == "The model is missing."
    assert not view.heat.isVisible()


def test_drawn_in_both_themes(view: WhyView) -> None:
    view.show_explanation(explained(1), complete=True)
    view.resize(300, 200)
    dark = view.grab().toImage()
    view.apply_theme(LIGHT)
    assert view.grab().toImage() != dark


def test_it_is_dark_where_there_is_nothing_of_it() -> None:
    shade = shade_of(HEAT)
    corner, hot = shade.pixelColor(2, 2), shade.pixelColor(shade.width() - 2, shade.height() - 2)
    middle = shade.pixelColor(shade.width() // 2, shade.height() - 2)
    assert hot.alpha() == 0
    assert 0 < middle.alpha() < corner.alpha() == 205
    assert shade_of(((float("nan"), 7.0, -1.0),)).pixelColor(0, 0).alpha() == 205


@pytest.fixture
def ids(library: FilledLibrary) -> list[int]:
    return library.add(*((f"photo{n}.jpg", f"2021-06-0{9 - n}T10:00:00") for n in range(3)))


@pytest.fixture
def window(
    library: FilledLibrary, ids: list[int], client: ScriptedClient, qapp: QApplication, qtbot: QtBot
) -> Iterator[MainWindow]:
    made = build_window(qapp, library.directory, lambda: client, ThreadedDecoder())
    qtbot.addWidget(made)
    made.resize(1100, 800)
    made.show()
    made.start()
    qtbot.waitUntil(lambda: made.model.rowCount() == len(ids))
    yield made
    assert made.shutdown()


def questions(client: ScriptedClient) -> list[requests.ExplainHit]:
    return [each for each in client.requests if isinstance(each, requests.ExplainHit)]


def answer_search(window: MainWindow, client: ScriptedClient, ids: list[int], qtbot: QtBot) -> None:
    window.search_bar.set_text("dog on a beach -grass")
    qtbot.waitUntil(lambda: any(isinstance(each, requests.Search) for each in client.requests))
    request = next(each for each in client.requests if isinstance(each, requests.Search))
    found = tuple(SearchHit(photo, 0.3, Band.STRONG) for photo in ids)
    client.say(events.SearchResults(request.generation, found))
    qtbot.waitUntil(lambda: [section.title for section in window.model.sections] == ["Strong"])


def open_viewer(window: MainWindow, photo_id: int, qtbot: QtBot) -> None:
    window.views.open_viewer(photo_id)
    qtbot.waitUntil(lambda: window.controllers.viewer.display.shown == photo_id)


def test_the_viewer_asks_shows_and_lights_up(
    window: MainWindow, client: ScriptedClient, ids: list[int], qtbot: QtBot
) -> None:
    answer_search(window, client, ids, qtbot)
    viewer = window.controllers.viewer
    open_viewer(window, ids[0], qtbot)
    QTest.keyClick(viewer, Qt.Key.Key_H)
    card = viewer.why.card
    assert card.isVisible()
    qtbot.waitUntil(lambda: len(questions(client)) == 1)
    (question,) = questions(client)
    assert question.photo_id == ids[0]
    assert isinstance(question.search, requests.Search)
    assert question.search.text == "dog on a beach -grass"
    client.say(events.HitExplained(question.generation, explained(ids[0]), complete=False))
    qtbot.waitUntil(lambda: card.why.explanation is not None)
    assert not viewer.why.heat.isVisible()
    client.say(events.HitExplained(question.generation, explained(ids[0], heat=True), complete=True))
    qtbot.waitUntil(viewer.why.heat.isVisible)
    assert card.why.heat.isChecked()
    picture = viewer.view.grab().toImage()
    at = viewer.view.picture_rect()
    dark = picture.pixelColor(round(at.left() + 5), round(at.top() + 5))
    lit = picture.pixelColor(round(at.right() - 5), round(at.bottom() - 5))
    assert lit.lightness() > 2 * dark.lightness()
    QTest.keyClick(viewer, Qt.Key.Key_H)
    assert not viewer.why.heat.isVisible()
    QTest.keyClick(viewer, Qt.Key.Key_H)
    QTest.keyClick(viewer, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: len(questions(client)) == 2)
    assert questions(client)[1].photo_id == ids[1]
    client.say(events.HitExplained(question.generation, explained(ids[0]), complete=True))
    client.say(
        events.HitExplained(questions(client)[1].generation, explained(ids[1], heat=True), complete=True)
    )
    qtbot.waitUntil(viewer.why.heat.isVisible)
    QTest.keyClick(viewer, Qt.Key.Key_W)
    assert not card.isVisible()
    assert not viewer.why.heat.isVisible()


def test_a_failure_is_reported_where_it_was_asked(
    window: MainWindow, client: ScriptedClient, ids: list[int], qtbot: QtBot
) -> None:
    answer_search(window, client, ids, qtbot)
    open_viewer(window, ids[0], qtbot)
    window.controllers.viewer.controls.why_requested.emit()
    qtbot.waitUntil(lambda: len(questions(client)) == 1)
    client.say(events.RequestFailed(Message("That photo is gone."), questions(client)[0].generation))
    qtbot.waitUntil(lambda: window.controllers.viewer.why.card.why.text == "That photo is gone.")
    assert window.toasts.text == "", "and not over everything too"


def test_without_a_search_there_is_nothing_to_ask(
    window: MainWindow, client: ScriptedClient, ids: list[int], qtbot: QtBot
) -> None:
    open_viewer(window, ids[0], qtbot)
    QTest.keyClick(window.controllers.viewer, Qt.Key.Key_W)
    assert not window.controllers.viewer.why.card.isVisible()
    assert not window.controllers.viewer.controls.why.isVisible()
    window.controllers.viewer.close_viewer()
    qtbot.waitUntil(lambda: window.details.heading == "photo0.jpg")
    assert not window.details.ask_why.isVisible()
    assert questions(client) == []


def test_the_panel_asks_for_each_photo_while_it_is_open(
    window: MainWindow, client: ScriptedClient, ids: list[int], qtbot: QtBot
) -> None:
    answer_search(window, client, ids, qtbot)
    details = window.details
    window.commands["details"].trigger()
    window.grid.select_photo(ids[0])
    qtbot.waitUntil(lambda: details.heading == "photo0.jpg")
    assert details.ask_why.isVisible()
    assert not details.why.isVisible()
    details.ask_why.click()
    qtbot.waitUntil(lambda: [each.photo_id for each in questions(client)] == [ids[0]])
    client.say(events.HitExplained(questions(client)[0].generation, explained(ids[0], heat=True), True))
    qtbot.waitUntil(lambda: details.why.explanation is not None)
    window.grid.select_photo(ids[1])
    qtbot.waitUntil(lambda: [each.photo_id for each in questions(client)] == [ids[0], ids[1]])
    assert details.why.text == "Analysing the photo …"
    client.say(events.HitExplained(questions(client)[1].generation, explained(ids[1], heat=True), True))
    qtbot.waitUntil(lambda: details.why.explanation is not None)
    details.why.heat.click()
    assert window.controllers.viewer.current == ids[1]
    qtbot.waitUntil(window.controllers.viewer.why.heat.isVisible)
    assert len(questions(client)) == 2, "what is known is not asked again"
    window.controllers.viewer.close_viewer()
    window.commands["select_all"].trigger()
    qtbot.waitUntil(lambda: details.heading == "3 photos")
    assert not details.ask_why.isVisible()
