"""“Open with Safelight”: a picture is shown at once, whether or not the library has it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from PIL import Image
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from safelight.core.operations import AddFolder, SetFavourite
from safelight.engine import requests
from safelight.ui.viewer.file_viewer import FileViewer
from safelight.ui.window.build import build_window
from safelight.ui.window.main_window import MainWindow
from safelight.ui.window.run import show
from safelight.ui.window.single_instance import Request
from support.filled_library import FilledLibrary
from support.open_windows import bring_up
from support.scripted_client import ScriptedClient
from support.sidebar_rows import choose
from support.threaded_decoder import ThreadedDecoder

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

T = TypeVar("T")

NAMES = ("IMG_9.jpg", "IMG_10.jpg", "IMG_11.png")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "Camera card"
    made.mkdir()
    for number, name in enumerate(NAMES):
        Image.new("RGB", (300 + number, 200), (60 * number, 80, 120)).save(made / name)
    (made / "notes.txt").write_text("no picture")
    return made


@pytest.fixture
def library(tmp_path: Path) -> Iterator[FilledLibrary]:
    made = FilledLibrary(tmp_path)
    made.add(("a.jpg", "2021-06-03T10:00:00"), ("b.jpg", "2021-06-03T10:00:00"))
    yield made
    made.close()


@pytest.fixture
def window(
    library: FilledLibrary, client: ScriptedClient, qapp: QApplication, qtbot: QtBot
) -> Iterator[MainWindow]:
    made = build_window(qapp, library.directory, lambda: client, ThreadedDecoder())
    bring_up(made, qtbot)
    qtbot.waitUntil(lambda: made.model.rowCount() == 2)
    yield made
    assert made.shutdown()


def opened(window: MainWindow, path: Path, qtbot: QtBot) -> FileViewer:
    window.open_paths([str(path)])
    viewer = window.controllers.opened_files.viewer.get()
    assert viewer.current == str(path)
    qtbot.waitUntil(lambda: viewer.view.image_side > 0 or bool(viewer.message))
    return viewer


def test_a_picture_is_shown_with_the_others_of_its_folder(
    window: MainWindow, folder: Path, qtbot: QtBot
) -> None:
    viewer = opened(window, folder / "IMG_10.jpg", qtbot)
    assert window.pages.currentWidget() is viewer
    assert viewer.view.image_side == 301
    qtbot.waitUntil(lambda: len(viewer.paths) == 3)
    QTest.keyClick(viewer, Qt.Key.Key_Right)
    assert viewer.current == str(folder / "IMG_11.png")
    QTest.keyClick(viewer, Qt.Key.Key_Right)
    QTest.keyClick(viewer, Qt.Key.Key_Left)
    QTest.keyClick(viewer, Qt.Key.Key_Left)
    assert viewer.current == str(folder / "IMG_9.jpg"), "in the order of the numbers"
    qtbot.waitUntil(lambda: viewer.view.image_side == 300)
    QTest.keyClick(viewer, Qt.Key.Key_Escape)
    assert window.pages.currentWidget() is not viewer
    assert viewer.current is None


def test_a_picture_larger_than_the_window_is_sharp_at_its_actual_size(
    window: MainWindow, folder: Path, qtbot: QtBot
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (6000, 4000), "#806040").save(folder / "large.jpg", exif=exif)
    viewer = opened(window, folder / "large.jpg", qtbot)
    qtbot.waitUntil(lambda: viewer.view.picture_size == QSize(4000, 6000))
    assert viewer.view.image_side < 6000
    assert viewer.view.zoom < 0.5
    viewer.view.zoom_to(0.5, QPointF(10, 10))
    _, before = viewer.view.viewpoint
    QTest.keyClick(viewer, Qt.Key.Key_1)
    qtbot.waitUntil(lambda: viewer.view.image_side == 6000)
    assert viewer.view.zoom == 1.0
    viewer.view.zoom_to(0.5)
    assert (viewer.view.viewpoint[1] - before).manhattanLength() < 0.01, "the place stays"
    QTest.keyClick(viewer, Qt.Key.Key_0)
    assert viewer.view.fitting


def test_the_folder_is_offered_to_the_library_unless_it_has_it(
    window: MainWindow, folder: Path, library: FilledLibrary, client: ScriptedClient, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: window.sidebar.folder(library.folder_id) is not None)
    viewer = opened(window, library.folder / "a.jpg", qtbot)
    assert not viewer.offer.isVisible()
    viewer = opened(window, folder / "IMG_9.jpg", qtbot)
    assert viewer.offer.isVisible()
    viewer.offer.button.click()
    qtbot.waitUntil(lambda: any(each.path == str(folder) for each in operations(client, AddFolder)))
    assert not viewer.offer.isVisible()
    assert window.pages.currentWidget() is viewer


def operations(client: ScriptedClient, kind: type[T]) -> list[T]:
    asked = [each.operation for each in client.requests if isinstance(each, requests.RunOperation)]
    return [each for each in asked if isinstance(each, kind)]


def selected(window: MainWindow) -> tuple[int, ...]:
    return window.controllers.selection.ids


def test_commands_never_act_on_the_hidden_selection(
    window: MainWindow, folder: Path, client: ScriptedClient, qtbot: QtBot
) -> None:
    window.grid.selectAll()
    assert len(selected(window)) == 2
    viewer = opened(window, folder / "IMG_9.jpg", qtbot)
    assert selected(window) == ()
    for key in (Qt.Key.Key_F, Qt.Key.Key_Delete, Qt.Key.Key_5):
        QTest.keyClick(viewer, key)
    assert operations(client, SetFavourite) == []
    assert not any(isinstance(each, requests.RunOperation) for each in client.requests)
    QTest.keyClick(viewer, Qt.Key.Key_Escape)
    assert len(selected(window)) == 2


def test_similar_photos_of_an_opened_picture(
    window: MainWindow, folder: Path, client: ScriptedClient, qtbot: QtBot
) -> None:
    viewer = opened(window, folder / "IMG_9.jpg", qtbot)
    viewer.controls.similar_requested.emit()
    qtbot.waitUntil(lambda: any(isinstance(each, requests.FindSimilar) for each in client.requests))
    request = next(each for each in client.requests if isinstance(each, requests.FindSimilar))
    assert request.path == str(folder / "IMG_9.jpg")
    assert window.pages.currentWidget() is not viewer


def test_what_is_no_picture_says_why(window: MainWindow, folder: Path, qtbot: QtBot) -> None:
    (folder / "broken.jpg").write_bytes(b"no picture")
    viewer = opened(window, folder / "broken.jpg", qtbot)
    assert viewer.message
    assert viewer.view.image_side == 0


def test_it_works_before_there_is_a_library(
    tmp_path: Path, folder: Path, client: ScriptedClient, qapp: QApplication, qtbot: QtBot
) -> None:
    window = build_window(qapp, tmp_path / "none", lambda: client, ThreadedDecoder())
    bring_up(window, qtbot)
    viewer = opened(window, folder / "IMG_9.jpg", qtbot)
    assert viewer.offer.isVisible()
    qtbot.waitUntil(lambda: len(viewer.paths) == 3)
    assert window.shutdown()


def test_a_search_from_the_command_line_replaces_what_is_shown(
    window: MainWindow, folder: Path, client: ScriptedClient, qtbot: QtBot
) -> None:
    choose(window.sidebar, "Favourites")
    viewer = opened(window, folder / "IMG_9.jpg", qtbot)
    show(window, Request(query="dog -grass"))
    qtbot.waitUntil(lambda: any(isinstance(each, requests.Search) for each in client.requests))
    (search,) = (each for each in client.requests if isinstance(each, requests.Search))
    assert search.text == "dog -grass", "in the whole library"
    assert window.pages.currentWidget() is not viewer
    assert window.search_bar.field.text() == "dog -grass"
