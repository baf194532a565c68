"""How much of the machine Safelight may use: choices that hold for the library."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QFrame, QGridLayout, QWidget

from safelight.core.preferences import MachineShare, Preferences
from safelight.ui.widgets.wrapping_label import WrappingLabel

_SHARES = {
    MachineShare.GENTLE: "Gentle: half of it, behind everything else",
    MachineShare.BALANCED: "Balanced: all of it while nobody else wants it",
    MachineShare.FULL: "Full: as fast as it goes",
}
_MEGAPIXELS = (100, 300, 600, 1200, 4000)
_MINUTES = {5: "after 5 minutes", 20: "after 20 minutes", 60: "after an hour", 0: "never"}


_NARROWEST = 140
"""Pixels to which the longest choice may be cut where the window is narrow."""


class _Choice(QComboBox):
    """The wheel is for the page: one that scrolls by would change what is set."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def minimumSizeHint(self) -> QSize:
        return super().minimumSizeHint().boundedTo(QSize(_NARROWEST, 10_000))

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class MachineCard(QFrame):
    """Emits what the person changed; shows what is told to it."""

    changed = Signal(str, str)  # name and text, as safelight.services.preferences takes them

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "card")
        self.setAccessibleName("This machine")
        self.share = _Choice()
        self.share.setAccessibleName("How much of the machine to use")
        for value, text in _SHARES.items():
            self.share.addItem(text, str(value))
        self.rest = _Choice()
        self.rest.setAccessibleName("Free the memory of an unused model")
        for minutes, text in _MINUTES.items():
            self.rest.addItem(text, minutes)
        self.pixels = _Choice()
        self.pixels.setAccessibleName("Open pictures of up to")
        self.pixels.setToolTip(
            "Larger pictures are listed as problems. A picture of 300 megapixels takes about 1 GB of memory "
            "while it is read."
        )
        for amount in _MEGAPIXELS:
            self.pixels.addItem(f"{amount:,} megapixels", amount)
        for choice in (self.share, self.rest, self.pixels):
            choice.view().setAccessibleName(choice.accessibleName())
        self.battery = QCheckBox("Pause reading photos on battery")
        grid = QGridLayout(self)
        grid.setContentsMargins(16, 12, 12, 12)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        for row, (label, box) in enumerate(
            (
                ("Reading photos may use the machine", self.share),
                ("An unused model leaves memory", self.rest),
                ("Open pictures of up to", self.pixels),
            )
        ):
            words = WrappingLabel(label)
            words.setBuddy(box)
            grid.addWidget(words, row, 0)
            grid.addWidget(box, row, 1, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(self.battery, 3, 0, 1, 2)
        grid.setColumnStretch(0, 100)
        grid.setColumnStretch(1, 1)
        self.show_preferences(Preferences())
        # Only what the person does, not what is shown.
        self.share.activated.connect(
            lambda _: self.changed.emit("machine-share", str(self.share.currentData()))
        )
        self.rest.activated.connect(lambda _: self.changed.emit("idle-minutes", str(self.rest.currentData())))
        self.pixels.activated.connect(
            lambda _: self.changed.emit("max-megapixels", str(self.pixels.currentData()))
        )
        self.battery.clicked.connect(lambda on: self.changed.emit("pause-on-battery", "on" if on else "off"))

    def show_preferences(self, preferences: Preferences) -> None:
        self.share.setCurrentIndex(self.share.findData(str(preferences.machine_share)))
        minutes = preferences.idle_minutes
        if self.rest.findData(minutes) < 0:  # set in the terminal
            self.rest.addItem(f"after {minutes} minutes", minutes)
        self.rest.setCurrentIndex(self.rest.findData(minutes))
        amount = preferences.max_megapixels
        if self.pixels.findData(amount) < 0:
            self.pixels.addItem(f"{amount:,} megapixels", amount)
        self.pixels.setCurrentIndex(self.pixels.findData(amount))
        self.battery.setChecked(preferences.pause_on_battery)
