"""Finds duplicates on a thread of its own, tells what is known so far, and then follows the library."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from safelight.core.duplicates import DuplicateGroup
from safelight.core.errors import CancelledError, SafelightError
from safelight.core.jobs import JobControl
from safelight.engine.events import DuplicatesFound, Event, RequestFailed
from safelight.engine.requests import FindDuplicates
from safelight.services.duplicates.comparing import Comparer, Comparison, model_for_comparing
from safelight.services.duplicates.grouping import find_groups
from safelight.services.duplicates.qualities import Qualities
from safelight.store import likeness
from safelight.store.library import LibraryStore

log = logging.getLogger(__name__)

PARTIAL_SECONDS = 2.0
"""Between two partial answers at least; longer where grouping itself takes long."""

REST_SECONDS = 1.0
"""Between two looks at the library while photos stream in."""

_SHARE = 4
"""Comparing gets at least so many times what partial answers cost."""


class DuplicateWorker:
    """Nothing is compared until somebody asks for duplicates; from then on each change is followed.

    A newer request replaces the one before. Thread-safe.
    """

    def __init__(self, store: LibraryStore, comparer: Comparer, send: Callable[[Event], None]) -> None:
        self._store = store
        self._send = send
        self._comparer = comparer
        self._qualities = Qualities()
        self._control = JobControl()
        self._news = threading.Condition()
        self._generation: int | None = None
        self._asked = self._done = 0
        """How often a look was asked for, and which of these has been answered."""
        self._told: DuplicatesFound | None = None
        self._cost = 0.0
        """Seconds that the last grouping took."""
        self._thread = threading.Thread(target=self._run, name="duplicates", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def submit(self, request: FindDuplicates) -> None:
        """Returns at once."""
        with self._news:
            self._generation = request.generation
            self._asked += 1
            self._news.notify_all()

    def look(self) -> None:
        """Something changed: photos, vectors, or what was decided of them."""
        with self._news:
            self._asked += 1
            self._news.notify_all()

    def close(self) -> None:
        """End after the comparisons under way; what was found stays."""
        self._control.cancel()
        with self._news:
            self._news.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    # --- the thread ---------------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(self._has_work)
                if self._control.cancelled:
                    return
                asked, wanted = self._asked, self._generation
            try:
                self._answer()
            except CancelledError:
                return
            except SafelightError as error:
                self._send(RequestFailed(str(error), self._generation))
            except Exception:
                log.exception("looking for duplicates ended by a fault of Safelight's own")
                message = "Looking for duplicates failed because of a fault in Safelight."
                self._send(RequestFailed(message, self._generation))
            self._rest(asked, wanted)

    def _has_work(self) -> bool:
        return self._control.cancelled or (self._generation is not None and self._done != self._asked)

    def _rest(self, asked: int, answered: int | None) -> None:
        """Let more changes come together, unless somebody asks anew."""
        with self._news:
            self._done = asked
            self._news.wait_for(
                lambda: self._control.cancelled or self._generation != answered,
                max(REST_SECONDS, _SHARE * self._cost),
            )

    def _answer(self) -> None:
        """Compare what is new and tell the groups, at first as they are known."""
        with self._store.read() as db:
            model_id = model_for_comparing(db)
        told_at = -PARTIAL_SECONDS
        for comparison in self._comparer.run(model_id, self._control):
            if time.monotonic() - told_at >= max(PARTIAL_SECONDS, _SHARE * self._cost):
                self._tell(self._groups(), comparison)
                told_at = time.monotonic()
        self._tell(self._groups(), None)

    def _groups(self) -> tuple[DuplicateGroup, ...]:
        started = time.monotonic()
        with self._store.read() as db:
            groups = find_groups(db, self._qualities)
        fresh = self._qualities.take_fresh()
        if fresh:
            with self._store.write() as db:
                likeness.put_qualities(db, fresh)
        self._cost = time.monotonic() - started
        return tuple(groups)

    def _tell(self, groups: tuple[DuplicateGroup, ...], comparison: Comparison | None) -> None:
        with self._news:
            generation = self._generation
        if generation is None:
            return
        done, total = (0, 0) if comparison is None else (comparison.done, comparison.total)
        found = DuplicatesFound(generation, groups, comparison is None, done, total)
        if found != self._told:
            self._told = found
            self._send(found)
