"""The saved searches on the page of albums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from safelight.store.saved_searches import SavedSearch
from safelight.ui import wording
from safelight.ui.translation import translate
from safelight.ui.widgets.flow_layout import FlowLayout

_MAX_SEARCHES = 20
"""Searches that are shown; more would leave no room for the albums."""
_MAX_NAME_WIDTH = 240
"""Pixels of the name of a search."""


class SavedSearchRow(QWidget):
    """A button for each saved search, with the number of photos where it consists of filters only."""

    search_chosen = Signal(object)  # SavedSearch

    def __init__(self) -> None:
        super().__init__()
        self._searches: tuple[SavedSearch, ...] = ()
        self.buttons: list[QPushButton] = []
        """In the order of the searches."""
        heading = QLabel(translate("Albums", "Saved searches"))
        heading.setProperty("kind", "section")
        self._flow = FlowLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(heading)
        column.addLayout(self._flow)
        self.more = QLabel()
        self.more.setProperty("kind", "secondary")
        column.addWidget(self.more)

    @property
    def has_any(self) -> bool:
        return bool(self._searches)

    def show_searches(self, searches: Sequence[SavedSearch], counts: Mapping[int, int]) -> None:
        """``counts``: photos by the id of the search."""
        self._searches = tuple(searches[:_MAX_SEARCHES])
        left = len(searches) - len(self._searches)
        self.more.setText(translate("Albums", "{number} more are in the sidebar.").format(number=f"{left:,}"))
        self.more.setVisible(left > 0)
        while len(self.buttons) > len(self._searches):
            button = self.buttons.pop()
            self._flow.removeWidget(button)
            button.hide()  # until it is deleted
            button.deleteLater()
        # Buttons stay, so that the one with the keyboard's focus keeps it.
        while len(self.buttons) < len(self._searches):
            self.buttons.append(self._add_button(len(self.buttons)))
        for button, search in zip(self.buttons, self._searches, strict=True):
            _describe(button, search, counts.get(search.id))

    def _add_button(self, number: int) -> QPushButton:
        button = QPushButton()
        button.setAutoDefault(True)  # Return presses it, as in dialogs
        button.clicked.connect(lambda: self.search_chosen.emit(self._searches[number]))
        self._flow.addWidget(button)
        button.show()  # now, so that it can take the focus
        return button


def _describe(button: QPushButton, search: SavedSearch, count: int | None) -> None:
    name = button.fontMetrics().elidedText(search.name, Qt.TextElideMode.ElideRight, _MAX_NAME_WIDTH)
    button.setText((name if count is None else f"{name} · {count:,}").replace("&", "&&"))
    button.setAccessibleName(
        search.name if count is None else f"{search.name}, {wording.count_of(count, 'photo')}"
    )
    button.setToolTip(wording.tip(search.query))
