"""Order and look of the photos: the menu, what it does, and that it is remembered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QRect, Qt, QTimer
from PySide6.QtGui import QAction, QColor, QImage, QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.order import Order
from safelight.core.search import Band, SearchHit
from safelight.engine import events, requests
from safelight.ui.appearance.theme import DARK
from safelight.ui.grid.painter import Cell, CellPainter
from safelight.ui.grid.photo_shapes import PhotoShapes
from safelight.ui.library.grid_content import BandTitles, SearchAnswer, content_of_answer, titles_for
from safelight.ui.pages.declarations import PROBLEMS
from safelight.ui.view_request import Place, SimilarQuery, TextQuery, ViewRequest
from safelight.ui.widgets.cell_style import CellStyle
from safelight.ui.window.build import build_window
from safelight.ui.window.main_window import MainWindow
from support.filled_library import FilledLibrary
from support.scripted_client import ScriptedClient
from support.threaded_decoder import ThreadedDecoder

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

PHOTOS = (
    ("c.jpg", "2021-06-04T10:00:00"),
    ("a10.jpg", "2021-06-03T10:00:00"),
    ("a9.jpg", "2020-06-02T10:00:00"),
    ("d.jpg", "2019-06-01T10:00:00"),
)


@pytest.fixture
def ids(library: FilledLibrary) -> list[int]:
    """By date, the newest first: c, a10, a9, d."""
    added = library.add(*PHOTOS)
    with library.store.write() as db:
        db.execute("INSERT INTO mark (photo_id, rating) VALUES (?, 5), (?, 2)", (added[3], added[1]))
        for photo, size in zip(added, (10, 20, 40, 30), strict=True):
            db.execute("UPDATE photo SET size = ? WHERE id = ?", (size, photo))
    return added


def opened(library: FilledLibrary, client: ScriptedClient, qapp: QApplication, qtbot: QtBot) -> MainWindow:
    made = build_window(qapp, library.directory, lambda: client, ThreadedDecoder())
    qtbot.addWidget(made)
    made.resize(1100, 700)
    made.show()
    made.start()
    qtbot.waitUntil(lambda: made.model.rowCount() == len(PHOTOS))
    return made


@pytest.fixture
def window(
    library: FilledLibrary, ids: list[int], client: ScriptedClient, qapp: QApplication, qtbot: QtBot
) -> Iterator[MainWindow]:
    made = opened(library, client, qapp, qtbot)
    yield made
    assert made.shutdown()


def shown(window: MainWindow) -> list[int]:
    return window.model.photo_ids(0, window.model.rowCount())


def titles(window: MainWindow) -> list[str]:
    return [section.title for section in window.model.sections]


def choose(window: MainWindow, order: Order) -> None:
    next(each for each in window.search_bar.arrange.orders if each.data() == order).trigger()


def labels(window: MainWindow) -> list[str]:
    return [action.text() for action in window.search_bar.arrange.orders]


def answer(window: MainWindow, client: ScriptedClient, qtbot: QtBot, *hits: SearchHit) -> None:
    window.search_bar.set_text("dog")
    qtbot.waitUntil(lambda: any(isinstance(each, requests.Search) for each in client.requests))
    request = client.requests[-1]
    assert isinstance(request, requests.Search)
    client.say(events.SearchResults(request.generation, hits))
    qtbot.waitUntil(lambda: len(shown(window)) == len(hits) and "June 2021" not in titles(window))


def test_the_library_in_every_order(window: MainWindow, ids: list[int], qtbot: QtBot) -> None:
    c, a10, a9, d = ids
    assert labels(window) == [
        *("Newest first", "Oldest first", "Largest first", "Best rated first", "By name"),
        "Recently added first",
    ]
    for order, expected in (
        (Order.OLDEST, [d, a9, a10, c]),
        (Order.LARGEST, [a9, d, a10, c]),
        (Order.BEST_RATED, [d, a10, c, a9]),
        (Order.NAME, [a9, a10, c, d]),
        (Order.NATURAL, [c, a10, a9, d]),
    ):
        choose(window, order)
        qtbot.waitUntil(lambda expected=expected: shown(window) == expected)  # type: ignore[misc]
        by_month = order in (Order.OLDEST, Order.NATURAL)
        assert bool(titles(window)) is by_month, "months are headings only where dates lead"
    choose(window, Order.OLDEST)
    qtbot.waitUntil(lambda: titles(window) == ["June 2019", "June 2020", "June 2021"])


def test_answers_are_ordered_within_their_bands(
    window: MainWindow, client: ScriptedClient, ids: list[int], qtbot: QtBot
) -> None:
    c, a10, a9, d = ids
    hits = (
        SearchHit(c, 0.4, Band.STRONG),
        SearchHit(a9, 0.3, Band.STRONG),
        SearchHit(d, 0.2, Band.REST),
        SearchHit(a10, 0.1, Band.REST),
    )
    answer(window, client, qtbot, *hits)
    assert labels(window)[0] == "Relevance"
    assert shown(window) == [c, a9, d, a10]
    choose(window, Order.LARGEST)
    qtbot.waitUntil(lambda: shown(window) == [a9, c, d, a10])
    assert titles(window) == ["Strong", "2 less likely"]
    choose(window, Order.NAME)
    qtbot.waitUntil(lambda: shown(window) == [a9, c, a10, d])
    client.say(LibraryChanged(removed=(c,)))
    qtbot.waitUntil(lambda: shown(window) == [a9, a10, d])
    choose(window, Order.NATURAL)
    qtbot.waitUntil(lambda: shown(window) == [a9, d, a10])


def test_searches_and_library_keep_orders_of_their_own(
    window: MainWindow, client: ScriptedClient, ids: list[int], qtbot: QtBot
) -> None:
    choose(window, Order.NAME)
    answer(window, client, qtbot, SearchHit(ids[3], 0.4, Band.STRONG), SearchHit(ids[0], 0.3, Band.STRONG))
    assert window.search_bar.arrange.accessibleName() == "Order: Relevance"
    assert shown(window) == [ids[3], ids[0]]
    choose(window, Order.NEWEST)
    qtbot.waitUntil(lambda: shown(window) == [ids[0], ids[3]])
    window.search_bar.clear()
    assert window.search_bar.arrange.accessibleName() == "Order: By name"
    qtbot.waitUntil(lambda: shown(window) == [ids[2], ids[1], ids[0], ids[3]])
    window.views.show_scope(ViewRequest(Place.RECENT))
    assert labels(window)[0] == "Recently added"
    assert "Recently added first" not in labels(window)
    window.views.show_scope(ViewRequest(PROBLEMS))
    assert not window.search_bar.arrange.isVisible()


def test_order_and_look_are_there_next_time(
    library: FilledLibrary, ids: list[int], client: ScriptedClient, qapp: QApplication, qtbot: QtBot
) -> None:
    first = opened(library, client, qapp, qtbot)
    choose(first, Order.NAME)
    style(first, CellStyle.FIT).trigger()
    first.search_bar.arrange.dense.trigger()
    assert first.grid.gap == 2
    assert first.shutdown()
    again = opened(library, ScriptedClient(), qapp, qtbot)
    qtbot.waitUntil(lambda: shown(again) == [ids[2], ids[1], ids[0], ids[3]])
    assert again.search_bar.arrange.accessibleName() == "Order: By name"
    assert style(again, CellStyle.FIT).isChecked()
    assert not style(again, CellStyle.SQUARE).isChecked()
    assert again.grid.gap == 2
    assert again.shutdown()


def style(window: MainWindow, wanted: CellStyle) -> QAction:
    return next(each for each in window.search_bar.arrange.styles if each.data() == wanted)


def test_rows_of_whole_photos_keep_their_shapes_also_next_time(
    library: FilledLibrary, ids: list[int], client: ScriptedClient, qapp: QApplication, qtbot: QtBot
) -> None:
    with library.store.write() as db:
        db.execute("UPDATE photo SET width = 300, height = 400 WHERE id = ?", (ids[1],))

    def sizes(window: MainWindow) -> list[float]:
        rects = [window.grid.visualRect(window.model.index(row)) for row in range(2)]
        return [round(rect.width() / rect.height(), 1) for rect in rects]

    first = opened(library, client, qapp, qtbot)
    assert sizes(first) == [1.0, 1.0]
    style(first, CellStyle.ROWS).trigger()
    qtbot.waitUntil(lambda: sizes(first) == [1.3, 0.8])
    QTest.keyClick(first.grid, Qt.Key.Key_End)
    assert list(first.grid.selected_ids()) == [ids[-1]]

    # A photo that changed while squares were shown gets its new shape.
    style(first, CellStyle.SQUARE).trigger()
    with library.store.write() as db:
        db.execute("UPDATE photo SET width = 600, height = 400 WHERE id = ?", (ids[1],))
    with qtbot.waitSignal(first.services.bridge.library_changed):
        client.say(LibraryChanged(ChangeKind.PHOTOS | ChangeKind.PIXELS, updated=(ids[1],)))
    gathering = next(each.findChild(QTimer) for each in first.findChildren(PhotoShapes))
    assert gathering is not None
    qtbot.waitUntil(lambda: not gathering.isActive())
    style(first, CellStyle.ROWS).trigger()
    qtbot.waitUntil(lambda: sizes(first) == [1.3, 1.5])

    # A photo that changed gets its new shape, and new photos get theirs.
    with library.store.write() as db:
        db.execute("UPDATE photo SET width = 400, height = 400 WHERE id = ?", (ids[1],))
    client.say(LibraryChanged(ChangeKind.PHOTOS | ChangeKind.PIXELS, updated=(ids[1],)))
    qtbot.waitUntil(lambda: sizes(first) == [1.3, 1.0])
    assert first.shutdown()

    again = opened(library, ScriptedClient(), qapp, qtbot)
    assert style(again, CellStyle.ROWS).isChecked()
    qtbot.waitUntil(lambda: sizes(again) == [1.3, 1.0])
    style(again, CellStyle.SQUARE).trigger()
    assert sizes(again) == [1.0, 1.0]
    assert again.shutdown()


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_by_keyboard(window: MainWindow, ids: list[int], qtbot: QtBot) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    menu = window.search_bar.arrange.menu()
    heard: list[bool] = []

    def choose_next() -> None:
        heard.append(menu.isVisible())
        for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return):
            QTest.keyClick(menu, key)

    menu.aboutToShow.connect(choose_next, Qt.ConnectionType.QueuedConnection)
    window.commands["arrange"].trigger()
    qtbot.waitUntil(lambda: shown(window) == ids[::-1])
    assert heard == [True]


def test_words_go_where_there_is_no_room(window: MainWindow, qtbot: QtBot) -> None:
    style = Qt.ToolButtonStyle
    bar = window.search_bar
    assert bar.arrange.toolButtonStyle() == style.ToolButtonTextBesideIcon
    window.resize(650, 500)
    assert bar.arrange.toolButtonStyle() == style.ToolButtonIconOnly
    assert bar.arrange.accessibleName() == "Order: Newest first"
    assert not bar.slider.isVisible()
    qtbot.waitUntil(lambda: bar.field.width() > 100)
    window.resize(1100, 700)
    assert bar.slider.isVisible()


def test_what_bands_are_called() -> None:
    assert titles_for(TextQuery("dog -grass is:favourite")) == BandTitles()
    assert titles_for(SimilarQuery(photo_id=1)).strong == "Same subject"
    assert titles_for(TextQuery("is:favourite date:2019")).strong == "Matching"
    assert titles_for(TextQuery('"golden gate"')).strong == "Matching"
    assert titles_for(TextQuery("-people is:favourite")).folded == "{} more like it"
    hits = [SearchHit(1, 0, Band.STRONG), SearchHit(2, 0, Band.REST)]
    found = content_of_answer(SearchAnswer.of(hits), titles_for(TextQuery("-people")))
    assert [section.title for section in found.sections] == ["Unlike it", "1 more like it"]


def drawn(fit: bool) -> QImage:
    """A wide red picture in a cell of 100 px."""
    picture = QPixmap(200, 100)
    picture.fill(Qt.GlobalColor.red)
    canvas = QImage(100, 100, QImage.Format.Format_RGB32)
    canvas.fill(QColor(DARK.window))
    painter = QPainter(canvas)
    cells = CellPainter(DARK, QApplication.font(), fit=fit)
    cells.begin_frame()
    cells.draw_cell(painter, Cell(QRect(0, 0, 100, 100), 1, picture, None))
    painter.end()
    return canvas


def test_whole_photos_leave_room_and_cut_ones_do_not(qapp: QApplication) -> None:
    cut, whole = drawn(fit=False), drawn(fit=True)
    assert cut.pixelColor(50, 10) == cut.pixelColor(50, 50) == Qt.GlobalColor.red
    assert whole.pixelColor(50, 10) == QColor(DARK.window)
    assert whole.pixelColor(50, 50) == whole.pixelColor(3, 50) == Qt.GlobalColor.red


def test_large_numbers_of_probable_matches_are_rounded() -> None:
    many = SearchAnswer({Band.STRONG: tuple(range(6362)), Band.REST: (7000,)})
    assert content_of_answer(many, BandTitles()).sections[0].detail == "about 6,400"
    assert content_of_answer(many, titles_for(TextQuery("is:favourite"))).sections[0].detail == "6,362"
    unlikely = SearchAnswer({Band.REST: tuple(range(6362))})
    assert content_of_answer(unlikely, BandTitles()).sections[0].detail == "6,362"


def test_the_size_slider_is_shown_with_photos_only(window: MainWindow, qtbot: QtBot) -> None:
    bar = window.search_bar
    assert bar.slider.isVisible()
    window.views.show_page(PROBLEMS)
    qtbot.waitUntil(lambda: not bar.arrange.isVisible())
    assert not bar.slider.isVisible()
    window.resize(window.width() + 20, window.height())
    assert not bar.slider.isVisible()
