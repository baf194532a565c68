"""All commands as actions with shortcuts, and the menus that contain them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtGui import QAction, QIcon, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from safelight.ui.appearance.icons import icon
from safelight.ui.appearance.theme import Theme
from safelight.ui.commands.menus import CONTEXT_MENU, MAIN_MENU, REFINING_COMMANDS, Groups, Submenu
from safelight.ui.commands.shortcuts import FIXED_SHORTCUTS, ChangedKeys, Shortcut
from safelight.ui.pages.declarations import PAGES
from safelight.ui.translation import translate


@dataclass(frozen=True, slots=True)
class Command:
    """One command and how it is presented."""

    name: str
    text: str
    keys: tuple[str, ...] = ()
    mark: str = ""
    needs: str = ""
    """``photos``, ``one`` or ``few`` (two to four): how many photos must be selected."""
    checkable: bool = False
    repeats: bool = True
    """Whether holding the key repeats the command."""
    group: str = ""
    """The heading in the list of shortcuts; empty for the usual one."""


COMMANDS = (
    Command("find_similar", translate("Actions", "Find similar"), ("Ctrl+L",), "similar", "one"),
    Command("more_like", translate("Actions", "More like this"), ("Ctrl+Shift+L",), "plus", "photos"),
    Command("less_like", translate("Actions", "Less like this"), ("Ctrl+Shift+K",), "minus", "photos"),
    Command("view", translate("Actions", "Open\tEnter"), (), "eye", "one"),
    Command("slideshow", translate("Actions", "Slideshow"), ("F6",), "play"),
    Command("compare", translate("Actions", "Compare"), ("C",), "compare", "few"),
    Command(
        "open_externally",
        translate("Actions", "Open with default application"),
        ("Ctrl+Enter", "Ctrl+Return"),
        "external",
        "one",
    ),
    Command("show_in_folder", translate("Actions", "Show in file manager"), ("Ctrl+R",), "folder", "one"),
    Command("copy", translate("Actions", "Copy"), ("Ctrl+C",), "copy", "photos"),
    Command("copy_path", translate("Actions", "Copy path"), ("Ctrl+Shift+C",), "", "photos"),
    Command("export", translate("Actions", "Copy to folder …"), ("Ctrl+Shift+E",), "export", "photos"),
    Command("favourite", translate("Actions", "Favourite"), ("F",), "heart", "photos"),
    *(
        Command(
            f"rate_{stars}",
            (
                translate("Actions", "Remove rating"),
                translate("Actions", "Rate 1 star"),
                translate("Actions", "Rate {stars} stars").format(stars=stars),
            )[min(stars, 2)],
            (str(stars),),
            "",
            "photos",
        )
        for stars in range(6)
    ),
    Command("reject", translate("Actions", "Reject"), ("X",), "close", "photos"),
    Command("label_red", translate("Actions", "Label red"), ("6",), "label", "photos"),
    Command("label_yellow", translate("Actions", "Label yellow"), ("7",), "label", "photos"),
    Command("label_green", translate("Actions", "Label green"), ("8",), "label", "photos"),
    Command("label_blue", translate("Actions", "Label blue"), ("9",), "label", "photos"),
    Command("label_purple", translate("Actions", "Label purple"), (), "label", "photos"),
    Command("label_none", translate("Actions", "Remove label"), (), "", "photos"),
    Command("tag", translate("Actions", "Add tag …"), ("T",), "tag", "photos"),
    Command("accept_tags", translate("Actions", "Add suggested tags"), ("Ctrl+Shift+T",), "tag", "photos"),
    Command("teach", translate("Actions", "Teach what photos show …"), ("Shift+T",), "concept", "photos"),
    Command("to_album", translate("Actions", "Add to album …"), ("Shift+A",), "album", "photos"),
    Command("from_album", translate("Actions", "Remove from this album"), (), "", "photos"),
    Command("stack", translate("Actions", "Stack"), ("G",), "stack", "several"),
    Command("unstack", translate("Actions", "Unstack"), ("Shift+G",), "", "photos"),
    Command("open_stack", translate("Actions", "Open or close stack"), ("O",), "", "photos"),
    Command("stack_top", translate("Actions", "Show on top of its stack"), ("Ctrl+T",), "", "one"),
    Command("album_cover", translate("Actions", "Use as cover of this album"), (), "image", "one"),
    *(
        Command(name, text, (keys,), "", "photos", group=translate("Actions", "In an album"))
        for name, text, keys in (
            ("earlier", translate("Actions", "Move back in the album"), "Alt+Shift+Left"),
            ("later", translate("Actions", "Move forward in the album"), "Alt+Shift+Right"),
            ("to_start", translate("Actions", "Move to the start of the album"), "Alt+Shift+Home"),
            ("to_end", translate("Actions", "Move to the end of the album"), "Alt+Shift+End"),
        )
    ),
    Command("turn_right", translate("Actions", "Turn right"), ("R",), "", "photos"),
    Command("turn_left", translate("Actions", "Turn left"), ("Shift+R",), "", "photos"),
    Command("hide", translate("Actions", "Hide or show"), ("H",), "eye-off", "photos"),
    Command("new_album", translate("Actions", "New album …"), (), "album"),
    Command("palette", translate("Actions", "Command palette …"), ("Ctrl+K",), "search"),
    Command("trash", translate("Actions", "Move to trash"), ("Del",), "trash", "photos", repeats=False),
    Command("undo", translate("Actions", "Undo"), ("Ctrl+Z",), "undo", repeats=False),
    Command("add_folder", translate("Actions", "Add folder …"), ("Ctrl+O",), "plus"),
    Command("rescan", translate("Actions", "Rescan all folders"), ("F5",), "refresh"),
    Command("pause", translate("Actions", "Pause indexing"), ("Ctrl+P",), "pause"),
    Command("search", translate("Actions", "Search"), ("Ctrl+F", "/"), "search"),
    Command("save_search", translate("Actions", "Save search …"), ("Ctrl+Shift+S",), "bookmark"),
    Command("clear_history", translate("Actions", "Clear search history")),
    Command("paste", translate("Actions", "Find pictures similar to the copied one"), ("Ctrl+V",), ""),
    Command("select_all", translate("Actions", "Select all"), ("Ctrl+A",), ""),
    *(
        Command(
            page.key,
            page.title,
            (page.shortcut,) if page.shortcut else (),
            page.icon,
            group=translate("Actions", "Go to"),
        )
        for page in PAGES
    ),
    Command(
        "back", translate("Actions", "Back"), ("Alt+Left",), "arrow-left", group=translate("Actions", "Go to")
    ),
    Command(
        "forward",
        translate("Actions", "Forward"),
        ("Alt+Right",),
        "arrow-right",
        group=translate("Actions", "Go to"),
    ),
    Command(
        "go_to_date",
        translate("Actions", "Go to date …"),
        ("Ctrl+G",),
        "calendar",
        group=translate("Actions", "Go to"),
    ),
    Command("unfold", translate("Actions", "Show or hide less likely results"), ("Ctrl+J",), ""),
    Command("arrange", translate("Actions", "Sort and arrange …"), ("Ctrl+Shift+O",), "sort"),
    Command("rail", translate("Actions", "Sidebar"), ("F9",), "", checkable=True),
    Command("details", translate("Actions", "Details"), ("Ctrl+I",), "", checkable=True),
    Command("larger", translate("Actions", "Larger thumbnails"), ("Ctrl++", "Ctrl+="), ""),
    Command("smaller", translate("Actions", "Smaller thumbnails"), ("Ctrl+-",), ""),
    Command("full_screen", translate("Actions", "Full screen"), ("F11",), "", checkable=True),
    Command("menu", translate("Actions", "Menu"), ("F10",), ""),
    Command("shortcuts", translate("Actions", "Keyboard shortcuts"), ("F1", "?"), "keyboard"),
    Command("quit", translate("Actions", "Quit"), ("Ctrl+Q",), ""),
)

_REQUIRED_COUNT = {
    "photos": range(1, sys.maxsize),
    "one": range(1, 2),
    "several": range(2, sys.maxsize),
    "few": range(2, 5),
}
"""How many selected photos each kind of command needs."""


_IN_ALBUM = ("from_album", "album_cover", "earlier", "later", "to_start", "to_end")


class Actions:
    """The window's actions. Their shortcuts work in ``owner``."""

    def __init__(
        self,
        owner: QWidget,
        handlers: Mapping[str, Callable[[], object]],
        theme: Theme,
        changed_keys: ChangedKeys,
    ) -> None:
        """``handlers``: a function for each command, by name."""
        self._changed_keys = changed_keys
        self._owner = owner
        self._theme = theme
        self._icons: dict[str, QIcon] = {}
        """Icons by mark, in the colour of the theme. Commands share marks, and some change with the
        selection.
        """
        self._favourite = False
        self._paused = False
        self._actions: dict[str, QAction] = {}
        self._submenus: list[tuple[QMenu, str]] = []
        """Each with the mark of its icon."""
        self._refines = False
        for command in COMMANDS:
            action = QAction(command.text, owner)
            self._set_keys(action, command)
            action.setCheckable(command.checkable)
            action.setAutoRepeat(command.repeats)
            # Without the argument of the signal, which a handler with an optional parameter would take.
            action.triggered.connect(lambda _, run=handlers[command.name]: run())
            owner.addAction(action)
            self._actions[command.name] = action
        self.apply_theme(theme)
        self.enable_for(0, favourite=False)
        self.show_album(False)

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    @property
    def all(self) -> Mapping[str, QAction]:
        """Every action by the name of its command."""
        return self._actions

    def shortcuts(self) -> list[Shortcut]:
        """All commands with their keys, and the fixed keys of views."""
        commands = [
            Shortcut(
                command.group
                or (
                    translate("Actions", "Selected photos")
                    if command.needs
                    else translate("Actions", "Window")
                ),
                command.text.partition("\t")[0],
                self._changed_keys.of(command.name, command.keys or _keys_of_view(command)),
                command.name,
            )
            for command in COMMANDS
        ]
        return [*commands, *FIXED_SHORTCUTS]

    def change_keys(self, name: str, keys: Sequence[str] | None) -> None:
        """Give a command other keys; None restores the default."""
        self._changed_keys.change(name, keys)
        command = next(each for each in COMMANDS if each.name == name)
        self._set_keys(self._actions[name], command)

    def _set_keys(self, action: QAction, command: Command) -> None:
        keys = self._changed_keys.of(command.name, command.keys)
        action.setShortcuts([QKeySequence(each) for each in keys])
        name = command.text.partition("\t")[0]
        shown = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        tip = translate("Actions", "{name} ({keys})")
        action.setToolTip(tip.format(name=name, keys=shown) if shown else name)

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._icons.clear()
        for submenu, mark in self._submenus:
            submenu.setIcon(self._icon(mark))
        for command in COMMANDS:
            if command.mark:
                self._actions[command.name].setIcon(self._icon(command.mark))
        self._show_favourite()
        self._show_pause()

    def enable_for(self, selected: int, *, favourite: bool) -> None:
        """Enable the commands that apply to this many photos. ``favourite``: all of them are favourites."""
        # One of the two takes the place of the other, so that menus stay short. Qt disables hidden ones.
        comparable = selected in _REQUIRED_COUNT["few"]
        self._actions["compare"].setVisible(comparable)
        self._actions["view"].setVisible(not comparable)
        for command in COMMANDS:
            if command.needs:
                self._actions[command.name].setEnabled(selected in _REQUIRED_COUNT[command.needs])
        if favourite != self._favourite:
            self._favourite = favourite
            self._show_favourite()

    def show_album(self, shown: bool) -> None:
        """Offer the commands for photos of an album while one is shown."""
        for name in _IN_ALBUM:
            self._actions[name].setVisible(shown)

    def show_paused(self, paused: bool) -> None:
        """Show whether indexing is paused, in which case the command resumes it."""
        if paused != self._paused:
            self._paused = paused
            self._show_pause()

    def _show_pause(self) -> None:
        self._actions["pause"].setText(
            translate("Actions", "Resume indexing")
            if self._paused
            else translate("Actions", "Pause indexing")
        )
        self._actions["pause"].setIcon(self._icon("play" if self._paused else "pause"))

    def _show_favourite(self) -> None:
        mark = "heart-filled" if self._favourite else "heart"
        self._actions["favourite"].setText(
            translate("Actions", "Remove from favourites")
            if self._favourite
            else translate("Actions", "Favourite")
        )
        self._actions["favourite"].setIcon(self._icon(mark))

    def _icon(self, mark: str) -> QIcon:
        if mark not in self._icons:
            self._icons[mark] = icon(mark, self._theme.secondary)
        return self._icons[mark]

    def offer_refining(self, offered: bool) -> None:
        """Whether context menus offer more and fewer photos like one: they change the search."""
        self._refines = offered

    def context_menu(self) -> QMenu:
        """The menu of photos."""
        menu = self._menu(CONTEXT_MENU)
        menu.aboutToShow.connect(lambda: self._show_refining(menu))
        return menu

    def main_menu(self) -> QMenu:
        return self._menu(MAIN_MENU)

    def _show_refining(self, menu: QMenu) -> None:
        # Not hidden: Qt disables the keys of hidden commands, which begin a search where there is none.
        for name in REFINING_COMMANDS:
            if self._refines:
                menu.insertAction(self._actions["view"], self._actions[name])
            else:
                menu.removeAction(self._actions[name])

    def _menu(self, groups: Groups) -> QMenu:
        menu = QMenu(self._owner)
        for number, group in enumerate(groups):
            if number:
                menu.addSeparator()
            for entry in group:
                if isinstance(entry, Submenu):
                    submenu = self._menu(entry.groups)
                    submenu.setTitle(entry.title)
                    submenu.setIcon(self._icon(entry.mark))
                    self._submenus.append((submenu, entry.mark))
                    menu.addMenu(submenu)
                else:
                    menu.addAction(self._actions[entry])
        return menu


def _keys_of_view(command: Command) -> tuple[str, ...]:
    """The key that the grid itself handles, which the text of the command names after a tab."""
    _, _, key = command.text.partition("\t")
    return (key,) if key else ()
