"""Everything that can have the keyboard focus has a name for screen readers."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QDialog, QWidget

from safelight.ui.pages.declarations import (
    ALBUMS,
    DUPLICATES,
    EXPLORE,
    MIGRATION,
    MODELS,
    PROBLEMS,
    SETTINGS,
    TRASH,
)
from safelight.ui.view_request import Place
from support.window_driver import WindowDriver

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "This plugin does not support (raise|grabbing)")


def nameless(shown: QWidget) -> list[str]:
    """The visible widgets that take the focus and have no name."""
    return [
        f"{type(widget).__name__} {widget.objectName()} in {type(widget.parent()).__name__}"
        for widget in shown.findChildren(QWidget)
        if widget.isVisibleTo(shown)
        and widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        and widget.focusProxy() is None
        and not name_of(widget)
    ]


def name_of(widget: QWidget) -> str:
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)


@pytest.mark.parametrize(
    "place", [ALBUMS, DUPLICATES, EXPLORE, MIGRATION, MODELS, PROBLEMS, SETTINGS, TRASH], ids=str
)
def test_pages(driver: WindowDriver, place: Place) -> None:
    driver.window.views.show_page(place)
    driver.wait(lambda: driver.window.content.page is not None and driver.window.content.page.isVisible())
    assert nameless(driver.window) == []


@pytest.mark.parametrize("command", ["go_to_date", "tag", "to_album", "teach", "export", "palette"])
def test_dialogs(driver: WindowDriver, command: str) -> None:
    driver.select(0, 1)
    driver.wait(lambda: len(driver.window.details.photos) == 2)
    assert nameless(driver.window) == []
    driver.window.commands[command].trigger()
    driver.wait(lambda: any(each.isVisible() for each in driver.window.findChildren(QDialog)))
    dialog = next(each for each in driver.window.findChildren(QDialog) if each.isVisible())
    assert nameless(dialog) == []
    dialog.reject()


def test_the_viewer(driver: WindowDriver) -> None:
    driver.window.views.open_viewer(driver.ids[0])
    viewer = driver.window.controllers.viewer
    driver.wait(lambda: viewer.photo is not None)
    viewer.toggle_info()
    viewer.show_film(True)
    assert nameless(viewer) == []
