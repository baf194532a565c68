"""Commands and the keyboard are for what is shown and selected there, and never for what is behind it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from safelight.core.changes import LibraryChanged
from safelight.core.duplicates import DuplicateGroup, DuplicateKind
from safelight.core.search import Band, SearchHit
from safelight.engine import events, requests
from safelight.store import folders, marks
from safelight.ui.main_window import MainWindow
from safelight.ui.scope import Place, Scope, TextQuery
from safelight.ui.window import build_window
from support.filled_library import SIZE, FilledLibrary
from support.open_windows import bring_up
from support.played_duplicates import PlayedDuplicates
from support.scripted_client import ScriptedClient
from support.some_duplicates import group, of_photos
from support.threaded_decoder import ThreadedDecoder

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

CTRL = Qt.KeyboardModifier.ControlModifier
PLAIN = Qt.KeyboardModifier.NoModifier


class Desk:
    """A window over four photos, of which the engine finds the last two to be duplicates."""

    def __init__(self, place: Path, qapp: QApplication, qtbot: QtBot) -> None:
        self.bot = qtbot
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
        qtbot.waitUntil(lambda: len(self.window.duplicates.desk.groups) == 1)

    def _group(self) -> DuplicateGroup:
        paths = [str(self.library.folder / f"{number}.jpg") for number in (2, 3)]
        return of_photos(group(1, 2, DuplicateKind.IDENTICAL), self.ids[2:], paths, SIZE)

    @property
    def rows(self) -> list[int]:
        return self.window.model.photo_ids(0, self.window.model.rowCount())

    @property
    def selected(self) -> tuple[int, ...]:
        """The photos that commands are for."""
        return self.window.selection.ids

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
        """Press a key where the keyboard is."""
        QTest.keyClick(QApplication.focusWidget() or self.window, key, modifiers)

    def sent(self, kind: type[requests.Request]) -> list[requests.Request]:
        """What was asked of a kind, once all that was asked before has reached the engine."""
        mark = requests.Rescan((len(self.client.requests),))
        self.window.parts.bridge.send(mark)
        self.bot.waitUntil(lambda: mark in self.client.requests)
        return [each for each in self.client.requests if isinstance(each, kind)]

    def mark(self, photo_id: int, favourite: bool) -> None:
        with self.library.store.write() as db:
            marks.set_favourite(db, [photo_id], favourite)
        self.client.say(LibraryChanged(updated=(photo_id,)))

    def open_favourite(self, photo_id: int) -> None:
        """View a photo that is the only favourite."""
        self.mark(photo_id, True)
        self.bot.waitUntil(lambda: self.window.model.is_favourite(photo_id))
        self.window.commands["favourites"].trigger()
        self.bot.waitUntil(lambda: self.rows == [photo_id])
        self.window.open_viewer(photo_id)
        self.bot.waitUntil(lambda: self.window.viewer.photo is not None)
        self.bot.waitUntil(lambda: self.window.selection.all_favourites)
        assert self.selected == (photo_id,)


@pytest.fixture
def desk(tmp_path: Path, qapp: QApplication, qtbot: QtBot) -> Iterator[Desk]:
    made = Desk(tmp_path, qapp, qtbot)
    yield made
    assert made.window.shutdown()
    made.library.close()


def test_delete_is_for_nothing_after_the_viewer_closed_over_an_emptied_list(desk: Desk) -> None:
    desk.open_favourite(desk.ids[2])
    desk.key(Qt.Key.Key_F)
    assert desk.sent(requests.SetFavourite) == [requests.SetFavourite((desk.ids[2],), False)]
    desk.mark(desk.ids[2], False)
    desk.bot.waitUntil(lambda: desk.window.viewer.current is None)
    assert desk.window.content.placeholder == "No favourites yet"
    assert desk.selected == ()
    assert not desk.window.commands["trash"].isEnabled()
    desk.key(Qt.Key.Key_Delete)
    assert desk.sent(requests.TrashPhotos) == []
    desk.bot.waitUntil(lambda: not desk.window.details.photos)


def test_delete_is_for_nothing_after_the_last_result_left_the_viewer(desk: Desk) -> None:
    window = desk.window
    window.search_bar.set_text("dog")
    desk.bot.waitUntil(lambda: bool(desk.sent(requests.Search)))
    asked = desk.sent(requests.Search)[-1]
    assert isinstance(asked, requests.Search)
    hit = SearchHit(desk.ids[1], 0.3, Band.STRONG)
    desk.client.say(events.SearchResults(asked.generation, (hit,)))
    desk.bot.waitUntil(lambda: desk.rows == [desk.ids[1]])
    assert window.browse.query == TextQuery("dog")
    window.open_viewer(desk.ids[1])
    desk.library.remove([desk.ids[1]])
    desk.client.say(LibraryChanged(removed=(desk.ids[1],)))
    desk.bot.waitUntil(lambda: window.viewer.current is None)
    assert desk.selected == ()
    desk.key(Qt.Key.Key_Delete)
    assert desk.sent(requests.TrashPhotos) == []


def test_the_viewer_leaves_its_photo_selected_where_it_is_shown(desk: Desk) -> None:
    desk.window.open_viewer(desk.ids[0])
    desk.key(Qt.Key.Key_Right)
    assert desk.selected == (desk.ids[1],)
    assert not desk.window.commands["select_all"].isEnabled()
    desk.key(Qt.Key.Key_Escape)
    assert desk.selected == (desk.ids[1],)
    assert desk.window.commands["select_all"].isEnabled()


def test_on_duplicates_commands_are_for_the_photo_looked_at(desk: Desk) -> None:
    window = desk.window
    window.grid.select_photo(desk.ids[0])
    assert desk.selected == (desk.ids[0],)
    window.commands["duplicates"].trigger()
    desk.bot.waitUntil(window.duplicates.page.list.hasFocus)
    assert desk.selected == (desk.ids[2],)
    desk.key(Qt.Key.Key_A, CTRL)
    assert desk.selected == (desk.ids[2],)
    desk.key(Qt.Key.Key_F)
    assert desk.sent(requests.SetFavourite) == [requests.SetFavourite((desk.ids[2],), True)]
    window.duplicates.open_compare()
    desk.key(Qt.Key.Key_Right)
    assert desk.selected == (desk.ids[3],)
    desk.key(Qt.Key.Key_A, CTRL)
    desk.key(Qt.Key.Key_Escape)
    assert desk.selected == (desk.ids[3],)
    window.commands["library"].trigger()
    desk.bot.waitUntil(window.grid.isVisible)
    desk.bot.waitUntil(lambda: desk.selected == tuple(window.grid.selected_ids()))


@pytest.mark.parametrize("page", ["problems", "models"])
def test_on_pages_without_photos_commands_are_for_none(desk: Desk, page: str) -> None:
    window = desk.window
    window.grid.select_photo(desk.ids[0])
    if page == "models":
        window.commands["models"].trigger()
        assert window.models.page.isVisible()
    else:
        desk.library.fail("broken.jpg", "The picture is damaged.")
        window.show_scope(Scope(Place.PROBLEMS))
        table = window.content.problems.table
        desk.bot.waitUntil(table.isVisible)
        table.setFocus()
    assert desk.selected == ()
    desk.bot.waitUntil(lambda: not window.details.photos)
    for _ in range(2):
        for command in ("favourite", "copy", "find_similar", "more_like", "trash"):
            assert not window.commands[command].isEnabled(), command
        desk.key(Qt.Key.Key_F)
        desk.key(Qt.Key.Key_A, CTRL)
    assert desk.sent(requests.SetFavourite) == []
    assert desk.selected == ()
    if page == "problems":
        assert table.selectionModel().selectedRows(), "Ctrl+A is for the list that is shown"


def test_the_models_page_gives_back_what_was_selected_under_it(desk: Desk) -> None:
    desk.window.grid.select_photo(desk.ids[1])
    desk.window.commands["models"].trigger()
    assert not desk.selected
    desk.key(Qt.Key.Key_Escape)
    assert desk.window.content.page is desk.window.grid
    assert desk.selected == (desk.ids[1],)
    assert desk.window.commands["favourite"].isEnabled()


def test_models_are_not_opened_beneath_the_comparison(desk: Desk) -> None:
    window = desk.window
    window.commands["duplicates"].trigger()
    desk.bot.waitUntil(window.duplicates.page.list.hasFocus)
    window.duplicates.open_compare()
    desk.key(Qt.Key.Key_M, CTRL)
    assert not window.duplicates.compare.is_open
    assert window.models.page.isVisible()
    assert desk.selected == ()


def test_rows_of_a_photo_that_is_no_longer_selected_are_not_shown(desk: Desk) -> None:
    window = desk.window
    window.grid.select_photo(desk.ids[1])
    desk.bot.waitUntil(lambda: len(window.details.photos) == 1)
    late = list(window.details.photos)
    window.grid.clearSelection()
    assert not window.details.photos
    window.parts.reader.photos_loaded.emit("details", late)
    assert not window.details.photos
    assert not window.selection.all_favourites
    assert window.selection.paths_of([desk.ids[1]]) == []


def test_a_photo_that_is_not_read_yet_does_not_go_by_the_one_before(desk: Desk) -> None:
    one, other = desk.ids[:2]
    desk.mark(one, True)
    window = desk.window
    window.grid.select_photo(one)
    desk.bot.waitUntil(lambda: window.selection.all_favourites)
    window.grid.select_photo(other)
    assert not window.selection.all_favourites, "or F would unmark what is no favourite"


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_Down])
@pytest.mark.parametrize("place", [Place.LIBRARY, Place.DUPLICATES, Place.PROBLEMS])
def test_the_keyboard_goes_from_the_field_to_the_page_that_is_shown(
    desk: Desk, place: Place, key: Qt.Key
) -> None:
    window = desk.window
    if place is Place.PROBLEMS:
        desk.library.fail("broken.jpg", "The picture is damaged.")
    window.show_scope(Scope(place))
    wanted: QWidget = window.grid
    if place is Place.DUPLICATES:
        wanted = window.duplicates.page.list
    elif place is Place.PROBLEMS:
        wanted = window.content.problems.table
    desk.bot.waitUntil(wanted.isVisible)
    window.commands["search"].trigger()
    assert window.search_bar.field.hasFocus()
    desk.key(key)
    assert wanted.hasFocus()


def test_a_page_with_nothing_to_go_to_takes_the_keyboard_itself(desk: Desk) -> None:
    window = desk.window
    window.show_scope(Scope(Place.PROBLEMS))
    window.commands["search"].trigger()
    desk.key(Qt.Key.Key_Escape)
    assert window.content.problems.hasFocus()
    window.commands["models"].trigger()
    window.commands["search"].trigger()
    desk.key(Qt.Key.Key_Escape)
    assert window.models.page.hasFocus()


def folder_of(desk: Desk) -> Scope:
    """Show the only folder; a second one is there besides."""
    other = desk.library.folder.parent / "Other"
    other.mkdir()
    with desk.library.store.write() as db:
        folders.add(db, os.fsencode(other), None, 0.0)
    desk.client.say(LibraryChanged(folders=True))
    scope = Scope(Place.FOLDER, desk.library.folder_id)
    desk.bot.waitUntil(lambda: len([s for s in desk.window.rail.scopes if s.place is Place.FOLDER]) == 2)
    desk.window.show_scope(scope)
    desk.bot.waitUntil(lambda: desk.window.rail.list.currentRow() > 0)
    return scope


def remove_folder(desk: Desk) -> None:
    with desk.library.store.write() as db:
        folders.remove(db, desk.library.folder_id)
    desk.client.say(LibraryChanged(removed=tuple(desk.ids), folders=True))


def test_the_library_is_shown_when_the_folder_shown_is_removed(desk: Desk) -> None:
    window = desk.window
    folder_of(desk)
    window.open_viewer(desk.ids[0])
    remove_folder(desk)
    desk.bot.waitUntil(lambda: window.browse.scope == Scope())
    assert window.viewer.current is None
    desk.bot.waitUntil(lambda: window.content.placeholder == "No photos yet")
    assert window.rail.list.currentRow() == 0
    assert desk.selected == ()
    assert not window.commands["trash"].isEnabled()


def test_a_search_returns_to_the_library_when_its_folder_was_removed(desk: Desk) -> None:
    window = desk.window
    scope = folder_of(desk)
    window.search_bar.set_text("dog")
    assert window.browse.scope == scope
    remove_folder(desk)
    desk.bot.waitUntil(lambda: window.browse.scope == Scope())
    assert window.browse.query == TextQuery("dog"), "the search goes on"
    window.search_bar.clear()
    desk.bot.waitUntil(lambda: window.content.placeholder == "No photos yet")
    assert window.rail.list.currentRow() == 0
