"""Caches what one search looked up for the next one.

While words are typed, the filters beside them and the library usually stay the same.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from safelight.store.connect import pragma_int
from safelight.store.library import Connection

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class ReadCache(Generic[Key, Value]):
    """The latest answers from a library, valid until something in it changes. For one thread at a time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: dict[Key, Value] = {}
        self._seen: tuple[Connection, int] | None = None

    def get(self, db: Connection, key: Key, look_up: Callable[[], Value]) -> Value:
        """The answer to ``key`` on a reading connection, looked up again if the library has changed."""
        # data_version changes on this connection whenever another connection commits.
        seen = db, pragma_int(db, "data_version")
        if self._seen != seen:
            self._known.clear()
            self._seen = seen
        if key not in self._known:
            while len(self._known) >= self._most:
                self._known.pop(next(iter(self._known)))
            self._known[key] = look_up()
        return self._known[key]
