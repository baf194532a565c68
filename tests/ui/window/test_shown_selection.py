"""Commands and the keyboard are for what is shown and selected there, and never for what is behind it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.duplicates import DuplicateGroup, DuplicateKind
from safelight.core.operations import Operation, SetFavourite, TrashPhotos
from safelight.core.search import Band, SearchHit
from safelight.engine import events, requests
from safelight.store import folders, marks
from safelight.ui.pages.declarations import DUPLICATES, PROBLEMS
from safelight.ui.view_request import Place, TextQuery, ViewRequest
from safelight.ui.window.build import build_window
from safelight.ui.window.main_window import MainWindow
from support.filled_library import SIZE, FilledLibrary
from support.open_windows import bring_up
from support.played_duplicates import PlayedDuplicates
from support.scripted_client import ScriptedClient
from support.sidebar_rows import current
from support.some_duplicates import group, of_photos
from support.threaded_decoder import ThreadedDecoder

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

CTRL = Qt.KeyboardModifier.ControlModifier
PLAIN = Qt.KeyboardModifier.NoModifier


class WindowDriver:
    """A window over four photos, of which the engine finds the last two to be duplicates."""

    def __init__(self, place: Path, qapp: QApplication, qtbot: QtBot) -> None:
        self.bot = qtbot
        self.answered: list[requests.Request] = []
        self.library = FilledLibrary(place)
        names = [f"{number}.jpg" for number in range(4)]
        self.ids = self.library.add(*((name, f"2021-06-0{9 - n}T10:00:00") for n, name in enumerate(names)))
        self.client = ScriptedClient()
        self.engine = PlayedDuplicates(self.client, [self._group()])
        self.window: MainWindow = build_window(
            qapp, self.library.directory, lambda: self.client, ThreadedDecoder()
        )
        bring_up(self.window, qtbot)
        self.client.say(events.EngineReady())
        qtbot.waitUntil(lambda: self.rows == self.ids)
        qtbot.waitUntil(lambda: len(self.window.controllers.duplicates.session.groups) == 1)

    def _group(self) -> DuplicateGroup:
        paths = [str(self.library.folder / f"{number}.jpg") for number in (2, 3)]
        return of_photos(group(1, 2, DuplicateKind.IDENTICAL), self.ids[2:], paths, SIZE)

    @property
    def rows(self) -> list[int]:
        return self.window.model.photo_ids(0, self.window.model.rowCount())

    @property
    def selected(self) -> tuple[int, ...]:
        """The photos that commands are for."""
        return self.window.controllers.selection.ids

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
        """Press a key where the keyboard is."""
        QTest.keyClick(QApplication.focusWidget() or self.window, key, modifiers)

    def sent(self, kind: type[requests.Request]) -> list[requests.Request]:
        """What was asked of a kind, once all that was asked before has reached the engine."""
        mark = requests.Rescan((len(self.client.requests),))
        self.window.services.bridge.send(mark)
        self.bot.waitUntil(lambda: mark in self.client.requests)
        return [each for each in self.client.requests if isinstance(each, kind)]

    def ran(self, kind: type[Operation[Any]]) -> list[Operation[Any]]:
        """The operations of a kind that were asked for, in the same way."""
        self.sent(requests.RunOperation)
        return [each for each in self.client.operations if isinstance(each, kind)]

    def mark(self, photo_id: int, favourite: bool) -> None:
        with self.library.store.write() as db:
            marks.set_favourite(db, [photo_id], favourite)
        self.client.say(LibraryChanged(ChangeKind.MARKS, updated=(photo_id,)))

    def open_favourite(self, photo_id: int) -> None:
        """View a photo that is the only favourite."""
        self.mark(photo_id, True)
        self.bot.waitUntil(lambda: self.window.model.is_favourite(photo_id))
        self.window.commands["favourites"].trigger()
        self.bot.waitUntil(lambda: self.rows == [photo_id])
        self.window.views.open_viewer(photo_id)
        self.bot.waitUntil(lambda: self.window.controllers.viewer.photo is not None)
        self.bot.waitUntil(lambda: self.window.controllers.selection.all_favourites)
        assert self.selected == (photo_id,)


@pytest.fixture
def session(tmp_path: Path, qapp: QApplication, qtbot: QtBot) -> Iterator[WindowDriver]:
    made = WindowDriver(tmp_path, qapp, qtbot)
    yield made
    assert made.window.shutdown()
    made.library.close()


def test_delete_is_for_nothing_after_the_viewer_closed_over_an_emptied_list(session: WindowDriver) -> None:
    session.open_favourite(session.ids[2])
    session.key(Qt.Key.Key_F)
    assert session.ran(SetFavourite) == [SetFavourite((session.ids[2],), False)]
    session.mark(session.ids[2], False)
    session.bot.waitUntil(lambda: session.window.controllers.viewer.current is None)
    assert session.window.content.placeholder == "No favourites yet"
    assert session.selected == ()
    assert not session.window.commands["trash"].isEnabled()
    session.key(Qt.Key.Key_Delete)
    assert session.ran(TrashPhotos) == []
    session.bot.waitUntil(lambda: not session.window.details.photos)


def test_delete_is_for_nothing_after_the_last_result_left_the_viewer(session: WindowDriver) -> None:
    window = session.window
    window.search_bar.set_text("dog")
    session.bot.waitUntil(lambda: bool(session.sent(requests.Search)))
    asked = session.sent(requests.Search)[-1]
    assert isinstance(asked, requests.Search)
    hit = SearchHit(session.ids[1], 0.3, Band.STRONG)
    session.client.say(events.SearchResults(asked.generation, (hit,)))
    session.bot.waitUntil(lambda: session.rows == [session.ids[1]])
    assert window.results.query == TextQuery("dog")
    window.views.open_viewer(session.ids[1])
    session.library.remove([session.ids[1]])
    session.client.say(LibraryChanged(removed=(session.ids[1],)))
    session.bot.waitUntil(lambda: window.controllers.viewer.current is None)
    assert session.selected == ()
    session.key(Qt.Key.Key_Delete)
    assert session.ran(TrashPhotos) == []


def test_the_viewer_leaves_its_photo_selected_where_it_is_shown(session: WindowDriver) -> None:
    session.window.views.open_viewer(session.ids[0])
    session.key(Qt.Key.Key_Right)
    assert session.selected == (session.ids[1],)
    assert not session.window.commands["select_all"].isEnabled()
    session.key(Qt.Key.Key_Escape)
    assert session.selected == (session.ids[1],)
    assert session.window.commands["select_all"].isEnabled()


def test_on_duplicates_commands_are_for_the_photo_looked_at(session: WindowDriver) -> None:
    window = session.window
    window.grid.select_photo(session.ids[0])
    assert session.selected == (session.ids[0],)
    window.commands["duplicates"].trigger()
    session.bot.waitUntil(window.controllers.duplicates.page.list.hasFocus)
    assert session.selected == (session.ids[2],)
    session.key(Qt.Key.Key_A, CTRL)
    assert session.selected == (session.ids[2],)
    session.key(Qt.Key.Key_F)
    assert session.ran(SetFavourite) == [SetFavourite((session.ids[2],), True)]
    window.controllers.duplicates.open_compare()
    session.key(Qt.Key.Key_Right)
    assert session.selected == (session.ids[3],)
    session.key(Qt.Key.Key_A, CTRL)
    session.key(Qt.Key.Key_Escape)
    assert session.selected == (session.ids[3],)
    window.commands["library"].trigger()
    session.bot.waitUntil(window.grid.isVisible)
    session.bot.waitUntil(lambda: session.selected == tuple(window.grid.selected_ids()))


@pytest.mark.parametrize("page", ["problems", "models"])
def test_on_pages_without_photos_commands_are_for_none(session: WindowDriver, page: str) -> None:
    window = session.window
    window.grid.select_photo(session.ids[0])
    if page == "models":
        window.commands["models"].trigger()
        assert window.controllers.models.page.isVisible()
    else:
        session.library.fail("broken.jpg", "The picture is damaged.")
        window.views.show_scope(ViewRequest(PROBLEMS))
        table = window.content.problems.table
        session.bot.waitUntil(table.isVisible)
        table.setFocus()
    assert session.selected == ()
    session.bot.waitUntil(lambda: not window.details.photos)
    for _ in range(2):
        for command in ("favourite", "copy", "find_similar", "more_like", "trash"):
            assert not window.commands[command].isEnabled(), command
        session.key(Qt.Key.Key_F)
        session.key(Qt.Key.Key_A, CTRL)
    assert session.ran(SetFavourite) == []
    assert session.selected == ()
    if page == "problems":
        assert table.selectionModel().selectedRows(), "Ctrl+A is for the list that is shown"


def test_the_models_page_gives_back_what_was_selected_under_it(session: WindowDriver) -> None:
    session.window.grid.select_photo(session.ids[1])
    session.window.commands["models"].trigger()
    session.key(Qt.Key.Key_Escape)
    assert session.window.content.page is session.window.grid
    assert session.selected == (session.ids[1],)
    assert session.window.commands["favourite"].isEnabled()


def test_models_are_not_opened_beneath_the_comparison(session: WindowDriver) -> None:
    window = session.window
    window.commands["duplicates"].trigger()
    session.bot.waitUntil(window.controllers.duplicates.page.list.hasFocus)
    window.controllers.duplicates.open_compare()
    session.key(Qt.Key.Key_M, CTRL)
    assert not window.controllers.duplicates.compare.is_open
    assert window.controllers.models.page.isVisible()
    assert session.selected == ()


def test_rows_of_a_photo_that_is_no_longer_selected_are_not_shown(session: WindowDriver) -> None:
    window = session.window
    window.grid.select_photo(session.ids[1])
    session.bot.waitUntil(lambda: len(window.details.photos) == 1)
    late = list(window.details.photos)
    window.grid.clearSelection()
    assert not window.details.photos
    window.controllers.selection._on_photos_read(late)
    assert not window.details.photos
    assert not window.controllers.selection.all_favourites


def test_a_photo_that_is_not_read_yet_does_not_go_by_the_one_before(session: WindowDriver) -> None:
    one, other = session.ids[:2]
    session.mark(one, True)
    window = session.window
    window.grid.select_photo(one)
    session.bot.waitUntil(lambda: window.controllers.selection.all_favourites)
    window.grid.select_photo(other)
    assert not window.controllers.selection.all_favourites, "or F would unmark what is no favourite"


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_Down])
@pytest.mark.parametrize("place", [Place.LIBRARY, DUPLICATES, PROBLEMS])
def test_the_keyboard_goes_from_the_field_to_the_page_that_is_shown(
    session: WindowDriver, place: Place, key: Qt.Key
) -> None:
    window = session.window
    if place == PROBLEMS:
        session.library.fail("broken.jpg", "The picture is damaged.")
    window.views.show_scope(ViewRequest(place))
    wanted: QWidget = window.grid
    if place == DUPLICATES:
        wanted = window.controllers.duplicates.page.list
    elif place == PROBLEMS:
        wanted = window.content.problems.table
    session.bot.waitUntil(wanted.isVisible)
    window.commands["search"].trigger()
    assert window.search_bar.field.hasFocus()
    window.search_bar.help.dismiss()  # what the empty field offers
    session.key(key)
    assert wanted.hasFocus()


def test_a_page_with_nothing_to_go_to_takes_the_keyboard_itself(session: WindowDriver) -> None:
    window = session.window
    window.views.show_scope(ViewRequest(PROBLEMS))
    window.commands["search"].trigger()
    session.key(Qt.Key.Key_Escape)
    assert window.content.problems.hasFocus()
    window.commands["models"].trigger()
    window.commands["search"].trigger()
    session.key(Qt.Key.Key_Escape)
    assert window.controllers.models.page.hasFocus()


def folder_of(session: WindowDriver) -> ViewRequest:
    """Show the only folder; a second one is there besides."""
    other = session.library.folder.parent / "Other"
    other.mkdir()
    with session.library.store.write() as db:
        folders.add(db, os.fsencode(other), None, 0.0)
    session.client.say(LibraryChanged(ChangeKind.FOLDERS))
    scope = ViewRequest(Place.FOLDER, session.library.folder_id)
    session.bot.waitUntil(
        lambda: len([s for s in session.window.sidebar.scopes if s.place == Place.FOLDER]) == 2
    )
    session.window.views.show_scope(scope)
    session.bot.waitUntil(lambda: current(session.window.sidebar) not in (None, "Library"))
    return scope


def remove_folder(session: WindowDriver) -> None:
    with session.library.store.write() as db:
        folders.remove(db, session.library.folder_id)
    session.client.say(LibraryChanged(ChangeKind.FOLDERS, removed=tuple(session.ids)))


def test_the_library_is_shown_when_the_folder_shown_is_removed(session: WindowDriver) -> None:
    window = session.window
    folder_of(session)
    window.views.open_viewer(session.ids[0])
    remove_folder(session)
    session.bot.waitUntil(lambda: window.results.scope == ViewRequest())
    assert window.controllers.viewer.current is None
    session.bot.waitUntil(lambda: window.content.placeholder == "No photos yet")
    assert current(window.sidebar) == "Library"
    assert session.selected == ()
    assert not window.commands["trash"].isEnabled()


def test_a_search_returns_to_the_library_when_its_folder_was_removed(session: WindowDriver) -> None:
    window = session.window
    scope = folder_of(session)
    window.search_bar.set_text("dog")
    assert window.results.scope == scope
    remove_folder(session)
    session.bot.waitUntil(lambda: window.results.scope == ViewRequest())
    assert window.results.query == TextQuery("dog"), "the search goes on"
    window.search_bar.clear()
    session.bot.waitUntil(lambda: window.content.placeholder == "No photos yet")
    assert current(window.sidebar) == "Library"


def similar(session: WindowDriver, *photo_ids: int) -> None:
    """Answer the newest request for similar photos."""
    known = len(session.answered)
    session.bot.waitUntil(lambda: len(session.sent(requests.FindSimilar)) > known)
    request = session.sent(requests.FindSimilar)[-1]
    session.answered.append(request)
    assert isinstance(request, requests.FindSimilar)
    found = tuple(SearchHit(photo_id, 0.5, Band.STRONG) for photo_id in photo_ids)
    session.client.say(events.SearchResults(request.generation, found))
    session.bot.waitUntil(lambda: session.rows == list(photo_ids))


def test_refining_similar_photos_keeps_the_selection(session: WindowDriver) -> None:
    """The source photo used to be selected again with every answer, and Delete trashed it."""
    first, second, third = session.ids[:3]
    session.window.grid.select_photo(first)
    session.window.commands["find_similar"].trigger()
    similar(session, first, second, third)
    assert session.selected == (first,)
    session.window.grid.select_photo(third)
    session.window.commands["more_like"].trigger()
    similar(session, second, first, third)
    assert session.selected == (third,)
    session.window.grid.select_photo(second)
    session.window.commands["less_like"].trigger()
    similar(session, first, third)
    assert not list(session.window.grid.selected_ids())
    session.window.grid.setFocus()
    session.key(Qt.Key.Key_Delete)
    assert session.ran(TrashPhotos) == []


def test_similar_photos_of_another_photo_select_that_one(session: WindowDriver) -> None:
    first, second = session.ids[:2]
    for source in (first, second):
        session.window.grid.select_photo(source)
        session.window.commands["find_similar"].trigger()
        similar(session, first, second)
        assert session.selected == (source,)
