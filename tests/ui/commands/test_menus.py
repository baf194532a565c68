"""The menus of the window: short, in groups, and with what people look for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from safelight.ui.appearance.theme import DARK, LIGHT
from safelight.ui.commands.actions import COMMANDS, Actions
from safelight.ui.commands.shortcuts import ChangedKeys
from safelight.ui.window_state import WindowState

_LONGEST = 16
"""Entries that fit a screen that is 768 pixels high."""


@pytest.fixture
def actions(tmp_path: Path, qtbot: QtBot) -> Actions:
    owner = QWidget()
    qtbot.addWidget(owner)
    made = Actions(
        owner, {command.name: lambda: None for command in COMMANDS}, DARK, ChangedKeys(WindowState(tmp_path))
    )
    made.enable_for(1, favourite=False)
    return made


def visible(menu: QMenu) -> list[str]:
    menu.aboutToShow.emit()
    return [each.text().partition("\t")[0] for each in entries(menu) if each.isVisible()]


def entries(menu: QMenu) -> list[QAction]:
    return [each for each in menu.actions() if not each.isSeparator()]


def submenus(menu: QMenu) -> Iterator[QMenu]:
    for action in entries(menu):
        inner = action.menu()
        if isinstance(inner, QMenu):
            yield inner
            yield from submenus(inner)


def test_the_menu_of_a_photo_has_what_a_file_manager_has(actions: Actions) -> None:
    shown = visible(actions.context_menu())
    assert shown[0] == "Find similar"
    assert {"Open", "Open with default application", "Show in file manager", "Copy", "Copy path"} <= set(
        shown
    )
    assert len(shown) <= 10


def test_more_and_less_like_a_photo_are_offered_in_a_search(actions: Actions) -> None:
    menu = actions.context_menu()
    refining = ["More like this", "Less like this"]
    assert not set(refining) & set(visible(menu))
    actions.offer_refining(True)
    assert visible(menu)[:4] == ["Find similar", *refining, "Open"]
    assert visible(menu)[:4] == ["Find similar", *refining, "Open"]  # also when it is shown again
    actions.offer_refining(False)
    assert not set(refining) & set(visible(menu))
    # Their keys work in any case: they begin a search.
    assert actions["more_like"].isVisible()
    assert actions["more_like"].isEnabled()


def test_two_photos_are_compared_where_one_is_opened(actions: Actions) -> None:
    actions.enable_for(2, favourite=False)
    actions.offer_refining(True)
    shown = visible(actions.context_menu())
    assert shown[:4] == ["Find similar", "More like this", "Less like this", "Compare"]
    assert "Open" not in shown


def test_no_menu_is_longer_than_a_small_screen(actions: Actions) -> None:
    actions.show_album(True)
    for menu in (actions.context_menu(), actions.main_menu()):
        for each in (menu, *submenus(menu)):
            assert 0 < len(visible(each)) <= _LONGEST, each.title()


def test_every_page_and_every_command_of_a_photo_is_in_a_menu(actions: Actions) -> None:
    actions.offer_refining(True)
    offered: set[QAction] = set()
    for menu in (actions.context_menu(), actions.main_menu()):
        for each in (menu, *submenus(menu)):
            each.aboutToShow.emit()
            offered.update(entries(each))
    missing = {name for name, action in actions.all.items() if action not in offered}
    assert missing == {"accept_tags", "earlier", "later", "to_start", "to_end", "select_all", "menu"}


def test_the_icons_of_submenus_follow_the_theme(actions: Actions) -> None:
    menu = next(submenus(actions.main_menu()))
    before = menu.icon().cacheKey()
    actions.apply_theme(LIGHT)
    assert menu.icon().cacheKey() != before


def test_buttons_of_commands_name_their_keys(actions: Actions) -> None:
    button = QToolButton()
    button.setDefaultAction(actions["back"])
    assert button.toolTip() == "Back (Alt+Left)"
    actions.change_keys("back", ["Ctrl+B"])
    assert button.toolTip() == "Back (Ctrl+B)"
    actions.change_keys("back", [])
    assert button.toolTip() == "Back"
