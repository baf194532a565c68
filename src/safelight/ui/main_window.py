"""The main window: creates its parts and connects them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QMouseEvent, QShowEvent

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.jobs import Phase, Progress
from safelight.core.settings import COMPACT, START_VIEW, StartView, written
from safelight.ui import dropped_files, wording
from safelight.ui.face import WindowFace
from safelight.ui.icons import app_icon
from safelight.ui.lazy_page import LazyPage
from safelight.ui.navigation import Navigation, View
from safelight.ui.pages import BY_PLACE, MODELS, PAGES, PROBLEMS, SETTINGS
from safelight.ui.reads import Overview, ReadBlocker, ReadFailures
from safelight.ui.search.query_text import can_be_written
from safelight.ui.search.search_state import Scope
from safelight.ui.staged_startup import StagedStartup
from safelight.ui.view_request import PHOTOS, Place, Query, SimilarQuery, TextQuery, ViewRequest
from safelight.ui.window_services import WindowServices

if TYPE_CHECKING:
    from safelight.core.photo import Photo
    from safelight.ui.grid_content import GridContent
    from safelight.ui.problems import ProblemsPage
    from safelight.ui.settings.page import SettingsPage
    from safelight.ui.welcome import WelcomePage


_LAST_VIEW = "last_view"


class MainWindow(WindowFace):
    """Creates the parts of the window and connects them; each part does its own work.

    What is not seen at first is loaded and made by the steps of :meth:`start`.
    """

    def __init__(self, parts: WindowServices, library: Path, *, fresh: bool) -> None:
        """``fresh``: there is no library yet, so the window opens on the welcome page."""
        super().__init__(parts, fresh=fresh)
        self._library = library
        self.navigation = Navigation(self)
        self._shut_down = False
        self._ends: list[Callable[[], object]] = []
        """Functions that stop what was started."""
        load = (self._load_viewer, self._load_messages)
        make = (self._add_viewer, self._add_commands, self._add_searching, self._add_pages, self._add_actions)
        connect = (self._connect_search, self._connect_photos, self._connect_library, self._connect_pages)
        self._starting = StagedStartup(
            (self._begin_reading, *load, *make, *connect, self._begin_working), self
        )

    # --- the start --------------------------------------------------------------------------

    def start(self) -> None:
        """Create and start what works behind the visible parts."""
        self._starting.finish()

    def start_staged_startup(self) -> None:
        """The same, one step at a time, while the window responds; :attr:`started` tells when it is done."""
        self._starting.begin()

    @property
    def started(self) -> bool:
        return self._starting.done

    def add_folders(self, paths: Sequence[str]) -> None:
        self._starting.add(lambda: self.folder_commands.add(paths))

    def _begin_reading(self) -> None:
        # Photos first: their reader loads and works on its own thread meanwhile.
        self.parts.reader.start()
        scope = self._first_scope()
        self.browse.show_scope(scope)
        self.content.show_request(scope, None)
        self.navigation.visit(View(scope))

    def _first_scope(self) -> ViewRequest:
        """What the settings say to show at the start."""
        state = self.parts.state
        if state.text(START_VIEW.name) != StartView.LAST:
            return ViewRequest()
        place, _, folder = state.text(_LAST_VIEW).partition(":")
        if place == Place.FOLDER and folder.isdigit():
            return ViewRequest(Place.FOLDER, int(folder))
        return ViewRequest(Place(place)) if place in PHOTOS - {Place.FOLDER} else ViewRequest()

    # Modules that take long to load have steps of their own.

    def _load_viewer(self) -> None:
        import safelight.ui.viewer.viewer  # noqa: F401

    def _load_messages(self) -> None:
        import safelight.engine.events
        import safelight.engine.requests  # noqa: F401

    def _add_viewer(self) -> None:
        from safelight.ui.viewer.viewer import Viewer

        self.viewer = Viewer(self.parts.loader, self.parts.reader, self.parts.cache.get)
        self.viewer.show_film(self.parts.state.flag("film", False))
        self.viewer.film_toggled.connect(lambda shown: self.parts.state.keep("film", shown))
        self.pages.addWidget(self.viewer)
        self._ends.append(self.viewer.close_viewer)

    def _add_commands(self) -> None:
        from safelight.ui.engine_watch import EngineWatch
        from safelight.ui.folder_commands import FolderCommands
        from safelight.ui.grid.selection import Selection
        from safelight.ui.library_follower import LibraryFollower
        from safelight.ui.photo_commands import PhotoCommands
        from safelight.ui.removal_question import RemovalQuestions
        from safelight.ui.trash_commands import TrashCommands

        parts = self.parts
        self.selection = Selection(parts.reader, self)
        self.photo_commands = PhotoCommands(parts.bridge, parts.reader, parts.loader, self)
        self.trash_commands = TrashCommands(parts.bridge, self, self.toasts.show_message, parts.reader)
        self.folder_commands = FolderCommands(parts.bridge, self, self.toasts.show_message)
        self.watch = EngineWatch(parts.bridge, self.status, self)
        self.removals = RemovalQuestions(parts.bridge, self)
        self.follower = LibraryFollower(parts, self.model, self.selection, self.viewer, self)
        self._ends.append(self.selection.stop)

    def _add_searching(self) -> None:
        from safelight.ui.search.controller import SearchController
        from safelight.ui.search.like_thumbnails import LikeThumbnails
        from safelight.ui.search.refining import Refining
        from safelight.ui.search.saved_searches import SavedSearches
        from safelight.ui.why_controller import WhyController

        parts, bar, tell = self.parts, self.search_bar, self.toasts.show_message
        self.saved_searches = SavedSearches(parts.bridge, parts.names, tell, self)
        self.search_links = SearchController(bar, self.sidebar, self.saved_searches, parts.names, tell)
        self.like_thumbnails = LikeThumbnails(bar, parts.names, parts.cache)
        self.refining = Refining(parts.reader, bar, parts.cache.get, tell, self)
        self.why = WhyController(parts.bridge, self.browse, self.viewer, self.details, self.open_viewer)

    def _add_pages(self) -> None:
        from safelight.ui.duplicates.controller import DuplicatesController
        from safelight.ui.models.controller import ModelsController
        from safelight.ui.settings.controller import SettingsController

        parts, toasts = self.parts, self.toasts
        self.models = ModelsController(parts, self.content, self.status, toasts.show_message, self)
        self.duplicates = DuplicatesController(
            parts, self.content, self.sidebar, self.pages, toasts, self.browse, self
        )
        self.settings = SettingsController(parts, self._library, self)
        for page in PAGES:
            if page.make is not None:
                self.content.set_page(page.key, LazyPage(partial(page.make, parts)))
        self.content.set_page(SETTINGS, self.settings.page)
        self.dressed += [self.models, self.duplicates, self.settings]
        self._ends += [self.models.stop, self.duplicates.stop]

    def _add_actions(self) -> None:
        from safelight.ui.actions import Actions
        from safelight.ui.shortcuts import ChangedKeys
        from safelight.ui.window_commands import handlers_of

        keys = ChangedKeys(self.parts.state)
        self.commands = Actions(self, handlers_of(self), self.parts.themes.theme, keys)
        self.settings.set_commands(self.commands)
        self.sidebar.set_history_actions(self.commands["back"], self.commands["forward"])
        self.sidebar.settings_requested.connect(partial(self.show_page, SETTINGS))
        self.context_menu = self.commands.context_menu()
        self.search_bar.menu_button.setMenu(self.commands.main_menu())
        self.layout_state.set_commands(self.commands)
        self.dressed.append(self.commands)

    def _begin_working(self) -> None:
        self.setAcceptDrops(True)
        self.setWindowIcon(app_icon())  # many sizes, so after the first paint
        self.parts.names.start()
        self.parts.bridge.start()
        self.follower.load()
        self.saved_searches.load()
        if self.search_bar.query is not None:
            self._search(self.search_bar.query)  # typed before the signals were connected

    # --- traffic ----------------------------------------------------------------------------

    def _connect_search(self) -> None:
        self.search_bar.query_changed.connect(self._search)
        self.search_bar.dropped_on.connect(self._take_drop)
        self.search_bar.results_wanted.connect(self.content.take_keyboard)
        self.search_bar.size_changed.connect(self.grid.set_cell_size)
        self.grid.cell_size_changed.connect(self.search_bar.set_size)
        self.browse.listing_changed.connect(self._follow_listing)
        self.browse.listing_changed.connect(self._explain_emptiness)
        self.grid.placeholder_pressed.connect(self._remove_blocker)
        self.browse.failed.connect(self.toasts.show_error)
        self.sidebar.scope_chosen.connect(self.show_scope)
        self.search_links.follow(self.parts.bridge, self.browse)

    def _connect_photos(self) -> None:
        self.grid.photo_activated.connect(self.open_viewer)
        self.grid.context_menu_requested.connect(self._show_context_menu)
        self.grid.selection_changed.connect(self._follow_selection)
        self.content.page_changed.connect(self._follow_selection)
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
        self.viewer.photo_shown.connect(self._follow_selection)
        self.viewer.photo_shown.connect(self.photo_commands.count_view)
        self.viewer.context_menu_requested.connect(
            lambda position, photo_id: self._show_context_menu(position, [photo_id])
        )
        self.photo_commands.told.connect(self.toasts.show_message)
        self.duplicates.photos_changed.connect(self._follow_selection)
        self.duplicates.show_in_folder_requested.connect(self.folder_commands.show_file)

    def _connect_library(self) -> None:
        bridge, reader = self.parts.bridge, self.parts.reader
        bridge.engine_ready.connect(self._load_failures)
        bridge.library_changed.connect(self._take_change)
        self.follower.overview_changed.connect(self._show_overview)
        bridge.operation_failed.connect(lambda failure: self.toasts.show_error(failure.message))
        bridge.progress_changed.connect(self.content.show_progress)
        bridge.progress_changed.connect(self._take_progress)
        self.content.problems_page.when_made(self._connect_problems)
        self.content.welcome_page.when_made(self._connect_welcome)
        reader.failed.connect(self.toasts.show_error)
        self.sidebar.add_folder_requested.connect(self.folder_commands.choose)
        self.sidebar.folder_menu_requested.connect(self.folder_commands.show_menu)

    def _connect_pages(self) -> None:
        navigation, content = self.navigation, self.content
        navigation.wanted.connect(self._show_view)
        navigation.changed.connect(self._follow_history)
        content.page_opened.connect(self._follow_page)
        content.page_closed.connect(self._leave_page)
        self.settings.page.when_made(self._connect_settings)
        self.settings.compact_changed.connect(self.arranging.show_compact)
        self.arranging.compact_chosen.connect(
            lambda compact: self.settings.change(COMPACT.name, written(compact))
        )
        self._follow_history(False, False)

    def _connect_settings(self, page: SettingsPage) -> None:
        page.closed.connect(self.content.close_page)
        page.add_folder_requested.connect(self.folder_commands.choose)
        page.folder_menu_requested.connect(self.folder_commands.show_menu)
        page.models_requested.connect(partial(self.show_page, MODELS))
        page.show_library_requested.connect(lambda: self.folder_commands.show_file(str(self._library)))

    def _connect_welcome(self, page: WelcomePage) -> None:
        page.add_folder_requested.connect(self.folder_commands.choose)

    def _connect_problems(self, page: ProblemsPage) -> None:
        from safelight.core.operations import IgnoreFailures
        from safelight.engine.requests import RetryFailures

        bridge = self.parts.bridge
        page.retry_requested.connect(lambda ids: bridge.send(RetryFailures(ids)))
        page.ignore_requested.connect(lambda ids: bridge.run(IgnoreFailures(ids)))
        page.show_in_folder_requested.connect(self.folder_commands.show_file)

    # --- what is shown ----------------------------------------------------------------------

    def show_scope(self, scope: ViewRequest) -> None:
        """Show a part of the library; this ends a search."""
        self.viewer.close_viewer()
        self.search_bar.reset()
        self.browse.show_scope(scope)
        self.content.show_request(scope, None)
        self.search_bar.set_place(self._search_scope(scope))
        self.navigation.visit(View(scope))
        self._load_failures()

    def _search_scope(self, scope: ViewRequest) -> Scope:
        """What a search keeps to while a part of the library is open."""
        if scope.place == Place.FAVOURITES:
            return Scope("Favourites", "is:favourite", "heart")
        folder = self.sidebar.folder(scope.folder_id) if scope.folder_id is not None else None
        if folder is None or not can_be_written(folder.path):
            return Scope()
        from safelight.core.query import Filter, Named

        return Scope(wording.display_name(folder.path), Filter(Named("in", folder.path)).text())

    def show_page(self, place: Place) -> None:
        """Open a page, or a part of the library."""
        if not BY_PLACE[place].covers:
            self.show_scope(ViewRequest(place))
            if place not in PHOTOS:
                self.content.take_keyboard()
            return
        self.viewer.close_viewer()
        self.duplicates.close_compare()  # it would cover the page
        if place == MODELS:
            self.models.open()
        else:
            self.content.open_page(place)

    def _show_view(self, view: View) -> None:
        """Show again what was shown before."""
        self.viewer.close_viewer()
        self.duplicates.close_compare()
        self.content.close_page()
        if (view.scope, view.query) != (self.browse.scope, self.browse.query):
            if view.query is None:
                self.show_scope(view.scope)
            else:
                self.browse.return_to(view.scope)
                self.search_bar.set_place(self._search_scope(view.scope))
                thumbnail = None
                if isinstance(view.query, SimilarQuery) and view.query.photo_id is not None:
                    thumbnail = self.parts.cache.get(view.query.photo_id)
                self.search_bar.restore(view.query, view.title, thumbnail, view.path)
                self._search(view.query)
        if view.page is not None:
            self.show_page(view.page)

    def _follow_history(self, back: bool, forward: bool) -> None:
        self.commands["back"].setEnabled(back)
        self.commands["forward"].setEnabled(forward)

    def _follow_page(self, place: str) -> None:
        self.sidebar.show_scope(None)
        self.navigation.visit(self._view(Place(place)))

    def _leave_page(self) -> None:
        if self.browse.query is None:
            self.sidebar.show_scope(self.browse.scope)
        self.navigation.leave_page()

    def _view(self, page: Place | None = None) -> View:
        """What is shown now, for the history."""
        title, path = self.search_bar.picture_shown
        return View(self.browse.scope, self.browse.query, page, title, path)

    def find_similar(self, photo_id: int | None) -> None:
        """Search for photos similar to one of the library."""
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
        self.pages.setCurrentWidget(self.viewer)
        self.viewer.open(self._shown_ids(), photo_id)

    def _search(self, query: Query | None) -> None:
        self.viewer.close_viewer()
        self.browse.search(query)
        self.content.show_request(self.browse.scope, query)
        self.navigation.visit(self._view())

    def _follow_listing(self) -> None:
        self._follow_selection()
        self.viewer.update_ids(self._shown_ids())

    def _explain_emptiness(self, listing: GridContent, _: bool) -> None:
        """Find out which filter leaves nothing."""
        query = self.browse.query
        if isinstance(query, TextQuery) and not listing.ids and not listing.failed:
            self.parts.names.read(ReadBlocker(query.whole), self.content.show_blocker)

    def _remove_blocker(self) -> None:
        if self.content.blocker is not None:
            self.search_bar.remove_part(self.content.blocker.part)

    def toggle_folds(self) -> None:
        for number, section in enumerate(self.model.sections):
            if section.foldable:
                self.model.set_section_collapsed(number, not section.collapsed)

    def _shown_ids(self) -> Sequence[int]:
        """The photos that the viewer steps through: those that are not folded away."""
        return self.model.ids_of(self.grid.shown_runs())

    def _leave_viewer(self, photo_id: int) -> None:
        self.pages.setCurrentWidget(self.browser)
        self.grid.select_photo(photo_id)
        self._follow_selection()  # it may be gone, and nothing else selected
        self.grid.setFocus()

    def focus_search(self) -> None:
        self.viewer.close_viewer()
        self.duplicates.close_compare()
        self.search_bar.focus()

    # --- selection --------------------------------------------------------------------------

    def _mark_one(self, photo_id: int, favourite: bool) -> None:
        self.photo_commands.set_favourite([photo_id], favourite)

    def _follow_selection(self) -> None:
        """Let commands act on the selection among what is shown now, and never on what is hidden."""
        viewed = self.viewer.current
        among_many = viewed is None and self.content.page is self.grid
        self.commands["select_all"].setEnabled(among_many)
        if among_many:
            self._take_selection(self.grid.selected_ids())
        else:
            self._take_selection(self.duplicates.photos if viewed is None else [viewed])

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

    def _load_failures(self) -> None:
        """Read the list of problems if it is open."""
        if self.browse.scope.place == PROBLEMS:
            self.parts.reader.read(ReadFailures(), self.content.problems_page.get().show_failures)

    def _take_change(self, change: LibraryChanged) -> None:
        if change.any_of(ChangeKind.FAILURES | ChangeKind.FILES):
            self._load_failures()

    def _take_progress(self, progress: Progress) -> None:
        self.commands.show_paused(progress.phase is Phase.PAUSED)

    def _show_overview(self, overview: Overview) -> None:
        self.sidebar.show_overview(overview.counts, overview.folders)
        self.status.show_counts(overview.counts)
        self.content.show_overview(overview)
        self.facts.show_overview(overview)
        self.settings.show_overview(overview)
        scope = self.browse.scope
        if self.browse.query is None:
            self.search_bar.set_place(self._search_scope(scope))  # folders have names now
        if scope.place == Place.FOLDER and all(folder.id != scope.folder_id for folder in overview.folders):
            self._leave_removed_folder()

    def _leave_removed_folder(self) -> None:
        if self.browse.query is None:
            self.show_scope(ViewRequest())
        else:
            self.browse.return_to(ViewRequest())

    # --- drops ------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        # Drags from this window are meant for other programs.
        if event.source() is None and dropped_files.may_hold_something(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self._take_drop(dropped_files.read(event.mimeData()))

    def _take_drop(self, found: dropped_files.Dropped) -> None:
        if found.folders:
            self.folder_commands.add(found.folders)
        elif found:
            self.viewer.close_viewer()
            self.search_bar.look_for(found, with_words=False)

    def toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)
        self.commands["full_screen"].setChecked(self.isFullScreen())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        handle = self.windowHandle()
        if handle is not None:
            handle.installEventFilter(self)  # whatever widget the mouse is over

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The back and forward buttons of a mouse."""
        if event.type() == QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent) and self.started:
            step = {
                Qt.MouseButton.BackButton: self.navigation.back,
                Qt.MouseButton.ForwardButton: self.navigation.forward,
            }.get(event.button())
            if step is not None:
                step()
                return True
        return super().eventFilter(watched, event)

    # --- the end ----------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        self.shutdown()
        event.accept()

    def shutdown(self) -> bool:
        """Stop everything behind the window; True when nothing is left running. Idempotent."""
        if not self._shut_down:
            self._shut_down = True
            self._starting.stop()
            scope = self.browse.scope
            folder = "" if scope.folder_id is None else f":{scope.folder_id}"
            self.parts.state.keep(_LAST_VIEW, f"{scope.place}{folder}")
            self.layout_state.remember()
            self.hide()  # stopping may take a moment
            self.browse.stop()
            for end in self._ends:
                end()
            self.toasts.clear()
        return self.parts.stop()
