"""The rail's places and the page of problems."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from safelight.core.errors import FailureKind
from safelight.core.message import Message
from safelight.core.photo import Failure, Folder, FolderState, LibraryCounts
from safelight.ui.appearance.theme import DARK, LIGHT
from safelight.ui.pages.declarations import DUPLICATES, PROBLEMS
from safelight.ui.pages.problems import ProblemsPage
from safelight.ui.sidebar.sidebar import Sidebar
from safelight.ui.view_request import Place, ViewRequest
from support.sidebar_rows import current, row_of, rows, texts

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

COUNTS = LibraryCounts(photos=1130, files=1140, failures=0, favourites=3, embedded=1130, pending=0)
FOLDERS = (
    Folder(1, "/home/me/Pictures", FolderState.ONLINE, 900),
    Folder(2, "/media/NAS/Holiday", FolderState.OFFLINE, 230),
)


@pytest.fixture
def sidebar(qtbot: QtBot) -> Sidebar:
    made = Sidebar(DARK)
    qtbot.addWidget(made)
    made.resize(200, 500)
    made.show()
    return made


def test_only_places_that_exist_are_offered(sidebar: Sidebar) -> None:
    assert sidebar.scopes == [ViewRequest(), ViewRequest(Place.FAVOURITES), ViewRequest(Place.RECENT)]
    sidebar.show_overview(COUNTS, FOLDERS)
    places = ["Library", "Favourites", "Recently added", "Explore", "Folders", "Pictures", "Holiday"]
    assert texts(sidebar) == [*places, "Needs a look", "Duplicates"]
    failing = LibraryCounts(1130, 1140, 2, 3, 1130, 0)
    sidebar.show_overview(failing, FOLDERS)
    assert sidebar.scopes[-2:] == [ViewRequest(DUPLICATES), ViewRequest(PROBLEMS)]


def test_choosing_by_mouse_and_keyboard(sidebar: Sidebar, qtbot: QtBot) -> None:
    sidebar.show_overview(COUNTS, FOLDERS)
    sidebar.show_scope(ViewRequest())
    chosen: list[ViewRequest] = []
    sidebar.scope_chosen.connect(chosen.append)
    QTest.keyClick(sidebar.list, Qt.Key.Key_Down)
    QTest.keyClick(sidebar.list, Qt.Key.Key_End)
    QTest.keyClick(sidebar.list, Qt.Key.Key_Up)
    assert chosen == [
        ViewRequest(Place.FAVOURITES),
        ViewRequest(DUPLICATES),
        ViewRequest(Place.FOLDER, 2),
    ]


def test_new_counts_keep_the_place_and_say_nothing(sidebar: Sidebar) -> None:
    sidebar.show_overview(COUNTS, FOLDERS)
    sidebar.show_scope(ViewRequest(Place.FOLDER, 2))
    chosen: list[ViewRequest] = []
    sidebar.scope_chosen.connect(chosen.append)
    more = Folder(1, "/home/me/Pictures", FolderState.ONLINE, 901)
    sidebar.show_overview(LibraryCounts(1131, 1141, 0, 3, 1130, 1), (more, FOLDERS[1]))
    assert chosen == []
    assert current(sidebar) == "Holiday"
    sidebar.show_scope(None)
    assert current(sidebar) is None


def test_a_place_can_be_chosen_again_after_a_search(sidebar: Sidebar, qtbot: QtBot) -> None:
    sidebar.show_scope(ViewRequest())
    sidebar.show_scope(None)
    with qtbot.waitSignal(sidebar.scope_chosen) as chosen:
        middle = sidebar.list.visualRect(rows(sidebar)[0]).center()
        QTest.mouseClick(sidebar.list.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    assert chosen.args == [ViewRequest()]


def test_duplicates_are_counted_with_the_space_they_would_free(sidebar: Sidebar) -> None:
    sidebar.show_overview(COUNTS, FOLDERS)
    tip = row_of(sidebar, "Duplicates").data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "No duplicates were found"
    before = sidebar.list.grab().toImage()
    sidebar.show_duplicates(12, 1_200_000_000)
    said = "Duplicates, 12 groups, which could save 1.2 GB"
    assert row_of(sidebar, "Duplicates").data(Qt.ItemDataRole.AccessibleTextRole) == said
    assert sidebar.list.grab().toImage() != before


def test_the_keyboard_passing_by_chooses_nothing(sidebar: Sidebar, qtbot: QtBot) -> None:
    sidebar.show_overview(COUNTS, FOLDERS)
    sidebar.activateWindow()
    qtbot.waitUntil(sidebar.isActiveWindow)
    sidebar.list.clearFocus()
    sidebar.show_scope(None)  # a search is shown
    chosen: list[ViewRequest] = []
    sidebar.scope_chosen.connect(chosen.append)
    sidebar.list.setFocus(Qt.FocusReason.TabFocusReason)
    assert sidebar.list.hasFocus()
    assert chosen == []
    QTest.keyClick(sidebar.list, Qt.Key.Key_Down)
    assert len(chosen) == 1


def test_offline_folders_say_so(sidebar: Sidebar) -> None:
    sidebar.show_overview(COUNTS, FOLDERS)
    item = row_of(sidebar, "Holiday")
    assert "Offline" in item.data(Qt.ItemDataRole.ToolTipRole)
    assert item.data(Qt.ItemDataRole.AccessibleTextRole) == "Holiday, offline"


def test_only_folders_have_a_menu(sidebar: Sidebar) -> None:
    sidebar.show_overview(COUNTS, FOLDERS)
    asked: list[Folder] = []
    sidebar.folder_menu_requested.connect(lambda folder, *_: asked.append(folder))
    for index in rows(sidebar):
        centre: QPoint = sidebar.list.visualRect(index).center()
        sidebar.list.customContextMenuRequested.emit(centre)
    assert asked == list(FOLDERS)


def test_asking_for_a_menu_goes_nowhere(sidebar: Sidebar) -> None:
    sidebar.show_overview(COUNTS, FOLDERS)
    chosen: list[ViewRequest] = []
    sidebar.scope_chosen.connect(chosen.append)
    place = sidebar.list.visualRect(row_of(sidebar, "Pictures")).center()
    QTest.mouseClick(sidebar.list.viewport(), Qt.MouseButton.RightButton, pos=place)
    assert chosen == []
    QTest.mouseClick(sidebar.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert ViewRequest(Place.FOLDER, 1) in chosen


def test_rail_paints_in_both_themes(sidebar: Sidebar) -> None:
    sidebar.show_overview(COUNTS, FOLDERS)
    dark = sidebar.grab().toImage()
    sidebar.apply_theme(LIGHT)
    assert sidebar.grab().toImage() != dark


DAMAGED = Message("The picture is damaged.")
NEEDS_DECODER = Message("{name} needs {decoder}.", name="HEIC", decoder="pi-heif")
FAILURES = [
    Failure(11, "/photos/a/broken.jpg", FailureKind.BROKEN, DAMAGED, 1_700_000_000.0),
    Failure(12, "/photos/b/new.heic", FailureKind.NEEDS_DECODER, NEEDS_DECODER, 1_700_000_100.0),
]


@pytest.fixture
def page(qtbot: QtBot) -> ProblemsPage:
    made = ProblemsPage(DARK)
    qtbot.addWidget(made)
    made.show()
    return made


def _press(page: ProblemsPage, text: str) -> None:
    button = next(button for button in page.findChildren(QPushButton) if button.text() == text)
    assert button.isEnabled()
    button.click()


def test_problems_name_file_reason_folder_and_time(page: ProblemsPage) -> None:
    page.show_failures(FAILURES)
    model = page.model
    assert model.index(0, 0).data() == "new.heic\n/photos/b"
    assert model.index(0, 1).data() == "HEIC needs pi-heif."
    assert "2023" in model.index(0, 2).data()
    assert model.rowCount() == 2


def test_problems_can_be_retried_alone_and_together(page: ProblemsPage, qtbot: QtBot) -> None:
    page.show_failures(FAILURES)
    with qtbot.waitSignal(page.retry_requested) as asked:
        _press(page, "Retry all")
    assert asked.args == [None]
    page.table.selectRow(1)
    with qtbot.waitSignal(page.retry_requested) as asked:
        _press(page, "Retry")
    assert asked.args == [(11,)]
    with qtbot.waitSignal(page.ignore_requested) as ignored:
        _press(page, "Ignore")
    assert ignored.args == [(11,)]
    with qtbot.waitSignal(page.show_in_folder_requested) as shown:
        _press(page, "Show in file manager")
    assert shown.args == ["/photos/a/broken.jpg"]


def test_a_refresh_keeps_several_rows_selected(page: ProblemsPage) -> None:
    page.show_failures(FAILURES)
    page.table.selectAll()
    page.show_failures(FAILURES)
    assert [failure.file_id for failure in page._selected()] == [12, 11]


def test_a_refresh_keeps_what_is_selected(page: ProblemsPage) -> None:
    page.show_failures(FAILURES)
    select = QItemSelectionModel.SelectionFlag
    page.table.selectionModel().select(page.model.index(1, 0), select.Select | select.Rows)
    page.show_failures([FAILURES[0]])
    assert [failure.file_id for failure in page._selected()] == [11]
    page.show_failures([])
    assert page._stack.currentWidget() is page._empty
