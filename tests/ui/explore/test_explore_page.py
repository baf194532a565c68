"""The page Explore, used with mouse and keyboard over a real library."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from safelight.core.jobs import JobControl
from safelight.core.message import Message
from safelight.core.query import parse
from safelight.core.themes import Theme
from safelight.engine import events, requests
from safelight.engine.events import Event
from safelight.engine.requests import Request
from safelight.services.library import Library
from safelight.services.understanding.themes import State
from safelight.store import folders, themes
from safelight.ui.explore.fixed_searches import PAPERS
from safelight.ui.explore.page import ExplorePage
from safelight.ui.pages.declarations import EXPLORE
from safelight.ui.view_request import TextQuery
from safelight.ui.widgets.name_dialog import CheckedNameDialog
from safelight.ui.window.build import build_window
from safelight.ui.window.main_window import MainWindow
from support.open_windows import bring_up
from support.scripted_client import LibraryClient
from support.sidebar_rows import choose, texts
from support.themed import SIZES, add_group, shown, themed
from support.threaded_decoder import ThreadedDecoder

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "This plugin does not support (raise|grabbing)")


class ThemeClient(LibraryClient):
    """Finds themes as the engine does, unless a test answers instead."""

    def __init__(self, library: Library) -> None:
        super().__init__(library.store)
        self._library = library
        self.answers = self._answer
        self.holds = False
        """Whether requests for themes are left unanswered."""

    def _answer(self, request: Request) -> list[Event]:
        if not isinstance(request, requests.FindThemes):
            return self._run(request)
        if self.holds:
            return []
        finder = self._library.themes()
        change = finder.update(JobControl(), again=request.again)
        found = finder.status()
        return [
            events.ThemesProgress(request.generation, 0.5),
            *([change] if change else []),
            events.ThemesAnswered(request.generation, found.state.value, found.photos),
        ]

    @property
    def asked(self) -> list[requests.FindThemes]:
        return [each for each in self.requests if isinstance(each, requests.FindThemes)]


class World:
    def __init__(self, library: Library, app: QApplication, bot: QtBot) -> None:
        self.library = library
        self.client = ThemeClient(library)
        self.window: MainWindow = build_window(
            app, library.store.directory, lambda: self.client, ThreadedDecoder()
        )
        self.bot = bot
        bring_up(self.window, bot)
        self.client.say(events.EngineReady())

    def wait(self, condition: Callable[[], bool]) -> None:
        self.bot.waitUntil(condition)

    @property
    def page(self) -> ExplorePage:
        return self.window.controllers.explore.page.get()

    @property
    def tops(self) -> list[Theme]:
        """The themes at the top that are not hidden, as the library has them."""
        return [theme for theme in shown(self.library) if theme.parent_id is None and not theme.hidden]

    def open(self) -> None:
        self.wait(lambda: "Explore" in texts(self.window.sidebar))
        choose(self.window.sidebar, "Explore")
        self.wait(self.page.isVisible)

    def cards(self) -> list[str]:
        return [theme.name for theme in self.page.model.themes]

    def click(self, row: int, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        place = self.page.list.visualRect(self.page.model.index(row)).center()
        viewport = self.page.list.viewport()
        QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, modifier, place)

    def choose(self, words: str) -> None:
        """An entry of the menu of the card that was clicked."""
        menus = {id(menu) for menu in self.page.findChildren(QMenu)}
        place = self.page.list.visualRect(self.page.list.currentIndex()).center()
        viewport = self.page.list.viewport()
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, viewport.mapToGlobal(place))
        QApplication.sendEvent(viewport, event)
        (menu,) = [each for each in self.page.findChildren(QMenu) if id(each) not in menus]
        (action,) = [each for each in menu.actions() if each.text() == words]
        assert action.isEnabled()
        action.trigger()
        menu.close()


@pytest.fixture
def world(tmp_path: Path, qapp: QApplication, qtbot: QtBot) -> Iterator[World]:
    with themed(tmp_path, found=False) as (library, _):
        made = World(library, qapp, qtbot)
        yield made
        assert made.window.shutdown()


def test_opening_the_page_finds_the_themes_and_a_theme_is_a_search(world: World) -> None:
    assert not world.client.asked
    world.open()
    QAbstractItemModelTester(world.page.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    world.wait(lambda: world.page.model.rowCount() > 1)
    assert world.cards() == [theme.name for theme in world.tops]
    assert not world.page.open.isEnabled()
    first = world.tops[0]
    detail = world.page.model.detail(first)
    assert detail.startswith(f"{first.size} photos · 2024")
    world.click(0)
    assert [theme.name for theme in world.page.selected] == [first.name]
    QTest.keyClick(world.page.list, Qt.Key.Key_Return)
    world.wait(lambda: world.window.results.query == TextQuery(first.query))
    assert world.window.search_bar.query == TextQuery(first.query)

    world.window.views.navigation.back()
    world.wait(world.page.isVisible)
    world.click(0)
    world.click(1, Qt.KeyboardModifier.ControlModifier)
    QTest.mouseClick(world.page.open, Qt.MouseButton.LeftButton)
    both = f"{first.query} OR {world.tops[1].query}"
    world.wait(lambda: world.window.results.query == TextQuery(both))


def test_a_theme_can_be_looked_into_and_left(world: World) -> None:
    world.open()
    world.wait(lambda: world.page.model.rowCount() > 1)
    row = next(n for n, theme in enumerate(world.page.model.themes) if world.page.model.inside(theme))
    outer = world.page.model.themes[row]
    inner = [theme.name for theme in shown(world.library) if theme.parent_id == outer.id]
    world.click(row)
    QTest.mouseClick(world.page.enter, Qt.MouseButton.LeftButton)
    assert world.cards() == inner
    assert world.page.up.isVisible()
    QTest.keyClick(world.page.list, Qt.Key.Key_Return)
    path = f"{outer.name}/{inner[0]}"
    world.wait(lambda: path in str(world.window.results.query))
    world.window.views.navigation.back()
    world.wait(world.page.isVisible)
    QTest.keyClick(world.page.list, Qt.Key.Key_Backspace)
    assert world.cards() == [theme.name for theme in world.tops]
    assert world.page.selected == [outer]


def test_themes_are_renamed_merged_hidden_and_that_is_undone(world: World) -> None:
    world.open()
    world.wait(lambda: world.page.model.rowCount() > 2)
    before = world.cards()
    world.click(0)
    QTest.keyClick(world.page.list, Qt.Key.Key_F2)
    world.wait(lambda: isinstance(QApplication.activeModalWidget(), CheckedNameDialog))
    prompt = QApplication.activeModalWidget()
    assert isinstance(prompt, CheckedNameDialog)
    prompt.field.setText("a/b")
    assert "cannot contain" in prompt.hint
    assert not prompt.button.isEnabled()
    prompt.field.setText("Tomatoes")
    QTest.keyClick(prompt.field, Qt.Key.Key_Return)
    world.wait(lambda: world.cards()[:1] == ["Tomatoes"])

    world.click(0)
    world.click(1, Qt.KeyboardModifier.ControlModifier)
    world.choose("Merge into one")
    world.wait(lambda: world.cards() == ["Tomatoes", *before[2:]])
    assert world.page.model.themes[0].merged == 2

    world.click(1)
    world.choose("Hide")
    world.wait(lambda: world.cards() == ["Tomatoes", *before[3:]])
    world.choose("Hidden themes too")
    assert world.cards() == ["Tomatoes", *before[2:]]
    assert world.page.model.detail(world.page.model.themes[1]).endswith("hidden")
    world.click(1)
    world.choose("Show in the list again")
    world.wait(lambda: not world.page.model.themes[1].hidden)
    for _ in range(4):
        world.window.commands["undo"].trigger()
    world.wait(lambda: world.cards() == before)


def test_a_refresh_shows_progress_and_can_be_cancelled(world: World) -> None:
    world.open()
    world.wait(lambda: world.page.model.rowCount() > 1)
    world.click(0)
    world.client.holds = True
    world.choose("Find themes again")
    world.wait(lambda: world.client.asked[-1].again)
    generation = world.client.asked[-1].generation
    world.client.say(events.ThemesProgress(generation, 0.25))
    world.wait(world.page.bar.isVisible)
    assert world.page.bar.value() == 25
    QTest.mouseClick(world.page.cancel, Qt.MouseButton.LeftButton)
    world.wait(lambda: isinstance(world.client.requests[-1], requests.CancelThemes))
    world.client.say(events.ThemesAnswered(generation, State.CURRENT, sum(SIZES), cancelled=True))
    world.wait(lambda: not world.page.bar.isVisible())
    assert world.cards() == [theme.name for theme in world.tops]


def test_photos_that_join_a_theme_appear_on_its_card(world: World) -> None:
    world.open()
    world.wait(lambda: world.page.model.rowCount() > 1)
    with world.library.store.write() as db:
        (folder_id,) = [folder.id for folder in folders.all_folders(db)]
        add_group(db, folder_id, "red", range(100, 104))
    world.client.say(world.library.themes().join(JobControl()))
    world.wait(lambda: sum(theme.size for theme in world.page.model.themes) == sum(SIZES) + 4)


def test_a_failure_is_reported_and_can_be_tried_again(world: World) -> None:
    world.client.holds = True
    world.open()
    world.wait(lambda: bool(world.client.asked))
    message = "The model starter is missing; install Safelight again."
    world.client.say(events.RequestFailed(Message(message), world.client.asked[-1].generation))
    world.wait(lambda: world.page.message.text.text() == message)
    world.client.holds = False
    world.wait(world.page.again.isVisible)
    QTest.mouseClick(world.page.again, Qt.MouseButton.LeftButton)
    world.wait(lambda: world.page.model.rowCount() > 1)


def test_a_small_library_says_so(tmp_path: Path, qapp: QApplication, qtbot: QtBot) -> None:
    with themed(tmp_path, found=False) as (library, groups):
        with library.store.write() as db:
            db.execute("DELETE FROM embedding WHERE photo_id > ?", (groups["red"][-1],))
        made = World(library, qapp, qtbot)
        made.window.views.show_page(EXPLORE)
        made.wait(lambda: "So far: 24 photos." in made.page.message.text.text())
        assert not made.page.again.isVisible()
        assert made.window.shutdown()


def test_themes_that_exist_are_shown_before_the_engine_answers(
    tmp_path: Path, qapp: QApplication, qtbot: QtBot
) -> None:
    with themed(tmp_path) as (library, _):
        made = World(library, qapp, qtbot)
        made.client.holds = True
        made.open()
        made.wait(lambda: made.page.model.rowCount() > 1)
        with library.store.read() as db:
            assert made.cards() == [each.name for each in themes.all_themes(db) if each.parent_id is None]
        assert made.window.shutdown()


def test_the_fixed_searches_are_searches_and_the_photos_added_last(world: World) -> None:
    world.open()
    heard = []
    for button in world.page.fixed_searches:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        query = world.window.results.query
        heard.append(query.text if isinstance(query, TextQuery) else str(world.window.results.scope.place))
        world.window.views.navigation.back()
        world.wait(world.page.isVisible)
    assert heard == ["day:today", "recent", "is:unseen", PAPERS, "is:blurred,dark"]
    for text in heard[2:]:
        assert parse(text).text() == text
