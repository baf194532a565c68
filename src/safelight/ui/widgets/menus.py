"""Functions for menus."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu


def pop_up(menu: QMenu, position: QPoint) -> None:
    """Show a menu at a global position. It is deleted when it closes."""
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(position)
