"""The button in the search field that saves a search and shows that it is saved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import QLineEdit

from safelight.ui import wording
from safelight.ui.appearance.icons import icon
from safelight.ui.appearance.theme import Theme
from safelight.ui.translation import translate

if TYPE_CHECKING:
    from safelight.store.saved_searches import SavedSearch


class Bookmark(QObject):
    """A button at the end of a field, hidden if there is nothing to save."""

    save_requested = Signal()
    menu_requested = Signal(object, QPoint)  # the SavedSearch that is shown, global position

    def __init__(self, field: QLineEdit) -> None:
        super().__init__(field)
        self._field = field
        self._icons: tuple[QIcon, QIcon] = (QIcon(), QIcon())
        self._searches: tuple[SavedSearch, ...] = ()
        self._query = ""
        self.action: QAction = field.addAction(QIcon(), QLineEdit.ActionPosition.TrailingPosition)
        self.action.triggered.connect(self._press)
        self._update()

    @property
    def saved(self) -> SavedSearch | None:
        """The saved search with the query of the box, if there is one."""
        if not (self._query and self._searches):
            return None
        from safelight.core.query import parse  # with the first search, not the first paint

        shown = parse(self._query)
        return next((each for each in self._searches if shown and parse(each.query) == shown), None)

    def apply_theme(self, theme: Theme) -> None:
        self._icons = (icon("bookmark", theme.secondary), icon("bookmark-filled", theme.accent))
        self._update()

    def set_searches(self, searches: Sequence[SavedSearch]) -> None:
        """Set the saved searches."""
        self._searches = tuple(searches)
        self._update()

    def show_query(self, query: str) -> None:
        """Set the query that would be saved; empty for none."""
        self._query = query
        self._update()

    def _update(self) -> None:
        saved = self.saved
        text = (
            translate("Bookmark", "Save this search")
            if saved is None
            else translate("Bookmark", "Saved as {name}").format(name=saved.name)
        )
        self.action.setIcon(self._icons[saved is not None])
        self.action.setText(text)
        self.action.setToolTip(
            translate("Bookmark", "{text} (Ctrl+Shift+S)").format(text=text)
            if saved is None
            else wording.tip(text)
        )
        self.action.setVisible(bool(self._query))

    def _press(self) -> None:
        saved = self.saved
        if saved is None:
            self.save_requested.emit()
        else:
            below = QPoint(self._field.width() - 56, self._field.height() + 2)
            self.menu_requested.emit(saved, self._field.mapToGlobal(below))
