"""The settings that decide how much of the computer Safelight may use."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from safelight.core.settings import IDLE_MINUTES, MACHINE_SHARE, MAX_MEGAPIXELS, PAUSE_ON_BATTERY, Settings
from safelight.ui.translation import translate
from safelight.ui.widgets.setting_row import SettingRow


class MachineCard(QFrame):
    """Shows these settings as the settings page does, and emits what the user changes."""

    changed = Signal(str, str)  # name and text, as safelight.core.settings declares them

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "card")
        self.setAccessibleName(translate("MachineCard", "This machine"))
        self.share = SettingRow(MACHINE_SHARE)
        self.battery = SettingRow(PAUSE_ON_BATTERY)
        self.rest = SettingRow(IDLE_MINUTES)
        self.pixels = SettingRow(MAX_MEGAPIXELS)
        self.rows = (self.share, self.battery, self.rest, self.pixels)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(12)
        for row in self.rows:
            row.changed.connect(self.changed)
            column.addWidget(row)

    def show_settings(self, settings: Settings) -> None:
        for row in self.rows:
            row.show_value(settings[row.setting])
