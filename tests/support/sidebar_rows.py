"""The rows of a window's sidebar, as a user sees them."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex

from safelight.ui.sidebar.sidebar import Sidebar


def rows(sidebar: Sidebar) -> list[QModelIndex]:
    """Every row that is visible or could be scrolled to, from the top."""
    found = sidebar.places.indexes()
    return [index for index in found if _is_open(sidebar, index.parent())]


def texts(sidebar: Sidebar) -> list[str]:
    return [str(index.data()) for index in rows(sidebar)]


def row_of(sidebar: Sidebar, name: str) -> QModelIndex:
    return next(index for index in rows(sidebar) if index.data() == name)


def current(sidebar: Sidebar) -> str | None:
    """The name of the current row."""
    entry = sidebar.list.current_entry
    return None if entry is None else entry.name


def choose(sidebar: Sidebar, name: str) -> None:
    sidebar.list.setCurrentIndex(row_of(sidebar, name))


def _is_open(sidebar: Sidebar, index: QModelIndex) -> bool:
    while index.isValid():
        if not sidebar.list.isExpanded(index):
            return False
        index = index.parent()
    return True
