"""What the window reads of the library itself: on a thread of its own, read-only, newest request wins."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from safelight.core.errors import SafelightError
from safelight.core.order import Order
from safelight.ui.view_request import ViewRequest

if TYPE_CHECKING:
    from safelight.core.encoder import ModelInfo
    from safelight.core.photo import Folder, LibraryCounts
    from safelight.store.library import LibraryStore

_log = logging.getLogger(__name__)

_Job = Callable[[Any, Any], Any]
"""Given :mod:`safelight.ui.library_queries`, which is loaded on the reader's thread, and a connection."""


@dataclass(frozen=True, slots=True)
class ScopeRows:
    """The photos of a scope in the order they are shown."""

    scope: ViewRequest
    ids: Sequence[int]
    dates: tuple[str, ...]
    """``YYYY-MM-DDTHH:MM:SS``, one for each id."""
    order: Order = Order.NATURAL


@dataclass(frozen=True, slots=True)
class Blocker:
    """The filter that leaves no photo."""

    query: str
    """The query it is part of, with the part of the library that is searched."""
    part: str
    """The filter in the search language."""
    matches_nothing: bool
    """Whether it matches no photo by itself, rather than together with the others."""
    others: int
    """Photos that pass the other filters."""


@dataclass(frozen=True, slots=True)
class Overview:
    """What the sidebar and the status bar show."""

    counts: LibraryCounts
    folders: tuple[Folder, ...]


