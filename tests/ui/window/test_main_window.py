"""The window as a person uses it: a real library, a scripted engine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QLineEdit,
    QSlider,
    QToolButton,
)
from pytestqt.qtbot import QtBot

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.encoder import ModelInfo
from safelight.core.jobs import Phase, Progress
from safelight.core.message import Message
from safelight.core.operations import AddFolder, SetFavourite
from safelight.core.search import Band, SearchHit
from safelight.engine import events, requests
from safelight.store import marks
from safelight.ui.pages.declarations import PROBLEMS
from safelight.ui.view_request import Place, ViewRequest
from safelight.ui.window.build import build_window
from safelight.ui.window.main_window import MainWindow
from support.drops import drop, urls
from support.filled_library import FilledLibrary
from support.open_windows import bring_up
from support.scripted_client import ScriptedClient
from support.sidebar_rows import current
from support.threaded_decoder import ThreadedDecoder

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

DATES = ("2021-06-03T10:00:00", "2021-06-02T10:00:00", "2020-01-01T10:00:00", "2019-05-05T10:00:00")


@pytest.fixture
def ids(library: FilledLibrary) -> list[int]:
    """Four photos, the newest first."""
    return library.add(*((f"photo{n}.jpg", date) for n, date in enumerate(DATES)))


@pytest.fixture
def decoder() -> ThreadedDecoder:
    return ThreadedDecoder()


Open = Callable[[Path], MainWindow]


@pytest.fixture
def open_window(
    qapp: QApplication, client: ScriptedClient, decoder: ThreadedDecoder, qtbot: QtBot
) -> Iterator[Open]:
    opened: list[MainWindow] = []

    def make(directory: Path) -> MainWindow:
        window = build_window(qapp, directory, lambda: client, decoder)
        opened.append(window)
        bring_up(window, qtbot)
        return window

    yield make
    for window in opened:
        assert window.shutdown()
    names = {thread.name for thread in threading.enumerate()}
    assert not names & {"engine-receive", "engine-send", "library-reader", "thumbnails"}


@pytest.fixture
def window(library: FilledLibrary, ids: list[int], open_window: Open, qtbot: QtBot) -> MainWindow:
    made = open_window(library.directory)
    qtbot.waitUntil(lambda: shown(made) == ids)
    return made


def shown(window: MainWindow) -> list[int]:
    return window.model.photo_ids(0, window.model.rowCount())


def titles(window: MainWindow) -> list[str]:
    return [section.title for section in window.model.sections]


def last_request(client: ScriptedClient, kind: type) -> requests.Request | None:
    return next((request for request in reversed(client.requests) if isinstance(request, kind)), None)


def test_the_window_lights_up_while_something_is_dragged_over_it(window: MainWindow, tmp_path: Path) -> None:
    mime, nothing, middle = urls(tmp_path), QMimeData(), window.rect().center()
    action, button, keys = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    for end in (QDragLeaveEvent(), QDropEvent(QPointF(middle), action, mime, button, keys)):
        QApplication.sendEvent(window, QDragEnterEvent(middle, action, mime, button, keys))
        assert window.controllers.drop_overlay.isVisible()
        assert window.controllers.drop_overlay.geometry() == window.rect()
        QApplication.sendEvent(window, end)
        assert not window.controllers.drop_overlay.isVisible()
    QApplication.sendEvent(window, QDragEnterEvent(middle, action, nothing, button, keys))
    assert not window.controllers.drop_overlay.isVisible(), "the window takes nothing of this"


def test_the_side_buttons_of_the_mouse_go_back_and_forward(window: MainWindow) -> None:
    window.views.show_page(Place.FAVOURITES)
    assert window.results.scope == ViewRequest(Place.FAVOURITES)
    handle, middle = window.windowHandle(), window.rect().center()
    for button, place in (
        (Qt.MouseButton.BackButton, Place.LIBRARY),
        (Qt.MouseButton.LeftButton, Place.LIBRARY),
        (Qt.MouseButton.ForwardButton, Place.FAVOURITES),
    ):
        QTest.mouseClick(handle, button, pos=middle)
        assert window.results.scope == ViewRequest(place)


def drop_picture(
    window: MainWindow, client: ScriptedClient, qtbot: QtBot, picture: Path
) -> requests.FindSimilar:
    """Drop a file of no content; the request that this sends."""
    picture.touch()
    assert drop(window, urls(picture))
    qtbot.waitUntil(lambda: last_request(client, requests.FindSimilar) is not None)
    request = last_request(client, requests.FindSimilar)
    assert isinstance(request, requests.FindSimilar)
    return request


def search(window: MainWindow, client: ScriptedClient, qtbot: QtBot, text: str) -> requests.Search:
    """Type and press Enter; the request that this sends."""
    window.search_bar.field.setFocus()
    window.search_bar.field.selectAll()
    QTest.keyClicks(window.search_bar.field, text)
    QTest.keyClick(window.search_bar.field, Qt.Key.Key_Return)

    def sent() -> bool:
        request = last_request(client, requests.Search)
        return isinstance(request, requests.Search) and request.text == text

    qtbot.waitUntil(sent)
    request = last_request(client, requests.Search)
    assert isinstance(request, requests.Search)
    return request


def hits(*pairs: tuple[int, Band]) -> tuple[SearchHit, ...]:
    return tuple(SearchHit(photo_id, 0.3 - n / 100, band) for n, (photo_id, band) in enumerate(pairs))


def test_the_library_is_shown_by_month(window: MainWindow) -> None:
    assert titles(window) == ["June 2021", "January 2020", "May 2019"]
    assert window.content.page is window.grid


def test_results_come_in_bands_and_the_rest_behind_a_fold(
    window: MainWindow, client: ScriptedClient, ids: list[int], qtbot: QtBot
) -> None:
    request = search(window, client, qtbot, "dog")
    found = hits((ids[2], Band.STRONG), (ids[0], Band.MAYBE), (ids[1], Band.REST), (ids[3], Band.REST))
    client.say(events.SearchResults(request.generation, found))
    qtbot.waitUntil(lambda: shown(window) == [ids[2], ids[0], ids[1], ids[3]])
    assert titles(window) == ["Strong", "Maybe", "2 less likely"]
    assert [section.collapsed for section in window.model.sections] == [False, False, True]
    assert current(window.sidebar) is None
    window.commands["unfold"].trigger()
    assert [section.collapsed for section in window.model.sections] == [False, False, False]


def test_only_the_newest_answer_counts(
    window: MainWindow, client: ScriptedClient, ids: list[int], qtbot: QtBot
) -> None:
    first = search(window, client, qtbot, "dog")
    second = search(window, client, qtbot, "cat")
    assert second.generation > first.generation
    client.say(events.SearchResults(second.generation, hits((ids[1], Band.STRONG))))
    client.say(events.SearchResults(first.generation, hits((ids[0], Band.STRONG))))
    client.say(events.IndexProgress(Progress(Phase.PAUSED, 1, 2)))
    qtbot.waitUntil(lambda: window.status.text == "Paused · 1 of 2")
    assert shown(window) == [ids[1]]


def test_an_answer_from_part_of_the_library_is_made_whole(
    window: MainWindow, client: ScriptedClient, ids: list[int], qtbot: QtBot
) -> None:
    request = search(window, client, qtbot, "dog")
    notice = "Searching 1 of 4 photos; the rest are being read."
    client.say(events.SearchResults(request.generation, hits((ids[1], Band.STRONG)), (Message(notice),)))
    qtbot.waitUntil(lambda: window.content.notice == notice)
    window.grid.select_photo(ids[1])
    client.say(events.IndexProgress(Progress(Phase.IDLE)))

    def asked_again() -> bool:
        last = last_request(client, requests.Search)
        return isinstance(last, requests.Search) and last.generation > request.generation

    qtbot.waitUntil(asked_again)
    again = last_request(client, requests.Search)
    assert isinstance(again, requests.Search)
    full = hits((ids[0], Band.STRONG), (ids[1], Band.STRONG))
    client.say(events.SearchResults(again.generation, full))
    qtbot.waitUntil(lambda: shown(window) == ids[:2])
    assert window.content.notice == ""
    assert list(window.grid.selected_ids()) == [ids[1]]


def test_clearing_the_search_goes_back(
    window: MainWindow, client: ScriptedClient, ids: list[int], qtbot: QtBot
) -> None:
    request = search(window, client, qtbot, "dog")
    client.say(events.SearchResults(request.generation, ()))
    qtbot.waitUntil(lambda: window.content.placeholder == "Nothing found")
    window.search_bar.field.setFocus()
    QTest.keyClick(window.search_bar.field, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: shown(window) == ids)
    assert window.content.placeholder == ""
    assert current(window.sidebar) == "Library"


def test_a_failed_search_says_why_in_place_of_an_older_answer(
    window: MainWindow, client: ScriptedClient, ids: list[int], qtbot: QtBot
) -> None:
    first = search(window, client, qtbot, "dog")
    client.say(events.SearchResults(first.generation, hits((ids[1], Band.STRONG))))
    qtbot.waitUntil(lambda: shown(window) == [ids[1]])
    request = search(window, client, qtbot, "cat")
    client.say(events.RequestFailed(Message("Stale."), first.generation))
    client.say(events.RequestFailed(Message("The model is missing."), request.generation))
    qtbot.waitUntil(lambda: window.content.notice == "The model is missing.")
    assert shown(window) == [], "nothing of what was shown answers this search"
    assert window.content.placeholder == "No answer"
    assert not window.toasts.text
    again = search(window, client, qtbot, "cat at night")
    client.say(events.SearchResults(again.generation, ()))
    qtbot.waitUntil(lambda: window.content.placeholder == "Nothing found")
    assert window.content.notice == ""


def test_a_dropped_picture_that_cannot_be_read_leaves_no_older_answer(
    window: MainWindow, client: ScriptedClient, ids: list[int], tmp_path: Path, qtbot: QtBot
) -> None:
    request = drop_picture(window, client, qtbot, tmp_path / "broken.png")
    client.say(events.IndexProgress(Progress(Phase.INDEXING, 1, 4)))
    client.say(events.RequestFailed(Message("“broken.png” is damaged."), request.generation))
    qtbot.waitUntil(lambda: window.content.notice == "“broken.png” is damaged.")
    assert (shown(window), window.content.placeholder) == ([], "No answer")
    window.search_bar.chip.removed.emit()
    qtbot.waitUntil(lambda: shown(window) == ids)
    assert (window.content.notice, window.content.placeholder) == ("", "")


def test_an_answer_stays_when_refreshing_it_fails(
    window: MainWindow, client: ScriptedClient, ids: list[int], qtbot: QtBot
) -> None:
    request = search(window, client, qtbot, "dog")
    client.say(events.SearchResults(request.generation, hits((ids[1], Band.STRONG))))
    qtbot.waitUntil(lambda: shown(window) == [ids[1]])
    client.requests.clear()
    client.say(events.EngineReady())
    qtbot.waitUntil(lambda: last_request(client, requests.Search) is not None)
    again = last_request(client, requests.Search)
    assert isinstance(again, requests.Search)
    client.say(events.RequestFailed(Message("The disk is gone."), again.generation))
    qtbot.waitUntil(lambda: window.toasts.text == "The disk is gone.")
    assert shown(window) == [ids[1]]


def test_find_similar_is_first_in_the_context_menu(
    window: MainWindow, client: ScriptedClient, ids: list[int], qtbot: QtBot
) -> None:
    window.grid.select_photo(ids[1])
    actions = [action for action in window.context_menu.actions() if not action.isSeparator()]
    assert sum(action.isVisible() for action in actions) <= 11
    assert actions[0].text() == "Find similar"
    assert actions[0].isEnabled()
    qtbot.waitUntil(lambda: window.details.heading == "photo1.jpg")
    actions[0].trigger()
    qtbot.waitUntil(lambda: last_request(client, requests.FindSimilar) is not None)
    request = last_request(client, requests.FindSimilar)
    assert isinstance(request, requests.FindSimilar)
    assert request.photo_id == ids[1]
    assert window.search_bar.chip.said == "Similar to photo1.jpg"
    client.say(events.SearchResults(request.generation, hits((ids[1], Band.STRONG))))
    qtbot.waitUntil(lambda: shown(window) == [ids[1]])
    assert list(window.grid.selected_ids()) == [ids[1]], "what was asked about stays in view"
    window.search_bar.chip.removed.emit()
    request_by_words = search(window, client, qtbot, "dog")
    client.say(events.SearchResults(request_by_words.generation, hits((ids[0], Band.STRONG))))
    qtbot.waitUntil(lambda: shown(window) == [ids[0]])
    assert not window.controllers.selection.ids, "what is no longer shown is not selected"


def test_commands_follow_the_selection(window: MainWindow, ids: list[int], qtbot: QtBot) -> None:
    commands = window.commands
    assert not commands["find_similar"].isEnabled()
    window.commands["select_all"].trigger()
    qtbot.waitUntil(lambda: window.details.heading == "4 photos")
    assert not commands["find_similar"].isEnabled()
    assert commands["copy"].isEnabled()
    window.grid.select_photo(ids[0])
    assert commands["find_similar"].isEnabled()


def test_new_photos_arrive_without_losing_the_selection(
    window: MainWindow, client: ScriptedClient, library: FilledLibrary, ids: list[int], qtbot: QtBot
) -> None:
    window.grid.select_photo(ids[2])
    new, middle = library.add(("new.jpg", "2022-01-01T00:00:00"), ("mid.jpg", "2020-06-01T00:00:00"))
    client.say(LibraryChanged(added=tuple(sorted((new, middle)))))
    qtbot.waitUntil(lambda: shown(window) == [new, ids[0], ids[1], middle, ids[2], ids[3]])
    assert list(window.grid.selected_ids()) == [ids[2]]
    library.remove([ids[0], ids[2]])
    client.say(LibraryChanged(removed=(ids[0], ids[2])))
    qtbot.waitUntil(lambda: shown(window) == [new, ids[1], middle, ids[3]])
    assert list(window.grid.selected_ids()) == []
    qtbot.waitUntil(lambda: not window.details.photos)


def test_removed_photos_leave_the_results_at_once(
    window: MainWindow, client: ScriptedClient, library: FilledLibrary, ids: list[int], qtbot: QtBot
) -> None:
    request = search(window, client, qtbot, "dog")
    found = hits(*((photo_id, Band.STRONG) for photo_id in ids))
    client.say(events.SearchResults(request.generation, found))
    qtbot.waitUntil(lambda: titles(window) == ["Strong"])
    window.grid.select_photo(ids[3])
    client.say(LibraryChanged(removed=(ids[1],)))
    qtbot.waitUntil(lambda: shown(window) == [ids[0], ids[2], ids[3]])
    assert list(window.grid.selected_ids()) == [ids[3]]


def test_a_restarted_engine_is_asked_again(
    window: MainWindow, client: ScriptedClient, ids: list[int], qtbot: QtBot
) -> None:
    request = search(window, client, qtbot, "dog")
    client.say(events.EngineStopped(True, Message("The engine stopped and is being started again.")))
    qtbot.waitUntil(lambda: window.status.text.startswith("The engine stopped"))
    client.requests.clear()
    client.say(events.EngineReady())
    qtbot.waitUntil(lambda: last_request(client, requests.Search) is not None)
    again = last_request(client, requests.Search)
    assert isinstance(again, requests.Search)
    assert (again.text, again.generation > request.generation) == ("dog", True)
    qtbot.waitUntil(lambda: "engine" not in window.status.text)


def test_an_engine_that_cannot_continue_says_why_and_can_be_tried_again(
    window: MainWindow, client: ScriptedClient, qtbot: QtBot
) -> None:
    client.say(events.EngineFailed(Message("This library was made by a newer Safelight.")))
    client.say(events.EngineStopped(False, Message("The engine stopped.")))
    qtbot.waitUntil(lambda: window.status.text == "This library was made by a newer Safelight.")
    client.started.clear()
    window.status.restart_requested.emit()
    qtbot.waitUntil(client.started.is_set)


def test_model_and_progress_are_reported(window: MainWindow, client: ScriptedClient, qtbot: QtBot) -> None:
    client.say(events.ModelReady(ModelInfo("starter@1", "starter", 512, "cpu", "Starter (built in)")))
    client.say(events.IndexProgress(Progress(Phase.INDEXING, 12480, 48000, rate=35)))
    qtbot.waitUntil(lambda: window.status.text == "12,480 of 48,000 · 35/s · about 17 min")
    window.commands["pause"].trigger()
    qtbot.waitUntil(lambda: requests.PauseIndexing() in client.requests)
    client.say(events.IndexProgress(Progress(Phase.IDLE)))
    qtbot.waitUntil(lambda: window.status.text == "4 photos · Everything is indexed")


def test_favourites_are_asked_for_and_shown(
    window: MainWindow, client: ScriptedClient, library: FilledLibrary, ids: list[int], qtbot: QtBot
) -> None:
    window.grid.select_photo(ids[0])
    window.grid.setFocus()
    QTest.keyClick(window.grid, Qt.Key.Key_F)
    qtbot.waitUntil(lambda: SetFavourite((ids[0],), True) in client.operations)
    with library.store.write() as db:
        marks.set_favourite(db, [ids[0]], True)
    client.say(LibraryChanged(ChangeKind.MARKS, updated=(ids[0],)))
    qtbot.waitUntil(lambda: window.model.is_favourite(ids[0]))
    qtbot.waitUntil(lambda: window.controllers.selection.all_favourites)
    assert window.commands["favourite"].text() == "Remove from favourites"
    window.commands["favourites"].trigger()
    qtbot.waitUntil(lambda: shown(window) == [ids[0]])
    window.grid.select_photo(ids[0])
    qtbot.waitUntil(lambda: window.controllers.selection.all_favourites)
    window.commands["favourite"].trigger()
    qtbot.waitUntil(lambda: SetFavourite((ids[0],), False) in client.operations)


def test_a_dropped_folder_is_added_and_a_dropped_picture_looked_for(
    window: MainWindow, client: ScriptedClient, tmp_path: Path, qtbot: QtBot
) -> None:
    folder = tmp_path / "More"
    folder.mkdir()
    assert drop(window, urls(folder))
    qtbot.waitUntil(lambda: AddFolder(str(folder)) in client.operations)
    assert window.toasts.text == "Adding “More” …"
    picture = tmp_path / "like.png"
    assert drop_picture(window, client, qtbot, picture).path == str(picture)
    assert window.search_bar.chip.said == "Similar to like.png"
    text = QMimeData()
    text.setText("words")
    assert not drop(window, text)


def test_a_picture_can_be_pasted_anywhere(window: MainWindow, client: ScriptedClient, qtbot: QtBot) -> None:
    image = QImage(20, 20, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    QGuiApplication.clipboard().setImage(image)
    window.grid.setFocus()
    QTest.keyClick(window.grid, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: last_request(client, requests.FindSimilar) is not None)
    request = last_request(client, requests.FindSimilar)
    assert isinstance(request, requests.FindSimilar)
    assert request.image is not None
    assert QImage.fromData(request.image).pixelColor(10, 10) == Qt.GlobalColor.red


def test_copy_gives_file_and_picture(
    window: MainWindow, library: FilledLibrary, ids: list[int], qtbot: QtBot
) -> None:
    window.grid.select_photo(ids[0])
    window.commands["copy"].trigger()
    clipboard = QGuiApplication.clipboard()
    file = QUrl.fromLocalFile(str(library.folder / "photo0.jpg"))
    # An empty clipboard has no data object.
    qtbot.waitUntil(lambda: getattr(clipboard.mimeData(), "urls", list)() == [file])
    qtbot.waitUntil(lambda: clipboard.mimeData().hasImage())
    assert clipboard.mimeData().urls() == [file]
    assert clipboard.image().width() == 640
    window.commands["copy_path"].trigger()
    qtbot.waitUntil(lambda: clipboard.text() == str(library.folder / "photo0.jpg"))


def test_problems_are_listed_and_retried(
    window: MainWindow, client: ScriptedClient, library: FilledLibrary, qtbot: QtBot
) -> None:
    file_id = library.fail("broken.jpg", "The picture is damaged.")
    client.say(LibraryChanged(ChangeKind.FAILURES))
    qtbot.waitUntil(lambda: ViewRequest(PROBLEMS) in window.sidebar.scopes)
    window.views.show_scope(ViewRequest(PROBLEMS))
    page = window.content.problems
    assert window.content.page is page
    qtbot.waitUntil(lambda: page.model.rowCount() == 1)
    assert page.model.index(0, 1).data() == "The picture is damaged."
    page.table.selectRow(0)
    page.retry_requested.emit((file_id,))
    qtbot.waitUntil(lambda: requests.RetryFailures((file_id,)) in client.requests)
    window.commands["library"].trigger()
    qtbot.waitUntil(lambda: window.content.page is window.grid)


def test_folders_have_their_own_page_and_menu(
    window: MainWindow, client: ScriptedClient, library: FilledLibrary, ids: list[int], qtbot: QtBot
) -> None:
    scope = ViewRequest(Place.FOLDER, library.folder_id)
    qtbot.waitUntil(lambda: scope in window.sidebar.scopes)
    window.views.show_scope(scope)
    qtbot.waitUntil(lambda: shown(window) == ids)
    folder = window.sidebar.folder(library.folder_id)
    assert folder is not None
    menu = window.controllers.folder_commands.menu(folder)
    menu.actions()[0].trigger()
    qtbot.waitUntil(lambda: requests.Rescan((library.folder_id,)) in client.requests)
    menu.deleteLater()


def test_an_empty_library_invites(
    tmp_path: Path, open_window: Open, client: ScriptedClient, qtbot: QtBot
) -> None:
    window = open_window(tmp_path / "library")
    assert window.content.page is window.content.welcome
    library = FilledLibrary(tmp_path)
    client.say(events.EngineReady())
    qtbot.waitUntil(lambda: window.status.text == "No photos yet")
    (first,) = library.add(("one.jpg", DATES[0]))
    client.say(LibraryChanged(added=(first,)))
    qtbot.waitUntil(lambda: shown(window) == [first])
    qtbot.waitUntil(lambda: window.content.page is window.grid)
    library.close()


def test_what_is_typed_before_the_window_has_started_is_searched_for(
    qapp: QApplication, library: FilledLibrary, client: ScriptedClient, decoder: ThreadedDecoder, qtbot: QtBot
) -> None:
    window = build_window(qapp, library.directory, lambda: client, decoder)
    qtbot.addWidget(window)
    window.show()
    QTest.keyClicks(window.search_bar.field, "dog")
    QTest.keyClick(window.search_bar.field, Qt.Key.Key_Return)
    window.start_staged_startup()
    client.say(events.EngineReady())
    qtbot.waitUntil(lambda: last_request(client, requests.Search) is not None)
    assert window.shutdown()


def test_habits_are_kept(
    window: MainWindow, library: FilledLibrary, open_window: Open, ids: list[int], qtbot: QtBot
) -> None:
    window.resize(900, 640)
    window.commands["details"].trigger()
    assert window.details.isVisible()
    window.commands["details"].trigger()
    window.commands["larger"].trigger()
    size = window.grid.cell_size
    assert not window.details.isVisible()
    assert window.shutdown()
    assert window.shutdown(), "ending twice is harmless"
    again = open_window(library.directory)
    assert again.grid.cell_size == again.search_bar.slider.value() == size
    assert not again.layout_state.details.wanted
    assert again.sidebar.isVisibleTo(again)
    assert again.size().width() in (900, 1100)  # the fixture resizes after the size was restored


def test_a_first_window_fits_the_screen_with_the_photos_foremost(
    qapp: QApplication, library: FilledLibrary, client: ScriptedClient, decoder: ThreadedDecoder, qtbot: QtBot
) -> None:
    window = build_window(qapp, library.directory, lambda: client, decoder)
    qtbot.addWidget(window)
    room = window.screen().availableGeometry()
    assert room.width() < 1000, "or all would fit"
    assert window.width() < room.width()
    assert window.height() < room.height()
    assert window.sidebar.isVisibleTo(window)
    assert not window.details.isVisibleTo(window)
    window.start()
    assert not window.commands["details"].isChecked()
    assert window.shutdown()


def test_panels_behind_the_viewer_are_still_there_next_time(
    window: MainWindow, library: FilledLibrary, ids: list[int], open_window: Open
) -> None:
    window.grid.photo_activated.emit(ids[0])
    assert not window.sidebar.isVisible()
    window.shutdown()
    again = open_window(library.directory)
    assert again.sidebar.isVisibleTo(again)
    assert again.layout_state.details.wanted


def test_the_film_strip_is_as_it_was_next_time(
    window: MainWindow, library: FilledLibrary, ids: list[int], open_window: Open, qtbot: QtBot
) -> None:
    window.grid.photo_activated.emit(ids[0])
    assert window.controllers.viewer.film.isHidden()
    QTest.keyClick(window.controllers.viewer, Qt.Key.Key_T)
    assert window.controllers.viewer.film.isVisible()
    window.shutdown()
    again = open_window(library.directory)
    qtbot.waitUntil(lambda: shown(again) == shown(window))
    again.grid.photo_activated.emit(ids[0])
    assert again.controllers.viewer.film.isVisible()
    assert (
        again.controllers.viewer.view.geometry().bottom() < again.controllers.viewer.film.geometry().top() + 1
    )
    QTest.keyClick(again.controllers.viewer, Qt.Key.Key_T)
    again.shutdown()
    assert open_window(library.directory).controllers.viewer.film.isHidden()


def test_closing_ends_everything_while_the_engine_still_talks(
    window: MainWindow, client: ScriptedClient, decoder: ThreadedDecoder, ids: list[int]
) -> None:
    for number in range(1000):
        client.say(events.IndexProgress(Progress(Phase.INDEXING, number, 1000, rate=10)))
    window.close()
    assert client.closed.is_set()
    assert decoder.closed
    names = {thread.name for thread in threading.enumerate()}
    assert not names & {"engine-receive", "engine-send", "library-reader", "thumbnails"}


def open_every_page(window: MainWindow) -> None:
    """Make what is otherwise made when it is first needed."""
    pages = (
        window.controllers.duplicates.page,
        window.controllers.models.page,
        window.content.problems,
        window.content.welcome,
    )
    assert all(
        (*pages, window.controllers.duplicates.compare, window.search_bar.help.popup, window.details.why)
    )


def test_pages_that_are_made_later_leave_the_panels_where_they_are(
    window: MainWindow, qapp: QApplication
) -> None:
    window.resize(800, 600)
    qapp.processEvents()
    before = window.sidebar.width(), window.content.width(), window.details.width()
    open_every_page(window)
    window.commands["duplicates"].trigger()
    qapp.processEvents()
    assert window.controllers.duplicates.page.isVisible()
    assert (window.sidebar.width(), window.content.width(), window.details.width()) == before


def test_every_button_and_field_has_a_name(window: MainWindow) -> None:
    open_every_page(window)
    for kind in (QAbstractButton, QAbstractItemView, QLineEdit, QSlider):
        for widget in window.findChildren(kind):
            action = widget.defaultAction() if isinstance(widget, QToolButton) else None
            text = widget.text() if isinstance(widget, QAbstractButton) else ""
            text = text or (action.text() if action is not None else "")
            if isinstance(widget, QHeaderView) or widget.objectName().startswith("qt_"):
                continue
            if widget.parent() is window.toasts:
                continue  # its button is named by each toast
            assert widget.accessibleName() or text, f"{widget} in {widget.parent()} has no accessible name"


def test_photos_beyond_the_first_follow_into_their_bands(
    window: MainWindow, client: ScriptedClient, ids: list[int], qtbot: QtBot
) -> None:
    request = search(window, client, qtbot, "dog")
    also = {Band.MAYBE: (ids[1],)}
    first = events.SearchResults(request.generation, hits((ids[0], Band.STRONG)), also=also, others=2)
    client.say(first)
    qtbot.waitUntil(lambda: shown(window) == [ids[0], ids[1]])
    assert titles(window) == ["Strong", "Maybe"]
    window.grid.select_photo(ids[1])
    client.say(events.FurtherResults(request.generation - 1, (99,)))
    client.say(events.FurtherResults(request.generation, (ids[3], ids[0], ids[2])))
    qtbot.waitUntil(lambda: shown(window) == [ids[0], ids[1], ids[3], ids[2]])
    assert titles(window) == ["Strong", "Maybe", "2 less likely"]
    assert window.model.sections[2].collapsed
    assert list(window.grid.selected_ids()) == [ids[1]]
    choose = next(each for each in window.search_bar.arrange.orders if each.text() == "Oldest first")
    choose.trigger()
    qtbot.waitUntil(lambda: shown(window) == [ids[0], ids[1], ids[3], ids[2]])
