"""Badges and names of the photos in the grid."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.message import Message
from safelight.core.photo import FolderState
from safelight.core.search import Band, SearchHit
from safelight.engine import events, requests
from safelight.store import folders
from safelight.store.thumbnail_info import ThumbnailInfo
from safelight.ui.appearance.theme import DARK
from safelight.ui.grid.badges import Badge, badges_of, title_of
from safelight.ui.grid.painter import Cell, CellPainter, heart_rect
from safelight.ui.library.reads import Read, ReadThumbnailInfo
from safelight.ui.view_request import TextQuery
from safelight.ui.window.build import build_window
from safelight.ui.window.main_window import MainWindow
from support.filled_library import FilledLibrary
from support.scripted_client import ScriptedClient
from support.threaded_decoder import ThreadedDecoder

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

_RAW = Badge(text="RAW")


@pytest.mark.parametrize(
    ("info", "badges", "title"),
    [
        (ThumbnailInfo("a.jpg", "JPEG"), (), "a.jpg"),
        (ThumbnailInfo("a.cr2", "RAW"), (_RAW,), "a.cr2 · RAW"),
        (
            ThumbnailInfo("a.cr2", "RAW", 2, 1, True),
            (Badge("folder-offline"), _RAW, Badge("duplicates", "2"), Badge("star", "1")),
            "a.cr2 · RAW · in 2 files · 1 star · offline",
        ),
    ],
)
def test_only_what_is_out_of_the_ordinary(info: ThumbnailInfo, badges: tuple[Badge, ...], title: str) -> None:
    assert badges_of(info) == badges
    assert title_of(info) == title


def drawn(side: int, *badges: Badge) -> QImage:
    canvas = QImage(side, side, QImage.Format.Format_RGB32)
    canvas.fill(Qt.GlobalColor.white)
    picture = QPixmap(side, side)
    picture.fill(Qt.GlobalColor.white)
    painter = QPainter(canvas)
    cells = CellPainter(DARK, QApplication.font())
    cells.begin_frame()
    cells.draw_cell(painter, Cell(QRect(0, 0, side, side), 1, picture, None, badges=badges))
    painter.end()
    return canvas


def dark_pixels(image: QImage, area: QRect) -> int:
    return sum(
        image.pixelColor(x, y).lightness() < 100
        for x in range(area.left(), area.right() + 1)
        for y in range(area.top(), area.bottom() + 1)
    )


def test_badges_are_at_the_lower_right_and_do_not_cover_the_heart(qapp: QApplication) -> None:
    many = [Badge("duplicates", "2"), _RAW, Badge("star", "5"), Badge("folder-offline")]
    for side in (72, 100, 176):
        image = drawn(side, *many)
        assert dark_pixels(image, QRect(side - 30, side - 26, 26, 22)) > 100
        assert dark_pixels(image, heart_rect(QRect(0, 0, side, side))) == 0
        assert dark_pixels(image, QRect(0, 0, side, side - 30)) == 0
    assert drawn(176, _RAW) != drawn(176, Badge(text="JXL"))
    assert drawn(176).pixelColor(160, 160) == QColor(Qt.GlobalColor.white)


@pytest.fixture
def ids(library: FilledLibrary) -> list[int]:
    added = library.add(("a.jpg", "2021-01-02T00:00:00"), ("b.cr2", "2021-01-01T00:00:00"))
    with library.store.write() as db:
        db.execute("UPDATE photo SET format = 'RAW' WHERE id = ?", (added[1],))
    return added


@pytest.fixture
def window(
    library: FilledLibrary, ids: list[int], client: ScriptedClient, qapp: QApplication, qtbot: QtBot
) -> Iterator[MainWindow]:
    made = build_window(qapp, library.directory, lambda: client, ThreadedDecoder())
    qtbot.addWidget(made)
    made.show()
    made.start()
    qtbot.waitUntil(lambda: made.model.rowCount() == len(ids))
    yield made
    assert made.shutdown()


def spoken(window: MainWindow, row: int) -> object:
    return window.model.data(window.model.index(row), Qt.ItemDataRole.AccessibleTextRole)


def test_the_grid_names_its_photos_and_keeps_up(
    window: MainWindow, library: FilledLibrary, client: ScriptedClient, ids: list[int], qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: [spoken(window, 0), spoken(window, 1)] == ["a.jpg", "b.cr2 · RAW"])
    assert window.info_cache.badges(ids[1]) == (_RAW,)
    with library.store.write() as db:
        db.execute("INSERT INTO mark (photo_id, rating) VALUES (?, 3)", (ids[0],))
    client.say(LibraryChanged(ChangeKind.MARKS, updated=(ids[0],)))
    qtbot.waitUntil(lambda: spoken(window, 0) == "a.jpg · 3 stars")
    with library.store.write() as db:
        folders.set_state(db, library.folder_id, FolderState.OFFLINE)
    client.say(LibraryChanged(ChangeKind.FOLDERS))
    qtbot.waitUntil(lambda: spoken(window, 1) == "b.cr2 · RAW · offline")


def test_other_evidence_for_a_photo_is_shown_with_its_name(
    window: MainWindow, client: ScriptedClient, ids: list[int], qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: spoken(window, 0) == "a.jpg")
    window.results.search(TextQuery("a"))
    qtbot.waitUntil(lambda: any(isinstance(request, requests.Search) for request in client.requests))
    generation = next(each.generation for each in client.requests if isinstance(each, requests.Search))
    hits = (
        SearchHit(ids[0], 0.3, Band.STRONG, Message("file name: a")),
        SearchHit(ids[1], 0.2, Band.STRONG),
    )
    client.say(events.SearchResults(generation, hits))
    qtbot.waitUntil(lambda: spoken(window, 0) == "a.jpg · found by file name: a")
    assert spoken(window, 1) == "b.cr2 · RAW"
    window.results.search(None)
    qtbot.waitUntil(lambda: spoken(window, 0) == "a.jpg")


def test_one_that_is_not_there_is_asked_for_once(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[int, ...]] = []
    reader = window.services.reader
    ordinary = reader.read

    def read(question: Read[Any], answered: Callable[[Any], object], *, key: Hashable | None = None) -> None:
        if isinstance(question, ReadThumbnailInfo):
            heard.append(question.ids)
        ordinary(question, answered, key=key)

    monkeypatch.setattr(reader, "read", read)
    assert window.info_cache.get(999) is None
    assert window.info_cache.get(999) is None
    qtbot.waitUntil(lambda: any(999 in asked for asked in heard))
    window.info_cache.get(999)
    qtbot.wait(60)  # longer than requests are gathered
    assert sum(999 in asked for asked in heard) == 1
    window.info_cache.invalidate([999])
    window.info_cache.get(999)
    qtbot.waitUntil(lambda: sum(999 in asked for asked in heard) == 2)


def painted(cell: Cell, *, fit: bool = False) -> QImage:
    canvas = QImage(cell.rect.size(), QImage.Format.Format_RGB32)
    canvas.fill(Qt.GlobalColor.black)
    painter = QPainter(canvas)
    cells = CellPainter(DARK, QApplication.font(), fit=fit)
    cells.begin_frame()
    cells.draw_cell(painter, cell)
    painter.end()
    return canvas


def test_selecting_a_photo_does_not_change_its_colours(qapp: QApplication) -> None:
    picture = QPixmap(200, 200)
    picture.fill(QColor(90, 140, 60))
    rect = QRect(0, 0, 176, 176)
    plain = painted(Cell(rect, 1, picture, None))
    selected = painted(Cell(rect, 1, picture, None, selected=True))
    assert selected.pixelColor(88, 88) == plain.pixelColor(88, 88) == QColor(90, 140, 60)
    assert selected.pixelColor(12, 16) != plain.pixelColor(12, 16)  # the tick


def test_hovering_looks_different_from_selecting(qapp: QApplication) -> None:
    picture = QPixmap(200, 200)
    picture.fill(QColor(90, 140, 60))
    hovered = painted(Cell(QRect(0, 0, 176, 176), 1, picture, None, hovered=True))
    assert hovered.pixelColor(88, 88) == hovered.pixelColor(12, 16) == QColor(90, 140, 60)


def test_badges_stay_inside_a_picture_shown_whole(qapp: QApplication) -> None:
    wide = QPixmap(300, 100)
    wide.fill(QColor(90, 140, 60))
    rect = QRect(0, 0, 180, 180)
    image = painted(Cell(rect, 1, wide, None, selected=True, favourite=True, badges=(_RAW,)), fit=True)
    outside = [*range(58), *range(122, 180)]
    assert all(image.pixelColor(x, y) == QColor(Qt.GlobalColor.black) for y in outside for x in (15, 90, 165))
