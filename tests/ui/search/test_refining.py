"""A search made better by its results, with a scripted engine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from safelight.core.query import Like, parse
from safelight.core.region import Region
from safelight.engine import requests
from safelight.ui.search import refining
from safelight.ui.window.build import build_window
from safelight.ui.window.main_window import MainWindow
from support.filled_library import FilledLibrary
from support.open_windows import bring_up
from support.scripted_client import ScriptedClient
from support.threaded_decoder import ThreadedDecoder

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def library(tmp_path: Path) -> Iterator[FilledLibrary]:
    made = FilledLibrary(tmp_path / "my photos")
    yield made
    made.close()


@pytest.fixture
def ids(library: FilledLibrary) -> list[int]:
    count = refining.MAX_ADDED_PICTURES + 2
    return library.add(*((f"photo{n}.jpg", f"2021-06-{28 - n:02}T10:00:00") for n in range(count)))


@pytest.fixture
def window(
    library: FilledLibrary, ids: list[int], client: ScriptedClient, qapp: QApplication, qtbot: QtBot
) -> Iterator[MainWindow]:
    made = build_window(qapp, library.directory, lambda: client, ThreadedDecoder())
    bring_up(made, qtbot)
    qtbot.waitUntil(lambda: made.model.rowCount() == len(ids))
    yield made
    assert made.shutdown()


def asked(client: ScriptedClient) -> list[Like | str]:
    """The last search, its pictures as such."""
    found = [request.text for request in client.requests if isinstance(request, requests.Search)]
    return (
        [part if isinstance(part, Like) else part.text() for part in parse(found[-1]).parts] if found else []
    )


def press(window: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
    QTest.keyClick(window, key, Qt.KeyboardModifier.ControlModifier | modifiers)


def test_more_and_less_of_what_is_selected(
    window: MainWindow, library: FilledLibrary, client: ScriptedClient, ids: list[int], qtbot: QtBot
) -> None:
    paths = [str(library.folder / f"photo{n}.jpg") for n in range(3)]
    window.search_bar.set_text("dog")
    window.grid.select_photo(ids[0])
    qtbot.waitUntil(lambda: window.services.cache.get(ids[0]) is not None)
    press(window, Qt.Key.Key_L, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: asked(client) == ["dog", Like(paths[0])])
    assert [chip.said for chip in window.search_bar.chips.chips] == ["Like photo0.jpg"]
    assert window.search_bar.chips.chips[0].has_picture
    assert window.search_bar.field.cursorPosition() == 0
    window.grid.select_photo(ids[1])
    QTest.keyClick(window.grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert window.controllers.selection.ids == (ids[1], ids[2])
    press(window, Qt.Key.Key_K, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: asked(client) == ["dog", Like(paths[0]), Like(paths[1], -1), Like(paths[2], -1)])
    window.grid.select_photo(ids[0])
    window.commands["less_like"].trigger()
    qtbot.waitUntil(lambda: Like(paths[0], -1) in asked(client))
    assert Like(paths[0]) not in asked(client), "both at once would say nothing"
    chip = window.search_bar.chips.chips[0]
    chip.setFocus()
    QTest.keyClick(chip, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: len(asked(client)) == 3)


def test_both_are_in_the_context_menu(window: MainWindow, ids: list[int]) -> None:
    actions = (each for each in window.context_menu.actions() if not each.isSeparator())
    shown = [action.text() for action in actions if action.isVisible()]
    assert shown[:3] == ["Find similar", "More like this", "Less like this"]
    assert len(shown) <= 11
    assert not window.commands["more_like"].isEnabled()
    window.commands["select_all"].trigger()
    assert window.commands["more_like"].isEnabled()


@pytest.mark.skipif(os.name == "nt", reason="paths are text there")
def test_a_name_that_cannot_be_written_is_left_out(
    window: MainWindow, library: FilledLibrary, client: ScriptedClient, ids: list[int], qtbot: QtBot
) -> None:
    with library.store.write() as db:
        db.execute("UPDATE file SET path = ? WHERE photo_id = ?", (b"caf\xe9.jpg", ids[0]))
    window.grid.select_photo(ids[0])
    window.commands["more_like"].trigger()
    qtbot.waitUntil(lambda: window.toasts.text.startswith("1 photo left out"))
    assert window.search_bar.field.text() == ""
    window.views.find_similar(ids[0])
    assert window.search_bar.saveable == ""


def test_too_many_at_once_are_declined(window: MainWindow, client: ScriptedClient) -> None:
    window.commands["select_all"].trigger()
    window.commands["more_like"].trigger()
    assert window.toasts.text == "A search can use up to 12 photos at once. Select fewer."
    assert asked(client) == []


def test_from_the_viewer_it_leads_back_to_the_results(
    window: MainWindow, client: ScriptedClient, ids: list[int], qtbot: QtBot
) -> None:
    window.views.open_viewer(ids[3])
    qtbot.waitUntil(lambda: window.controllers.viewer.photo is not None)
    press(window, Qt.Key.Key_L, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: len(asked(client)) == 1)
    assert window.controllers.viewer.current is None


def test_a_part_of_a_photo_is_searched_for(
    window: MainWindow, library: FilledLibrary, client: ScriptedClient, ids: list[int], qtbot: QtBot
) -> None:
    window.views.open_viewer(ids[1])
    viewer = window.controllers.viewer
    qtbot.waitUntil(lambda: viewer.photo is not None and viewer.display.shown == ids[1])
    qtbot.waitUntil(lambda: window.services.cache.get(ids[1]) is not None)
    QTest.keyClick(viewer, Qt.Key.Key_S)
    assert viewer.chooser.isVisible()
    for _ in range(200):
        QTest.keyClick(viewer.chooser, Qt.Key.Key_Right)
        QTest.keyClick(viewer.chooser, Qt.Key.Key_Down)
    QTest.keyClick(viewer.chooser, Qt.Key.Key_Return)
    path = str(library.folder / "photo1.jpg")
    part = Like(path, region=Region.of(0.5, 0.5, 0.5, 0.5))
    qtbot.waitUntil(lambda: asked(client) == [part])
    assert viewer.current is None
    (chip,) = window.search_bar.chips.chips
    assert chip.said == "Like part of photo1.jpg"
    assert chip.has_picture
    assert parse(window.search_bar.saveable).likes == (part,), "it can be saved"


def test_leafing_and_escape_leave_the_choice_before_the_viewer(
    window: MainWindow, ids: list[int], qtbot: QtBot
) -> None:
    viewer = window.controllers.viewer
    window.views.open_viewer(ids[1])
    qtbot.waitUntil(lambda: viewer.display.shown == ids[1])
    viewer.controls.part_requested.emit()
    assert viewer.chooser.hasFocus()
    QTest.keyClick(viewer.chooser, Qt.Key.Key_Escape)
    assert not viewer.chooser.isVisible()
    assert viewer.hasFocus()
    assert viewer.current == ids[1]
    QTest.keyClick(viewer, Qt.Key.Key_S)
    QTest.keyClick(viewer.chooser, Qt.Key.Key_PageDown)
    assert viewer.current == ids[2]
    assert not viewer.chooser.isVisible()
