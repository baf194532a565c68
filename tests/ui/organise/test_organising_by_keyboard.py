"""An afternoon of sorting by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from safelight.core.operations import AddTag, CreateAlbum, SaveSearch
from safelight.core.photo import Photo
from safelight.services.operations.runner import OperationRunner
from safelight.store import albums, photos, tags
from safelight.ui.main_window import MainWindow
from safelight.ui.organise.palette import CommandPalette
from safelight.ui.organise.prompt import NamePrompt
from safelight.ui.view_request import Place, TextQuery, ViewRequest
from safelight.ui.window import build_window
from support.filled_library import FilledLibrary
from support.open_windows import bring_up
from support.scripted_client import LibraryClient
from support.threaded_decoder import ThreadedDecoder

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "This plugin does not support (raise|grabbing)")

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


D = TypeVar("D", NamePrompt, CommandPalette)


class Desk:
    """A window over six photos, whose engine applies operations."""

    def __init__(self, place: Path, app: QApplication, bot: QtBot) -> None:
        self.library = FilledLibrary(place)
        self.ids = self.library.add(*((f"photo{n}.jpg", f"2021-06-0{9 - n}T10:00:00") for n in range(6)))
        OperationRunner(self.library.store).run(AddTag((self.ids[5],), "animals/dog"))
        OperationRunner(self.library.store).run(CreateAlbum("Trips", None, (self.ids[4], self.ids[0])))
        OperationRunner(self.library.store).run(SaveSearch("Best", "rating:>=4"))
        self.client = LibraryClient(self.library.store)
        self.window: MainWindow = build_window(
            app, self.library.directory, lambda: self.client, ThreadedDecoder()
        )
        self.bot = bot
        bring_up(self.window, bot)
        self.wait(lambda: self.window.model.rowCount() == len(self.ids))
        self.wait(lambda: len(self.window.organise.albums) == 1)
        self.window.grid.setFocus()

    def wait(self, condition: Callable[[], bool]) -> None:
        self.bot.waitUntil(condition)

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(QApplication.focusWidget() or self.window, key, modifiers)

    def write(self, text: str) -> None:
        QTest.keyClicks(QApplication.focusWidget() or self.window, text)

    def dialog(self, kind: type[D]) -> D:
        self.wait(lambda: isinstance(QApplication.activeModalWidget(), kind))
        found = QApplication.activeModalWidget()
        assert isinstance(found, kind)
        found.activateWindow()
        found.field.setFocus()
        self.wait(lambda: QApplication.focusWidget() is found.field)
        return found

    def return_to_grid(self) -> None:
        """After a dialog; the offscreen platform does not activate the window again by itself."""
        self.wait(lambda: QApplication.activeModalWidget() is None)
        self.window.activateWindow()
        self.wait(self.window.isActiveWindow)
        self.window.grid.setFocus()

    def select(self, *numbers: int) -> None:
        self.window.grid.select_photos([self.ids[number] for number in numbers])
        self.window.grid.setFocus()
        self.wait(lambda: len(self.window.selection.ids) == len(numbers))

    def photo(self, number: int) -> Photo:
        with self.library.store.read() as db:
            return photos.get_many(db, [self.ids[number]])[0]

    def tags(self) -> dict[str, int]:
        with self.library.store.read() as db:
            return {each.name: each.photos for each in tags.all_tags(db)}

    def shown(self) -> list[int]:
        return list(self.window.listing.shown_ids())


@pytest.fixture
def desk(tmp_path: Path, qapp: QApplication, qtbot: QtBot) -> Iterator[Desk]:
    made = Desk(tmp_path, qapp, qtbot)
    yield made
    assert made.window.shutdown()
    made.library.close()


def test_an_afternoon_of_sorting_by_keyboard_alone(desk: Desk) -> None:
    # The first photo: five stars and a red label. Then the next one is rejected.
    desk.key(Qt.Key.Key_Home)
    desk.wait(lambda: desk.window.selection.ids == (desk.ids[0],))
    desk.key(Qt.Key.Key_5)
    desk.key(Qt.Key.Key_6)
    desk.wait(lambda: (desk.photo(0).rating, desk.photo(0).label) == (5, "red"))
    desk.key(Qt.Key.Key_Right)
    desk.wait(lambda: desk.window.selection.ids == (desk.ids[1],))
    desk.key(Qt.Key.Key_X)
    desk.wait(lambda: desk.photo(1).rating == -1)

    # Three photos get a tag that is completed from the library.
    desk.key(Qt.Key.Key_Right)
    desk.key(Qt.Key.Key_Right, SHIFT)
    desk.wait(lambda: len(desk.window.selection.ids) == 2)
    desk.key(Qt.Key.Key_T)
    prompt = desk.dialog(NamePrompt)
    desk.write("dog")
    assert prompt.completer.found == ["animals/dog"]
    prompt.field.setText(prompt.completer.found[0])
    QTest.keyClick(prompt.field, Qt.Key.Key_Return)
    desk.wait(lambda: desk.tags()["animals/dog"] == 3)

    # The same photos go into an album that does not exist yet, inside one that does.
    desk.return_to_grid()
    desk.key(Qt.Key.Key_A, SHIFT)
    desk.dialog(NamePrompt)
    desk.write("Trips/Italy")
    desk.key(Qt.Key.Key_Return)
    desk.wait(lambda: [each.path for each in desk.window.organise.albums] == ["Trips", "Trips/Italy"])
    desk.wait(lambda: desk.window.organise.albums[1].photos == 2)

    # One photo is hidden, and everything is undone one step after another.
    desk.return_to_grid()
    desk.key(Qt.Key.Key_End)
    desk.wait(lambda: desk.window.selection.ids == (desk.ids[5],))
    desk.key(Qt.Key.Key_H)
    desk.wait(lambda: desk.shown() == desk.ids[:5])
    for _ in range(6):
        desk.key(Qt.Key.Key_Z, CTRL)
    desk.wait(lambda: desk.tags() == {"animals/dog": 1})
    desk.wait(lambda: desk.shown() == desk.ids)
    for number in range(6):
        photo = desk.photo(number)
        assert (photo.rating, photo.label, photo.hidden) == (0, "", False)


def test_the_palette_opens_albums_tags_searches_and_commands(desk: Desk) -> None:
    desk.return_to_grid()
    desk.key(Qt.Key.Key_K, CTRL)
    palette = desk.dialog(CommandPalette)
    desk.write("trips")
    assert [choice.text for choice in palette.shown] == ["Trips"]
    desk.key(Qt.Key.Key_Return)
    desk.wait(lambda: desk.shown() == [desk.ids[4], desk.ids[0]])  # the order of the album

    desk.return_to_grid()
    desk.key(Qt.Key.Key_K, CTRL)
    desk.dialog(CommandPalette)
    desk.write("animals")
    desk.key(Qt.Key.Key_Return)
    desk.wait(lambda: desk.shown() == [desk.ids[5]])

    desk.return_to_grid()
    desk.key(Qt.Key.Key_K, CTRL)
    palette = desk.dialog(CommandPalette)
    desk.write("saved best")
    assert [choice.text for choice in palette.shown] == ["Best"]
    desk.key(Qt.Key.Key_Return)
    desk.wait(lambda: desk.window.browse.query == TextQuery("rating:>=4"))

    desk.return_to_grid()
    desk.key(Qt.Key.Key_K, CTRL)
    palette = desk.dialog(CommandPalette)
    desk.write("favourites")
    desk.key(Qt.Key.Key_Down)
    desk.key(Qt.Key.Key_Up)
    assert palette.shown[0].text == "Favourites"
    desk.key(Qt.Key.Key_Return)
    desk.wait(lambda: desk.window.browse.scope.place == Place.FAVOURITES)


def test_rows_of_the_sidebar_and_their_menus(desk: Desk) -> None:
    sidebar = desk.window.sidebar
    names = [sidebar.places.entry(index) for index in sidebar.places.indexes()]
    listed = [(entry.name, entry.count) for entry in names if entry is not None]
    assert ("Trips", 2) in listed
    assert ("animals", 1) in listed
    assert ("dog", 1) in listed
    desk.wait(lambda: sidebar._search_counts != {})
    assert list(sidebar._search_counts.values()) == [0]
    desk.select(0)
    desk.key(Qt.Key.Key_4)
    desk.wait(lambda: list(sidebar._search_counts.values()) == [1])  # a saved search stays live

    menu = desk.window.organise.menu(ViewRequest(Place.TAG, tag="animals"))
    rename, delete = menu.actions()
    rename.trigger()
    desk.dialog(NamePrompt)
    desk.write("pets")
    desk.key(Qt.Key.Key_Return)
    desk.wait(lambda: desk.tags() == {"pets/dog": 1})
    delete.trigger()
    desk.window.organise.menu(ViewRequest(Place.TAG, tag="pets")).actions()[1].trigger()
    desk.wait(lambda: desk.tags() == {})
    desk.wait(lambda: sidebar._tags == ())

    trips = desk.window.organise.albums[0].album.id
    desk.window.views.show_scope(ViewRequest(Place.ALBUM, album_id=trips))
    desk.wait(lambda: desk.shown() == [desk.ids[4], desk.ids[0]])
    desk.select(0)
    desk.window.commands["from_album"].trigger()
    desk.wait(lambda: desk.shown() == [desk.ids[4]])
    desk.window.organise.menu(ViewRequest(Place.ALBUM, album_id=trips)).actions()[-1].trigger()
    desk.wait(lambda: desk.window.organise.albums == ())
    desk.wait(lambda: desk.window.browse.scope.place == Place.LIBRARY)


def test_photos_are_dropped_on_an_album(desk: Desk) -> None:
    desk.select(1, 2)
    trips = desk.window.organise.albums[0].album.id
    assert desk.window.organise.drop(ViewRequest(Place.ALBUM, album_id=trips))
    assert not desk.window.organise.drop(ViewRequest(Place.ALBUM, album_id=987))
    desk.wait(lambda: desk.window.organise.albums[0].photos == 4)
    with desk.library.store.read() as db:
        assert albums.photo_ids(db, trips) == [desk.ids[4], desk.ids[0], desk.ids[1], desk.ids[2]]


def test_hidden_photos_have_a_view_where_they_are_shown_again(desk: Desk) -> None:
    desk.select(3)
    desk.key(Qt.Key.Key_H)
    desk.wait(lambda: len(desk.shown()) == 5)
    desk.wait(lambda: ViewRequest(Place.HIDDEN) in desk.window.sidebar.scopes)
    desk.window.views.show_page(Place.HIDDEN)
    desk.wait(lambda: desk.shown() == [desk.ids[3]])
    desk.select(3)
    desk.key(Qt.Key.Key_H)
    desk.wait(lambda: desk.shown() == [])
    assert not desk.photo(3).hidden
