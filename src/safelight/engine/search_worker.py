"""Searches, one after the other, on a thread of its own; and why a photo is among the answers."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial

from safelight.core.errors import CancelledError, SafelightError
from safelight.engine.events import (
    Event,
    FurtherResults,
    HitExplained,
    RequestFailed,
    SearchResults,
)
from safelight.engine.requests import ExplainHit, FindSimilar, Search
from safelight.services.searching.explain import Explained
from safelight.services.searching.searcher import Found, Searcher

log = logging.getLogger(__name__)

_BREATH = 0.2
"""Seconds after an answer before the photos beyond it are looked up."""


class SearchWorker:
    """Only the newest search that waits is answered, and only the newest question why.

    A search goes first. What takes long of an explanation, its heat map, is made on a second thread, so
    that no search waits for it.
    """

    def __init__(self, searcher: Searcher, send: Callable[[Event], None]) -> None:
        self._searcher = searcher
        self._send = send
        self._changed = threading.Condition()
        self._search: Search | FindSimilar | None = None
        self._further: tuple[int, Found] | None = None
        """Of the last search, what is still to be sent."""
        self._why: ExplainHit | None = None
        self._unheated: tuple[int, Explained] | None = None
        self._unprepared = False
        self._then: Callable[[], None] | None = None
        self._closing = False
        # Daemons: they may be waiting for a model that is still loading when the program ends.
        self.threads = [
            threading.Thread(target=self._run, name="search", daemon=True),
            threading.Thread(target=self._run_heating, name="heat map", daemon=True),
        ]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def submit(self, request: Search | FindSimilar | ExplainHit) -> None:
        with self._changed:
            if isinstance(request, ExplainHit):
                self._why = request
            else:
                self._search, self._further = request, None
            self._changed.notify_all()

    def prepare(self, then: Callable[[], None] | None = None) -> None:
        """Make the first search quick, unless one is asked for before; ``then`` is called after either."""
        with self._changed:
            self._unprepared = True
            self._then = then or self._then
            self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._closing = True
            self._search = self._why = self._further = self._unheated = None
            self._changed.notify_all()

    # --- the thread of searches -------------------------------------------------------------------

    def _run(self) -> None:
        while (work := self._next_work()) is not None:
            work()
            with self._changed:
                then, self._then = self._then, None
            if then is not None:
                then()

    def _next_work(self) -> Callable[[], None] | None:
        """What is to be done next, waiting for it; None to end."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._closing or self._search or self._further or self._why or self._unprepared
            )
            if self._closing:
                return None
            if (search := self._search) is not None:
                self._search, self._unprepared = None, False
                return lambda: self._told(search.generation, lambda: self._answer(search))
            if (why := self._why) is not None:
                self._why = None
                return lambda: self._told(why.generation, lambda: self._explain(why))
            if (further := self._further) is not None:
                # Who is still typing asks again soon, and must not wait for what lies behind a fold.
                if self._changed.wait_for(lambda: self._closing or self._search or self._why, _BREATH):
                    return self._next_work()
                self._further = None
                return lambda: self._told(further[0], lambda: self._send_further(*further))
            self._unprepared = False
            return self._prepare

    def _told(self, generation: int, work: Callable[[], None]) -> None:
        """Do it, and tell of what goes wrong."""
        try:
            work()
        except CancelledError:
            pass
        except SafelightError as error:
            self._send(RequestFailed(str(error), generation))
        except Exception:
            log.exception("a search ended by a fault of Safelight's own")
            self._send(RequestFailed("The search failed because of a fault in Safelight.", generation))

    def _prepare(self) -> None:
        try:
            self._searcher.prepare()
        except (SafelightError, CancelledError):
            log.debug("the library's background was not measured ahead of the first search")
        except Exception:
            log.exception("measuring the library's background ended by a fault of Safelight's own")

    def _answer(self, request: Search | FindSimilar) -> None:
        found = self._found(request)
        self._send(SearchResults(request.generation, found.hits, found.notice, found.also, found.others))
        if found.others:
            with self._changed:
                if self._search is None:
                    self._further = request.generation, found

    def _send_further(self, generation: int, found: Found) -> None:
        self._send(FurtherResults(generation, tuple(found.remainder())))

    def _found(self, request: Search | FindSimilar) -> Found:
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
        with self._changed:
            self._unheated = request.generation, explained
            self._changed.notify_all()

    # --- the thread of heat maps ------------------------------------------------------------------

    def _run_heating(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closing or self._unheated is not None)
                if self._closing or self._unheated is None:
                    return
                (generation, explained), self._unheated = self._unheated, None
            self._told(generation, partial(self._heat, generation, explained))

    def _heat(self, generation: int, explained: Explained) -> None:
        self._send(HitExplained(generation, explained.heated(), complete=True))


def _picture(search: FindSimilar) -> int | str | bytes | None:
    return next((each for each in (search.photo_id, search.path, search.image) if each is not None), None)
