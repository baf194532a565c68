"""Earlier searches, recalled with the Up key."""

from __future__ import annotations

import json

from safelight.ui.window_state import WindowState

_MAX_ENTRIES = 300
_MAX_LENGTH = 1000
"""Queries with more characters are not kept."""
_STATE_KEY = "searches"


class QueryHistory:
    """Queries, each once, the newest last. They are stored with the window's state."""

    def __init__(self, state: WindowState | None = None) -> None:
        """Without a ``state`` the history ends with the window."""
        self._state = state
        self._queries = _stored_queries(state.text(_STATE_KEY)) if state is not None else []
        self._at: int | None = None
        """The position in the history; None while nothing is recalled."""
        self._draft = ""

    @property
    def queries(self) -> tuple[str, ...]:
        return tuple(self._queries)

    @property
    def is_recalling(self) -> bool:
        return self._at is not None

    def add(self, query: str) -> None:
        query = query.strip()
        self.leave()
        if not query or len(query) > _MAX_LENGTH or query == (self._queries[-1] if self._queries else None):
            return
        others = [each for each in self._queries if each != query]
        self._queries = [*others[1 - _MAX_ENTRIES :], query]
        self._save()

    def clear(self) -> None:
        self._queries = []
        self.leave()
        self._save()

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

    def _save(self) -> None:
        if self._state is not None:
            self._state.keep(_STATE_KEY, json.dumps(self._queries))


def _stored_queries(text: str) -> list[str]:
    """The stored queries; none if they are damaged."""
    try:
        queries = json.loads(text or "[]")
    except ValueError:
        return []
    if not isinstance(queries, list):
        return []
    return [each for each in queries if isinstance(each, str)][-_MAX_ENTRIES:]
