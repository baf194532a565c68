"""The controllers of the window that are created after its first paint."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from safelight.ui.library.window_services import WindowServices
from safelight.ui.view_request import Place
from safelight.ui.window.layout import WindowLayout
from safelight.ui.window.view_controller import ViewController

if TYPE_CHECKING:
    from safelight.ui.commands.folder_commands import FolderCommands
    from safelight.ui.commands.photo_commands import PhotoCommands
    from safelight.ui.commands.trash_commands import TrashCommands
    from safelight.ui.duplicates.controller import DuplicatesController
    from safelight.ui.explore.controller import ExploreController
    from safelight.ui.grid.selection import Selection
    from safelight.ui.models.controller import ModelsController
    from safelight.ui.organise.albums_controller import AlbumsController
    from safelight.ui.organise.conflicts import ConflictNotices
    from safelight.ui.organise.controller import OrganiseController
    from safelight.ui.organise.export_controller import ExportController
    from safelight.ui.organise.suggested_tags import TagSuggestions
    from safelight.ui.organise.teaching import Teaching
    from safelight.ui.search.controller import SearchController
    from safelight.ui.search.like_thumbnails import LikeThumbnails
    from safelight.ui.search.refining import Refining
    from safelight.ui.search.saved_searches import SavedSearches
    from safelight.ui.settings.controller import SettingsController
    from safelight.ui.sidebar.folder_tree import FolderTree
    from safelight.ui.viewer.viewer import Viewer
    from safelight.ui.window.album_arranging import AlbumArranging
    from safelight.ui.window.compare_controller import CompareController
    from safelight.ui.window.date_jump import DateJump
    from safelight.ui.window.drop_overlay import DropOverlay
    from safelight.ui.window.engine_watch import EngineWatch
    from safelight.ui.window.input import WindowInput
    from safelight.ui.window.library_follower import LibraryFollower
    from safelight.ui.window.opened_files import OpenedFiles
    from safelight.ui.window.problems_controller import ProblemsController
    from safelight.ui.window.turning_controller import PhotoTurning
    from safelight.ui.window.why_controller import WhyController


class WindowControllers:
    """Each attribute loads and creates its object when it is first used, and connects it to those it needs.

    :class:`~safelight.ui.window.connections.WindowConnections` connects those that do not know each other.
    """

    def __init__(
        self, window: QWidget, layout: WindowLayout, services: WindowServices, library: Path
    ) -> None:
        """``window`` owns the objects."""
        self.window = window
        self.layout = layout
        self.services = services
        self.library = library
        self.views = ViewController(layout, services, window)
        self._stops: list[Callable[[], object]] = []
        """Functions that stop the controllers that have something to stop."""

    def stop(self) -> None:
        """Stop the background work of the controllers that were created."""
        for stop in self._stops:
            stop()

    @cached_property
    def viewer(self) -> Viewer:
        from safelight.ui.viewer.fitting_words import FittingWords
        from safelight.ui.viewer.viewer import Viewer

        services, state = self.services, self.services.state
        viewer = Viewer(
            services.loader,
            services.reader,
            services.cache.get,
            moment=services.moments.get,
        )
        viewer.show_film(state.flag("film", False))
        viewer.film_toggled.connect(lambda shown: state.keep("film", shown))
        viewer.info.faces.setChecked(state.flag("faces", True))
        viewer.info.faces_toggled.connect(lambda shown: state.keep("faces", shown))
        words = FittingWords(services.bridge, viewer.info.words, viewer)
        viewer.info.photo_shown.connect(words.show_photo)
        self._stops.append(viewer.close_viewer)
        return viewer

    @cached_property
    def turning(self) -> PhotoTurning:
        from safelight.ui.window.turning_controller import PhotoTurning

        return PhotoTurning(self.services.bridge, self.viewer, self.services.state, self.window)

    @cached_property
    def compare(self) -> CompareController:
        from safelight.ui.window.compare_controller import CompareController

        trash = self.trash_commands.trash
        compare = CompareController(self.layout, self.services, trash, self.window)
        self._stops.append(compare.close)
        return compare

    @cached_property
    def date_jump(self) -> DateJump:
        from safelight.ui.window.date_jump import DateJump

        return DateJump(
            self.layout.grid_content, self.layout.grid, self.layout.toasts.show_message, self.window
        )

    @cached_property
    def selection(self) -> Selection:
        from safelight.ui.grid.selection import Selection

        selection = Selection(self.services.reader, self.window)
        # Whoever selects a photo may open it next.
        selection.photos_changed.connect(self.services.loader.prepare_for)
        self._stops.append(selection.stop)
        return selection

    @cached_property
    def photo_commands(self) -> PhotoCommands:
        from safelight.ui.commands.photo_commands import PhotoCommands

        return PhotoCommands(self.services.bridge, self.services.reader, self.services.loader, self.window)

    @cached_property
    def trash_commands(self) -> TrashCommands:
        from safelight.ui.commands.trash_commands import TrashCommands

        return TrashCommands(
            self.services.bridge, self.window, self.layout.toasts.show_message, self.services.reader
        )

    @cached_property
    def folder_commands(self) -> FolderCommands:
        from safelight.ui.commands.folder_commands import FolderCommands

        return FolderCommands(self.services.bridge, self.window, self.layout.toasts.show_message)

    @cached_property
    def folder_tree(self) -> FolderTree:
        from safelight.ui.sidebar.folder_tree import FolderTree

        return FolderTree(self.services, self.layout.sidebar, self.folder_commands)

    @cached_property
    def organise(self) -> OrganiseController:
        from safelight.ui.organise.controller import OrganiseController
        from safelight.ui.organise.dropping import PhotoDrops

        organise = OrganiseController(
            self.services, self.layout.sidebar, self.views, self.selection, self.layout.toasts, self.window
        )
        self._stops.append(organise.stop)
        self.selection.photos_changed.connect(organise.show_photos)
        self.layout.themed.append(organise)
        self.layout.sidebar.show_covers(self.services.cache)
        self.layout.details.add_editor(organise.editor)
        self.layout.order_tabs()
        sidebar, grid = self.layout.sidebar, self.layout.grid
        PhotoDrops(sidebar.list, sidebar.places, grid, organise.drop, self.views.show_page)
        return organise

    @cached_property
    def tag_suggestions(self) -> TagSuggestions:
        from safelight.ui.organise.suggested_tags import TagSuggestions

        suggestions = TagSuggestions(self.services, self.organise)
        self.selection.photos_changed.connect(suggestions.show_photos)
        return suggestions

    @cached_property
    def teaching(self) -> Teaching:
        from safelight.ui.organise.teaching import Teaching

        search = self.layout.search_bar.set_text
        return Teaching(self.services, self.organise, self.selection, search, self.window)

    @cached_property
    def album_arranging(self) -> AlbumArranging:
        from safelight.ui.window.album_arranging import AlbumArranging

        return AlbumArranging(
            self.services.bridge,
            self.layout.results,
            self.layout.grid,
            self.layout.model,
            self.layout.stacks,
            self.layout.toasts,
            self.window,
        )

    @cached_property
    def conflict_notices(self) -> ConflictNotices:
        from safelight.ui.organise.conflicts import ConflictNotices

        return ConflictNotices(self.services, self.layout.toasts, self.window)

    @cached_property
    def exports(self) -> ExportController:
        from safelight.ui.organise.export_controller import ExportController

        exports = ExportController(
            self.services, self.layout.toasts, self.folder_commands.show_file, self.window
        )
        self._stops.append(exports.stop)
        return exports

    @cached_property
    def drop_overlay(self) -> DropOverlay:
        from safelight.ui.window.drop_overlay import DropOverlay

        overlay = DropOverlay(self.window, self.services.themes.theme)
        self.layout.themed.append(overlay)
        return overlay

    @cached_property
    def window_input(self) -> WindowInput:
        from safelight.ui.window.input import WindowInput

        navigation = self.views.navigation
        buttons = {
            Qt.MouseButton.BackButton: navigation.back,
            Qt.MouseButton.ForwardButton: navigation.forward,
        }
        overlay, add = (lambda: self.drop_overlay), self.folder_commands.add
        return WindowInput(self.window, overlay, add, self.views.search_dropped, buttons)

    @cached_property
    def opened_files(self) -> OpenedFiles:
        from safelight.ui.window.opened_files import OpenedFiles

        opened = OpenedFiles(self.layout, self.services, self.folder_commands.add, self.window)
        self._stops.append(opened.stop)
        return opened

    @cached_property
    def watch(self) -> EngineWatch:
        from safelight.ui.window.engine_watch import EngineWatch

        return EngineWatch(self.services.bridge, self.layout.status, self.window)

    @cached_property
    def follower(self) -> LibraryFollower:
        from safelight.ui.window.library_follower import LibraryFollower

        return LibraryFollower(self.services, self.layout.model, self.selection, self.viewer, self.window)

    @cached_property
    def saved_searches(self) -> SavedSearches:
        from safelight.ui.search.saved_searches import SavedSearches

        return SavedSearches(
            self.services.bridge,
            self.services.background_reader,
            self.layout.toasts.show_message,
            self.window,
        )

    @cached_property
    def search(self) -> SearchController:
        from safelight.ui.search.controller import SearchController

        notify = self.layout.toasts.show_message
        return SearchController(
            self.layout.search_bar,
            self.layout.sidebar,
            self.saved_searches,
            self.services.background_reader,
            notify,
        )

    @cached_property
    def like_thumbnails(self) -> LikeThumbnails:
        from safelight.ui.search.like_thumbnails import LikeThumbnails

        return LikeThumbnails(self.layout.search_bar, self.services.background_reader, self.services.cache)

    @cached_property
    def refining(self) -> Refining:
        from safelight.ui.search.refining import Refining

        services = self.services
        return Refining(
            services.reader,
            self.layout.search_bar,
            services.cache.upright,
            self.layout.toasts.show_message,
            self.window,
        )

    @cached_property
    def why(self) -> WhyController:
        from safelight.ui.window.why_controller import WhyController

        open_viewer = self.views.open_viewer
        return WhyController(
            self.services.bridge, self.layout.results, self.viewer, self.layout.details, open_viewer
        )

    @cached_property
    def models(self) -> ModelsController:
        from safelight.ui.models.controller import ModelsController

        models = ModelsController(
            self.services,
            self.layout.content,
            self.layout.status,
            self.layout.toasts.show_message,
            self.window,
        )
        self.layout.themed.append(models)
        self._stops.append(models.stop)
        return models

    @cached_property
    def duplicates(self) -> DuplicatesController:
        from safelight.ui.duplicates.controller import DuplicatesController

        duplicates = DuplicatesController(
            self.services,
            self.layout.content,
            self.layout.sidebar,
            self.layout.pages,
            self.layout.toasts,
            self.layout.results,
            self.window,
        )
        self.layout.themed.append(duplicates)
        self._stops.append(duplicates.stop)
        return duplicates

    @cached_property
    def explore(self) -> ExploreController:
        from safelight.ui.explore.controller import ExploreController

        show_recent = partial(self.views.show_page, Place.RECENT)
        explore = ExploreController(
            self.services,
            self.layout.content,
            self.layout.search_bar.set_text,
            show_recent,
            self.organise.run,
            self.window,
        )
        self.layout.themed.append(explore)
        return explore

    @cached_property
    def albums(self) -> AlbumsController:
        from safelight.ui.organise.albums_controller import AlbumsController

        albums = AlbumsController(
            self.services,
            self.layout.content,
            self.organise,
            self.layout.grid,
            self.layout.grid.selected_ids,
            self.views.open_scope,
            self.search.open,
            self.window,
        )
        self.layout.themed.append(albums)
        self._stops.append(albums.stop)
        return albums

    @cached_property
    def settings(self) -> SettingsController:
        from safelight.ui.settings.controller import SettingsController

        settings = SettingsController(self.services, self.library, self.window)
        self.layout.themed.append(settings)
        return settings

    @cached_property
    def problems(self) -> ProblemsController:
        from safelight.ui.window.problems_controller import ProblemsController

        return ProblemsController(self.layout, self.services, self.folder_commands.show_file, self.window)
