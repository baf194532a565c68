"""The connections between the parts of the window."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint

from safelight.core.jobs import Phase, Progress
from safelight.core.settings import COMPACT, written
from safelight.ui.dropped_files import Dropped
from safelight.ui.grid.hover_film import HoverFilm
from safelight.ui.pages import MODELS, SETTINGS
from safelight.ui.reads import Overview
from safelight.ui.view_request import Place, ViewRequest

if TYPE_CHECKING:
    from safelight.engine import events
    from safelight.ui.main_window import MainWindow
    from safelight.ui.settings.page import SettingsPage


class WindowConnections(QObject):
    """Connects parts that do not know each other, when all of them exist.

    An object of its own rather than functions: Qt then drops the connections with the window.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._connect_search()
        self._connect_photos()
        self._connect_viewer()
        self._connect_library()
        self._connect_pages()

    def _connect_search(self) -> None:
        window = self._window
        window.search_bar.query_changed.connect(window.views.search)
        window.search_bar.dropped_on.connect(window.window_input.take)
        window.search_bar.results_wanted.connect(window.content.take_keyboard)
        window.search_bar.size_changed.connect(window.grid.set_cell_size)
        window.grid.cell_size_changed.connect(window.search_bar.set_size)
        window.browse.listing_changed.connect(self._follow_listing)
        window.browse.listing_changed.connect(window.listing.explain_emptiness)
        window.grid.placeholder_pressed.connect(self._help_empty_view)
        window.browse.failed.connect(window.toasts.show_error)
        window.sidebar.scope_chosen.connect(window.views.show_scope)
        window.sidebar.query_chosen.connect(window.search_bar.set_text)
        window.sidebar.concept_menu_requested.connect(self._show_menu_of_concept)
        window.search_links.follow(window.parts.bridge, window.browse)

    def _connect_photos(self) -> None:
        window = self._window
        window.grid.show_film(HoverFilm(window.parts.names, window.facts, window))
        window.grid.photo_activated.connect(window.views.open_viewer)
        window.grid.favourite_toggled.connect(self._mark_one)
        window.grid.set_paths_provider(window.selection.paths_of)
        window.details.favourite_toggled.connect(window.photo_commands.set_favourite)
        window.details.similar_requested.connect(window.views.find_similar)
        window.parts.cache.thumbnail_ready.connect(window.details.refresh_thumbnail)
        window.photo_commands.notified.connect(window.toasts.show_message)
        window.duplicates.show_in_folder_requested.connect(window.folder_commands.show_file)

    def _connect_viewer(self) -> None:
        window, viewer, views = self._window, self._window.viewer, self._window.views
        views.photo_opened.connect(self._show_viewer)
        views.overlays_dismissed.connect(viewer.close_viewer)
        views.overlays_dismissed.connect(window.compare.close)
        views.overlays_dismissed.connect(window.duplicates.close_compare)
        views.overlays_dismissed.connect(window.opened_files.close)
        window.opened_files.similar_requested.connect(self._find_similar_to_file)
        window.parts.cache.thumbnail_ready.connect(viewer.take_thumbnail)
        viewer.closed.connect(self._leave_viewer)
        viewer.similar_requested.connect(views.find_similar)
        viewer.part_requested.connect(window.refining.search_part)
        viewer.favourite_toggled.connect(self._mark_one)
        viewer.photo_shown.connect(window.photo_commands.count_view)

    def _connect_library(self) -> None:
        window, bridge = self._window, self._window.parts.bridge
        window.follower.overview_changed.connect(self._show_overview)
        bridge.operation_failed.connect(self._show_failure)
        bridge.progress_changed.connect(window.content.show_progress)
        bridge.progress_changed.connect(self._take_progress)
        window.parts.reader.failed.connect(window.toasts.show_error)
        window.content.welcome_page.when_made(
            lambda page: page.add_folder_requested.connect(window.folder_commands.choose)
        )
        window.sidebar.add_folder_requested.connect(window.folder_commands.choose)
        window.folder_tree.with_subfolders_changed.connect(window.views.show_with_subfolders)

    def _connect_pages(self) -> None:
        window = self._window
        window.views.scope_shown.connect(window.problems.load)
        window.browse.scope_changed.connect(self._follow_scope)
        window.views.navigation.changed.connect(self._follow_history)
        window.sidebar.settings_requested.connect(partial(window.views.show_page, SETTINGS))
        window.settings.page.when_made(self._connect_settings)
        window.settings.compact_changed.connect(window.arranging.show_compact)
        window.arranging.compact_chosen.connect(
            lambda compact: window.settings.change(COMPACT.name, written(compact))
        )
        self._follow_history(False, False)

    def _connect_settings(self, page: SettingsPage) -> None:
        window, folders = self._window, self._window.folder_commands
        page.closed.connect(window.content.close_page)
        page.add_folder_requested.connect(folders.choose)
        page.folder_menu_requested.connect(folders.show_menu)
        page.include_requested.connect(folders.include)
        page.models_requested.connect(partial(window.views.show_page, MODELS))
        page.show_library_requested.connect(lambda: folders.show_file(str(window.library)))

    # --- what a signal of one part means for others -----------------------------------------

    def _show_viewer(self, ids: Sequence[int], photo_id: int) -> None:
        window = self._window
        window.opened_files.close()
        window.compare.close()
        window.pages.setCurrentWidget(window.viewer)
        window.viewer.open(ids, photo_id)

    def _leave_viewer(self, photo_id: int) -> None:
        window = self._window
        window.pages.setCurrentWidget(window.browser)
        window.grid.select_photo(photo_id)
        window.selecting.follow()  # it may be gone, and no other photo selected
        window.grid.setFocus()

    def _follow_listing(self) -> None:
        self._window.selecting.follow()
        self._window.viewer.update_ids(self._window.listing.shown_ids())

    def _help_empty_view(self) -> None:
        """Do what the message in place of photos offers."""
        content = self._window.content
        if content.blocker is not None:
            self._window.search_bar.remove_part(content.blocker.part)
        elif content.excluded_folder is not None:
            self._window.folder_commands.include(content.excluded_folder)

    def _show_menu_of_concept(self, name: str, position: QPoint) -> None:
        self._window.teaching.show_menu(name, position)  # created now: few sessions need it

    def _find_similar_to_file(self, path: str) -> None:
        self._window.views.search_dropped(Dropped(picture_path=path))

    def _mark_one(self, photo_id: int, favourite: bool) -> None:
        self._window.photo_commands.set_favourite([photo_id], favourite)

    def _follow_scope(self, scope: ViewRequest | None) -> None:
        self._window.commands.show_album(scope is not None and scope.place == Place.ALBUM)

    def _follow_history(self, back: bool, forward: bool) -> None:
        self._window.commands["back"].setEnabled(back)
        self._window.commands["forward"].setEnabled(forward)

    def _show_failure(self, failure: events.OperationFailed) -> None:
        self._window.toasts.show_error(failure.message)

    def _take_progress(self, progress: Progress) -> None:
        self._window.commands.show_paused(progress.phase is Phase.PAUSED)

    def _show_overview(self, overview: Overview) -> None:
        window = self._window
        window.sidebar.show_overview(overview.counts, overview.folders)
        window.sidebar.show_trash(overview.has_trash)
        window.folder_tree.show_folders(overview.folders)
        window.opened_files.show_folders(overview.folders)
        window.status.show_counts(overview.counts)
        window.content.show_overview(overview)
        window.facts.show_overview(overview)
        window.settings.show_overview(overview)
        window.views.show_overview(overview)
