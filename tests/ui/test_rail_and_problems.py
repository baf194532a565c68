"""The rail's places and the page of problems."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from safelight.core.errors import FailureKind
from safelight.core.photo import Failure, Folder, FolderState, LibraryCounts
from safelight.ui.problems import ProblemsPage
from safelight.ui.rail import Rail
from safelight.ui.scope import Place, Scope
from safelight.ui.theme import DARK, LIGHT

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

COUNTS = LibraryCounts(photos=1130, files=1140, failures=0, favourites=3, embedded=1130, pending=0)
FOLDERS = (
    Folder(1, "/home/me/Pictures", FolderState.ONLINE, 900),
    Folder(2, "/media/NAS/Holiday", FolderState.OFFLINE, 230),
)


@pytest.fixture
def rail(qtbot: QtBot) -> Rail:
    made = Rail(DARK)
    qtbot.addWidget(made)
    made.resize(200, 500)
    made.show()
    return made


def _texts(rail: Rail) -> list[str]:
    return [rail.list.item(row).text() for row in range(rail.list.count())]


def test_only_places_that_exist_are_offered(rail: Rail) -> None:
    assert rail.scopes == [Scope(), Scope(Place.FAVOURITES), Scope(Place.RECENT)]
    rail.show_overview(COUNTS, FOLDERS)
    places = ["Library", "Favourites", "Recently added", "Folders", "Pictures", "Holiday"]
    assert _texts(rail) == [*places, "Needs a look", "Duplicates"]
    failing = LibraryCounts(1130, 1140, 2, 3, 1130, 0)
    rail.show_overview(failing, FOLDERS)
    assert rail.scopes[-2:] == [Scope(Place.DUPLICATES), Scope(Place.PROBLEMS)]


def test_choosing_by_mouse_and_keyboard(rail: Rail, qtbot: QtBot) -> None:
    rail.show_overview(COUNTS, FOLDERS)
    rail.show_scope(Scope())
    chosen: list[Scope] = []
    rail.scope_chosen.connect(chosen.append)
    QTest.keyClick(rail.list, Qt.Key.Key_Down)
    QTest.keyClick(rail.list, Qt.Key.Key_End)
    QTest.keyClick(rail.list, Qt.Key.Key_Up)
    assert chosen == [Scope(Place.FAVOURITES), Scope(Place.DUPLICATES), Scope(Place.FOLDER, 2)]


def test_new_counts_keep_the_place_and_say_nothing(rail: Rail) -> None:
    rail.show_overview(COUNTS, FOLDERS)
    rail.show_scope(Scope(Place.FOLDER, 2))
    chosen: list[Scope] = []
    rail.scope_chosen.connect(chosen.append)
    more = Folder(1, "/home/me/Pictures", FolderState.ONLINE, 901)
    rail.show_overview(LibraryCounts(1131, 1141, 0, 3, 1130, 1), (more, FOLDERS[1]))
    assert chosen == []
    assert rail.list.currentItem().text() == "Holiday"
    rail.show_scope(None)
    assert rail.list.currentRow() == -1


def test_a_place_can_be_chosen_again_after_a_search(rail: Rail, qtbot: QtBot) -> None:
    rail.show_scope(Scope())
    rail.show_scope(None)
    item = rail.list.item(0)
    with qtbot.waitSignal(rail.scope_chosen) as chosen:
        middle = rail.list.visualItemRect(item).center()
        QTest.mouseClick(rail.list.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    assert chosen.args == [Scope()]


def test_duplicates_are_counted_with_the_space_they_would_free(rail: Rail) -> None:
    rail.show_overview(COUNTS, FOLDERS)
    item = rail.list.item(rail.list.count() - 1)
    assert item.toolTip() == "No duplicates were found"
    before = rail.list.grab().toImage()
    rail.show_duplicates(12, 1_200_000_000)
    item = rail.list.item(rail.list.count() - 1)
    said = "Duplicates, 12 groups, 1.2 GB to be freed"
    assert item.data(Qt.ItemDataRole.AccessibleTextRole) == said
    assert rail.list.grab().toImage() != before


def test_the_keyboard_passing_by_chooses_nothing(rail: Rail, qtbot: QtBot) -> None:
    rail.show_overview(COUNTS, FOLDERS)
    rail.activateWindow()
    qtbot.waitUntil(rail.isActiveWindow)
    rail.list.clearFocus()
    rail.show_scope(None)  # a search is shown
    chosen: list[Scope] = []
    rail.scope_chosen.connect(chosen.append)
    rail.list.setFocus(Qt.FocusReason.TabFocusReason)
    assert rail.list.hasFocus()
    assert chosen == []
    QTest.keyClick(rail.list, Qt.Key.Key_Down)
    assert len(chosen) == 1


def test_offline_folders_say_so(rail: Rail) -> None:
    rail.show_overview(COUNTS, FOLDERS)
    item = next(rail.list.item(row) for row, text in enumerate(_texts(rail)) if text == "Holiday")
    assert "Offline" in item.toolTip()
    assert item.data(Qt.ItemDataRole.AccessibleTextRole) == "Holiday, offline"


def test_only_folders_have_a_menu(rail: Rail) -> None:
    rail.show_overview(COUNTS, FOLDERS)
    asked: list[Folder] = []
    rail.folder_menu_requested.connect(lambda folder, _: asked.append(folder))
    for row in range(rail.list.count()):
        centre: QPoint = rail.list.visualItemRect(rail.list.item(row)).center()
        rail.list.customContextMenuRequested.emit(centre)
    assert asked == list(FOLDERS)


def test_asking_for_a_menu_goes_nowhere(rail: Rail) -> None:
    rail.show_overview(COUNTS, FOLDERS)
    chosen: list[Scope] = []
    rail.scope_chosen.connect(chosen.append)
    place = rail.list.visualItemRect(rail.list.item(4)).center()
    QTest.mouseClick(rail.list.viewport(), Qt.MouseButton.RightButton, pos=place)
    assert chosen == []
    QTest.mouseClick(rail.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert Scope(Place.FOLDER, 1) in chosen


def test_rail_paints_in_both_themes(rail: Rail) -> None:
    rail.show_overview(COUNTS, FOLDERS)
    dark = rail.grab().toImage()
    rail.apply_theme(LIGHT)
    assert rail.grab().toImage() != dark


FAILURES = [
    Failure(11, "/photos/a/broken.jpg", FailureKind.BROKEN, "The picture is damaged.", 1_700_000_000.0),
    Failure(12, "/photos/b/new.heic", FailureKind.NEEDS_EXTRA, "HEIC needs the extra heic.", 1_700_000_100.0),
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
    assert model.index(0, 1).data() == "HEIC needs the extra heic."
    assert "2023" in model.index(0, 2).data()
    assert model.rowCount() == 2


def test_problems_can_be_retried_alone_and_together(page: ProblemsPage, qtbot: QtBot) -> None:
    page.show_failures(FAILURES)
    with qtbot.waitSignal(page.retry_requested) as asked:
        _press(page, "Retry all")
    assert asked.args == [None]
    page.table.selectRow(1)
    with qtbot.waitSignal(page.retry_requested) as asked:
        _press(page, "Retry selected")
    assert asked.args == [(11,)]
    with qtbot.waitSignal(page.ignore_requested) as ignored:
        _press(page, "Ignore")
    assert ignored.args == [(11,)]
    with qtbot.waitSignal(page.show_in_folder_requested) as shown:
        _press(page, "Show in folder")
    assert shown.args == ["/photos/a/broken.jpg"]


def test_a_refresh_keeps_what_is_selected(page: ProblemsPage) -> None:
    page.show_failures(FAILURES)
    select = QItemSelectionModel.SelectionFlag
    page.table.selectionModel().select(page.model.index(1, 0), select.Select | select.Rows)
    page.show_failures([FAILURES[0]])
    assert [failure.file_id for failure in page._selected()] == [11]
    page.show_failures([])
    assert page._stack.currentWidget() is page._empty
