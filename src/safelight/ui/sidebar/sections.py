"""The sections of the sidebar: which of them are closed, and how many rows a long one shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from safelight.ui.library.places_model import Entry
from safelight.ui.translation import translate

if TYPE_CHECKING:
    from safelight.ui.window_state import WindowState

_STATE_KEY = "sidebar_sections"
_ALL_SUFFIX = "+all"
"""What is added to the name of a section for the switch that shows all its rows."""
_INITIAL_ROWS = 10
"""Rows of a long section that are shown at first."""
_LONG_FROM = 13
"""Rows from which a section is long. A switch that hides fewer than three rows is not worth its own row."""


class Sections:
    """Builds sections and remembers between sessions which of them were switched."""

    def __init__(self, state: WindowState | None = None) -> None:
        self._state = state
        text = "" if state is None else state.text(_STATE_KEY)
        self._switched = {name for name in text.split(",") if name}

    def switch(self, name: str) -> None:
        """Show what ``name`` (an :attr:`Entry.switch`) hides, or the reverse."""
        self._switched ^= {name}
        if self._state is not None:
            self._state.keep(_STATE_KEY, ",".join(sorted(self._switched)))

    def section(
        self,
        name: str,
        heading: str,
        entries: Sequence[Entry],
        is_shown: Callable[[Entry], bool] | None = None,
    ) -> list[Entry]:
        """The rows of a section that can be closed; none without entries.

        With ``is_shown``, a long section starts with the rows that have the most photos, in their usual
        order. The row for which ``is_shown`` is true, the one that is open in the window, is among them.
        """
        if not entries:
            return []
        is_open = name not in self._switched
        state = translate("Sidebar", "open") if is_open else translate("Sidebar", "closed")
        text = translate("Sidebar", "{heading}, section, {state}").format(heading=heading, state=state)
        head = Entry(heading, heading=True, switch=name, on=is_open, count=len(entries), accessible_text=text)
        if not is_open:
            return [head]
        if is_shown is None or len(entries) < _LONG_FROM:
            return [head, *entries]
        return [head, *self._shortened(name, entries, is_shown)]

    def _shortened(
        self, name: str, entries: Sequence[Entry], is_shown: Callable[[Entry], bool]
    ) -> list[Entry]:
        switch = name + _ALL_SUFFIX
        if switch in self._switched:
            return [*entries, Entry(translate("Sidebar", "Show fewer"), switch=switch)]
        by_count = sorted(range(len(entries)), key=lambda row: -(entries[row].count or 0))
        rows = {*by_count[:_INITIAL_ROWS], *(row for row, entry in enumerate(entries) if is_shown(entry))}
        words = translate("Sidebar", "Show all {count:,}").format(count=len(entries))
        return [*(entries[row] for row in sorted(rows)), Entry(words, switch=switch, on=False)]
