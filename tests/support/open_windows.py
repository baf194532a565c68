"""The main window as a person has it before them."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from safelight.ui.window.main_window import MainWindow


def bring_up(window: MainWindow, qtbot: QtBot, height: int = 700) -> None:
    """Show a window, let it begin its work and give it the keyboard: shortcuts belong to the active one."""
    qtbot.addWidget(window)
    window.resize(1100, height)
    window.show()
    window.start()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
