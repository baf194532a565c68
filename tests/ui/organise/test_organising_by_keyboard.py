"""An afternoon of sorting by keyboard alone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from safelight.store import albums
from safelight.ui.organise.palette import CommandPalette
from safelight.ui.organise.prompt import NamePrompt
from safelight.ui.view_request import Place, TextQuery, ViewRequest
from support.window_driver import WindowDriver

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "This plugin does not support (raise|grabbing)")

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def test_an_afternoon_of_sorting_by_keyboard_alone(driver: WindowDriver) -> None:
    # The first photo: five stars and a red label. Then the next one is rejected.
    driver.key(Qt.Key.Key_Home)
    driver.wait(lambda: driver.window.controllers.selection.ids == (driver.ids[0],))
    driver.key(Qt.Key.Key_5)
    driver.key(Qt.Key.Key_6)
    driver.wait(lambda: (driver.photo(0).rating, driver.photo(0).label) == (5, "red"))
    driver.key(Qt.Key.Key_Right)
    driver.wait(lambda: driver.window.controllers.selection.ids == (driver.ids[1],))
    driver.key(Qt.Key.Key_X)
    driver.wait(lambda: driver.photo(1).rating == -1)

    # Three photos get a tag that is completed from the library.
    driver.key(Qt.Key.Key_Right)
    driver.key(Qt.Key.Key_Right, SHIFT)
    driver.wait(lambda: len(driver.window.controllers.selection.ids) == 2)
    driver.key(Qt.Key.Key_T)
    prompt = driver.dialog(NamePrompt)
    driver.write("dog")
    assert prompt.completer.suggestions == ["animals/dog"]
    prompt.field.setText(prompt.completer.suggestions[0])
    QTest.keyClick(prompt.field, Qt.Key.Key_Return)
    driver.wait(lambda: driver.tags()["animals/dog"] == 3)

    # The same photos go into an album that does not exist yet, nor does the one around it.
    driver.return_to_grid()
    driver.key(Qt.Key.Key_A, SHIFT)
    driver.dialog(NamePrompt)
    driver.write("Trips/South/Italy")
    driver.key(Qt.Key.Key_Return)
    driver.wait(
        lambda: (
            [each.path for each in driver.window.controllers.organise.albums]
            == ["Trips", "Trips/South", "Trips/South/Italy"]
        )
    )
    driver.wait(lambda: driver.window.controllers.organise.albums[2].photos == 2)

    # One photo is hidden, and everything is undone one step after another.
    driver.return_to_grid()
    driver.key(Qt.Key.Key_End)
    driver.wait(lambda: driver.window.controllers.selection.ids == (driver.ids[5],))
    driver.key(Qt.Key.Key_H)
    driver.wait(lambda: driver.shown() == driver.ids[:5])
    for _ in range(6):
        driver.key(Qt.Key.Key_Z, CTRL)
    driver.wait(lambda: driver.tags() == {"animals/dog": 1})
    driver.wait(lambda: driver.shown() == driver.ids)
    for number in range(6):
        photo = driver.photo(number)
        assert (photo.rating, photo.label, photo.hidden) == (0, "", False)


def test_the_palette_opens_albums_tags_searches_and_commands(driver: WindowDriver) -> None:
    driver.return_to_grid()
    driver.key(Qt.Key.Key_K, CTRL)
    palette = driver.dialog(CommandPalette)
    driver.write("trips")
    assert [choice.text for choice in palette.shown] == ["Trips"]
    driver.key(Qt.Key.Key_Return)
    driver.wait(lambda: driver.shown() == [driver.ids[4], driver.ids[0]])  # the order of the album

    driver.return_to_grid()
    driver.key(Qt.Key.Key_K, CTRL)
    driver.dialog(CommandPalette)
    driver.write("animals")
    driver.key(Qt.Key.Key_Return)
    driver.wait(lambda: driver.shown() == [driver.ids[5]])

    driver.return_to_grid()
    driver.key(Qt.Key.Key_K, CTRL)
    palette = driver.dialog(CommandPalette)
    driver.write("saved best")
    assert [choice.text for choice in palette.shown] == ["Best"]
    driver.key(Qt.Key.Key_Return)
    driver.wait(lambda: driver.window.results.query == TextQuery("rating:>=4"))

    driver.return_to_grid()
    driver.key(Qt.Key.Key_K, CTRL)
    palette = driver.dialog(CommandPalette)
    driver.write("favourites")
    driver.key(Qt.Key.Key_Down)
    driver.key(Qt.Key.Key_Up)
    assert palette.shown[0].text == "Favourites"
    driver.key(Qt.Key.Key_Return)
    driver.wait(lambda: driver.window.results.scope.place == Place.FAVOURITES)


def test_rows_of_the_sidebar_and_their_menus(driver: WindowDriver) -> None:
    sidebar = driver.window.sidebar
    names = [sidebar.places.entry(index) for index in sidebar.places.indexes()]
    listed = [(entry.name, entry.count) for entry in names if entry is not None]
    assert ("Trips", 2) in listed
    assert ("animals", 1) in listed
    assert ("dog", 1) in listed
    driver.wait(lambda: sidebar._search_counts != {})
    assert list(sidebar._search_counts.values()) == [0]
    driver.select(0)
    driver.key(Qt.Key.Key_4)
    driver.wait(lambda: list(sidebar._search_counts.values()) == [1])  # a saved search stays live

    menu = driver.window.controllers.organise.menu(ViewRequest(Place.TAG, tag="animals"))
    rename, delete = menu.actions()
    rename.trigger()
    driver.dialog(NamePrompt)
    driver.write("pets")
    driver.key(Qt.Key.Key_Return)
    driver.wait(lambda: driver.tags() == {"pets/dog": 1})
    delete.trigger()
    driver.window.controllers.organise.menu(ViewRequest(Place.TAG, tag="pets")).actions()[1].trigger()
    driver.wait(lambda: driver.tags() == {})
    driver.wait(lambda: sidebar._tags == ())

    trips = driver.window.controllers.organise.albums[0].album.id
    driver.window.views.show_scope(ViewRequest(Place.ALBUM, album_id=trips))
    driver.wait(lambda: driver.shown() == [driver.ids[4], driver.ids[0]])
    driver.select(0)
    driver.window.commands["from_album"].trigger()
    driver.wait(lambda: driver.shown() == [driver.ids[4]])
    driver.window.controllers.organise.menu(ViewRequest(Place.ALBUM, album_id=trips)).actions()[-1].trigger()
    driver.wait(lambda: driver.window.controllers.organise.albums == ())
    driver.wait(lambda: driver.window.results.scope.place == Place.LIBRARY)


def test_photos_are_dropped_on_an_album(driver: WindowDriver) -> None:
    driver.select(1, 2)
    trips = driver.window.controllers.organise.albums[0].album.id
    assert driver.window.controllers.organise.drop(ViewRequest(Place.ALBUM, album_id=trips))
    assert not driver.window.controllers.organise.drop(ViewRequest(Place.ALBUM, album_id=987))
    driver.wait(lambda: driver.window.controllers.organise.albums[0].photos == 4)
    with driver.library.store.read() as db:
        assert albums.photo_ids(db, trips) == [driver.ids[4], driver.ids[0], driver.ids[1], driver.ids[2]]


def test_hidden_photos_have_a_view_where_they_are_shown_again(driver: WindowDriver) -> None:
    driver.select(3)
    driver.key(Qt.Key.Key_H)
    driver.wait(lambda: len(driver.shown()) == 5)
    driver.wait(lambda: ViewRequest(Place.HIDDEN) in driver.window.sidebar.scopes)
    driver.window.views.show_page(Place.HIDDEN)
    driver.wait(lambda: driver.shown() == [driver.ids[3]])
    driver.select(3)
    driver.key(Qt.Key.Key_H)
    driver.wait(lambda: driver.shown() == [])
    assert not driver.photo(3).hidden


def test_commands_are_found_by_other_words_too(driver: WindowDriver) -> None:
    driver.key(Qt.Key.Key_K, CTRL)
    palette = driver.dialog(CommandPalette)
    driver.write("migrate")
    assert [choice.text for choice in palette.shown] == ["Import from another program"]
    driver.write("xyz")
    assert palette.shown == []
    (nothing,) = (palette.list.item(row) for row in range(palette.list.count()))
    assert nothing.text() == "Nothing found"
    driver.key(Qt.Key.Key_Escape)


def test_the_palette_and_the_sidebar_fit_a_small_window(driver: WindowDriver) -> None:
    window = driver.window
    window.resize(720, 440)  # a small screen at 200 %
    driver.wait(lambda: window.width() == 720)
    driver.key(Qt.Key.Key_K, CTRL)
    palette = driver.dialog(CommandPalette)
    driver.wait(lambda: palette.height() < 400)
    assert window.frameGeometry().contains(palette.frameGeometry())
    driver.key(Qt.Key.Key_Escape)
    sidebar = window.sidebar
    assert sidebar.width() >= sidebar.minimumSizeHint().width()


def test_the_photos_have_the_keyboard_when_the_window_opens(driver: WindowDriver) -> None:
    assert QApplication.focusWidget() is driver.window.controllers.layout.grid


def test_keys_go_to_the_photos_of_a_view_that_a_command_opens(driver: WindowDriver) -> None:
    layout = driver.window.controllers.layout
    layout.sidebar.list.setFocus()
    driver.key(Qt.Key.Key_3, CTRL)
    driver.wait(layout.grid.hasFocus)
    layout.sidebar.list.setFocus()
    driver.key(Qt.Key.Key_K, CTRL)
    driver.dialog(CommandPalette)
    driver.write("trips")
    driver.key(Qt.Key.Key_Return)
    driver.wait(lambda: driver.shown() == [driver.ids[4], driver.ids[0]])
    # The offscreen platform does not activate the window again by itself.
    assert driver.window.focusWidget() is layout.grid