class LibraryReader(QObject):
    """Asynchronous reads. Each method returns at once; its answer is a signal on the GUI thread.

    A request replaces one of its kind that still waits. Until the engine has made the library there
    is nothing to read: requests are kept and answered after :meth:`open_library`.
    """

    rows_loaded = Signal(int, object)  # generation, ScopeRows
    order_loaded = Signal(int, object)  # generation, list of photo ids
    facts_loaded = Signal(object, object)  # ids asked for, dict of ThumbnailInfo by id
    photos_loaded = Signal(str, object)  # who asked, list[Photo]
    overview_loaded = Signal(object)  # Overview
    favourites_loaded = Signal(object)  # list of photo ids
    failures_loaded = Signal(object)  # list[Failure]
    saved_searches_loaded = Signal(object)  # list[SavedSearch]
    vocabulary_loaded = Signal(object)  # Vocabulary
    pictures_found = Signal(object)  # dict of photo ids by path
    blocker_found = Signal(object)  # Blocker
    failed = Signal(str)

    _answered = Signal(object)

    def __init__(self, library: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._model: str | None = None
        self._jobs: dict[Hashable, tuple[_Job, Callable[[Any], None]]] = {}
        self._wake = threading.Condition()
        self._ending = False
        self._blocked = False
        """True while there is no library: jobs wait until :meth:`open_library`."""
        self._store: LibraryStore | None = None
        self._thread: threading.Thread | None = None
        self._answered.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        if self._thread is None and not self._ending:
            self._thread = threading.Thread(target=self._run, name="library-reader", daemon=True)
            self._thread.start()

    def open_library(self) -> None:
        """The library exists now (the engine said so): try again what could not be read."""
        with self._wake:
            self._blocked = False
            self._wake.notify()

    def set_model(self, model: ModelInfo) -> None:
        """The model whose vectors are counted from now on."""
        self._model = model.key

    def load_rows(self, generation: int, scope: ViewRequest, order: Order = Order.NATURAL) -> None:
        self._post(
            "rows",
            lambda ask, db: ask.rows(db, scope, order),
            lambda rows: self.rows_loaded.emit(generation, rows),
        )

    def load_order(self, generation: int, ids: Sequence[int], order: Order) -> None:
        """Put photos into an order."""
        wanted = list(ids)
        self._post(
            "order",
            lambda ask, db: ask.ordered(db, wanted, order),
            lambda found: self.order_loaded.emit(generation, found),
        )

    def load_photos(self, who: str, ids: Sequence[int]) -> None:
        """Rows of a few photos, in the order of ``ids`` without those that are gone."""
        wanted = list(ids)
        self._post(
            ("photos", who),
            lambda ask, db: ask.photos_of(db, wanted),
            lambda found: self.photos_loaded.emit(who, found),
        )

    def load_facts(self, ids: Sequence[int]) -> None:
        """Names and badges of the photos on the screen. Every request is answered."""
        wanted = tuple(ids)
        self._post(
            ("facts", wanted),
            lambda ask, db: ask.facts_of(db, wanted),
            lambda found: self.facts_loaded.emit(wanted, found),
        )

    def load_overview(self) -> None:
        model = self._model
        self._post("overview", lambda ask, db: ask.overview(db, model), self.overview_loaded.emit)

    def load_favourites(self) -> None:
        self._post("favourites", lambda ask, db: ask.favourites(db), self.favourites_loaded.emit)

    def load_failures(self) -> None:
        self._post("failures", lambda ask, db: ask.failures(db), self.failures_loaded.emit)

    def load_saved_searches(self) -> None:
        self._post("saved searches", lambda ask, db: ask.searches(db), self.saved_searches_loaded.emit)

    def load_vocabulary(self) -> None:
        """Names to complete with; takes up to a second for a large library."""
        self._post("vocabulary", lambda ask, db: ask.vocabulary_of(db), self.vocabulary_loaded.emit)

    def find_pictures(self, paths: Sequence[str]) -> None:
        """Look up which of these files are photos of the library."""
        wanted = tuple(paths)
        self._post("pictures", lambda ask, db: ask.pictures(db, wanted), self.pictures_found.emit)

    def find_blocker(self, query: str) -> None:
        """Find the filter because of which a query matches no photo."""
        self._post("blocker", lambda ask, db: ask.blocker(db, query), self._tell_blocker)

    def _tell_blocker(self, blocker: Blocker | None) -> None:
        if blocker is not None:
            self.blocker_found.emit(blocker)

    def request_stop(self) -> None:
        with self._wake:
            self._ending = True
            self._jobs.clear()
            self._wake.notify()

    def stop(self, timeout: float = 3.0) -> bool:
        """End the thread; True when it ended within ``timeout`` seconds. Idempotent."""
        self.request_stop()
        if self._thread is not None:
            self._thread.join(timeout)
        return self._thread is None or not self._thread.is_alive()

    def _post(self, kind: Hashable, job: _Job, answer: Callable[[Any], None]) -> None:
        with self._wake:
            if not self._ending:
                self._jobs[kind] = (job, answer)
                self._wake.notify()

    # --- the reader's thread ------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while True:
                with self._wake:
                    self._wake.wait_for(lambda: self._ending or (self._jobs and not self._blocked))
                    if self._ending:
                        return
                    kind = next(iter(self._jobs))
                    job, answer = self._jobs.pop(kind)
                self._do(kind, job, answer)
        finally:
            if self._store is not None:
                self._store.close()

    def _do(self, kind: Hashable, job: _Job, answer: Callable[[Any], None]) -> None:
        # On this thread: the library is not for the first paint, and loading it takes longer than that.
        from safelight.store.library import LibraryStore
        from safelight.ui import library_queries

        try:
            if self._store is None:
                self._store = LibraryStore.open_read_only(self._library)
            with self._store.read() as db:
                result = job(library_queries, db)
        except SafelightError as error:
            if self._store is None:
                _log.debug("The library cannot be read yet: %s", error)
                with self._wake:
                    self._jobs.setdefault(kind, (job, answer))
                    self._blocked = True
                return
            message = str(error)
            self._emit(lambda: self.failed.emit(message))
        except Exception:  # noqa: BLE001 - a bug on this thread must be told, not lost
            _log.exception("Reading the library failed")
            self._emit(lambda: self.failed.emit("Reading the library failed; the log says why."))
        else:
            self._emit(lambda: answer(result))

    def _emit(self, deliver: Callable[[], None]) -> None:
        if not self._ending:
            self._answered.emit(deliver)

    @Slot(object)
    def _deliver(self, deliver: Callable[[], None]) -> None:
        if not self._ending:
            deliver()
