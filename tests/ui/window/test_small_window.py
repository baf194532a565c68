"""Pages in a window of 640 × 480 pixels: nothing is cut off, squeezed or out of reach."""

from __future__ import annotations

from functools import partial

import pytest
from PySide6.QtWidgets import QLabel, QPushButton, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from safelight.core.duplicates import DuplicateKind
from safelight.ui.appearance.theme import DARK
from safelight.ui.pages.declarations import DUPLICATES, SETTINGS
from safelight.ui.pages.trash import TrashModel
from safelight.ui.pages.welcome import WelcomePage
from safelight.ui.widgets.file_table import FileTable
from support.played_duplicates import PlayedDuplicates
from support.some_duplicates import group, of_photos
from support.window_driver import WindowDriver

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def small(driver: WindowDriver) -> WindowDriver:
    driver.window.resize(640, 480)
    return driver


def fits(inside: QWidget, viewport: QWidget) -> bool:
    """Whether a page is not wider than what shows it, once both are laid out."""
    return inside.minimumSizeHint().width() <= viewport.width()


def test_the_sections_of_the_settings_fit(small: WindowDriver) -> None:
    small.window.views.show_page(SETTINGS)
    page = small.window.controllers.settings.page.get()
    small.wait(page.isVisible)
    for number in (0, 1, 2, 4):  # General, Folders, Search and models, Storage
        page.sections.setCurrentRow(number)
        scroll = next(each for each in page.findChildren(QScrollArea) if each.isVisible())
        inside = scroll.widget()
        assert inside is not None
        small.wait(partial(fits, inside, scroll.viewport()))


def test_the_names_of_files_in_the_trash_have_room(qtbot: QtBot) -> None:
    table = FileTable(TrashModel(), "Files", {1: 110, 2: 90, 3: 168}, stretched=0)
    qtbot.addWidget(table)
    table.resize(400, 200)
    table.show()
    assert [table.isColumnHidden(column) for column in range(4)] == [False, True, True, False]
    assert table.columnWidth(0) >= 140
    table.resize(700, 200)
    assert not any(table.isColumnHidden(column) for column in range(4))


def test_the_first_page_scrolls_where_it_has_no_room(qtbot: QtBot) -> None:
    page = WelcomePage(DARK)
    qtbot.addWidget(page)
    page.resize(450, 430)
    page.show()
    labels = [label for label in page.findChildren(QLabel) if label.text()]
    assert len(labels) > 5
    for label in labels:
        needed = label.heightForWidth(label.width()) if label.wordWrap() else label.sizeHint().height()
        assert label.height() >= needed, label.text()


def test_the_buttons_of_a_comparison_keep_their_words(small: WindowDriver) -> None:
    paths = [str(small.library.folder / f"photo{number}.jpg") for number in range(2)]
    pair = of_photos(group(1, 2, DuplicateKind.RESAVED), small.ids[:2], paths, (640, 480))
    engine = PlayedDuplicates(small.client, [pair])
    panel = small.window.controllers.duplicates
    panel.session.ask()
    small.wait(lambda: len(panel.session.groups) == 1)
    small.window.views.show_page(DUPLICATES)
    panel.open_compare()
    small.wait(lambda: panel.compare.is_open)
    buttons = [each for each in panel.compare.findChildren(QPushButton) if each.isVisible()]
    assert len(buttons) >= 5
    for button in buttons:
        assert button.width() >= button.sizeHint().width(), button.text()
        assert panel.compare.rect().contains(button.geometry()), button.text()
    assert engine.requests == []
