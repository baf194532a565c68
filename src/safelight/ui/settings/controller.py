"""Connects the settings page and the shortcut sheet to the rest of the window."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from safelight.core.settings import COMPACT, LARGE_THUMBNAILS, START_VIEW, THEME, Settings
from safelight.engine import events, requests
from safelight.ui.appearance.theme import Theme
from safelight.ui.commands.shortcuts import Shortcut
from safelight.ui.lazy_page import LazyPage
from safelight.ui.library.reads import Overview
from safelight.ui.library.window_services import WindowServices

if TYPE_CHECKING:
    from safelight.ui.commands.actions import Actions
    from safelight.ui.settings.page import LibraryFiles, SettingsPage


class SettingsController(QObject):
    """Sends changes to the engine and applies those that concern the window itself."""

    compact_changed = Signal(bool)

    def __init__(self, services: WindowServices, library: Path, window: QWidget) -> None:
        super().__init__(window)
        self._services = services
        self._library = library
        self._window = window
        self._settings = Settings()
        self._overview: Overview | None = None
        self._commands: Actions | None = None
        self.page = LazyPage(self._make_page)
        services.bridge.settings_read.connect(self._on_settings_read)
        services.bridge.request_failed.connect(self._show_again)

    def set_commands(self, commands: Actions) -> None:
        """The commands whose keys are listed and changed."""
        self._commands = commands

    def change(self, name: str, text: str) -> None:
        self._services.bridge.send(
            requests.ChangeSetting(next(self._services.bridge.generations), name, text)
        )

    def apply_theme(self, theme: Theme) -> None:
        if self.page.made is not None:
            self.page.made.apply_theme(theme)

    def show_shortcuts(self) -> None:
        """The sheet of all shortcuts."""
        from safelight.ui.settings.shortcuts import ShortcutSheet

        sheet = ShortcutSheet(self._shortcuts(), self._window)
        sheet.finished.connect(sheet.deleteLater)
        sheet.open()

    def _make_page(self) -> SettingsPage:
        from safelight.services.program_requests import RequestRecord
        from safelight.ui.settings.page import SettingsPage
        from safelight.ui.settings.programs import ProgramRequestList
        from safelight.ui.settings.shortcuts import ShortcutList

        shortcuts = ShortcutList(changeable=True)
        shortcuts.show_shortcuts(self._shortcuts())
        shortcuts.change_requested.connect(self._ask_for_keys)
        programs = ProgramRequestList(RequestRecord(self._library))
        page = SettingsPage(self._services.themes.theme, shortcuts, programs)
        page.changed.connect(self.change)
        page.forget_requested.connect(lambda: self._services.bridge.send(requests.ForgetDeleted()))
        page.show_settings(self._settings)
        page.show_folders(self._overview.folders if self._overview is not None else ())
        page.show_library(self._library_files())
        return page

    def _library_files(self) -> LibraryFiles:
        from safelight.ui.settings.page import LibraryFiles

        return LibraryFiles.of(self._library)

    def _shortcuts(self) -> list[Shortcut]:
        return self._commands.shortcuts() if self._commands is not None else []

    def _ask_for_keys(self, shortcut: Shortcut) -> None:
        from safelight.ui.settings.shortcuts import ChangeKeysDialog

        def taken_by(keys: str) -> str:
            others = (each for each in self._shortcuts() if each.command != shortcut.command)
            return next((each.text for each in others if keys in each.keys), "")

        dialog = ChangeKeysDialog(shortcut, taken_by, self._window)
        dialog.chosen.connect(lambda keys: self._change_keys(shortcut.command, keys))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _change_keys(self, command: str, keys: tuple[str, ...] | None) -> None:
        if self._commands is not None:
            self._commands.change_keys(command, keys)
        if self.page.made is not None:
            self.page.made.shortcuts.show_shortcuts(self._shortcuts())

    def _on_settings_read(self, read: events.SettingsRead) -> None:
        self._settings = read.settings
        self._services.themes.set_scheme(self._settings[THEME])
        self.compact_changed.emit(self._settings[COMPACT])
        self._services.large.set_limit(self._settings[LARGE_THUMBNAILS])
        for setting in (THEME, START_VIEW):  # what a window needs before there is an engine
            self._services.state.keep(setting.name, str(self._settings[setting]))
        if self.page.made is not None:
            self.page.made.show_settings(self._settings)

    def _show_again(self, _: events.RequestFailed) -> None:
        """A change that was refused must not stay on the page."""
        if self.page.made is not None:
            self.page.made.show_settings(self._settings)

    def show_overview(self, overview: Overview) -> None:
        self._overview = overview
        if self.page.made is not None:
            self.page.made.show_folders(overview.folders)
            self.page.made.show_library(self._library_files())
