"""Shows the parts of the query as chips, and changes the query when the user changes a chip."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from safelight.ui.search.chip_row import ChipRow
from safelight.ui.search.field import SearchField
from safelight.ui.search.query_text import without

if TYPE_CHECKING:
    from safelight.ui.query_chips import QueryChip


class PartChips(QObject):
    """Connects the text of the field with the chips of its parts and of suggestions."""

    text_changed = Signal(str)
    """The new query: the user removed a part or accepted a suggestion."""
    suggestion_declined = Signal()

    def __init__(self, field: SearchField, row: ChipRow, today: Callable[[], date]) -> None:
        super().__init__(row)
        self._field = field
        self._row = row
        self._today = today
        self._declined: set[str] = set()
        """Labels of suggestions that the user removed, until the search ends."""
        row.remove_requested.connect(self._remove)
        row.change_requested.connect(self._change)

    def show(self, text: str) -> tuple[str, ...]:
        """Show how a text is understood.

        Returns the pictures in it, with their regions, whose thumbnails are not known.
        """
        from safelight.ui.query_chips import chips_of  # loaded with the first text

        chips = chips_of(text, self._today())
        self._row.show_chips([chip for chip in chips if chip.label not in self._declined])
        return tuple(chip.picture for chip in chips if chip.picture and not self._row.knows(chip.picture))

    def forget_declined(self) -> None:
        """Offer declined suggestions again."""
        self._declined.clear()

    def _remove(self, chip: QueryChip) -> None:
        if chip.suggestion is None:
            self.text_changed.emit(without(self._field.text(), chip.span))
        else:
            self._declined.add(chip.label)
            self.suggestion_declined.emit()

    def _change(self, chip: QueryChip) -> None:
        if chip.suggestion is not None:
            self.text_changed.emit(chip.suggestion.applied(self._field.text()))
            return
        self._field.setFocus(Qt.FocusReason.OtherFocusReason)
        self._field.select_span(chip.span)
