"""Input widgets for pages that scroll: the wheel scrolls the page and never changes a value."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QSpinBox

_NARROWEST = 140
"""Pixels to which the longest choice can be cut in a narrow window."""


class ChoiceBox(QComboBox):
    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def minimumSizeHint(self) -> QSize:
        return super().minimumSizeHint().boundedTo(QSize(_NARROWEST, 10_000))

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class NumberBox(QSpinBox):
    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setGroupSeparatorShown(True)
        self.setMinimumWidth(_NARROWEST)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()
