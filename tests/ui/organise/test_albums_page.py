"""The page of albums, used with mouse and keyboard."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QAbstractItemModelTester

from safelight.core.operations import (
    AddToAlbum,
    CreateAlbum,
    DeleteAlbum,
    DeleteSearch,
    SaveSearch,
    SetFavourite,
)
from safelight.services.operations.runner import OperationRunner
from safelight.store import albums
from safelight.store.saved_searches import SavedSearch
from safelight.ui.organise.album_list import detail_of
from safelight.ui.organise.albums_page import AlbumsPage
from safelight.ui.organise.prompt import NamePrompt
from safelight.ui.pages.declarations import ALBUMS
from safelight.ui.view_request import Place, ViewRequest
from support.window_driver import WindowDriver

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "This plugin does not support (raise|grabbing)")


def opened(driver: WindowDriver) -> AlbumsPage:
    driver.window.commands[ALBUMS].trigger()
    page = driver.window.controllers.albums.page.get()
    driver.wait(page.isVisible)
    page.setFocus()
    return page


def names(page: AlbumsPage) -> list[str]:
    return [each.album.name for each in page.model.albums]


def trips(driver: WindowDriver) -> int:
    return driver.window.controllers.organise.albums[0].album.id


def choose(page: AlbumsPage, name: str) -> None:
    page.list.setCurrentIndex(page.model.index(names(page).index(name)))


def paths(driver: WindowDriver) -> dict[str, list[int]]:
    """The albums by their paths, each with the numbers of its photos."""
    with driver.library.store.read() as db:
        return {
            each.path: [driver.ids.index(photo) for photo in albums.photo_ids(db, each.album.id)]
            for each in albums.all_albums(db)
        }


def drop(
    page: AlbumsPage, source: object, row: int, monkeypatch: pytest.MonkeyPatch, *, share: float = 0.5
) -> None:
    """What Qt sends when something that is dragged from ``source`` is dropped on a card, at this share of its
    width.
    """
    rect = page.list.visualRect(page.model.index(row))
    point = QPoint(rect.left() + round(share * rect.width()), rect.center().y())
    event = QDropEvent(
        QPointF(point),
        Qt.DropAction.CopyAction | Qt.DropAction.MoveAction,
        QMimeData(),
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    monkeypatch.setattr(event, "source", lambda: source, raising=False)
    page.list.dropEvent(event)


def test_cards_show_counts_covers_and_years(driver: WindowDriver) -> None:
    page = opened(driver)
    driver.wait(lambda: names(page) == ["Trips"])
    QAbstractItemModelTester(page.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    (card,) = page.model.albums
    assert card.covers == (driver.ids[4], driver.ids[0])
    assert detail_of(card) == "2 photos · 2021"
    assert any(scope.place == ALBUMS for scope in driver.window.sidebar.scopes), (
        "listed where there are albums"
    )


def test_albums_are_created_entered_renamed_moved_and_opened_by_keyboard(driver: WindowDriver) -> None:
    page = opened(driver)
    driver.wait(lambda: names(page) == ["Trips"])
    page.new.click()
    driver.dialog(NamePrompt)
    driver.write("Italy")
    driver.key(Qt.Key.Key_Return)
    driver.wait(lambda: names(page) == ["Italy", "Trips"])
    driver.return_to_grid()

    # Dragged onto another album: it is inside now, and the other is entered.
    italy, other = page.model.albums
    page.list.album_dropped.emit(italy, other)
    driver.wait(lambda: names(page) == ["Trips"])
    assert list(paths(driver)) == ["Trips", "Trips/Italy"]
    choose(page, "Trips")
    assert detail_of(page.model.albums[0]) == "2 photos · 2021 · 1 album"
    page.list.setFocus()
    driver.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert names(page) == ["Italy"]
    driver.key(Qt.Key.Key_F2)
    driver.dialog(NamePrompt).field.setText("Sicily")
    driver.key(Qt.Key.Key_Return)
    driver.wait(lambda: names(page) == ["Sicily"])
    driver.return_to_grid()
    page.list.setFocus()
    driver.key(Qt.Key.Key_Backspace)
    assert names(page) == ["Trips"]

    driver.key(Qt.Key.Key_Return)
    driver.wait(lambda: driver.window.results.scope == ViewRequest(Place.ALBUM, album_id=trips(driver)))
    driver.wait(driver.window.grid.isVisible)
    assert names(page) == ["Trips"]
    driver.window.commands["back"].trigger()
    driver.wait(page.isVisible)


def test_saved_searches_are_shown_with_their_counts_and_run(driver: WindowDriver) -> None:
    page = opened(driver)
    driver.wait(lambda: names(page) == ["Trips"])

    def texts() -> list[str]:
        return [each.text() for each in page.searches.buttons]

    driver.wait(lambda: texts() == ["Best · 0"])
    window = driver.window
    window.controllers.organise.run(SaveSearch("Liked & more", "is:favourite"))
    window.controllers.organise.run(SaveSearch("Walls", "a red wall"))
    driver.wait(lambda: texts() == ["Best · 0", "Liked && more · 0", "Walls"])  # a description is not counted
    assert page.searches.buttons[1].accessibleName() == "Liked & more, 0 photos"
    window.controllers.organise.run(SetFavourite(tuple(driver.ids[:2]), True))
    driver.wait(lambda: texts()[1] == "Liked && more · 2")

    choose(page, "Trips")
    page.model.albums[0] = replace(page.model.albums[0], inside=1)
    page.enter_selected()
    assert not page.searches.isVisible(), "they are beside the albums of the top level"
    page.go_up()
    assert page.searches.isVisible()

    page.searches.buttons[1].setFocus()
    driver.key(Qt.Key.Key_Return)
    driver.wait(lambda: window.search_bar.field.text() == "is:favourite")
    driver.wait(window.grid.isVisible)
    window.commands[ALBUMS].trigger()
    driver.wait(page.isVisible)
    page.searches.buttons[1].click()  # the same search again
    driver.wait(window.grid.isVisible)
    window.controllers.organise.run(DeleteSearch(window.controllers.saved_searches.searches[0].id))
    driver.wait(lambda: texts() == ["Liked && more · 2", "Walls"])
    page.show_searches([SavedSearch(number, f"S{number}", "x") for number in range(25)], {})
    assert len(page.searches.buttons) == 20
    assert page.searches.more.text() == "5 more are in the sidebar."


def test_an_album_without_photos_opens_what_is_inside(driver: WindowDriver) -> None:
    runner = OperationRunner(driver.library.store)
    outer = runner.run(CreateAlbum("Years", None, ())).created
    inner = runner.run(CreateAlbum("2021", outer, (driver.ids[2],))).created
    assert outer is not None
    assert inner is not None
    page = opened(driver)
    driver.wait(lambda: "Years" in names(page))
    card = page.model.albums[names(page).index("Years")]
    assert card.covers == (driver.ids[2],), "the covers of what is inside"
    assert detail_of(card) == "2021 · 1 album"
    choose(page, "Years")
    page.open_selected()
    assert names(page) == ["2021"]
    page.open_selected()
    driver.wait(lambda: driver.window.results.scope.album_id == inner)


def test_photos_and_albums_are_dropped_on_albums(
    driver: WindowDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    OperationRunner(driver.library.store).run(CreateAlbum("Best", None, ()))
    driver.select(1, 3)
    page = opened(driver)
    driver.wait(lambda: names(page) == ["Best", "Trips"])
    drop(page, driver.window.grid, 0, monkeypatch)
    driver.wait(lambda: paths(driver)["Best"] == [1, 3])
    choose(page, "Best")
    drop(page, page.list, 0, monkeypatch)  # on itself: nothing happens
    drop(page, driver.window, 1, monkeypatch)  # from elsewhere: neither
    drop(page, page.list, 1, monkeypatch)
    driver.wait(lambda: list(paths(driver)) == ["Trips", "Trips/Best"])
    driver.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    driver.wait(lambda: list(paths(driver)) == ["Best", "Trips"])


def test_albums_are_ordered_by_hand(driver: WindowDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    runner = OperationRunner(driver.library.store)
    for name in ("Best", "Zoo"):
        runner.run(CreateAlbum(name, None, ()))
    page = opened(driver)
    driver.wait(lambda: names(page) == ["Best", "Trips", "Zoo"])
    choose(page, "Zoo")
    page.list.setFocus()
    moving = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier
    for key, expected in (
        (Qt.Key.Key_Left, ["Best", "Zoo", "Trips"]),
        (Qt.Key.Key_Home, ["Zoo", "Best", "Trips"]),
        (Qt.Key.Key_Right, ["Best", "Zoo", "Trips"]),
        (Qt.Key.Key_End, ["Best", "Trips", "Zoo"]),
    ):
        driver.key(key, moving)
        driver.wait(lambda expected=expected: names(page) == expected)  # type: ignore[misc]
        assert page.list.selected is not None
        assert page.list.selected.album.name == "Zoo"
    # Dragged to the left edge of another card.
    drop(page, page.list, 0, monkeypatch, share=0.05)
    driver.wait(lambda: names(page) == ["Zoo", "Best", "Trips"])
    drop(page, page.list, 2, monkeypatch, share=0.95)
    driver.wait(lambda: names(page) == ["Best", "Trips", "Zoo"])
    organise = driver.window.controllers.organise
    driver.wait(lambda: [each.path for each in organise.albums] == ["Best", "Trips", "Zoo"])
    for expected in (["Zoo", "Best", "Trips"], ["Best", "Trips", "Zoo"]):
        driver.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        driver.wait(lambda expected=expected: names(page) == expected)  # type: ignore[misc]


def test_without_albums_the_page_says_how_to_begin(driver: WindowDriver) -> None:
    page = opened(driver)
    driver.wait(lambda: names(page) == ["Trips"])
    choose(page, "Trips")
    page.list.setFocus()
    driver.key(Qt.Key.Key_Delete)
    driver.wait(lambda: names(page) == [] and page.first.isVisible())
    assert page.message.title.text() == "No albums yet"
    driver.wait(lambda: all(scope.place != ALBUMS for scope in driver.window.sidebar.scopes))
    driver.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    driver.wait(lambda: names(page) == ["Trips"])


def test_the_level_that_is_shown_may_disappear(driver: WindowDriver) -> None:
    runner = OperationRunner(driver.library.store)
    inner = runner.run(CreateAlbum("Italy", trips(driver), ())).created
    assert inner is not None
    page = opened(driver)
    driver.wait(lambda: names(page) == ["Trips"] and page.model.albums[0].inside == 1)
    choose(page, "Trips")
    page.enter_selected()
    assert names(page) == ["Italy"]
    driver.window.controllers.organise.run(DeleteAlbum(trips(driver)))
    driver.wait(lambda: names(page) == [])
    assert page.message.title.text() == "No albums yet"


def test_long_names_of_albums_need_no_wider_window(driver: WindowDriver) -> None:
    runner = OperationRunner(driver.library.store)
    outer = runner.run(CreateAlbum("A holiday with " + "many " * 30 + "days", None, ())).created
    middle = runner.run(CreateAlbum("And its " + "many " * 30 + "parts", outer, ())).created
    runner.run(CreateAlbum("Last", middle, ()))
    page = opened(driver)
    driver.wait(lambda: len(names(page)) == 2)
    usual = page.minimumSizeHint().width()
    for _ in range(2):
        page.list.setCurrentIndex(page.model.index(0))
        page.enter_selected()
    assert names(page) == ["Last"]
    assert page.minimumSizeHint().width() < usual + 200
    assert len(page.up.text()) < 40


def test_held_over_the_row_of_the_page_photos_open_it(driver: WindowDriver) -> None:
    from PySide6.QtGui import QDragMoveEvent

    from safelight.ui.organise.dropping import PhotoDrops

    driver.wait(lambda: any(scope.place == ALBUMS for scope in driver.window.sidebar.scopes))
    driver.select(1)
    (drops,) = driver.window.sidebar.list.findChildren(PhotoDrops)
    tree, places = driver.window.sidebar.list, driver.window.sidebar.places
    point: QPoint = tree.visualRect(places.find(ViewRequest(ALBUMS))).center()
    event = QDragMoveEvent(
        point,
        Qt.DropAction.CopyAction,
        QMimeData(),
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    event.source = lambda: driver.window.grid  # type: ignore[method-assign]
    assert drops.eventFilter(tree.viewport(), event)
    page = driver.window.controllers.albums.page
    driver.wait(lambda: page.made is not None and page.made.isVisible())
    assert driver.window.grid.selected_ids().tolist() == [driver.ids[1]], "still what is dragged"


def test_the_photos_of_hidden_and_stacked_albums_are_counted_as_shown(driver: WindowDriver) -> None:
    OperationRunner(driver.library.store).run(AddToAlbum(trips(driver), (driver.ids[5],)))
    with driver.library.store.read() as db:
        (card,) = albums.cards(db)
        assert card.photos == 3
        assert (card.first[:10], card.last[:10]) == ("2021-06-04", "2021-06-09")
