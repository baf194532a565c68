"""A second start shows the library as it was last seen, until it has its own pictures."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from safelight.services.bench.window import fill_library
from safelight.services.indexing.decoding import DecodePool
from safelight.ui.grid.snapshot import FILE_NAME, GridSnapshot
from safelight.ui.window.build import build_window
from safelight.ui.window.main_window import MainWindow
from support.scripted_client import ScriptedClient

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

Open = Callable[[], MainWindow]


@pytest.fixture
def library(tmp_path: Path) -> Path:
    directory = tmp_path / "library"
    fill_library(directory, 40)
    return directory


@pytest.fixture
def opened(library: Path, qapp: QApplication, qtbot: QtBot) -> Iterator[Open]:
    windows: list[MainWindow] = []

    def start() -> MainWindow:
        window = build_window(qapp, library, ScriptedClient, DecodePool())
        qtbot.addWidget(window)
        if not windows:
            window.resize(760, 600)  # within the screen that there is not, or it comes back smaller
        window.show()
        windows.append(window)
        return window

    yield start
    for window in windows:
        window.shutdown()


def snapshot(window: MainWindow) -> GridSnapshot:
    found = window.findChild(GridSnapshot)
    assert found is not None
    return found


def run_to_thumbnails(window: MainWindow, qtbot: QtBot) -> None:
    window.start()
    ids = window.grid.ids_on_screen
    get = window.services.cache.get
    qtbot.waitUntil(lambda: bool(ids()) and all(get(photo) for photo in ids()), timeout=60_000)


def test_the_last_view_is_there_at_once_and_gives_way(opened: Open, library: Path, qtbot: QtBot) -> None:
    first = opened()
    assert not snapshot(first).shown
    run_to_thumbnails(first, qtbot)
    seen = first.grid.viewport().grab().toImage()
    first.shutdown()
    if os.name != "nt":
        assert stat.S_IMODE((library / FILE_NAME).stat().st_mode) == 0o600
    second = opened()
    assert snapshot(second).shown
    assert second.model.rowCount() == 0
    painted = second.grid.viewport().grab().toImage()
    assert painted.height() == seen.height()
    middle = seen.rect().center() / 2
    before, now = seen.pixelColor(middle), painted.pixelColor(middle)
    assert abs(before.lightness() - now.lightness()) < 16
    run_to_thumbnails(second, qtbot)
    qtbot.waitUntil(lambda: not snapshot(second).shown, timeout=60_000)


def test_a_window_of_another_size_does_without(opened: Open, qtbot: QtBot) -> None:
    first = opened()
    run_to_thumbnails(first, qtbot)
    first.shutdown()
    second = opened()
    second.resize(700, 540)
    qtbot.waitUntil(lambda: not snapshot(second).shown, timeout=60_000)


def test_what_a_start_does_not_show_is_not_kept(opened: Open, library: Path, qtbot: QtBot) -> None:
    first = opened()
    run_to_thumbnails(first, qtbot)
    first.shutdown()
    assert (library / FILE_NAME).exists()
    second = opened()
    run_to_thumbnails(second, qtbot)
    bar = second.grid.verticalScrollBar()
    bar.setValue(bar.maximum())
    assert bar.value() > 0
    second.shutdown()
    assert not (library / FILE_NAME).exists()


@pytest.mark.parametrize("data", [b"", b"no picture"])
def test_a_damaged_picture_costs_nothing(opened: Open, library: Path, qtbot: QtBot, data: bytes) -> None:
    first = opened()
    run_to_thumbnails(first, qtbot)
    first.shutdown()
    (library / FILE_NAME).write_bytes(data)
    second = opened()
    assert not snapshot(second).shown
    run_to_thumbnails(second, qtbot)
