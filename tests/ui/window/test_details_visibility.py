"""The details panel is there while photos are selected, and leaves the photos in peace."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from safelight.ui.window import details_visibility
from safelight.ui.window.build import build_window
from safelight.ui.window.main_window import MainWindow
from support.filled_library import FilledLibrary
from support.open_windows import bring_up
from support.scripted_client import ScriptedClient
from support.threaded_decoder import ThreadedDecoder

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

_LONGER = 800
"""Milliseconds in which the panel would have been shown or hidden."""


@pytest.fixture
def window(qapp: QApplication, tmp_path: Path, qtbot: QtBot) -> Iterator[MainWindow]:
    library = FilledLibrary(tmp_path)
    library.add(*((f"photo{n}.jpg", f"2021-06-{1 + n % 28:02}T10:00:00") for n in range(60)))
    made = build_window(qapp, library.directory, ScriptedClient, ThreadedDecoder())
    bring_up(made, qtbot)
    qtbot.waitUntil(lambda: made.model.rowCount() == 60)
    yield made
    assert made.shutdown()
    library.close()


def place_of(window: MainWindow, row: int) -> QPoint:
    return window.grid.visualRect(window.model.index(row)).center()


def click(window: MainWindow, row: int) -> None:
    QTest.mouseClick(window.grid.viewport(), Qt.MouseButton.LeftButton, pos=place_of(window, row))


def test_it_is_there_while_photos_are_selected(window: MainWindow, qtbot: QtBot) -> None:
    assert not window.details.isVisible()
    assert not window.commands["details"].isChecked()
    sidebar = window.sidebar.width()
    click(window, 3)
    qtbot.waitUntil(window.details.isVisible)
    assert window.commands["details"].isChecked()
    assert window.sidebar.width() == sidebar
    assert window.details.width() >= 220
    QTest.keyClick(window.grid, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.details.isVisible())
    assert window.sidebar.width() == sidebar


def test_the_photos_do_not_move_between_the_clicks_of_a_double_click(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The second click follows in time, however long it takes to read the details here.
    monkeypatch.setattr(details_visibility, "_SHOW_DELAY", 3_600_000)
    row, place = 4, place_of(window, 4)
    QTest.mouseClick(window.grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: bool(window.details.photos))
    assert not window.details.isVisible()
    QTest.mouseDClick(window.grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert window.controllers.viewer.current == window.model.photo_id(row)


def test_it_does_not_flicker_while_the_selection_changes(window: MainWindow, qtbot: QtBot) -> None:
    click(window, 3)
    qtbot.waitUntil(window.details.isVisible)
    with qtbot.assertNotEmitted(window.layout_state.details.changed, wait=_LONGER):
        for row in (1, 2):
            window.grid.clearSelection()
            click(window, row)
    assert window.details.isVisible()


def test_photos_stay_in_place_while_a_button_is_pressed(window: MainWindow, qtbot: QtBot) -> None:
    port, middle = window.grid.viewport(), place_of(window, 1)
    with qtbot.assertNotEmitted(window.layout_state.details.changed, wait=_LONGER):
        QTest.mousePress(port, Qt.MouseButton.LeftButton, pos=middle)
        qtbot.waitUntil(lambda: bool(window.details.photos))
    QTest.mouseRelease(port, Qt.MouseButton.LeftButton, pos=middle)
    qtbot.waitUntil(window.details.isVisible)


def test_the_selected_photo_stays_in_view(window: MainWindow, qtbot: QtBot) -> None:
    port = window.grid.viewport().rect()
    last = max(row for row in range(60) if port.contains(window.grid.visualRect(window.model.index(row))))
    click(window, last)
    qtbot.waitUntil(window.details.isVisible)
    port = window.grid.viewport().rect()
    assert port.contains(window.grid.visualRect(window.model.index(last)))


def test_the_command_shows_it_at_once_and_keeps_it_hidden(window: MainWindow, qtbot: QtBot) -> None:
    command = window.commands["details"]
    command.trigger()
    assert window.details.isVisible()  # with a hint, as nothing is selected
    command.trigger()
    assert not window.details.isVisible()
    with qtbot.assertNotEmitted(window.layout_state.details.changed, wait=_LONGER):
        click(window, 3)
    assert not window.details.isVisible()
    command.trigger()
    assert window.details.isVisible()


def test_a_narrow_window_shows_it_on_command_only(window: MainWindow, qtbot: QtBot) -> None:
    click(window, 3)
    qtbot.waitUntil(window.details.isVisible)
    window.resize(900, 700)
    qtbot.waitUntil(lambda: not window.details.isVisible())
    window.commands["details"].trigger()
    assert window.details.isVisible()
    click(window, 2)
    assert window.details.isVisible()
    QTest.keyClick(window.grid, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.details.isVisible())
    window.resize(1100, 700)
    click(window, 1)
    qtbot.waitUntil(window.details.isVisible)
