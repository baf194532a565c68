"""Functions for layouts."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLayout, QPushButton


def clear_layout(layout: QLayout) -> None:
    """Delete all widgets of a layout."""
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()  # until it is deleted
            widget.deleteLater()


def button_row(*buttons: QPushButton) -> QHBoxLayout:
    """The buttons at the bottom of a dialog, at the right."""
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addStretch(1)
    for button in buttons:
        row.addWidget(button)
    return row
