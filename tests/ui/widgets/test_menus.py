"""Menus at a position."""

from __future__ import annotations

import pytest
import shiboken6
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from safelight.ui.widgets.menus import pop_up

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "This plugin does not support (raise|grabbing)")


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_a_menu_is_deleted_after_it_has_acted(qtbot: QtBot, key: Qt.Key) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    menu = QMenu(window)
    chosen: list[str] = []
    menu.addAction("Rename").triggered.connect(lambda: chosen.append("Rename"))
    pop_up(menu, window.mapToGlobal(QPoint(5, 5)))
    assert menu.isVisible()
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, key)
    qtbot.waitUntil(lambda: not shiboken6.isValid(menu))
    assert chosen == (["Rename"] if key == Qt.Key.Key_Return else [])
