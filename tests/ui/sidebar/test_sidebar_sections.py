"""The sections of the sidebar: their order, closing them, and long ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from safelight.core.photo import Folder, FolderState, LibraryCounts
from safelight.ui.appearance.theme import DARK
from safelight.ui.library.organise_entries import tag_entries
from safelight.ui.library.places_model import Entry
from safelight.ui.pages.declarations import PAGES, Position, Totals
from safelight.ui.sidebar.sections import Sections
from safelight.ui.sidebar.sidebar import Sidebar
from safelight.ui.view_request import Place, ViewRequest
from safelight.ui.window_state import WindowState
from support.sidebar_rows import choose, current, row_of, texts

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

COUNTS = LibraryCounts(photos=900, files=900, failures=0, favourites=3, embedded=900, pending=0)
FOLDERS = (Folder(1, "/home/me/Pictures", FolderState.ONLINE, 900),)
NAMES = [f"keyword {number:02}" for number in range(57)]
TAGS = tag_entries([*NAMES, "animals/dog"], {name: number for number, name in enumerate(NAMES)})
ALBUMS = [Entry("Trips", "album", ViewRequest(Place.ALBUM, album_id=4))]
TOTALS = Totals(counts=COUNTS, albums=1)
HEAD = [page.title for page in PAGES if page.position is Position.TOP and page.shown(TOTALS)]


def made(bot: QtBot, state: WindowState | None = None) -> Sidebar:
    sidebar = Sidebar(DARK, Sections(state))
    bot.addWidget(sidebar)
    sidebar.resize(220, 900)
    sidebar.show()
    sidebar.show_overview(COUNTS, FOLDERS)
    sidebar.show_organised(ALBUMS, TAGS)
    return sidebar


def click(sidebar: Sidebar, name: str) -> None:
    row: QModelIndex = row_of(sidebar, name)
    place = sidebar.list.visualRect(row).center()
    QTest.mouseClick(sidebar.list.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_tags_of_files_do_not_push_the_folders_away(qtbot: QtBot) -> None:
    most_used = NAMES[-10:]
    assert texts(made(qtbot)) == [
        *HEAD,
        *("Folders", "Pictures", "Albums", "Trips", "Tags"),
        *most_used,
        *("Show all 58", "Needs a look", "Duplicates"),
    ]


def test_all_rows_of_a_long_section_are_shown_on_demand(qtbot: QtBot) -> None:
    sidebar = made(qtbot)
    click(sidebar, "Show all 58")
    shown = texts(sidebar)
    assert shown[shown.index("Tags") + 1 :] == ["animals", *NAMES, "Show fewer", "Needs a look", "Duplicates"]
    click(sidebar, "Show fewer")
    assert "Show all 58" in texts(sidebar)


def test_a_tag_that_is_open_is_among_the_rows_of_a_long_section(qtbot: QtBot) -> None:
    sidebar = made(qtbot)
    click(sidebar, "Show all 58")
    click(sidebar, "keyword 00")
    click(sidebar, "Show fewer")
    assert current(sidebar) == "keyword 00"
    assert "keyword 01" not in texts(sidebar)


def test_sections_close_and_stay_closed_over_a_restart(qtbot: QtBot, tmp_path: Path) -> None:
    sidebar = made(qtbot, WindowState(tmp_path))
    chosen: list[ViewRequest] = []
    sidebar.scope_chosen.connect(chosen.append)
    click(sidebar, "Tags")
    click(sidebar, "Albums")
    closed = [*HEAD, "Folders", "Pictures", "Albums", "Tags", "Needs a look", "Duplicates"]
    assert texts(sidebar) == closed
    assert chosen == []
    said = row_of(sidebar, "Tags").data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "Tags, section, closed"

    again = made(qtbot, WindowState(tmp_path))
    assert texts(again) == closed
    click(again, "Albums")
    assert "Trips" in texts(again)


def test_closing_a_section_keeps_what_is_open(qtbot: QtBot) -> None:
    sidebar = made(qtbot)
    choose(sidebar, "Trips")
    chosen: list[ViewRequest] = []
    sidebar.scope_chosen.connect(chosen.append)
    click(sidebar, "Albums")
    assert current(sidebar) is None
    sidebar.show_overview(COUNTS, ())  # other rows change meanwhile
    click(sidebar, "Albums")
    assert current(sidebar) == "Trips"
    assert chosen == []


def test_sections_open_and_close_by_keyboard(qtbot: QtBot) -> None:
    sidebar = made(qtbot)
    choose(sidebar, "Pictures")
    chosen: list[ViewRequest] = []
    sidebar.scope_chosen.connect(chosen.append)
    QTest.keyClick(sidebar.list, Qt.Key.Key_Down)
    assert current(sidebar) == "Albums"
    QTest.keyClick(sidebar.list, Qt.Key.Key_Right)  # is open already
    assert "Trips" in texts(sidebar)
    QTest.keyClick(sidebar.list, Qt.Key.Key_Left)
    assert "Trips" not in texts(sidebar)
    assert current(sidebar) == "Albums"
    QTest.keyClick(sidebar.list, Qt.Key.Key_Return)
    assert "Trips" in texts(sidebar)
    assert chosen == []
    QTest.keyClick(sidebar.list, Qt.Key.Key_Down)
    assert chosen == [ViewRequest(Place.ALBUM, album_id=4)]


def test_a_double_click_on_a_heading_closes_and_opens_it(qtbot: QtBot) -> None:
    sidebar = made(qtbot)
    place = sidebar.list.visualRect(row_of(sidebar, "Albums")).center()
    port, left = sidebar.list.viewport(), Qt.MouseButton.LeftButton
    QTest.mouseClick(port, left, pos=place)
    QTest.mouseDClick(port, left, pos=place)
    assert "Trips" in texts(sidebar)
