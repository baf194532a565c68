"""Searches for the Python interface: through a running engine, or with a model loaded here."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from safelight.engine import program_answers as answers
from safelight.engine.commands import search_request
from safelight.engine.local_socket import SEARCH_SECONDS, EngineAbsentError, ask
from safelight.services.program_access import Access
from safelight.store.library import LibraryStore

if TYPE_CHECKING:
    from safelight.core.concepts import Proposal
    from safelight.core.estimate import Estimate
    from safelight.core.explanation import Explanation
    from safelight.core.tag_words import Suggestion
    from safelight.services.library import Library as OpenLibrary
    from safelight.services.searching.program_view import ProgramView
    from safelight.services.searching.query_encoding import Example
    from safelight.services.searching.results import FoundPhotos
    from safelight.store.limits import Visible

T = TypeVar("T")

_ENGINE_RETRY_S = 60.0
"""Time before an engine that did not answer in time is asked again."""


class Finder:
    """Searches within an access. Thread-safe. The services, which take a quarter of a second to import, are
    opened when something needs them.

    A running engine is asked first, each time, so that a window that opens or closes meanwhile does not
    matter. What this process had loaded is released when an engine answers.
    """

    def __init__(
        self,
        store: LibraryStore,
        access: Access,
        engine: Path | None,
        open_services: Callable[[], OpenLibrary],
    ) -> None:
        """``store`` has the limit of ``access``. ``engine``: the library whose running engine is asked first;
        None to search here."""
        self._store = store
        self._access = access
        self._engine = engine
        self._not_before = 0.0
        """Monotonic time before which the engine is not asked."""
        self._turn = threading.RLock()
        """Held while this process searches."""
        self._open_services = open_services
        self._services: OpenLibrary | None = None
        self._view: ProgramView | None = None
        """The view that searches here."""
        self._visible: Visible | None = None
        """What it measured, or what that has grown to."""
        self._warm = False

    @property
    def services(self) -> OpenLibrary:
        """Raises as opening a library does."""
        with self._turn:
            if self._services is None:
                self._services = self._open_services()
            return self._services

    def search(self, query: str, limit: int, like: Example | None) -> FoundPhotos:
        """Search as :meth:`ProgramView.search` does."""
        return self._found(
            lambda view: view.search(query, limit, like),
            answers.read_found,
            "search",
            query=query,
            limit=limit,
            like=like,
        )

    def similar(self, example: Example, limit: int) -> FoundPhotos:
        """Photos like an example, as :meth:`ProgramView.similar` finds them."""
        return self._found(
            lambda view: view.similar(example, limit),
            answers.read_found,
            "similar",
            like=example,
            limit=limit,
        )

    def count(self, query: str) -> Estimate:
        """About how many photos fit a query, as :meth:`ProgramView.count` estimates."""
        return self._found(lambda view: view.count(query), answers.read_estimate, "count", query=query)

    def explain(self, photo_id: int, query: str, like: Example | None) -> Explanation:
        """Why a photo fits a query, as :meth:`ProgramView.explain` finds."""
        return self._found(
            lambda view: view.explain(photo_id, query, like),
            answers.read_explanation,
            "explain",
            photo=photo_id,
            query=query,
            like=like,
        )

    def suggest(self, photo_ids: Sequence[int]) -> Mapping[int, Sequence[Suggestion]]:
        """The tags that suit photos, as :meth:`ProgramView.suggest` finds them."""
        photos = list(photo_ids)
        while True:  # the words are encoded, a few at a time
            found = self._found(
                lambda view: view.suggest(photos), answers.read_suggestions, "suggest", photos=photos
            )
            if found is not None:
                return found

    def doubtful(self, concept: str, limit: int) -> list[Proposal]:
        """Photos to ask about, as :meth:`ProgramView.doubtful` chooses them."""
        return self._found(
            lambda view: view.doubtful(concept, limit),
            answers.read_proposals,
            "doubtful",
            concept=concept,
            limit=limit,
        )

    def warm_up(self) -> None:
        """Load the model and the vectors, and keep them up to date. Raises ModelError."""
        self._warm = True
        self._found(lambda view: view.prepare(), lambda _: None, "prepare")

    def close(self) -> None:
        """Idempotent."""
        with self._turn:
            if self._services is not None:
                self._services.close()

    def _found(
        self,
        here: Callable[[ProgramView], T],
        read: Callable[[Any], T],
        request: str,
        **given: object,
    ) -> T:
        """What a running engine answers to a request, or what is found ``here``."""
        if self._engine is not None and time.monotonic() >= self._not_before:
            started = time.monotonic()
            try:
                found = read(
                    ask(self._engine, search_request(self._access, request, **given), SEARCH_SECONDS)
                )
            except EngineAbsentError:
                if time.monotonic() - started >= SEARCH_SECONDS:
                    self._not_before = time.monotonic() + _ENGINE_RETRY_S
            else:
                self._release()
                return found
        with self._turn:
            return here(self._own_view())

    def _own_view(self) -> ProgramView:
        """The view of the photos that are visible now. The turn is held."""
        from safelight.services.searching.program_view import ProgramView  # not needed beside an engine

        visible = self._store.visible()
        before, self._visible = self._visible, visible
        is_valid = before is None or visible is None or before.only_grew_to(visible)
        if self._view is not None and not is_valid:
            # What was measured with other photos would tell of those that are not visible any more.
            self._view = None
            self.services.forget_vectors()
        if self._view is None:
            self._view = ProgramView(self._access, self.services.searcher(), self._store)
            if self._warm:
                self._view.prepare()
        return self._view

    def _release(self) -> None:
        """Give back the memory of the model and the vectors that were loaded while no engine ran."""
        if self._view is None:
            return
        with self._turn:
            self._view = None
            if self._services is not None:
                self._services.forget_vectors()
                self._services.answering.unload_if_idle(0)
