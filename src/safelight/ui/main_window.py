"""The main window: creates its parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMainWindow, QWidget

from safelight.ui.icons import app_icon
from safelight.ui.lazy_page import LazyPage
from safelight.ui.pages import MIGRATION, MODELS, PAGES, SETTINGS
from safelight.ui.staged_startup import StagedStartup
from safelight.ui.view_controller import ViewController
from safelight.ui.view_request import Place
from safelight.ui.window_layout import WindowLayout
from safelight.ui.window_services import WindowServices

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMenu

    from safelight.ui.actions import Actions
    from safelight.ui.album_arranging import AlbumArranging
    from safelight.ui.compare_controller import CompareController
    from safelight.ui.date_jump import DateJump
    from safelight.ui.drop_overlay import DropOverlay
    from safelight.ui.duplicates.controller import DuplicatesController
    from safelight.ui.engine_watch import EngineWatch
    from safelight.ui.explore.controller import ExploreController
    from safelight.ui.folder_commands import FolderCommands
    from safelight.ui.folder_tree import FolderTree
    from safelight.ui.grid.selection import Selection
    from safelight.ui.library_follower import LibraryFollower
    from safelight.ui.models.controller import ModelsController
    from safelight.ui.opened_files import OpenedFiles
    from safelight.ui.organise.albums_controller import AlbumsController
    from safelight.ui.organise.conflicts import ConflictNotices
    from safelight.ui.organise.controller import OrganiseController
    from safelight.ui.organise.export_controller import ExportController
    from safelight.ui.organise.suggested_tags import TagSuggestions
    from safelight.ui.organise.teaching import Teaching
    from safelight.ui.photo_commands import PhotoCommands
    from safelight.ui.problems_controller import ProblemsController
    from safelight.ui.search.controller import SearchController
    from safelight.ui.search.like_thumbnails import LikeThumbnails
    from safelight.ui.search.refining import Refining
    from safelight.ui.search.saved_searches import SavedSearches
    from safelight.ui.selection_controller import SelectionController
    from safelight.ui.settings.controller import SettingsController
    from safelight.ui.trash_commands import TrashCommands
    from safelight.ui.viewer.rotations import Rotations
    from safelight.ui.viewer.viewer import Viewer
    from safelight.ui.why_controller import WhyController
    from safelight.ui.window_input import WindowInput


class MainWindow(QMainWindow):
    """Creates the parts of the window; each part does its own work.

    :class:`WindowLayout` holds what is visible from the first paint on. The other parts are properties that
    load and create their part when they are first used. :meth:`start` uses those that follow the library.
    """

    def __init__(
        self,
        parts: WindowServices,
        library: Path,
        handlers: Callable[[MainWindow], Mapping[str, Callable[[], object]]],
        connect: Callable[[MainWindow], object],
        *,
        fresh: bool,
    ) -> None:
        """``handlers`` returns the function of each command. ``connect`` connects the parts once all exist.
        ``fresh``: there is no library yet, so the window opens on the welcome page.
        """
        super().__init__()
        self.parts = parts
        self._handlers = handlers
        self.library = library
        self._layout = layout = WindowLayout(self, parts, fresh=fresh)
        self.sidebar = layout.sidebar
        self.search_bar = layout.search_bar
        self.facts = layout.facts
        self.model = layout.model
        self.grid = layout.grid
        self.content = layout.content
        self.details = layout.details
        self.status = layout.status
        self.pages = layout.pages
        self.browser = layout.browser
        self.toasts = layout.toasts
        self.browse = layout.browse
        self.listing = layout.listing
        self.stacks = layout.stacks
        self.arranging = layout.arranging
        self.layout_state = layout.layout_state
        self.views = ViewController(layout, parts, self)
        self._shut_down = False
        self._ends: list[Callable[[], object]] = []
        """Functions that stop what was started."""
        load = (self._load_viewer, self._load_messages)
        make = (self._make_viewer, self._make_commands, self._make_organising, self._make_searching)
        rest = (self._make_pages, self._make_actions, partial(connect, self), self._begin_working)
        self._starting = StagedStartup((self._begin_reading, *load, *make, *rest), self)

    # --- the start --------------------------------------------------------------------------

    def start(self) -> None:
        """Create and start what works behind the visible parts."""
        self._starting.finish()

    def start_staged_startup(self) -> None:
        """The same, one step at a time, while the window responds; :attr:`started` is set when it is done."""
        self._starting.begin()

    @property
    def started(self) -> bool:
        return self._starting.done

    def open_paths(self, paths: Sequence[str]) -> None:
        """Add folders to the library, and show the first file."""
        files = [path for path in paths if Path(path).is_file()]
        folders = [path for path in paths if path not in files]
        if folders:
            self._starting.add(lambda: self.folder_commands.add(folders))
        if files:
            self._starting.add(lambda: self._open_file(files[0]))

    def _open_file(self, path: str) -> None:
        self.views.overlays_dismissed.emit()
        self.opened_files.open(path)

    def open_search(self, query: str) -> None:
        """Search the whole library."""
        self._starting.add(lambda: self.search_bar.set_text(query))

    def _begin_reading(self) -> None:
        # Photos first: their reader loads and works on its own thread meanwhile.
        self.parts.reader.start()
        self.views.show_first()

    # Each step is short, so that the window responds between them.

    def _load_viewer(self) -> None:
        import safelight.ui.viewer.viewer  # noqa: F401

    def _load_messages(self) -> None:
        import safelight.engine.events
        import safelight.engine.requests  # noqa: F401

    def _make_viewer(self) -> None:
        self.pages.addWidget(self.viewer)

    def _make_commands(self) -> None:
        self._use(self.selection, self.photo_commands, self.trash_commands, self.folder_commands)
        self._use(self.folder_tree, self.watch, self.follower)

    def _make_organising(self) -> None:
        self._use(self.organise, self.tag_suggestions, self.album_arranging, self.conflict_notices)
        from safelight.ui.removal_question import RemovalQuestions

        RemovalQuestions(self.parts.bridge, self)

    def _make_searching(self) -> None:
        self.saved_searches.changed.connect(self.organise.show_searches)
        self._use(self.saved_searches, self.search_links, self.like_thumbnails, self.refining, self.why)

    def _make_pages(self) -> None:
        self._use(self.models, self.duplicates, self.settings, self.problems, self.explore)
        self._use(self.albums)
        for page in PAGES:
            if page.make is not None:
                self.content.set_page(page.key, LazyPage(partial(page.make, self.parts)))
        self.content.set_page(SETTINGS, self.settings.page)
        self.content.set_page(MIGRATION, LazyPage(self._make_migration))
        self.views.openers[MODELS] = self.models.open

    def _make_actions(self) -> None:
        commands = self.commands
        self.settings.set_commands(commands)
        self.sidebar.set_history_actions(commands["back"], commands["forward"])
        self.search_bar.menu_button.setMenu(commands.main_menu())
        self.layout_state.set_commands(commands)
        self._use(self.selecting)

    def _use(self, *parts: object) -> None:
        """Accessing the properties creates the parts."""

    def _begin_working(self) -> None:
        from safelight.ui.grid.photo_shapes import PhotoShapes

        self.setWindowIcon(app_icon())  # many sizes, so after the first paint
        self.parts.names.start()
        self.grid.show_shapes(PhotoShapes(self.parts.names, self.parts.bridge, self))
        self.parts.bridge.start()
        self.follower.load()
        self.organise.load()
        self.saved_searches.load()
        if self.search_bar.query is not None:
            self.views.search(self.search_bar.query)  # typed before the signals were connected

    # --- parts that are created after the first paint ---------------------------------------

    @cached_property
    def rotations(self) -> Rotations:
        from safelight.ui.viewer.rotations import Rotations

        state = self.parts.state
        return Rotations(state.text("rotations"), partial(state.keep, "rotations"))

    @cached_property
    def viewer(self) -> Viewer:
        from safelight.ui.viewer.viewer import Viewer

        state = self.parts.state
        parts = self.parts
        viewer = Viewer(
            parts.loader, parts.reader, parts.cache.get, moment=parts.moments.get, rotations=self.rotations
        )
        viewer.show_film(state.flag("film", False))
        viewer.film_toggled.connect(lambda shown: state.keep("film", shown))
        self._ends.append(viewer.close_viewer)
        return viewer

    @cached_property
    def compare(self) -> CompareController:
        from safelight.ui.compare_controller import CompareController

        trash = self.trash_commands.trash
        compare = CompareController(self._layout, self.parts, self.rotations, trash, self)
        self._ends.append(compare.close)
        return compare

    @cached_property
    def date_jump(self) -> DateJump:
        from safelight.ui.date_jump import DateJump

        return DateJump(self._layout.listing, self.grid, self.toasts.show_message, self)

    @cached_property
    def selection(self) -> Selection:
        from safelight.ui.grid.selection import Selection

        selection = Selection(self.parts.reader, self)
        self._ends.append(selection.stop)
        return selection

    @cached_property
    def photo_commands(self) -> PhotoCommands:
        from safelight.ui.photo_commands import PhotoCommands

        return PhotoCommands(self.parts.bridge, self.parts.reader, self.parts.loader, self)

    @cached_property
    def trash_commands(self) -> TrashCommands:
        from safelight.ui.trash_commands import TrashCommands

        return TrashCommands(self.parts.bridge, self, self.toasts.show_message, self.parts.reader)

    @cached_property
    def folder_commands(self) -> FolderCommands:
        from safelight.ui.folder_commands import FolderCommands

        return FolderCommands(self.parts.bridge, self, self.toasts.show_message)

    @cached_property
    def folder_tree(self) -> FolderTree:
        from safelight.ui.folder_tree import FolderTree

        return FolderTree(self.parts, self.sidebar, self.folder_commands)

    @cached_property
    def organise(self) -> OrganiseController:
        from safelight.ui.organise.controller import OrganiseController
        from safelight.ui.organise.dropping import PhotoDrops

        organise = OrganiseController(self.parts, self.sidebar, self.views, self.selection, self.toasts, self)
        self._ends.append(organise.stop)
        self.selection.photos_changed.connect(organise.show_photos)
        self._layout.themed.append(organise)
        self.sidebar.show_covers(self.parts.cache)
        self.details.add_editor(organise.editor)
        PhotoDrops(self.sidebar.list, self.sidebar.places, self.grid, organise.drop, self.views.show_page)
        return organise

    @cached_property
    def tag_suggestions(self) -> TagSuggestions:
        from safelight.ui.organise.suggested_tags import TagSuggestions

        suggestions = TagSuggestions(self.parts, self.organise)
        self.selection.photos_changed.connect(suggestions.show_photos)
        return suggestions

    @cached_property
    def teaching(self) -> Teaching:
        from safelight.ui.organise.teaching import Teaching

        search = self.search_bar.set_text
        return Teaching(self.parts, self.organise, self.selection, search, self)

    @cached_property
    def album_arranging(self) -> AlbumArranging:
        from safelight.ui.album_arranging import AlbumArranging

        return AlbumArranging(
            self.parts.bridge, self.browse, self.grid, self.model, self.stacks, self.toasts, self
        )

    @cached_property
    def conflict_notices(self) -> ConflictNotices:
        from safelight.ui.organise.conflicts import ConflictNotices

        return ConflictNotices(self.parts, self.toasts, self)

    @cached_property
    def exports(self) -> ExportController:
        from safelight.ui.organise.export_controller import ExportController

        exports = ExportController(self.parts, self.toasts, self.folder_commands.show_file, self)
        self._ends.append(exports.stop)
        return exports

    @cached_property
    def drop_overlay(self) -> DropOverlay:
        from safelight.ui.drop_overlay import DropOverlay

        overlay = DropOverlay(self, self.parts.themes.theme)
        self._layout.themed.append(overlay)
        return overlay

    @cached_property
    def window_input(self) -> WindowInput:
        from safelight.ui.window_input import WindowInput

        navigation = self.views.navigation
        buttons = {
            Qt.MouseButton.BackButton: navigation.back,
            Qt.MouseButton.ForwardButton: navigation.forward,
        }
        overlay, add = (lambda: self.drop_overlay), self.folder_commands.add
        return WindowInput(self, overlay, add, self.views.search_dropped, buttons)

    @cached_property
    def opened_files(self) -> OpenedFiles:
        from safelight.ui.opened_files import OpenedFiles

        opened = OpenedFiles(self._layout, self.parts, self.folder_commands.add, self)
        self._ends.append(opened.stop)
        return opened

    @cached_property
    def watch(self) -> EngineWatch:
        from safelight.ui.engine_watch import EngineWatch

        return EngineWatch(self.parts.bridge, self.status, self)

    @cached_property
    def follower(self) -> LibraryFollower:
        from safelight.ui.library_follower import LibraryFollower

        return LibraryFollower(self.parts, self.model, self.selection, self.viewer, self)

    @cached_property
    def saved_searches(self) -> SavedSearches:
        from safelight.ui.search.saved_searches import SavedSearches

        return SavedSearches(self.parts.bridge, self.parts.names, self.toasts.show_message, self)

    @cached_property
    def search_links(self) -> SearchController:
        from safelight.ui.search.controller import SearchController

        tell = self.toasts.show_message
        return SearchController(self.search_bar, self.sidebar, self.saved_searches, self.parts.names, tell)

    @cached_property
    def like_thumbnails(self) -> LikeThumbnails:
        from safelight.ui.search.like_thumbnails import LikeThumbnails

        return LikeThumbnails(self.search_bar, self.parts.names, self.parts.cache)

    @cached_property
    def refining(self) -> Refining:
        from safelight.ui.search.refining import Refining

        parts = self.parts
        return Refining(parts.reader, self.search_bar, parts.cache.get, self.toasts.show_message, self)

    @cached_property
    def why(self) -> WhyController:
        from safelight.ui.why_controller import WhyController

        open_viewer = self.views.open_viewer
        return WhyController(self.parts.bridge, self.browse, self.viewer, self.details, open_viewer)

    @cached_property
    def models(self) -> ModelsController:
        from safelight.ui.models.controller import ModelsController

        models = ModelsController(self.parts, self.content, self.status, self.toasts.show_message, self)
        self._layout.themed.append(models)
        self._ends.append(models.stop)
        return models

    @cached_property
    def duplicates(self) -> DuplicatesController:
        from safelight.ui.duplicates.controller import DuplicatesController

        duplicates = DuplicatesController(
            self.parts, self.content, self.sidebar, self.pages, self.toasts, self.browse, self
        )
        self._layout.themed.append(duplicates)
        self._ends.append(duplicates.stop)
        return duplicates

    @cached_property
    def explore(self) -> ExploreController:
        from safelight.ui.explore.controller import ExploreController

        show_recent = partial(self.views.show_page, Place.RECENT)
        explore = ExploreController(
            self.parts, self.content, self.search_bar.set_text, show_recent, self.organise.run, self
        )
        self._layout.themed.append(explore)
        return explore

    @cached_property
    def albums(self) -> AlbumsController:
        from safelight.ui.organise.albums_controller import AlbumsController

        albums = AlbumsController(
            self.parts,
            self.content,
            self.organise,
            self.grid,
            self.grid.selected_ids,
            self.views.show_scope,
            self,
        )
        self._layout.themed.append(albums)
        self._ends.append(albums.stop)
        return albums

    @cached_property
    def settings(self) -> SettingsController:
        from safelight.ui.settings.controller import SettingsController

        settings = SettingsController(self.parts, self.library, self)
        self._layout.themed.append(settings)
        return settings

    def _make_migration(self) -> QWidget:
        from safelight.ui.migration.controller import MigrationController

        migration = MigrationController(self.parts, self)
        migration.page.closed.connect(self.content.close_page)
        return migration.page

    @cached_property
    def problems(self) -> ProblemsController:
        from safelight.ui.problems_controller import ProblemsController

        return ProblemsController(self._layout, self.parts, self.folder_commands.show_file, self)

    @cached_property
    def commands(self) -> Actions:
        from safelight.ui.actions import Actions
        from safelight.ui.shortcuts import ChangedKeys

        keys = ChangedKeys(self.parts.state)
        commands = Actions(self, self._handlers(self), self.parts.themes.theme, keys)
        self._layout.themed.append(commands)
        return commands

    @cached_property
    def context_menu(self) -> QMenu:
        """The menu of a photo."""
        return self.commands.context_menu()

    @cached_property
    def selecting(self) -> SelectionController:
        from safelight.ui.selection_controller import SelectionController

        acted_on = (self.selection, self.viewer, self.compare, self.duplicates, self.commands)
        return SelectionController(self._layout, *acted_on, self.context_menu, self.opened_files, self)

    # --- the window itself ------------------------------------------------------------------

    def toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)
        self.commands["full_screen"].setChecked(self.isFullScreen())
        if self.isFullScreen() and self.viewer.current is not None:
            self.viewer.controls.dismiss()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.shutdown()
        event.accept()

    def shutdown(self) -> bool:
        """Stop all background work; True when nothing is left running. Idempotent."""
        if not self._shut_down:
            self._shut_down = True
            self._starting.stop()
            self.views.remember()
            self.layout_state.remember()
            self.hide()  # stopping may take a moment
            self.browse.stop()
            for end in self._ends:
                end()
            self.toasts.clear()
        return self.parts.stop()
