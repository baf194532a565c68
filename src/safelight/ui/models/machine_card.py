"""The settings that decide how much of the computer Safelight may use."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFrame, QGridLayout, QWidget

from safelight.core.settings import (
    IDLE_MINUTES,
    MACHINE_SHARE,
    MAX_MEGAPIXELS,
    PAUSE_ON_BATTERY,
    MachineShare,
    Settings,
    written,
)
from safelight.ui.translation import translate
from safelight.ui.widgets.inputs import ChoiceBox
from safelight.ui.widgets.wrapping_label import WrappingLabel

_SHARES = {
    MachineShare.GENTLE: translate("MachineCard", "Gentle: half of it, after all other programs"),
    MachineShare.BALANCED: translate("MachineCard", "Balanced: full speed when the computer is idle"),
    MachineShare.FULL: translate("MachineCard", "Full: always as fast as possible"),
}
_MEGAPIXELS = (100, 300, 600, 1200, 4000)
_MINUTES = {
    5: translate("MachineCard", "after 5 minutes"),
    20: translate("MachineCard", "after 20 minutes"),
    60: translate("MachineCard", "after an hour"),
    0: "never",
}


class MachineCard(QFrame):
    """Shows these settings and emits what the user changes."""

    changed = Signal(str, str)  # name and text, as safelight.core.settings declares them

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "card")
        self.setAccessibleName(translate("MachineCard", "This machine"))
        self.share = ChoiceBox()
        self.share.setAccessibleName(translate("MachineCard", "How much of the machine to use"))
        for value, text in _SHARES.items():
            self.share.addItem(text, str(value))
        self.rest = ChoiceBox()
        self.rest.setAccessibleName(translate("MachineCard", "Free the memory of an unused model"))
        for minutes, text in _MINUTES.items():
            self.rest.addItem(text, minutes)
        self.pixels = ChoiceBox()
        self.pixels.setAccessibleName(translate("MachineCard", "Open pictures of up to"))
        self.pixels.setToolTip(
            translate(
                "MachineCard",
                "Larger pictures are listed as problems. A picture of 300 megapixels takes "
                "about 1 GB of memory while it is read.",
            )
        )
        for amount in _MEGAPIXELS:
            self.pixels.addItem(
                translate("MachineCard", "{amount:,} megapixels").format(amount=amount), amount
            )
        for choice in (self.share, self.rest, self.pixels):
            choice.view().setAccessibleName(choice.accessibleName())
        self.battery = QCheckBox(translate("MachineCard", "Pause reading photos on battery"))
        grid = QGridLayout(self)
        grid.setContentsMargins(16, 12, 12, 12)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        for row, (label, box) in enumerate(
            (
                (translate("MachineCard", "Reading photos may use the machine"), self.share),
                (translate("MachineCard", "Unload idle model"), self.rest),
                (translate("MachineCard", "Open pictures of up to"), self.pixels),
            )
        ):
            words = WrappingLabel(label)
            words.setBuddy(box)
            grid.addWidget(words, row, 0)
            grid.addWidget(box, row, 1, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(self.battery, 3, 0, 1, 2)
        grid.setColumnStretch(0, 100)
        grid.setColumnStretch(1, 1)
        self.show_preferences(Settings())
        # Only changes by the user, not by show_preferences.
        for setting, box in (
            (MACHINE_SHARE, self.share),
            (IDLE_MINUTES, self.rest),
            (MAX_MEGAPIXELS, self.pixels),
        ):
            box.activated.connect(partial(self._emit_choice, setting.name, box))
        self.battery.clicked.connect(lambda on: self.changed.emit(PAUSE_ON_BATTERY.name, written(on)))

    def _emit_choice(self, name: str, box: QComboBox, _: int) -> None:
        self.changed.emit(name, str(box.currentData()))

    def show_preferences(self, settings: Settings) -> None:
        self.share.setCurrentIndex(self.share.findData(str(settings[MACHINE_SHARE])))
        minutes = settings[IDLE_MINUTES]
        if self.rest.findData(minutes) < 0:  # set in the terminal
            self.rest.addItem(
                translate("MachineCard", "after {minutes} minutes").format(minutes=minutes), minutes
            )
        self.rest.setCurrentIndex(self.rest.findData(minutes))
        amount = settings[MAX_MEGAPIXELS]
        if self.pixels.findData(amount) < 0:
            self.pixels.addItem(
                translate("MachineCard", "{amount:,} megapixels").format(amount=amount), amount
            )
        self.pixels.setCurrentIndex(self.pixels.findData(amount))
        self.battery.setChecked(settings[PAUSE_ON_BATTERY])
