"""The thumbnail size slider."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSlider

from safelight.ui.translation import translate

_WIDTH = 110


class SizeSlider(QSlider):
    """The side of a thumbnail in device-independent pixels, within ``sizes`` (minimum, maximum)."""

    def __init__(self, sizes: tuple[int, int]) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setRange(*sizes)
        self.setSingleStep(16)
        self.setPageStep(48)
        self.setFixedWidth(_WIDTH)
        self.setAccessibleName(translate("SizeSlider", "Thumbnail size"))
        self.setToolTip(translate("SizeSlider", "Thumbnail size (Ctrl + and Ctrl −)"))
