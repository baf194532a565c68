"""Going to a date in the timeline."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from safelight.core.query.dates import PartialDate
from safelight.ui import wording
from safelight.ui.grid.view import PhotoGridView
from safelight.ui.library import timeline
from safelight.ui.translation import translate
from safelight.ui.widgets.name_dialog import NameDialogBase
from safelight.ui.window.grid_content_controller import GridContentController

_MAX_LENGTH = 40


class DatePrompt(NameDialogBase):
    """Asks for a year, a month or a day, and emits it in its ISO 8601 form."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(
            translate("DatePrompt", "Go to date"),
            translate("DatePrompt", "Go"),
            "",
            _MAX_LENGTH,
            parent,
            label=translate("DatePrompt", "Date"),
        )
        self.setMinimumWidth(340)
        self.judge("")

    def judge(self, text: str) -> None:
        known = timeline.read_date(text) is not None
        self._hint.setText(
            translate("DatePrompt", "That is not a date.")
            if text.strip() and not known and not timeline.may_become_date(text)
            else translate("DatePrompt", "For example 2019, May 2019 or 2019-05-12")
        )
        self.button.setEnabled(known)

    def cleaned(self, text: str) -> str | None:
        found = timeline.read_date(text)
        return None if found is None else str(found)


class DateJump(QObject):
    """Asks for a date and scrolls to it."""

    def __init__(
        self,
        grid_content: GridContentController,
        grid: PhotoGridView,
        notify: Callable[[str], object],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._grid_content = grid_content
        self._grid = grid
        self._notify = notify
        self._window = window

    def ask(self) -> None:
        """Open the dialog; where photos are not sorted by date, say so instead."""
        if not self._grid_content.days:
            self._notify(translate("DateJump", "These photos are not sorted by date."))
            return
        prompt = DatePrompt(self._window)
        prompt.named.connect(self.go_to)
        prompt.open()

    def go_to(self, text: str) -> None:
        """Scroll to a date in its ISO 8601 form, or to the photo nearest to it, and keep a selection."""
        wanted, days = PartialDate.read(text), self._grid_content.days
        if wanted is None or not days:
            return
        row, day = timeline.row_of(days, wanted)
        # Several selected photos were collected by the user: a look at another year does not end that.
        self._grid.go_to_row(self._grid_content.row_of_day(row), keep_selection=True)
        if not wanted.first <= day < wanted.end:
            self._notify(
                translate("DateJump", "No photos of that date. The nearest are from {day}.").format(
                    day=wording.day(day)
                )
            )
