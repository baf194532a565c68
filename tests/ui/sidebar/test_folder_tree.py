"""The tree of folders in the sidebar, as a user opens it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QMenu, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.engine import requests
from safelight.ui.library.places_model import Entry, PlacesModel
from safelight.ui.view_request import Place, ViewRequest
from safelight.ui.window.build import build_window
from safelight.ui.window.main_window import MainWindow
from support.filled_library import FilledLibrary
from support.open_windows import bring_up
from support.scripted_client import LibraryClient, ScriptedClient
from support.settings_sections import open_section
from support.sidebar_rows import choose, current, row_of, texts
from support.threaded_decoder import ThreadedDecoder

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

DATE = "2021-06-03T10:00:00"
PATHS = ("top.jpg", "2019/a.jpg", "2019/May/b.jpg", "2019/May/c.jpg", "2020/d.jpg")


def folder(name: str, *, children: tuple[Entry, ...] | None = (), count: int = 1) -> Entry:
    return Entry(name, "folder", ViewRequest(Place.FOLDER, 1, name), count=count, children=children)


def names(model: QAbstractItemModel, parent: QModelIndex | None = None) -> list[str]:
    top = QModelIndex() if parent is None else parent
    return [str(model.index(row, 0, top).data()) for row in range(model.rowCount(top))]


# --- the model ------------------------------------------------------------------------------------------


def test_the_model_is_sound_while_it_changes(qapp: QApplication) -> None:
    model = PlacesModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for wanted in (
        [folder("a", children=None), folder("b"), folder("c")],
        [folder("c"), folder("a", children=None)],
        [folder("x"), folder("a", children=(folder("a/1"), folder("a/2")))],
        [folder("a", children=(folder("a/2"), folder("a/3"))), folder("x", count=7)],
        [],
    ):
        model.show(wanted)
        assert names(model) == [entry.name for entry in wanted]
        for entry in wanted:
            inside = names(model, model.find(entry.key))
            assert inside == (["…"] if entry.children is None else [each.name for each in entry.children])
    assert tester.model() is model


def test_a_row_asks_for_its_children_once_it_is_opened(qapp: QApplication, qtbot: QtBot) -> None:
    model = PlacesModel()
    model.show([folder("a", children=None)])
    with qtbot.waitSignal(model.children_requested) as asked:
        model.open(model.index(0, 0))
    assert asked.args == [folder("a", children=None)]
    model.show_children(folder("a").key, [folder("a/1")])
    assert names(model, model.index(0, 0)) == ["a/1"]
    with qtbot.assertNotEmitted(model.children_requested):
        model.open(model.index(0, 0))
    # What is read later replaces it.
    model.show_children(folder("a").key, [folder("a/0"), folder("a/1", count=2)])
    assert names(model, model.index(0, 0)) == ["a/0", "a/1"]
    entry = model.entry(model.index(1, 0, model.index(0, 0)))
    assert entry is not None
    assert entry.count == 2


def test_thousands_of_rows_come_in_portions_and_all_arrive(qapp: QApplication, qtbot: QtBot) -> None:
    model = PlacesModel()
    model.show([folder("a", children=None)])
    many = [folder(f"a/{number:05}") for number in range(5000)]
    model.show_children(folder("a").key, many)
    top = model.index(0, 0)
    assert model.rowCount(top) < 1000
    qtbot.waitUntil(lambda: model.rowCount(top) == 5000)
    assert names(model, top) == [entry.name for entry in many]
    # New rows replace those that still wait.
    model.show_children(folder("a").key, many[:10])
    model.show_children(folder("a").key, many)
    model.show_children(folder("a").key, many[5:8])
    QTest.qWait(0)
    assert names(model, top) == [entry.name for entry in many[5:8]]


# --- the window -----------------------------------------------------------------------------------------


@pytest.fixture
def library(tmp_path: Path) -> Iterator[FilledLibrary]:
    made = FilledLibrary(tmp_path)
    made.add(*((path, DATE) for path in PATHS))
    yield made
    made.close()


@pytest.fixture
def window(
    library: FilledLibrary, client: ScriptedClient, qapp: QApplication, qtbot: QtBot
) -> Iterator[MainWindow]:
    made = build_window(qapp, library.directory, lambda: client, ThreadedDecoder())
    bring_up(made, qtbot)
    qtbot.waitUntil(lambda: "Pictures" in texts(made.sidebar))
    made.sidebar.list.expand(row_of(made.sidebar, "Pictures"))
    qtbot.waitUntil(lambda: "2020" in texts(made.sidebar))
    yield made
    assert made.shutdown()


def shown(window: MainWindow, library: FilledLibrary) -> list[str]:
    ids = window.model.photo_ids(0, window.model.rowCount())
    with library.store.read() as db:
        paths = dict(db.execute("SELECT photo_id, path_text FROM file"))
    return sorted(paths[photo] for photo in ids)


def entry_of(menu: QMenu, text: str) -> QAction:
    return next(each for each in menu.actions() if each.text() == text)


def test_folders_open_with_the_mouse_and_with_the_keyboard(window: MainWindow, qtbot: QtBot) -> None:
    sidebar = window.sidebar
    assert texts(sidebar)[4:7] == ["Pictures", "2019", "2020"]
    row = sidebar.list.visualRect(row_of(sidebar, "2019"))
    arrow = QPoint(row.left() + 6 + 14 + 6, row.center().y())
    QTest.mouseClick(sidebar.list.viewport(), Qt.MouseButton.LeftButton, pos=arrow)
    qtbot.waitUntil(lambda: "May" in texts(sidebar))
    assert current(sidebar) == "Library", "opening a folder does not show it"
    choose(sidebar, "2019")
    QTest.keyClick(sidebar.list, Qt.Key.Key_Left)
    assert "May" not in texts(sidebar)
    QTest.keyClick(sidebar.list, Qt.Key.Key_Right)
    assert "May" in texts(sidebar)


def test_a_folder_is_shown_with_or_without_its_subfolders(
    window: MainWindow, library: FilledLibrary, qtbot: QtBot
) -> None:
    choose(window.sidebar, "2019")
    qtbot.waitUntil(lambda: shown(window, library) == ["2019/May/b.jpg", "2019/May/c.jpg", "2019/a.jpg"])
    folder = window.sidebar.folder(library.folder_id)
    assert folder is not None
    menu = window.controllers.folder_tree.menu(folder, "2019")
    entry_of(menu, "Include subfolders").trigger()
    qtbot.waitUntil(lambda: shown(window, library) == ["2019/a.jpg"])
    assert current(window.sidebar) == "2019"
    choose(window.sidebar, "Pictures")
    qtbot.waitUntil(lambda: shown(window, library) == ["top.jpg"])
    entry_of(window.controllers.folder_tree.menu(folder), "Include subfolders").trigger()
    qtbot.waitUntil(lambda: shown(window, library) == sorted(PATHS))
    window.views.navigation.back()
    qtbot.waitUntil(lambda: shown(window, library) == ["top.jpg"])


def test_a_search_keeps_to_the_subfolder(
    window: MainWindow, client: ScriptedClient, library: FilledLibrary, qtbot: QtBot
) -> None:
    choose(window.sidebar, "2019")
    window.search_bar.field.setFocus()
    QTest.keyClicks(window.search_bar.field, "dog")

    def asked() -> list[str]:
        return [each.text for each in client.requests if isinstance(each, requests.Search)]

    qtbot.waitUntil(lambda: asked()[-1:] == [f"dog in:{library.folder / '2019'}"])
    assert window.search_bar.chips.place.said == "In: 2019"


def test_new_and_removed_photos_change_the_tree(
    window: MainWindow, client: ScriptedClient, library: FilledLibrary, qtbot: QtBot
) -> None:
    choose(window.sidebar, "2020")
    added = library.add(("2020/Crete/e.jpg", DATE), ("2018/f.jpg", DATE))
    client.say(LibraryChanged(ChangeKind.PHOTOS | ChangeKind.FILES, added=tuple(added)))
    qtbot.waitUntil(lambda: "2018" in texts(window.sidebar))
    assert current(window.sidebar) == "2020"
    window.sidebar.list.expand(row_of(window.sidebar, "2020"))
    qtbot.waitUntil(lambda: "Crete" in texts(window.sidebar))
    library.remove(added)
    client.say(LibraryChanged(ChangeKind.PHOTOS | ChangeKind.FILES, removed=tuple(added)))
    qtbot.waitUntil(lambda: not {"2018", "Crete"} & set(texts(window.sidebar)))


def test_the_menu_of_a_subfolder(
    window: MainWindow, client: ScriptedClient, library: FilledLibrary, qtbot: QtBot
) -> None:
    folder = window.sidebar.folder(library.folder_id)
    assert folder is not None
    entry_of(window.controllers.folder_tree.menu(folder, "2019"), "Rescan").trigger()
    qtbot.waitUntil(lambda: requests.Rescan((library.folder_id,), b"2019") in client.requests)


def test_a_folder_is_excluded_and_included_again(
    library: FilledLibrary, qapp: QApplication, qtbot: QtBot
) -> None:
    with library.store.read() as db:
        paths = dict(db.execute("SELECT photo_id, path_text FROM file"))
    client = LibraryClient(library.store)
    window = build_window(qapp, library.directory, lambda: client, ThreadedDecoder())
    bring_up(window, qtbot)
    sidebar = window.sidebar
    qtbot.waitUntil(lambda: "Pictures" in texts(sidebar))
    sidebar.list.expand(row_of(sidebar, "Pictures"))
    qtbot.waitUntil(lambda: "2019" in texts(sidebar))

    def menu(below: str) -> QMenu:
        folder = sidebar.folder(library.folder_id)
        assert folder is not None
        return window.controllers.folder_tree.menu(folder, below)

    def seen() -> list[str]:
        return sorted(paths[photo] for photo in window.model.photo_ids(0, window.model.rowCount()))

    entry_of(menu("2019"), "Exclude from library").trigger()
    qtbot.waitUntil(lambda: seen() == ["2020/d.jpg", "top.jpg"])
    text = "Excluded “2019”: 3 photos left the library. The files stay on the disk."
    qtbot.waitUntil(lambda: window.toasts.text == text)
    said = int(Qt.ItemDataRole.AccessibleTextRole)
    qtbot.waitUntil(lambda: row_of(sidebar, "2019").data(said) == "2019, excluded")
    entry = sidebar.places.entry(row_of(sidebar, "2019"))
    assert entry is not None
    assert entry.muted

    # Choosing it explains why it is empty and offers to include it.
    choose(sidebar, "2019")
    qtbot.waitUntil(lambda: window.content.excluded_folder == str(library.folder / "2019"))
    window.grid.placeholder_pressed.emit()
    qtbot.waitUntil(lambda: len(seen()) == 3)
    choose(sidebar, "Library")
    qtbot.waitUntil(lambda: seen() == sorted(PATHS))

    entry_of(menu("2020"), "Exclude from library").trigger()
    qtbot.waitUntil(lambda: "2020/d.jpg" not in seen())
    window.commands["settings"].trigger()
    page = window.controllers.settings.page.get()
    open_section(page, "Folders")
    qtbot.waitUntil(lambda: bool(buttons(page, "Include 2020")))
    buttons(page, "Include 2020")[0].click()
    qtbot.waitUntil(lambda: not buttons(page, "Include 2020"))
    qtbot.waitUntil(lambda: seen() == sorted(PATHS))
    assert window.shutdown()


def buttons(page: QWidget, name: str) -> list[QPushButton]:
    return [each for each in page.findChildren(QPushButton) if each.accessibleName() == name]
