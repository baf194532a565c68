"""Earlier searches, recalled with the Up key."""

from __future__ import annotations

import json

from safelight.ui.window_state import WindowState

_MAX_ENTRIES = 300
_MAX_LENGTH = 1000
"""Queries with more characters are not kept."""
_STATE_KEY = "searches"


class QueryHistory:
    """The newest last, each once. Kept in the window's settings in the library's folder."""

    def __init__(self, state: WindowState | None = None) -> None:
        """Without a ``state`` the history ends with the window."""
        self._state = state
        self._queries = _read(state.text(_STATE_KEY)) if state is not None else []
        self._at: int | None = None
        """The position in the history; None while nothing is recalled."""
        self._draft = ""

    @property
    def queries(self) -> tuple[str, ...]:
        return tuple(self._queries)

    @property
    def walking(self) -> bool:
        return self._at is not None

    def add(self, query: str) -> None:
        query = query.strip()
        self.leave()
        if not query or len(query) > _MAX_LENGTH or query == (self._queries[-1] if self._queries else None):
            return
        others = [each for each in self._queries if each != query]
        self._queries = [*others[1 - _MAX_ENTRIES :], query]
        self._keep()

    def clear(self) -> None:
        self._queries = []
        self.leave()
        self._keep()

    def older(self, text: str) -> str | None:
        """The query before the one shown, or None; ``text`` is the text of the box."""
        if self._at is None:
            self._draft = text
        at = len(self._queries) if self._at is None else self._at
        while at > 0:
            at -= 1
            if self._queries[at] != text.strip():
                self._at = at
                return self._queries[at]
        return None

    def newer(self) -> str | None:
        """The query after the one shown, at the end the original text; None if nothing is recalled."""
        if self._at is None:
            return None
        self._at += 1
        if self._at < len(self._queries):
            return self._queries[self._at]
        self._at = None
        return self._draft

    def leave(self) -> None:
        """The user typed something else: the next recall begins at the end."""
        self._at = None

    def _keep(self) -> None:
        if self._state is not None:
            self._state.keep(_STATE_KEY, json.dumps(self._queries))


def _read(text: str) -> list[str]:
    """Damaged settings only lose the history."""
    try:
        found = json.loads(text or "[]")
    except ValueError:
        return []
    return (
        [each for each in found if isinstance(each, str)][-_MAX_ENTRIES:] if isinstance(found, list) else []
    )
