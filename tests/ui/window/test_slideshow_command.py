"""A slideshow that is started outside the viewer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from support.window_driver import WindowDriver

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "This plugin does not support (raise|grabbing)")


@pytest.fixture
def driver(tmp_path: Path, qapp: QApplication, qtbot: QtBot) -> Iterator[WindowDriver]:
    made = WindowDriver(tmp_path, qapp, qtbot)
    yield made
    assert made.window.shutdown()
    made.library.close()


@pytest.mark.parametrize("selected", [False, True])
def test_it_starts_with_the_selected_photo_or_the_first(driver: WindowDriver, selected: bool) -> None:
    shown = driver.shown()
    driver.return_to_grid()
    if selected:
        driver.window.grid.select_photo(shown[2])
    else:
        driver.window.grid.clearSelection()
    viewer = driver.window.controllers.viewer
    driver.key(Qt.Key.Key_F6)
    driver.wait(lambda: viewer.slideshow.is_running)
    assert viewer.current == shown[2 if selected else 0]
    driver.key(Qt.Key.Key_F6)
    driver.wait(lambda: not viewer.slideshow.is_running)
    assert viewer.current is not None, "the viewer stays open"
