"""Input widgets for pages that scroll: the wheel scrolls the page and never changes a value."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QSpinBox, QStyledItemDelegate

_MIN_CHOICE_WIDTH = 140
"""Pixels to which the longest choice can be cut in a narrow window."""
_INDENT = 7
"""Pixels before the number, as before the text of other inputs."""


class ChoiceBox(QComboBox):
    """A list of choices."""

    def __init__(self) -> None:
        super().__init__()
        # The style sheet applies only to this delegate, not to the default one of combo boxes.
        self.setItemDelegate(QStyledItemDelegate(self))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def minimumSizeHint(self) -> QSize:
        return super().minimumSizeHint().boundedTo(QSize(_MIN_CHOICE_WIDTH, 10_000))

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class NumberBox(QSpinBox):
    """A whole number."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setGroupSeparatorShown(True)
        # The line edit in a spin box does not follow the padding of the style sheet.
        self.lineEdit().setTextMargins(_INDENT, 0, 0, 0)
        self.setMinimumWidth(_MIN_CHOICE_WIDTH)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()
