"""What was looked up for one search and serves the next: while words are typed, the filters beside them and
the library mostly stay what they are."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from safelight.store.connect import pragma_int
from safelight.store.library import Connection

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class ReadCache(Generic[Key, Value]):
    """The last few answers of a library, for as long as nothing in it changes. For one thread at a time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: dict[Key, Value] = {}
        self._seen: tuple[Connection, int] | None = None

    def get(self, db: Connection, key: Key, look_up: Callable[[], Value]) -> Value:
        """The answer to ``key`` that ``db``, a reading connection, gives; looked up where it may be another
        than before."""
        # Another number, on this connection, after each commit of any other.
        seen = db, pragma_int(db, "data_version")
        if self._seen != seen:
            self._known.clear()
            self._seen = seen
        if key not in self._known:
            while len(self._known) >= self._most:
                self._known.pop(next(iter(self._known)))
            self._known[key] = look_up()
        return self._known[key]
