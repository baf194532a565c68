"""Searches for the Python interface: through a running engine, or with a model loaded here."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from safelight.engine.commands import found_of
from safelight.engine.local_socket import EngineAbsentError, ask
from safelight.services.searching.results import Found
from safelight.store.library import LibraryStore

if TYPE_CHECKING:
    from safelight.services.library import Library as OpenLibrary
    from safelight.services.searching.searcher import Searcher

_ENGINE_SECONDS = 30.0
"""How long a running engine may take for a search; it may have to load its model."""


class Finder:
    """One search at a time: hold ``turn`` while using the searcher. The services, which take a quarter of a
    second to import, are opened when something needs them."""

    def __init__(self, store: LibraryStore, engine: Path | None, open_services: Callable[[], OpenLibrary]):
        """``engine``: the library whose running engine is asked first; None to search here."""
        self.turn = threading.RLock()
        self._store = store
        self._engine = engine
        self._open_services = open_services
        self._services: OpenLibrary | None = None
        self._found_by: tuple[bytes, Searcher] | None = None
        self._warm = False

    @property
    def services(self) -> OpenLibrary:
        """Raises as opening a library does."""
        with self.turn:
            if self._services is None:
                self._services = self._open_services()
            return self._services

    def search(self, query: str, count: int, like: int | str | bytes | None) -> Found:
        """Search as :meth:`Searcher.search` does."""
        request = {"ask": "search", "query": query, "limit": count, "like": like}
        found = None if isinstance(like, bytes) else self._asked(request)
        return self.searcher().search(query, count, like=like) if found is None else found

    def similar(self, example: int | str | bytes, count: int) -> Found:
        """Photos like a photo (its id), a file or an encoded picture."""
        if not isinstance(example, bytes):
            key = "photo" if isinstance(example, int) else "picture"
            found = self._asked({"ask": "similar", key: example, "limit": count})
            if found is not None:
                return found
        if isinstance(example, int):
            return self.searcher().similar_to_photo(example, count)
        return self.searcher().similar_to_picture(example, count)

    def searcher(self) -> Searcher:
        """The searcher for the photos that are visible now. The turn is held."""
        mark = self._store.visible_mark()
        if self._found_by is None or self._found_by[0] != mark:
            if self._found_by is not None:
                self.services.forget_vectors()
            self._found_by = mark, self.services.searcher()
            if self._warm:
                self._found_by[1].prepare()
        return self._found_by[1]

    def warm_up(self) -> None:
        """Load the model and the vectors, and keep them up to date. Raises ModelError."""
        with self.turn:
            self._warm = True
            self.searcher().prepare()

    def close(self) -> None:
        """Idempotent."""
        with self.turn:
            if self._services is not None:
                self._services.close()

    def _asked(self, request: dict[str, object]) -> Found | None:
        """What a running engine finds; None if there is none."""
        if self._engine is None:
            return None
        try:
            return found_of(ask(self._engine, request, _ENGINE_SECONDS))
        except (EngineAbsentError, ValueError, TypeError, KeyError):  # none, or another version
            self._engine = None
            return None
