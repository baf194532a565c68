"""Completion of names of tags and albums, fast enough for fifty thousand of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import islice

from PySide6.QtCore import QEvent, QObject, QStringListModel, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QLineEdit

_MAX_NAMES = 50
"""Names that are offered. A popup of all names that contain one letter took half a second to open."""


class NameIndex:
    """Finds names that contain what is typed, within milliseconds among a hundred thousand."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        # One text, which Python searches at the speed of memory, with line breaks around each name.
        self._text = ("\n" + "\n".join(names) + "\n").lower()

    def offered(self, typed: str) -> list[str]:
        """The first names that contain what is typed; those with a level that begins with it come first."""
        wanted = " ".join(typed.lower().split())
        if not wanted:
            return []
        beginning = merge(self._containing(f"\n{wanted}"), self._containing(f"/{wanted}"))
        first = list(islice(dict.fromkeys(islice(beginning, 2 * _MAX_NAMES)), _MAX_NAMES))
        among = set(first)
        others = (number for number in self._containing(wanted) if number not in among)
        return [self._names[number] for number in (*first, *islice(others, _MAX_NAMES - len(first)))]

    def first(self) -> list[str]:
        """The names that are offered where nothing has been typed."""
        return list(self._names[:_MAX_NAMES])

    def _containing(self, wanted: str) -> Iterator[int]:
        """The numbers of the names that contain ``wanted``, or begin with it if it follows a line break."""
        text = self._text
        start, number = 0, -1
        while (at := text.find(wanted, start)) >= 0:
            begins = at + wanted.startswith("\n")
            number += text.count("\n", start, begins)
            yield number
            start = text.find("\n", begins)


class NameCompleter(QCompleter):
    """Offers known names in a popup while one is typed into ``field``, or with ↓ in the empty field."""

    def __init__(self, field: QLineEdit, names: Sequence[str] = ()) -> None:
        super().__init__(field)
        self._index = NameIndex(())
        self._found = QStringListModel(self)
        self.setModel(self._found)
        self.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self.set_names(names)
        # Before the field asks for completions, which it does once its text has changed.
        field.textEdited.connect(self._find)
        field.setCompleter(self)
        self._field = field
        field.installEventFilter(self)
        popup = self.popup()
        assert popup is not None  # completing in the field itself is the only mode without one
        self.list = popup
        """The popup."""
        popup.setProperty("surface", "popup")

    def set_names(self, names: Sequence[str]) -> None:
        self._index = NameIndex(names)

    @property
    def found(self) -> list[str]:
        """The names that are offered now."""
        return list(self._found.stringList())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            watched is self._field
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Down
            and not self._field.text()
            and not self.list.isVisible()
        ):
            self._found.setStringList(self._index.first())
            self.complete()
            return True
        return super().eventFilter(watched, event)

    def _find(self, typed: str) -> None:
        self._found.setStringList(self._index.offered(typed))
