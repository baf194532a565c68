"""What the window shows: a part of the library, a search, a page, or a photo in the viewer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from safelight.ui import wording
from safelight.ui.dropped_files import Dropped
from safelight.ui.library.reads import Overview
from safelight.ui.library.window_services import WindowServices
from safelight.ui.pages.declarations import PAGES_BY_PLACE
from safelight.ui.search.query_text import can_be_written
from safelight.ui.search.search_state import Scope
from safelight.ui.translation import translate
from safelight.ui.view_request import (
    Place,
    Query,
    SimilarQuery,
    ViewRequest,
)
from safelight.ui.window.last_place import LastPlace
from safelight.ui.window.layout import WindowLayout
from safelight.ui.window.navigation import Navigation, View


class ViewController(QObject):
    """Changes what is shown, and keeps the history of it for back and forward."""

    overlays_dismissed = Signal()
    """Something else is shown now: close what covers the window."""
    photo_opened = Signal(object, int)
    """Show a photo in the viewer: the ids to step through, and the photo."""
    scope_shown = Signal()
    """A part of the library is shown, and no search."""

    def __init__(self, layout: WindowLayout, services: WindowServices, parent: QObject) -> None:
        super().__init__(parent)
        self._layout = layout
        self._last = LastPlace(services.state, layout.results, layout.grid)
        self._thumbnail = services.cache.get
        self.navigation = Navigation(self)
        self.navigation.wanted.connect(self._show_again)
        self.openers: dict[Place, Callable[[], object]] = {}
        """Functions that open pages which need more than being shown. Filled by the owners of these pages."""
        layout.content.page_opened.connect(self._on_page_opened)
        layout.content.page_closed.connect(self._leave_page)

    @property
    def scope(self) -> ViewRequest:
        """The part of the library that is shown, or that the search returns to."""
        return self._layout.results.scope

    # --- the start and the end --------------------------------------------------------------

    def show_first(self) -> None:
        """Show the view that the settings name for the start."""
        self._browse_to(self._last.scope())

    def remember(self) -> None:
        """Save the present view for the next start."""
        self._last.remember()

    # --- parts of the library and pages -----------------------------------------------------

    def show_scope(self, scope: ViewRequest) -> None:
        """Show a part of the library; this ends a search."""
        self.overlays_dismissed.emit()
        self._layout.search_bar.reset()
        self._browse_to(scope)
        self._layout.search_bar.set_place(self._search_scope(scope))
        self.scope_shown.emit()

    def _browse_to(self, scope: ViewRequest) -> None:
        self._layout.results.show_scope(scope)
        self._layout.content.show_request(scope, None)
        self.navigation.visit(View(scope))

    def _search_scope(self, scope: ViewRequest) -> Scope:
        """The filter that limits searches while a part of the library is open."""
        if scope.place == Place.FAVOURITES:
            return Scope(translate("ViewController", "Favourites"), "is:favourite", "heart")
        if scope.place == Place.HIDDEN:
            return Scope(translate("ViewController", "Hidden"), "is:hidden", "eye-off")
        if scope.place in (Place.TAG, Place.ALBUM):
            return self._organised_scope(scope)
        folder = self._layout.sidebar.folder(scope.folder_id) if scope.folder_id is not None else None
        path = "" if folder is None else str(Path(folder.path, scope.below))
        if not path or not can_be_written(path):
            return Scope()
        from safelight.core.query import Filter, ValueCondition

        return Scope(wording.display_name(path), Filter(ValueCondition("in", path)).text())

    def _organised_scope(self, scope: ViewRequest) -> Scope:
        """A search in a tag or an album is limited to it."""
        from safelight.core.query import Filter, ValueCondition

        entry = self._layout.sidebar.places.entry(self._layout.sidebar.places.find(scope))
        name = scope.tag if scope.place == Place.TAG else entry.path if entry is not None else ""
        if not name:
            return Scope()
        return Scope(name, Filter(ValueCondition(str(scope.place), name)).text(), str(scope.place))

    def show_with_subfolders(self, shown: bool) -> None:
        """Show the open folder with or without its subfolders."""
        scope = replace(self._layout.results.scope, with_subfolders=shown)
        if scope.place == Place.FOLDER and self._layout.results.query is None:
            self.show_scope(scope)
        elif scope.place == Place.FOLDER:
            self._layout.results.return_to(scope)

    def open_scope(self, scope: ViewRequest) -> None:
        """Show a part of the library or a page, and focus it."""
        self.show_scope(scope)
        self._layout.content.take_focus()

    def show_page(self, place: Place) -> None:
        """Open a page, or a part of the library."""
        if not PAGES_BY_PLACE[place].covers:
            self.open_scope(ViewRequest(place))
            return
        self.overlays_dismissed.emit()
        self.openers.get(place, partial(self._layout.content.open_page, place))()

    def show_overview(self, overview: Overview) -> None:
        """The names of folders have become known, or folders were removed."""
        results = self._layout.results
        scope = results.scope
        if results.query is None:
            self._layout.search_bar.set_place(self._search_scope(scope))
        if scope.place == Place.FOLDER and all(folder.id != scope.folder_id for folder in overview.folders):
            if results.query is None:
                self.show_scope(ViewRequest())
            else:
                results.return_to(ViewRequest())

    # --- searches ---------------------------------------------------------------------------

    def search(self, query: Query | None) -> None:
        self.overlays_dismissed.emit()
        results = self._layout.results
        results.search(query)
        self._layout.content.show_request(results.scope, query)
        self.navigation.visit(self._view())

    def find_similar(self, photo_id: int | None) -> None:
        """Search for photos similar to one of the library."""
        if photo_id is None:
            return
        known = next((photo for photo in self._layout.details.photos if photo.id == photo_id), None)
        query = SimilarQuery(photo_id=photo_id)
        title = wording.name_of(known) if known else translate("ViewController", "this photo")
        path = wording.path_of(known) if known else None
        self._layout.search_bar.show_similar(query, title, self._thumbnail(photo_id), path)
        self.search(query)

    def search_dropped(self, found: Dropped) -> None:
        """Search for pictures that were dropped."""
        self.overlays_dismissed.emit()
        self._layout.search_bar.look_for(found, with_words=False)

    def focus_search(self) -> None:
        self.overlays_dismissed.emit()
        self._layout.search_bar.focus()

    # --- the viewer -------------------------------------------------------------------------

    def open_viewer(self, photo_id: int | None) -> None:
        if photo_id is not None and self._layout.model.row_of(photo_id) is not None:
            self.photo_opened.emit(self._layout.grid_content.shown_ids(), photo_id)

    # --- the history ------------------------------------------------------------------------

    def _show_again(self, view: View) -> None:
        """Show what was shown before."""
        layout = self._layout
        self.overlays_dismissed.emit()
        layout.content.close_page()
        if (view.scope, view.query) != (layout.results.scope, layout.results.query):
            if view.query is None:
                self.show_scope(view.scope)
            else:
                layout.results.return_to(view.scope)
                layout.search_bar.set_place(self._search_scope(view.scope))
                thumbnail = None
                if isinstance(view.query, SimilarQuery) and view.query.photo_id is not None:
                    thumbnail = self._thumbnail(view.query.photo_id)
                layout.search_bar.restore(view.query, view.title, thumbnail, view.path)
                self.search(view.query)
        if view.page is not None:
            self.show_page(view.page)

    def _on_page_opened(self, place: str) -> None:
        self._layout.sidebar.show_scope(None)
        self.navigation.visit(self._view(Place(place)))

    def _leave_page(self) -> None:
        if self._layout.results.query is None:
            self._layout.sidebar.show_scope(self._layout.results.scope)
        self.navigation.leave_page()

    def _view(self, page: Place | None = None) -> View:
        """The present view."""
        results = self._layout.results
        title, path = self._layout.search_bar.picture_shown
        return View(results.scope, results.query, page, title, path)
