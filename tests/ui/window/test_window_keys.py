"""Keys of the main window that nothing else tests."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from safelight.engine.requests import Rescan
from support.window_driver import WindowDriver

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "This plugin does not support (raise|grabbing)")


@pytest.fixture
def driver(tmp_path: Path, qapp: QApplication, qtbot: QtBot) -> Iterator[WindowDriver]:
    made = WindowDriver(tmp_path, qapp, qtbot)
    yield made
    assert made.window.shutdown()
    made.library.close()


def test_tab_goes_through_each_part_once(driver: WindowDriver) -> None:
    layout = driver.window.controllers.layout
    layout.details.show()
    driver.return_to_grid()
    driver.select(1)
    driver.wait(lambda: bool(layout.details.photos))
    visited: list[QWidget] = []
    while (focused := QApplication.focusWidget()) is not None and focused not in visited:
        visited.append(focused)
        driver.key(Qt.Key.Key_Tab)
    assert focused is layout.grid

    def part(widget: QWidget) -> str:
        parts = ("sidebar", "search_bar", "content", "details", "status")
        return next(name for name in parts if getattr(layout, name).isAncestorOf(widget))

    order = [name for name, _ in groupby(map(part, visited))]
    assert order[:2] == ["content", "details"]
    assert len(set(order)) >= 4
    assert sorted(order[:-1]) == sorted(set(order[:-1])), "no part is visited twice"
    in_details = [widget.accessibleName() for widget in visited if part(widget) == "details"]
    assert in_details[0] == "Find similar"


def test_f5_rescans_all_folders(driver: WindowDriver) -> None:
    driver.return_to_grid()
    driver.key(Qt.Key.Key_F5)
    driver.wait(lambda: Rescan(None) in driver.client.requests)
