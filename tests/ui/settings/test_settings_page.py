"""The settings page: every declared setting has a row that shows and changes it; shortcuts can be found."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QListWidget,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QStyle,
    QStyleOptionViewItem,
)
from pytestqt.qtbot import QtBot

from safelight.core.keeper import DEFAULT_RULES
from safelight.core.settings import SETTINGS, ColourScheme, Section, Settings
from safelight.engine import events, requests
from safelight.services.program_requests import ProgramRequest, RequestRecord
from safelight.ui.appearance.theme import DARK, LIGHT
from safelight.ui.pages.declarations import MODELS
from safelight.ui.pages.declarations import SETTINGS as SETTINGS_PAGE
from safelight.ui.settings.page import SettingsPage
from safelight.ui.settings.shortcuts import ChangeKeysDialog, ShortcutList, ShortcutSheet
from safelight.ui.view_request import Place, ViewRequest
from safelight.ui.widgets.elided_label import ElidedLabel
from safelight.ui.widgets.page_scroll import PageScroll
from safelight.ui.widgets.rule_list import RuleList
from safelight.ui.widgets.setting_row import SettingRow
from safelight.ui.window.build import build_window
from safelight.ui.window.main_window import MainWindow
from support.filled_library import FilledLibrary
from support.scripted_client import ScriptedClient
from support.settings_sections import open_section
from support.threaded_decoder import ThreadedDecoder

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def library(tmp_path: Path) -> Iterator[FilledLibrary]:
    made = FilledLibrary(tmp_path)
    made.add(("a.jpg", "2021-06-04T10:00:00"), ("b.jpg", "2020-06-04T10:00:00"))
    yield made
    made.close()


def opened(
    library: FilledLibrary, client: ScriptedClient, qapp: QApplication, qtbot: QtBot, photos: int = 2
) -> MainWindow:
    made = build_window(qapp, library.directory, lambda: client, ThreadedDecoder())
    qtbot.addWidget(made)
    made.resize(1100, 700)
    made.show()
    made.start()
    qtbot.waitUntil(lambda: made.model.rowCount() == photos)
    return made


@pytest.fixture
def window(
    library: FilledLibrary, client: ScriptedClient, qapp: QApplication, qtbot: QtBot
) -> Iterator[MainWindow]:
    made = opened(library, client, qapp, qtbot)
    yield made
    assert made.shutdown()
    made.services.themes.set_scheme(ColourScheme.DARK)


@pytest.fixture
def page(window: MainWindow) -> SettingsPage:
    window.views.show_page(SETTINGS_PAGE)
    return window.controllers.settings.page.get()


def shown(window: MainWindow) -> str:
    assert window.content.page is not None
    return "Photos" if window.content.page is window.grid else window.content.page.accessibleName()


def visible_texts(shortcuts: ShortcutList) -> list[str]:
    """The commands that pass the filter."""
    tree, found = shortcuts.tree, []
    for row in range(tree.topLevelItemCount()):
        group = tree.topLevelItem(row)
        assert group is not None
        children = (group.child(each) for each in range(group.childCount()))
        found += [child.text(0) for child in children if child is not None and not child.isHidden()]
    return found


def changes(client: ScriptedClient) -> list[tuple[str, str]]:
    return [(each.name, each.text) for each in client.requests if isinstance(each, requests.ChangeSetting)]


def test_every_setting_has_a_row_in_its_section(page: SettingsPage) -> None:
    sections = list(Section)
    in_order = sorted(SETTINGS, key=lambda setting: sections.index(setting.section))
    assert list(page.rows) == [setting.name for setting in in_order]
    titles = [page.sections.item(row).text() for row in range(page.sections.count())]
    assert titles == [*(str(each.value) for each in Section), "Programs", "Shortcuts", "About"]


def test_each_input_sends_what_the_user_changes(
    page: SettingsPage, client: ScriptedClient, qtbot: QtBot
) -> None:
    theme, battery, pixels, rules = (
        page.rows[name].input for name in ("theme", "pause-on-battery", "max-megapixels", "keeper-rules")
    )
    assert isinstance(theme, QComboBox)
    assert isinstance(battery, QCheckBox)
    assert isinstance(pixels, QSpinBox)
    assert isinstance(rules, RuleList)
    theme.setCurrentIndex(1)
    theme.activated.emit(1)
    battery.click()
    pixels.setValue(450)
    rules.setCurrentRow(1)
    rules.move_current(-1)
    expected = [("theme", "light"), ("pause-on-battery", "on"), ("max-megapixels", "450")]
    first, second, *others = DEFAULT_RULES
    expected.append(("keeper-rules", ",".join((second, first, *others))))
    qtbot.waitUntil(lambda: changes(client) == expected)


def test_the_order_of_the_rules_can_be_restored(
    page: SettingsPage, client: ScriptedClient, qtbot: QtBot
) -> None:
    row = page.rows["keeper-rules"]
    rules = row.input
    assert isinstance(rules, RuleList)
    first, second, *others = DEFAULT_RULES
    rules.setCurrentRow(1)
    rules.move_current(-1)
    qtbot.waitUntil(lambda: changes(client) == [("keeper-rules", ",".join((second, first, *others)))])
    row.restore.click()
    qtbot.waitUntil(lambda: changes(client)[1:] == [("keeper-rules", ",".join(DEFAULT_RULES))])
    assert rules.rules == tuple(DEFAULT_RULES)
    row.restore.click()
    rules.setCurrentRow(1)
    rules.move_current(-1)
    qtbot.waitUntil(lambda: len(changes(client)) == 3)  # the second click changed nothing


def test_all_rules_are_visible_without_scrolling(page: SettingsPage) -> None:
    rules = page.rows["keeper-rules"].input
    assert isinstance(rules, RuleList)
    page.sections.setCurrentRow(list(Section).index(Section.DUPLICATES))
    last = rules.visualItemRect(rules.item(rules.count() - 1))
    assert rules.viewport().rect().contains(last)


def test_numbers_begin_where_the_texts_of_other_inputs_do(page: SettingsPage) -> None:
    number = page.rows["max-megapixels"].input
    assert isinstance(number, QSpinBox)
    line = number.lineEdit()
    assert line.x() + line.textMargins().left() >= 7


def test_what_is_set_is_shown_and_applied_without_being_sent_again(
    window: MainWindow, page: SettingsPage, client: ScriptedClient, qtbot: QtBot
) -> None:
    said = Settings({"theme": ColourScheme.LIGHT, "max-megapixels": 77, "compact": True})
    client.say(events.SettingsRead(1, said))
    pixels = page.rows["max-megapixels"].input
    assert isinstance(pixels, QSpinBox)
    qtbot.waitUntil(lambda: pixels.value() == 77)
    assert window.services.themes.theme is LIGHT
    assert window.search_bar.arrange.dense.isChecked()
    assert window.services.state.text("theme") == "light"
    client.say(events.SettingsRead(2, Settings({"theme": ColourScheme.DARK})))
    qtbot.waitUntil(lambda: window.services.themes.theme is DARK)
    assert changes(client) == []


def test_the_page_covers_what_is_shown_and_gives_it_back(window: MainWindow, page: SettingsPage) -> None:
    assert shown(window) == "Settings"
    QTest.keyClick(page, Qt.Key.Key_Escape)
    assert shown(window) == "Photos"
    window.views.show_page(SETTINGS_PAGE)
    window.views.show_page(MODELS)
    window.commands["back"].trigger()
    assert shown(window) == "Settings"
    window.commands["back"].trigger()
    assert shown(window) == "Photos"
    assert not window.commands["back"].isEnabled()
    window.commands["forward"].trigger()
    assert shown(window) == "Settings"


def test_all_shortcuts_are_in_the_sheet_and_can_be_searched(window: MainWindow, qtbot: QtBot) -> None:
    window.commands["shortcuts"].trigger()
    sheet = window.findChild(ShortcutSheet)
    assert sheet is not None
    texts = visible_texts(sheet.list)
    assert {"Find similar", "Settings", "Film strip", "Back"} <= set(texts)
    QTest.keyClicks(sheet.list.box, "similar ctrl+l")
    assert visible_texts(sheet.list) == ["Find similar"]
    sheet.reject()


def test_the_keys_of_a_command_can_be_changed_and_are_kept(
    library: FilledLibrary, client: ScriptedClient, qapp: QApplication, qtbot: QtBot
) -> None:
    window = opened(library, client, qapp, qtbot)
    window.views.show_page(SETTINGS_PAGE)
    page = window.controllers.settings.page.get()
    shortcut = next(each for each in window.commands.shortcuts() if each.command == "details")
    page.shortcuts.change_requested.emit(shortcut)
    dialog = window.findChild(ChangeKeysDialog)
    assert dialog is not None
    dialog.edit.setKeySequence("Ctrl+L")
    assert "Find similar" in dialog.taken.text()
    assert not dialog.accept_button.isEnabled()
    dialog.edit.setKeySequence("Ctrl+Shift+D")
    dialog.accept_button.click()
    assert window.commands["details"].shortcut().toString() == "Ctrl+Shift+D"
    assert window.shutdown()
    again = opened(library, ScriptedClient(), qapp, qtbot)
    assert again.commands["details"].shortcut().toString() == "Ctrl+Shift+D"
    again.commands.change_keys("details", None)
    assert again.commands["details"].shortcut().toString() == "Ctrl+I"
    assert again.shutdown()


def test_the_window_opens_where_it_was_left_if_that_is_set(
    library: FilledLibrary, client: ScriptedClient, qapp: QApplication, qtbot: QtBot
) -> None:
    window = opened(library, client, qapp, qtbot)
    window.views.show_scope(ViewRequest(Place.RECENT))
    window.services.state.keep("start-view", "last")
    assert window.shutdown()
    again = opened(library, ScriptedClient(), qapp, qtbot)
    assert again.results.scope == ViewRequest(Place.RECENT)
    again.services.state.keep("start-view", "library")
    assert again.shutdown()
    third = opened(library, ScriptedClient(), qapp, qtbot)
    assert third.results.scope == ViewRequest()
    assert third.shutdown()


def test_the_scroll_position_and_the_selection_come_back_too(
    library: FilledLibrary, client: ScriptedClient, qapp: QApplication, qtbot: QtBot
) -> None:
    ids = library.add(*((f"later {n:03}.jpg", f"2022-06-{n % 28 + 1:02}T10:00:00") for n in range(120)))
    window = opened(library, client, qapp, qtbot, 122)
    chosen = [ids[60], ids[70]]
    window.grid.select_photos(chosen)
    window.grid.verticalScrollBar().setValue(window.grid.verticalScrollBar().maximum() // 2)
    top = window.grid.ids_on_screen()[0]
    window.services.state.keep("start-view", "last")
    assert window.shutdown()
    again = opened(library, ScriptedClient(), qapp, qtbot, 122)
    qtbot.waitUntil(lambda: sorted(again.grid.selected_ids()) == sorted(chosen))
    assert top in again.grid.ids_on_screen()
    # Only the first list is scrolled: what is shown later begins at its top.
    again.views.show_scope(ViewRequest(Place.RECENT))
    qtbot.waitUntil(lambda: again.results.scope == ViewRequest(Place.RECENT))
    qtbot.waitUntil(lambda: again.grid.verticalOffset() == 0)
    assert again.shutdown()


def test_deleted_photos_are_forgotten_from_the_storage_section(
    page: SettingsPage, client: ScriptedClient, qtbot: QtBot
) -> None:
    page.forget.click()
    qtbot.waitUntil(lambda: requests.ForgetDeleted() in client.requests)


def test_what_programs_asked_is_listed_once_there_is_something(
    window: MainWindow, library: FilledLibrary, qtbot: QtBot
) -> None:
    window.views.show_page(SETTINGS_PAGE)
    page = window.controllers.settings.page.get()
    open_section(page, "Programs")
    (entry,) = page.sections.findItems("Programs", Qt.MatchFlag.MatchExactly)
    assert entry.isHidden()
    record = RequestRecord(library.directory)
    record.add(ProgramRequest(1.0, "mcp", "search", "dog -grass", 3))
    window.views.navigation.back()
    window.views.show_page(SETTINGS_PAGE)
    qtbot.waitUntil(lambda: not entry.isHidden())
    open_section(page, "Programs")
    qtbot.waitUntil(page.programs.isVisible)
    record.add(ProgramRequest(2.0, "serve", "picture", "a.jpg", 1, refused=True))
    tree = page.programs.tree
    qtbot.waitUntil(lambda: tree.topLevelItemCount() == 2)
    rows = [[item.text(column) for column in (1, 2, 3)] for item in map(tree.topLevelItem, range(2)) if item]
    assert rows == [
        ["Program (HTTP)", "the picture a.jpg", "refused"],
        ["Assistant (MCP)", "search “dog -grass”", "3 photos"],
    ]
    QTest.mouseClick(page.programs.clear, Qt.MouseButton.LeftButton)
    assert tree.topLevelItemCount() == 0
    assert not record.path.exists()
    assert not entry.isHidden(), "the section that is open does not vanish"


def test_a_record_that_cannot_be_read_is_reported(window: MainWindow, library: FilledLibrary) -> None:
    window.views.show_page(SETTINGS_PAGE)
    page = window.controllers.settings.page.get()
    record = RequestRecord(library.directory)
    record.path.mkdir()
    page.programs.read()
    assert record.path.name in page.programs.error.text()


def _is_within(row: SettingRow, scroll: QScrollArea) -> bool:
    """Whether the input of a row ends within the visible width."""
    content = scroll.widget()
    assert content is not None
    return row.input.mapTo(content, row.input.rect().topRight()).x() < scroll.viewport().width()


def _shows_full_width(scroll: QScrollArea) -> bool:
    """Whether nothing in a scroll area is cut off at its side."""
    content = scroll.widget()
    assert content is not None
    return 0 < content.width() <= scroll.viewport().width()


def _fits_names(sections: QListWidget) -> bool:
    """Whether no name of a section is elided."""
    style, feature = sections.style(), QStyleOptionViewItem.ViewItemFeature
    margin = style.pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin) + 1
    for row in range(sections.count()):
        item = sections.item(row)
        option = QStyleOptionViewItem()
        option.initFrom(sections)
        option.widget = sections
        option.features = feature.HasDisplay | feature.HasDecoration
        option.decorationSize = sections.iconSize()
        option.text, option.icon = item.text(), item.icon()
        option.rect = sections.visualItemRect(item)
        room = style.subElementRect(QStyle.SubElement.SE_ItemViewItemText, option, sections)
        needed = sections.fontMetrics().horizontalAdvance(item.text()) + 2 * margin
        if not item.isHidden() and room.intersected(sections.viewport().rect()).width() < needed:
            return False
    return True


@pytest.mark.parametrize("width", [640, 720, 820, 1100])
def test_nothing_is_cut_off_in_a_narrow_window(
    window: MainWindow, page: SettingsPage, qtbot: QtBot, width: int
) -> None:
    window.resize(width, 500)
    qtbot.waitUntil(partial(_fits_names, page.sections))
    for section in (Section.GENERAL, Section.SEARCH, Section.STORAGE):
        open_section(page, str(section.value))
        for setting in SETTINGS:
            if setting.section is section:
                row = page.rows[setting.name]
                scroll = next(each for each in page.findChildren(PageScroll) if each.isAncestorOf(row))
                qtbot.waitUntil(row.isVisible)
                qtbot.waitUntil(partial(_is_within, row, scroll))


@pytest.mark.parametrize("width", [640, 720, 1100])
def test_no_section_is_wider_than_a_narrow_window(
    window: MainWindow, page: SettingsPage, qtbot: QtBot, width: int
) -> None:
    window.resize(width, 500)
    for row in range(page.sections.count()):
        page.sections.setCurrentRow(row)
        scroll = next(each for each in page.findChildren(PageScroll) if each.isVisible())
        qtbot.waitUntil(partial(_shows_full_width, scroll))


def test_the_path_of_a_folder_has_a_line_of_its_own(
    window: MainWindow, page: SettingsPage, library: FilledLibrary, qtbot: QtBot
) -> None:
    window.resize(640, 500)
    open_section(page, str(Section.FOLDERS.value))
    path = next(each for each in page.findChildren(ElidedLabel) if each.isVisible())
    button = next(each for each in page.findChildren(QPushButton) if each.text() == "Change …")
    row = button.parentWidget()
    assert row is not None
    qtbot.waitUntil(lambda: path.width() == row.width())
    assert path.geometry().bottom() <= button.geometry().top()
