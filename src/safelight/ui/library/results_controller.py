"""Decides what the grid shows: a part of the library, or the results of a search; the newest request wins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.jobs import Phase, Progress
from safelight.core.order import Order
from safelight.ui.library.engine_bridge import EngineBridge
from safelight.ui.library.grid_content import GridContent, SearchAnswer, content_of_answer, titles_for
from safelight.ui.library.reader import LibraryReader
from safelight.ui.library.reads import ReadOrder, ReadRows, ScopeRows
from safelight.ui.translation import error_text, translate
from safelight.ui.view_request import PHOTOS, Place, Query, SimilarQuery, TextQuery, ViewRequest

if TYPE_CHECKING:
    from safelight.engine import events, requests

_RELOAD_DELAY = 200
"""Milliseconds that changes are collected before a part of the library is read again."""
_REFRESH_INTERVAL = 3000
"""Minimum milliseconds between two answers to one search while photos are being indexed."""
_BUSY_DELAY = 200
"""Milliseconds that a search may take before the window shows that it is waiting."""
_LOADING_DELAY = 700
"""Milliseconds until a text says that the model is still loading."""
LOADING = translate(
    "ResultsController", "The model is still loading; your search runs as soon as it is ready."
)

_EMPTY_ANSWER = SearchAnswer({})


class ResultsController(QObject):
    """Holds the current request and turns answers into the content of the grid.

    The previous content stays until the next one is there, so that nothing flickers while the user types.
    """

    content_changed = Signal(object, bool)  # GridContent; True when it is the same view, refreshed
    scope_changed = Signal(object)  # ViewRequest shown, or None for a search
    busy_changed = Signal(bool)
    notice_changed = Signal(str)
    reasons_changed = Signal(object)  # other evidence than its looks, by photo
    moments_changed = Signal(object)  # seconds of the frame that matched, by video
    failed = Signal(str)

    def __init__(self, bridge: EngineBridge, reader: LibraryReader, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._reader = reader
        self._generation = 0
        """The generation of the answer that is awaited, or was accepted last."""
        self._scope = ViewRequest()
        self._query: Query | None = None
        self._answer = _EMPTY_ANSWER
        self._scope_order = self._search_order = Order.NATURAL
        self._places: dict[int, int] | None = None
        """The position of each photo in the chosen order; None for the order of the answer itself."""
        self._may_be_extended = False
        """The answer had a notice: it may be more complete when more photos have been read."""
        self._refreshing = False
        """The awaited answer is for the query whose results are shown already."""
        self._removed: set[int] = set()
        """Photos that were removed since the search was sent, which its answers may still have."""
        self._ask_timer = QTimer(self, singleShot=True)
        self._ask_timer.timeout.connect(self._ask_again)
        self._busy_timer = QTimer(self, singleShot=True, interval=_BUSY_DELAY)
        self._busy_timer.timeout.connect(lambda: self.busy_changed.emit(True))
        self._is_model_loaded = self._loading_announced = False
        self._loading_timer = QTimer(self, singleShot=True, interval=_LOADING_DELAY)
        self._loading_timer.timeout.connect(self._announce_loading)
        bridge.results_arrived.connect(self._on_results)
        bridge.further_arrived.connect(self._on_further_results)
        bridge.request_failed.connect(self._on_failed)
        bridge.library_changed.connect(self._on_library_changed)
        bridge.progress_changed.connect(self._on_progress)
        bridge.engine_ready.connect(self._ask_again)
        bridge.model_ready.connect(self._on_model_ready)
        bridge.model_unloaded.connect(self._on_model_lost)
        bridge.engine_stopped.connect(self._on_model_lost)

    @property
    def scope(self) -> ViewRequest:
        """The part of the library shown, or returned to when the search is cleared."""
        return self._scope

    @property
    def query(self) -> Query | None:
        """The search shown, if any."""
        return self._query

    @property
    def request(self) -> requests.Search | requests.FindSimilar | None:
        """The search shown, as the engine receives it."""
        if self._query is None:
            return None
        from safelight.engine import requests  # there is a search, so the first paint is over

        match self._query:
            case TextQuery() as query:
                return requests.Search(self._generation, query.whole)
            case SimilarQuery(photo_id, path, image, words):
                return requests.FindSimilar(self._generation, photo_id, path, image, words)

    @property
    def order(self) -> Order:
        """The order of what is shown: answers to searches have one, the library another."""
        return self._scope_order if self._query is None else self._search_order

    def set_order(self, order: Order) -> None:
        """Show in another order, also later views of the same kind."""
        if order == self.order:
            return
        if self._query is None:
            self._scope_order = order
            self._ask(refreshing=False)
            return
        self._search_order = order
        if self._answer.ids:
            self._refreshing = False
            self._arrange()

    def show_scope(self, scope: ViewRequest) -> None:
        self._query = None
        self._answer = _EMPTY_ANSWER
        self._scope = scope
        self.notice_changed.emit("")
        self.reasons_changed.emit({})
        self.moments_changed.emit({})
        self.scope_changed.emit(scope)
        self._ask(refreshing=False)

    def return_to(self, scope: ViewRequest) -> None:
        """Show ``scope`` when the current search is cleared."""
        self._scope = scope

    def search(self, query: Query | None) -> None:
        """Show the results of a query; None returns to the part of the library shown before."""
        if query is None:
            self.show_scope(self._scope)
            return
        self._query = query
        self._answer = _EMPTY_ANSWER
        self.scope_changed.emit(None)
        self._ask(refreshing=False)

    def stop(self) -> None:
        self._ask_timer.stop()
        self._busy_timer.stop()
        self._loading_timer.stop()

    # --- asking -----------------------------------------------------------------------------

    def _ask(self, *, refreshing: bool) -> None:
        self._ask_timer.stop()
        self._may_be_extended = False
        self._removed.clear()
        self._refreshing = refreshing
        self._generation = next(self._bridge.generations)
        request = self.request
        if request is None:
            self._not_busy()
            if self._scope.place in PHOTOS:
                generation = self._generation
                self._reader.read(
                    ReadRows(self._scope, self._scope_order),
                    lambda rows: self._on_rows_read(generation, rows),
                    key="rows",
                )
            return
        self._bridge.send(request)
        if not refreshing:
            self._busy_timer.start()
            self._loading_timer.start()

    def _ask_again(self) -> None:
        # An answer that is still awaited is requested again; one that is shown is refreshed without feedback.
        waiting = self._query is not None and not self._answer.ids
        self._ask(refreshing=not waiting)

    def _on_model_ready(self) -> None:
        self._is_model_loaded = True
        if self._query is not None:
            self._ask_again()

    def _on_model_lost(self) -> None:
        self._is_model_loaded = False

    def _announce_loading(self) -> None:
        if not self._is_model_loaded:
            self._loading_announced = True
            self.notice_changed.emit(LOADING)

    def _not_busy(self) -> None:
        self._busy_timer.stop()
        self._loading_timer.stop()
        self.busy_changed.emit(False)
        if self._loading_announced:
            self._loading_announced = False
            self.notice_changed.emit("")

    # --- answers ----------------------------------------------------------------------------

    def _on_rows_read(self, generation: int, rows: ScopeRows) -> None:
        if generation == self._generation and self._query is None:
            self.content_changed.emit(GridContent(rows.ids, days=rows.days), self._refreshing)

    def _on_results(self, results: events.SearchResults) -> None:
        if results.generation != self._generation or self._query is None:
            return
        self._not_busy()
        self._answer = SearchAnswer.of(results.hits, results.also, results.others).without(self._removed)
        self._may_be_extended = bool(results.notices)
        self.notice_changed.emit(" ".join(map(error_text, results.notices)))
        self.reasons_changed.emit({hit.photo_id: hit.reason for hit in results.hits if hit.reason})
        units = ((hit.photo_id, hit.unit) for hit in results.hits if hit.unit is not None)
        self.moments_changed.emit(
            {photo_id: unit.seconds for photo_id, unit in units if unit.seconds is not None}
        )
        self._arrange()

    def _on_further_results(self, results: events.FurtherResults) -> None:
        if results.generation == self._generation and self._query is not None:
            self._answer = self._answer.with_further(results.photo_ids).without(self._removed)
            self._refreshing = True
            self._arrange()

    def _arrange(self) -> None:
        """Show the answer in the chosen order, which needs a read of the library unless it is the
        answer's own.
        """
        if self._search_order == Order.NATURAL:
            self._places = None
            self._show_answer(self._refreshing)
        else:
            generation = self._generation
            self._reader.read(
                ReadOrder(self._answer.ids, self._search_order),
                lambda ids: self._on_order_read(generation, ids),
                key="order",
            )

    def _on_order_read(self, generation: int, ids: list[int]) -> None:
        if generation == self._generation and self._query is not None:
            self._places = {photo: place for place, photo in enumerate(ids)}
            self._show_answer(self._refreshing)

    def _show_answer(self, refreshed: bool) -> None:
        if self._query is not None:
            content = content_of_answer(self._answer, titles_for(self._query), self._places)
            self.content_changed.emit(content, refreshed)

    def _on_failed(self, failure: events.RequestFailed) -> None:
        if failure.generation is not None:
            if failure.generation != self._generation:
                return
            self._not_busy()
            if self._query is not None and not self._answer.ids:
                self._show_failure(error_text(failure.message))
                return
        self.failed.emit(error_text(failure.message))

    def _show_failure(self, message: str) -> None:
        # The results of an older search must not appear as those of this one.
        self.notice_changed.emit(message)
        self.reasons_changed.emit({})
        self.moments_changed.emit({})
        self.content_changed.emit(GridContent((), failed=True), False)

    def _on_progress(self, progress: Progress) -> None:
        if self._query is None or not self._may_be_extended:
            return
        if progress.phase is Phase.IDLE:
            self._ask_again()
        elif not self._ask_timer.isActive():
            self._ask_timer.start(_REFRESH_INTERVAL)

    @property
    def _relevant_changes(self) -> ChangeKind:
        """The changes that may add, remove or reorder photos of the scope shown."""
        listed = ChangeKind.PHOTOS | ChangeKind.FILES | ChangeKind.FOLDERS
        if self._scope.place in (Place.TAG, Place.ALBUM):
            listed |= ChangeKind.TAGS if self._scope.place == Place.TAG else ChangeKind.ALBUMS
        marked = self._scope.place == Place.FAVOURITES or self._scope_order == Order.BEST_RATED
        return listed | ChangeKind.MARKS if marked else listed

    def _on_library_changed(self, change: LibraryChanged) -> None:
        if self._query is None:
            if change.any_of(self._relevant_changes) and not self._ask_timer.isActive():
                self._ask_timer.start(_RELOAD_DELAY)
            return
        self._removed.difference_update(change.added)
        self._removed.update(change.removed)
        if change.removed and self._answer.ids:
            self._answer = self._answer.without(self._removed)
            self._show_answer(refreshed=True)
        if change.added and not self._ask_timer.isActive():
            self._ask_timer.start(_REFRESH_INTERVAL)
