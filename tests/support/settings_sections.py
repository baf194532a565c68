"""The sections of the settings page, as a user opens them."""

from __future__ import annotations

from PySide6.QtCore import Qt

from safelight.ui.settings.page import SettingsPage


def open_section(page: SettingsPage, name: str) -> None:
    (entry,) = page.sections.findItems(name, Qt.MatchFlag.MatchExactly)
    page.sections.setCurrentItem(entry)
