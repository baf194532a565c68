"""Completion of names of tags and albums, fast enough for fifty thousand of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import islice

from PySide6.QtCore import QEvent, QObject, QStringListModel, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QLineEdit

_MAX_NAMES = 50
"""Names that are offered at once. A popup of all names that contain one letter took half a second to open."""


class NameIndex:
    """Finds names that contain a text, in milliseconds among a hundred thousand."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        # One string with line breaks around each name: searching it is much faster than searching each name.
        self._text = ("\n" + "\n".join(names) + "\n").lower()

    def matches(self, typed: str) -> list[str]:
        """At most :data:`_MAX_NAMES` names that contain the typed text. Names with a level that begins with
        it come first.
        """
        part = " ".join(typed.lower().split())
        if not part:
            return []
        prefixed = merge(self._rows_with(f"\n{part}"), self._rows_with(f"/{part}"))
        # A row can come from both searches, so up to twice as many are needed.
        first = list(islice(dict.fromkeys(islice(prefixed, 2 * _MAX_NAMES)), _MAX_NAMES))
        seen = set(first)
        others = (row for row in self._rows_with(part) if row not in seen)
        return [self._names[row] for row in (*first, *islice(others, _MAX_NAMES - len(first)))]

    def first_names(self) -> list[str]:
        """The names that are offered while nothing is typed."""
        return list(self._names[:_MAX_NAMES])

    def _rows_with(self, part: str) -> Iterator[int]:
        """Ascending indices of the names that contain ``part``. After a leading line break, it must be the
        beginning of the name.
        """
        text = self._text
        start, row = 0, -1
        while (at := text.find(part, start)) >= 0:
            name_start = at + 1 if part.startswith("\n") else at
            row += text.count("\n", start, name_start)
            yield row
            start = text.find("\n", name_start)


class NameCompleter(QCompleter):
    """Offers known names in a popup while one is typed into ``field``, or with ↓ in the empty field."""

    def __init__(self, field: QLineEdit, names: Sequence[str] = ()) -> None:
        super().__init__(field)
        self._index = NameIndex(())
        self._suggestions = QStringListModel(self)
        self.setModel(self._suggestions)
        self.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self.set_names(names)
        # Connected before setCompleter: the field completes when its text changes, after this slot.
        field.textEdited.connect(self._find)
        field.setCompleter(self)
        self._field = field
        field.installEventFilter(self)
        popup = self.popup()
        assert popup is not None  # only inline completion has none
        self.list = popup
        """The popup."""
        popup.setProperty("surface", "popup")

    def set_names(self, names: Sequence[str]) -> None:
        self._index = NameIndex(names)

    @property
    def suggestions(self) -> list[str]:
        """The names that are offered now."""
        return list(self._suggestions.stringList())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            watched is self._field
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Down
            and not self._field.text()
            and not self.list.isVisible()
        ):
            self._suggestions.setStringList(self._index.first_names())
            self.complete()
            return True
        return super().eventFilter(watched, event)

    def _find(self, typed: str) -> None:
        self._suggestions.setStringList(self._index.matches(typed))
