"""Reads of the library that are answered when a test says so."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from pytestqt.qtbot import QtBot

from safelight.ui.library.reads import Read


class HeldReads:
    """:meth:`read` takes the place of ``LibraryReader.read``."""

    def __init__(self, bot: QtBot) -> None:
        self._bot = bot
        self._waiting: list[tuple[Read[Any], Callable[[Any], object]]] = []

    def read(
        self, question: Read[Any], answered: Callable[[Any], object], *, key: Hashable | None = None
    ) -> None:
        del key
        self._waiting.append((question, answered))

    @property
    def count(self) -> int:
        """The number of questions without an answer."""
        return len(self._waiting)

    def next(self, question: Read[Any]) -> Callable[[Any], object]:
        """Wait for the next question, which must be this one. Returns the function that takes its answer."""
        self._bot.waitUntil(lambda: bool(self._waiting))
        asked, answered = self._waiting.pop(0)
        assert asked == question
        return answered
