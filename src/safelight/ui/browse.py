"""Decides what the grid shows: a part of the library, or the answer to a search; the newest wins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby

from PySide6.QtCore import QObject, QTimer, Signal

from safelight.core.changes import LibraryChanged
from safelight.core.jobs import Phase, Progress
from safelight.core.search import Band, SearchHit
from safelight.engine import messages
from safelight.ui import wording
from safelight.ui.engine_bridge import EngineBridge
from safelight.ui.grid_model import Section
from safelight.ui.library_reader import LibraryReader, ScopeRows
from safelight.ui.scope import Place, Query, Scope, TextQuery

_RELOAD_DELAY = 200
"""Milliseconds that changes are gathered before a part of the library is read again."""
_SEARCH_AGAIN = 3000
"""Milliseconds at least between two answers to one search while photos arrive."""
_BUSY_DELAY = 200
"""Milliseconds a search may take before the window says that it is waiting."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What the grid is to show: photo ids, each once, and the sections that divide them."""

    ids: tuple[int, ...]
    sections: tuple[Section, ...] = ()

    def unfolded(self) -> tuple[Section, ...]:
        """The sections with nothing behind a fold."""
        return tuple(replace(section, collapsed=False) for section in self.sections)


class Browse(QObject):
    """Holds what is asked for and turns answers into listings.

    What was shown stays until its successor is there, so that nothing flickers while one types.
    """

    listing_changed = Signal(object, bool)  # Listing; True when it is the same view, refreshed
    scope_changed = Signal(object)  # Scope shown, or None for a search
    busy_changed = Signal(bool)
    notice_changed = Signal(str)
    failed = Signal(str)

    def __init__(self, bridge: EngineBridge, reader: LibraryReader, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._reader = reader
        self._wanted = 0
        """The generation whose answer is waited for, or was taken last."""
        self._scope = Scope()
        self._query: Query | None = None
        self._hits: tuple[SearchHit, ...] = ()
        self._partial = False
        """The answer came with a notice: it may be fuller when more has been read."""
        self._refreshing = False
        """The answer on its way is to the question that is already answered on the screen."""
        self._reload = QTimer(self, singleShot=True)
        self._reload.timeout.connect(self._ask_again)
        self._busy = QTimer(self, singleShot=True, interval=_BUSY_DELAY)
        self._busy.timeout.connect(lambda: self.busy_changed.emit(True))
        bridge.results_arrived.connect(self._take_results)
        bridge.request_failed.connect(self._take_failure)
        bridge.library_changed.connect(self._take_change)
        bridge.progress_changed.connect(self._take_progress)
        bridge.engine_ready.connect(self._ask_again)
        bridge.model_ready.connect(lambda _: self._search_again())
        reader.rows_loaded.connect(self._take_rows)

    @property
    def scope(self) -> Scope:
        """The part of the library shown, or returned to when the search is cleared."""
        return self._scope

    @property
    def query(self) -> Query | None:
        """The search shown, if any."""
        return self._query

    def show_scope(self, scope: Scope) -> None:
        self._query = None
        self._hits = ()
        self._scope = scope
        self.notice_changed.emit("")
        self.scope_changed.emit(scope)
        self._ask(refreshing=False)

    def search(self, query: Query | None) -> None:
        """Answer a query; None goes back to the part of the library shown before."""
        if query is None:
            self.show_scope(self._scope)
            return
        self._query = query
        self._hits = ()
        self.scope_changed.emit(None)
        self._ask(refreshing=False)

    def stop(self) -> None:
        self._reload.stop()
        self._busy.stop()

    # --- asking -----------------------------------------------------------------------------

    def _ask(self, *, refreshing: bool) -> None:
        self._reload.stop()
        self._partial = False
        self._refreshing = refreshing
        self._wanted = next(self._bridge.generations)
        match self._query:
            case None:
                self._not_busy()
                if self._scope.place is not Place.PROBLEMS:
                    self._reader.load_rows(self._wanted, self._scope)
                return
            case TextQuery(text):
                self._bridge.send(messages.Search(self._wanted, text))
            case similar:
                self._bridge.send(
                    messages.FindSimilar(
                        self._wanted, similar.photo_id, similar.path, similar.image, similar.words
                    )
                )
        if not refreshing:
            self._busy.start()

    def _ask_again(self) -> None:
        # An answer that is still awaited is awaited anew; one that is shown is refreshed quietly.
        waiting = self._query is not None and not self._hits
        self._ask(refreshing=not waiting)

    def _search_again(self) -> None:
        if self._query is not None:
            self._ask_again()

    def _not_busy(self) -> None:
        self._busy.stop()
        self.busy_changed.emit(False)

    # --- answers ----------------------------------------------------------------------------

    def _take_rows(self, generation: int, rows: ScopeRows) -> None:
        if generation == self._wanted and self._query is None:
            self.listing_changed.emit(listing_of_rows(rows), self._refreshing)

    def _take_results(self, results: messages.SearchResults) -> None:
        if results.generation != self._wanted or self._query is None:
            return
        self._not_busy()
        self._hits = results.hits
        self._partial = bool(results.notice)
        self.notice_changed.emit(results.notice)
        self.listing_changed.emit(listing_of_hits(self._hits), self._refreshing)

    def _take_failure(self, failure: messages.RequestFailed) -> None:
        if failure.generation is not None:
            if failure.generation != self._wanted:
                return
            self._not_busy()
        self.failed.emit(failure.message)

    def _take_progress(self, progress: Progress) -> None:
        if self._query is None or not self._partial:
            return
        if progress.phase is Phase.IDLE:
            self._ask_again()
        elif not self._reload.isActive():
            self._reload.start(_SEARCH_AGAIN)

    def _take_change(self, change: LibraryChanged) -> None:
        if self._query is None:
            if change and not self._reload.isActive():
                self._reload.start(_RELOAD_DELAY)
            return
        if change.removed and self._hits:
            gone = set(change.removed)
            self._hits = tuple(hit for hit in self._hits if hit.photo_id not in gone)
            self.listing_changed.emit(listing_of_hits(self._hits), True)
        if change.added and not self._reload.isActive():
            self._reload.start(_SEARCH_AGAIN)


def listing_of_rows(rows: ScopeRows) -> Listing:
    """A part of the library by month; the recently added are one run, in their own order."""
    if rows.scope.place is Place.RECENT:
        return Listing(rows.ids)
    months = ((key, sum(1 for _ in group)) for key, group in groupby(rows.dates, key=lambda date: date[:7]))
    return Listing(rows.ids, _sections((wording.month(f"{key}-01"), amount, False) for key, amount in months))


def listing_of_hits(hits: Sequence[SearchHit]) -> Listing:
    """Hits by how they stand out; the rest lies behind a fold unless there is nothing else."""
    by_band = {band: [hit.photo_id for hit in hits if hit.band is band] for band in Band}
    rest = by_band[Band.REST]
    named = [("Strong", by_band[Band.STRONG]), ("Maybe", by_band[Band.MAYBE])]
    parts = [(title, len(ids), False) for title, ids in named if ids]
    if rest:
        parts.append(
            (f"{len(rest):,} less likely", len(rest), True) if parts else ("Less likely", len(rest), False)
        )
    return Listing(tuple(chain.from_iterable(by_band.values())), _sections(parts))


def _sections(parts: Iterable[tuple[str, int, bool]]) -> tuple[Section, ...]:
    """Sections one after the other from (title, rows, behind a fold)."""
    made: list[Section] = []
    row = 0
    for title, amount, folded in parts:
        detail = "" if folded else f"{amount:,}"
        made.append(Section(title, row, amount, collapsed=folded, foldable=folded, detail=detail))
        row += amount
    return tuple(made)
