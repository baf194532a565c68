"""Answers searches, and explains why a photo is among the results."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import TypeVar

from safelight.core.errors import CancelledError, SafelightError
from safelight.core.jobs import JobControl, Progress
from safelight.core.message import Message
from safelight.core.tag_words import SharedTally
from safelight.engine.events import (
    ExamplesProposed,
    FurtherResults,
    HitExplained,
    SearchResults,
    TagsSuggested,
)
from safelight.engine.requests import ExplainHit, FindSimilar, ProposeExamples, Search, SuggestTags
from safelight.engine.worker import Send, Worker
from safelight.services.searching.photo_explanations import Explained
from safelight.services.searching.results import FoundPhotos
from safelight.services.searching.searcher import Searcher

log = logging.getLogger(__name__)

_FURTHER_DELAY = 0.2
"""Seconds between an answer and its less likely photos. A user who is still typing starts another search
within that time, which should not wait for photos far down the list."""

_SUGGEST_BATCH = 100
"""Photos for which tags are suggested in one job, so that a search in between waits only for a moment."""

_IMPROVE_DELAY = 0.5
"""Seconds between a search and the next piece of background work."""

_SEARCH, _EXPLAIN, _PROPOSE, _FURTHER, _PREPARE, _AFTER_PREPARE, _SUGGEST, _IMPROVE = range(8)
"""Keys of the jobs, which are their priorities too."""

_WINDOW_PRIORITIES = frozenset((_SEARCH, _EXPLAIN, _PROPOSE))
"""Priorities of the requests that a user of the window waits for."""

_FOR_PROGRAM = _SUGGEST
"""The priority of requests of programs. It is that of suggestions, which take several jobs, so that neither
delays the other."""

T = TypeVar("T")


class SearchWorker(Worker):
    """Answers only the newest search that waits, and only the newest :class:`ExplainHit`.

    Searches go first. The slow part of an explanation, its heat map, is computed by a second worker, so
    that no search waits for it.
    """

    def __init__(
        self,
        searcher: Searcher,
        send: Send,
        on_preparation: Callable[[Progress | None], None] = lambda _: None,
    ) -> None:
        """``on_preparation`` gets :attr:`Searcher.preparation` after each piece of background work."""
        # Do not wait on closing: a search may be waiting for a model that loads.
        super().__init__(
            "search",
            send,
            fault=Message("The search failed because of a fault in Safelight."),
            close_timeout=0,
        )
        self._searcher = searcher
        self._on_preparation = on_preparation
        self.heat_map_worker = Worker(
            "heat map",
            send,
            fault=Message("The explanation failed because of a fault in Safelight."),
            close_timeout=0,
        )

    def start(self) -> None:
        super().start()
        self.heat_map_worker.start()

    def close(self) -> None:
        super().close()
        self.heat_map_worker.close()

    def submit(self, request: Search | FindSimilar | ExplainHit | ProposeExamples | SuggestTags) -> None:
        """Returns at once."""
        with self._changed:
            if isinstance(request, ExplainHit):
                self._post(_EXPLAIN, lambda: self._explain(request), request.generation)
            elif isinstance(request, ProposeExamples):
                self._post(_PROPOSE, lambda: self._propose(request), request.generation)
            elif isinstance(request, SuggestTags):
                key = _SUGGEST, request.view
                self._post(
                    _SUGGEST, lambda: self._suggest(request, SharedTally()), request.generation, key=key
                )
            else:
                self.drop(_FURTHER, _PREPARE)
                self._post(_SEARCH, lambda: self._answer(request), request.generation)

    def ask(self, work: Callable[[Searcher], T]) -> Future[T]:
        """Search for a program, which waits for the result. Later searches do not replace it. Searches and
        explanations of the window have priority."""
        future: Future[T] = Future()

        def answer() -> None:
            try:
                future.set_result(work(self._searcher))
            except Exception as error:  # noqa: BLE001 - raised again on the thread that asked
                future.set_exception(error)

        self._post(_FOR_PROGRAM, answer, key=future)
        return future

    def let_window_go_first(self, seconds: float) -> bool:
        """Wait until no request of the window waits or is being answered, for at most ``seconds``. Returns
        whether that is so."""
        with self._changed:
            return self._changed.wait_for(lambda: self._closing or not self._serves_window(), seconds)

    def _serves_window(self) -> bool:
        """Whether a request of the window is waiting or being answered. The caller holds the lock."""
        jobs = self._jobs if self._current is None else [*self._jobs, self._current]
        return any(job.priority in _WINDOW_PRIORITIES for job in jobs)

    def prepare(self, then: Callable[[], None] | None = None) -> None:
        """Load what a search needs, so that the first one is quick. A search that comes first replaces this.

        ``then`` is called after either."""
        self._post(_PREPARE, self._prepare)
        if then is not None:
            self._post(_AFTER_PREPARE, then)

    def _post(
        self,
        kind: int,
        work: Callable[[], None],
        generation: int | None = None,
        delay: float = 0.0,
        key: Hashable | None = None,
    ) -> None:
        """Post work of a kind, which is also its priority, in place of waiting work of the same key; the key
        is the kind unless another is given.
        """

        def job(_: JobControl) -> None:
            work()

        self.post(job, key=key or kind, priority=kind, generation=generation, delay=delay)

    # --- the worker's thread --------------------------------------------------------------------------

    def _prepare(self) -> None:
        try:
            self._searcher.prepare()
        except (SafelightError, CancelledError):
            log.debug("the library's background was not measured ahead of the first search")
        except Exception:
            log.exception("measuring the library's background failed because of a bug in Safelight")
            return
        self._post(_IMPROVE, self._improve, delay=_IMPROVE_DELAY)

    def _improve(self) -> None:
        """Do one piece of the background work that improves the bands, and schedule the next one."""
        try:
            more = self._searcher.improve()
        except (SafelightError, CancelledError):
            log.debug("the photos were not compared with the reference descriptions")
        except Exception:
            log.exception("comparing photos with descriptions failed because of a bug in Safelight")
        else:
            self._on_preparation(self._searcher.preparation)
            if more:
                self._post(_IMPROVE, self._improve)

    def _answer(self, request: Search | FindSimilar) -> None:
        found = self._found(request)
        self._send(
            SearchResults(
                request.generation, found.hits, found.notices, found.also, found.others, found.unknown_words
            )
        )
        self._post(_IMPROVE, self._improve, delay=_IMPROVE_DELAY)
        if not found.others:
            return
        with self._changed:
            if not self.is_queued(_SEARCH):
                self._post(
                    _FURTHER,
                    lambda: self._send_further(request.generation, found),
                    request.generation,
                    _FURTHER_DELAY,
                )

    def _send_further(self, generation: int, found: FoundPhotos) -> None:
        self._send(FurtherResults(generation, tuple(found.remainder())))

    def _found(self, request: Search | FindSimilar) -> FoundPhotos:
        match request:
            case Search(_, text):
                return self._searcher.search(text, None)
            case FindSimilar(_, photo_id, path, image, text):
                if text:
                    return self._searcher.search(text, None, like=_picture(request))
                if photo_id is not None:
                    return self._searcher.similar_to_photo(photo_id, None)
                return self._searcher.similar_to_picture(path or image or b"", None)

    def _explain(self, request: ExplainHit) -> None:
        search = request.search
        picture = _picture(search) if isinstance(search, FindSimilar) else None
        explained = self._searcher.explain(request.photo_id, search.text, like=picture)
        self._send(HitExplained(request.generation, explained.explanation, complete=False))
        self.heat_map_worker.post(
            lambda _: self._send_heat_map(request.generation, explained),
            key="heat",
            generation=request.generation,
        )

    def _propose(self, request: ProposeExamples) -> None:
        found = self._searcher.proposals_for(request.concept, request.count)
        self._send(ExamplesProposed(request.generation, tuple(found)))

    def _suggest(self, request: SuggestTags, tally: SharedTally) -> None:
        """Suggest tags for the next photos, or encode some of the words. The rest is queued behind other
        requests, above all searches."""
        photos = request.photo_ids[tally.asked : tally.asked + _SUGGEST_BATCH]
        if not photos:
            return
        try:
            found = self._searcher.suggest(photos)
        except SafelightError as error:
            self._send(TagsSuggested(request.generation, (), error.message))
            return
        if found is not None:
            tally.add(found, len(photos))
            if tally.asked == len(request.photo_ids):
                self._send(TagsSuggested(request.generation, tally.shared()))
                return
            self._send(TagsSuggested(request.generation, tally.shared(), done=tally.asked))
        with self._changed:
            key = _SUGGEST, request.view
            if not self.is_queued(key):
                self._post(_SUGGEST, lambda: self._suggest(request, tally), request.generation, key=key)

    # --- the thread of heat maps ----------------------------------------------------------------------

    def _send_heat_map(self, generation: int, explained: Explained) -> None:
        self._send(HitExplained(generation, explained.with_heat(), complete=True))


def _picture(search: FindSimilar) -> int | str | bytes | None:
    return next((each for each in (search.photo_id, search.path, search.image) if each is not None), None)
