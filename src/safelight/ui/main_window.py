"""The main window: puts the parts in their places and passes word between them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QMainWindow, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from safelight.core.changes import LibraryChanged
from safelight.core.jobs import Phase, Progress
from safelight.core.photo import Photo
from safelight.engine import requests
from safelight.ui import dropped, wording
from safelight.ui.actions import Actions
from safelight.ui.browse import Browse
from safelight.ui.content import ContentArea
from safelight.ui.details import DetailsPanel
from safelight.ui.duplicates.links import DuplicatesLinks
from safelight.ui.engine_watch import EngineWatch
from safelight.ui.folder_commands import FolderCommands
from safelight.ui.grid.arranging import Arranging
from safelight.ui.grid.model import PhotoGridModel
from safelight.ui.grid.photo_facts import FactsCache
from safelight.ui.grid.selection import Selection
from safelight.ui.grid.surface import MAX_CELL, MIN_CELL
from safelight.ui.grid.view import PhotoGridView
from safelight.ui.habits import Habits
from safelight.ui.icons import app_icon
from safelight.ui.library_reader import Overview
from safelight.ui.listing import Listing
from safelight.ui.models.links import ModelLinks
from safelight.ui.parts import Parts
from safelight.ui.photo_commands import PhotoCommands
from safelight.ui.rail import Rail
from safelight.ui.removal_question import RemovalQuestions
from safelight.ui.scope import Place, Query, Scope, SimilarQuery
from safelight.ui.search.bar import SearchBar
from safelight.ui.search.history import QueryHistory
from safelight.ui.search.links import SearchLinks
from safelight.ui.search.refining import Refining
from safelight.ui.search.saved_searches import SavedSearches
from safelight.ui.search.why_links import WhyLinks
from safelight.ui.status_bar import StatusBar
from safelight.ui.theme import Theme
from safelight.ui.toast import Toasts
from safelight.ui.trash_commands import TrashCommands
from safelight.ui.viewer.viewer import Viewer
from safelight.ui.window_commands import handlers_of


class MainWindow(QMainWindow):
    """Composition and the traffic between parts; each part does its own work."""

    def __init__(self, parts: Parts, *, fresh: bool) -> None:
        """``fresh``: there is no library yet, so the window opens on the welcome page."""
        super().__init__()
        self.parts = parts
        self._shut_down = False
        theme = parts.themes.theme
        self.setWindowTitle("Safelight")
        self.setWindowIcon(app_icon())
        self.setAcceptDrops(True)
        self.setMinimumSize(640, 420)

        self.rail = Rail(theme)
        self.search_bar = SearchBar(theme, (MIN_CELL, MAX_CELL), history=QueryHistory(parts.state))
        self.facts = FactsCache(parts.reader, parts.bridge, self)
        self.model = PhotoGridModel(self.facts.title_of, self)
        self.grid = PhotoGridView(self.model, parts.cache, theme)
        self.grid.show_facts(self.facts)
        self.content = ContentArea(self.grid, theme)
        self.details = DetailsPanel(parts.cache.get, theme)
        self.status = StatusBar(theme)
        self.viewer = Viewer(parts.loader, parts.reader, parts.cache.get)
        self.viewer.show_film(parts.state.flag("film", False))
        self.viewer.film_toggled.connect(lambda shown: self.parts.state.keep("film", shown))
        self._browser = QWidget()
        self._pages = QStackedWidget()
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._lay_out()
        self.toasts = Toasts(self, theme)

        self.browse = Browse(parts.bridge, parts.reader, self)
        self.selection = Selection(parts.reader, self)
        self.photo_commands = PhotoCommands(parts.bridge, parts.reader, parts.loader, self)
        self.trash_commands = TrashCommands(parts.bridge, self, self.toasts.show_message)
        self.folder_commands = FolderCommands(parts.bridge, self)
        self.saved_searches = SavedSearches(parts.bridge, parts.names, self.toasts.show_message, self)
        self.search_links = SearchLinks(
            self.search_bar, self.rail, self.saved_searches, parts.names, self.toasts.show_message
        )
        self.refining = Refining(
            parts.reader, self.search_bar, parts.cache.get, self.toasts.show_message, self
        )
        self.why = WhyLinks(parts.bridge, self.browse, self.viewer, self.details, self.open_viewer)
        self.watch = EngineWatch(parts.bridge, self.status, self)
        self.removals = RemovalQuestions(parts.bridge, self)
        self.models = ModelLinks(
            parts, self.content, self.status, self.viewer, self.toasts.show_message, self
        )
        self.duplicates = DuplicatesLinks(
            parts, self.content, self.rail, self._pages, self.toasts, self.browse, self
        )
        self.commands = Actions(self, handlers_of(self), theme)
        self.context_menu = self.commands.context_menu()
        self.search_bar.menu_button.setMenu(self.commands.main_menu())
        self._connect_search()
        self._connect_photos()
        self._connect_library()
        self.habits = Habits(
            parts.state,
            self,
            self._splitter,
            {"rail": self.rail, "details": self.details},
            self.search_bar.slider,
            self.commands,
        )
        self.habits.restore()
        self.arranging = Arranging(self.search_bar.arrange, self.browse, self.grid, parts.state)
        self.grid.set_cell_size(self.search_bar.slider.value())
        if fresh:
            self.content.show_fresh_library()
        else:
            self.grid.set_loading(True)

    def start(self) -> None:
        """Start what works in the background; called once the window is on its way to the screen."""
        self.parts.reader.start()
        self.parts.names.start()
        self.parts.bridge.start()
        self._load_overview()
        self.saved_searches.load()
        self.arranging.restore()
        self.browse.show_scope(Scope())

    def add_folders(self, paths: Sequence[str]) -> None:
        self.folder_commands.add(paths)

    # --- layout -----------------------------------------------------------------------------

    def _lay_out(self) -> None:
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.search_bar)
        column.addWidget(self.content, 1)
        for widget in (self.rail, middle, self.details):
            self._splitter.addWidget(widget)
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setSizes([200, 820, 260])
        layout = QVBoxLayout(self._browser)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._splitter, 1)
        layout.addWidget(self.status)
        self._pages.addWidget(self._browser)
        self._pages.addWidget(self.viewer)
        self.setCentralWidget(self._pages)

    def _apply_theme(self, theme: Theme) -> None:
        for part in (
            self.rail,
            self.search_bar,
            self.grid,
            self.content,
            self.details,
            self.status,
            self.toasts,
            self.commands,
            self.models,
            self.duplicates,
        ):
            part.apply_theme(theme)

    # --- traffic ----------------------------------------------------------------------------

    def _connect_search(self) -> None:
        self.search_bar.query_changed.connect(self._search)
        self.search_bar.dropped_on.connect(self._take_drop)
        self.search_bar.results_wanted.connect(self.grid.setFocus)
        self.search_bar.size_changed.connect(self.grid.set_cell_size)
        self.grid.cell_size_changed.connect(self.search_bar.set_size)
        self.browse.listing_changed.connect(self._show_listing)
        self.browse.scope_changed.connect(self.rail.show_scope)
        self.browse.busy_changed.connect(self.search_bar.show_busy)
        self.browse.notice_changed.connect(self.content.show_notice)
        self.browse.reasons_changed.connect(self.facts.show_reasons)
        self.browse.failed.connect(self.toasts.show_message)
        self.rail.scope_chosen.connect(self.show_scope)
        self.search_links.follow(self.parts.bridge, self.browse)

    def _connect_photos(self) -> None:
        self.grid.photo_activated.connect(self.open_viewer)
        self.grid.context_menu_requested.connect(self._show_context_menu)
        self.grid.selection_changed.connect(self._take_grid_selection)
        self.grid.favourite_toggled.connect(self._mark_one)
        self.grid.set_paths_provider(self.selection.paths_of)
        self.selection.photos_changed.connect(self._show_selection)
        self.details.favourite_toggled.connect(self.photo_commands.set_favourite)
        self.details.similar_requested.connect(self.find_similar)
        self.parts.cache.thumbnail_ready.connect(self.details.refresh_thumbnail)
        self.parts.cache.thumbnail_ready.connect(self.viewer.take_thumbnail)
        self.viewer.closed.connect(self._leave_viewer)
        self.viewer.similar_requested.connect(self.find_similar)
        self.viewer.part_requested.connect(self.refining.search_part)
        self.viewer.favourite_toggled.connect(self._mark_one)
        self.viewer.photo_shown.connect(lambda photo_id: self._take_selection([photo_id]))
        self.viewer.context_menu_requested.connect(
            lambda position, photo_id: self._show_context_menu(position, [photo_id])
        )
        self.photo_commands.told.connect(self.toasts.show_message)
        self.duplicates.photos_shown.connect(self._take_selection)
        self.duplicates.show_in_folder_requested.connect(self.folder_commands.show_file)

    def _connect_library(self) -> None:
        bridge, reader = self.parts.bridge, self.parts.reader
        self.parts.themes.theme_changed.connect(self._apply_theme)
        bridge.engine_ready.connect(reader.open_library)
        bridge.engine_ready.connect(self._load_overview)
        bridge.model_ready.connect(reader.set_model)
        bridge.model_ready.connect(lambda _: self._load_overview())
        bridge.library_changed.connect(self._take_change)
        bridge.progress_changed.connect(self.content.show_progress)
        bridge.progress_changed.connect(self._take_progress)
        reader.overview_loaded.connect(self._show_overview)
        reader.favourites_loaded.connect(self.model.set_favourites)
        reader.failures_loaded.connect(self.content.problems.show_failures)
        reader.failed.connect(self.toasts.show_message)
        self.rail.add_folder_requested.connect(self.folder_commands.choose)
        self.rail.folder_menu_requested.connect(self.folder_commands.show_menu)
        self.content.welcome.add_folder_requested.connect(self.folder_commands.choose)
        self.content.problems.retry_requested.connect(lambda ids: bridge.send(requests.RetryFailures(ids)))
        self.content.problems.ignore_requested.connect(lambda ids: bridge.send(requests.IgnoreFailures(ids)))
        self.content.problems.show_in_folder_requested.connect(self.folder_commands.show_file)
        self.folder_commands.told.connect(self.toasts.show_message)

    # --- what is shown ----------------------------------------------------------------------

    def show_scope(self, scope: Scope) -> None:
        """Show a part of the library; a search under way ends."""
        self.viewer.close_viewer()
        self.search_bar.reset()
        self.browse.show_scope(scope)
        self.content.show_request(scope, None)
        if scope.place is Place.PROBLEMS:
            self.parts.reader.load_failures()

    def find_similar(self, photo_id: int | None) -> None:
        """Look for what is like a photo of the library."""
        if photo_id is None:
            return
        known = next((photo for photo in self.details.photos if photo.id == photo_id), None)
        query = SimilarQuery(photo_id=photo_id)
        title = wording.name_of(known) if known else "this photo"
        path = wording.path_of(known) if known else None
        self.search_bar.show_similar(query, title, self.parts.cache.get(photo_id), path)
        self._search(query)

    def open_viewer(self, photo_id: int | None) -> None:
        if photo_id is None or self.model.row_of(photo_id) is None:
            return
        self._pages.setCurrentWidget(self.viewer)
        self.viewer.open(self._shown_ids(), photo_id)

    def _search(self, query: Query | None) -> None:
        self.viewer.close_viewer()
        self.browse.search(query)
        self.content.show_request(self.browse.scope, query)

    def _show_listing(self, listing: Listing, refreshed: bool) -> None:
        if refreshed:
            unfolded = any(section.foldable and not section.collapsed for section in self.model.sections)
            self.model.update_photos(listing.ids, listing.unfolded() if unfolded else listing.sections)
        else:
            self.model.set_photos(listing.ids, listing.sections)
        self.grid.set_loading(False)
        query = self.browse.query
        if not refreshed and isinstance(query, SimilarQuery) and query.photo_id is not None:
            self.grid.select_photo(query.photo_id)
        self._take_grid_selection(self.grid.selected_ids())
        self.content.show_answer(empty=not listing.ids)
        self.viewer.update_ids(self._shown_ids())

    def toggle_folds(self) -> None:
        for number, section in enumerate(self.model.sections):
            if section.foldable:
                self.model.set_section_collapsed(number, not section.collapsed)

    def _shown_ids(self) -> Sequence[int]:
        """The photos to leaf through: those that are not behind a fold."""
        return self.model.ids_of(self.grid.shown_runs())

    def _leave_viewer(self, photo_id: int) -> None:
        self._pages.setCurrentWidget(self._browser)
        self.grid.select_photo(photo_id)
        self.grid.setFocus()

    def focus_search(self) -> None:
        self.viewer.close_viewer()
        self.duplicates.compare.close_compare()
        self.search_bar.focus()

    # --- selection --------------------------------------------------------------------------

    def _mark_one(self, photo_id: int, favourite: bool) -> None:
        self.photo_commands.set_favourite([photo_id], favourite)

    def _take_grid_selection(self, ids: Sequence[int]) -> None:
        if self.viewer.current is None:  # else commands are for the photo that it shows
            self._take_selection(ids)

    def _take_selection(self, ids: Sequence[int]) -> None:
        if self.selection.select(ids):
            self.commands.enable_for(len(ids), favourite=False)

    def _show_selection(self, photos: list[Photo], total: int) -> None:
        self.details.show_photos(photos, total)
        self.commands.enable_for(total, favourite=self.selection.all_favourites)

    def _show_context_menu(self, position: QPoint, ids: Sequence[int]) -> None:
        if ids:
            self._take_selection(ids)
            self.context_menu.popup(position)

    # --- the library ------------------------------------------------------------------------

    def _load_overview(self) -> None:
        self.parts.reader.load_overview()
        self.parts.reader.load_favourites()
        if self.browse.scope.place is Place.PROBLEMS:
            self.parts.reader.load_failures()

    def _take_change(self, change: LibraryChanged) -> None:
        self._load_overview()
        self.parts.cache.invalidate((*change.updated, *change.removed))
        self.selection.refresh(change.updated)
        self.viewer.refresh(change.updated)

    def _take_progress(self, progress: Progress) -> None:
        self.commands.show_paused(progress.phase is Phase.PAUSED)
        if progress.phase is Phase.IDLE:
            self._load_overview()  # vectors that came last change counts, but no photo

    def _show_overview(self, overview: Overview) -> None:
        self.rail.show_overview(overview.counts, overview.folders)
        self.status.show_counts(overview.counts)
        self.content.show_overview(overview)

    # --- drops ------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        # What is dragged out of our own grid is meant for other programs.
        if event.source() is None and dropped.may_hold_something(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self._take_drop(dropped.read(event.mimeData()))

    def _take_drop(self, found: dropped.Dropped) -> None:
        if found.folders:
            self.folder_commands.add(found.folders)
        elif found:
            self.viewer.close_viewer()
            self.search_bar.look_for(found, with_words=False)

    def toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)
        self.commands["full_screen"].setChecked(self.isFullScreen())

    # --- the end ----------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        self.shutdown()
        event.accept()

    def shutdown(self) -> bool:
        """End everything behind the window; True when nothing is left running. Idempotent."""
        if not self._shut_down:
            self._shut_down = True
            self.habits.remember()
            self.hide()  # what follows may take a moment that nobody needs to watch
            self.browse.stop()
            self.models.stop()
            self.duplicates.stop()
            self.selection.stop()
            self.toasts.clear()
            self.viewer.close_viewer()
        return self.parts.stop()
