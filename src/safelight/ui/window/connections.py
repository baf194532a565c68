"""The connections between controllers of the window that do not know each other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QWidget

from safelight.core.jobs import Phase, Progress
from safelight.core.settings import COMPACT, setting_text
from safelight.ui.dropped_files import Dropped
from safelight.ui.grid.hover_film import HoverFilm
from safelight.ui.library.reads import Overview, ReadFiles
from safelight.ui.pages.declarations import MODELS, SETTINGS
from safelight.ui.translation import error_text
from safelight.ui.view_request import Place, ViewRequest

if TYPE_CHECKING:
    from safelight.engine import events
    from safelight.ui.commands.actions import Actions
    from safelight.ui.settings.page import SettingsPage
    from safelight.ui.window.controllers import WindowControllers
    from safelight.ui.window.selection_controller import SelectionController


class WindowConnections(QObject):
    """Makes the controllers react to each other's signals, once all of them exist.

    An object of its own rather than functions: Qt then drops the connections with the window.
    """

    def __init__(
        self,
        window: QWidget,
        controllers: WindowControllers,
        commands: Actions,
        selecting: SelectionController,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._controllers = controllers
        self._layout = controllers.layout
        self._commands = commands
        self._selecting = selecting
        self._connect_search()
        self._connect_photos()
        self._connect_viewer()
        self._connect_library()
        self._connect_pages()

    def _connect_search(self) -> None:
        controllers, layout = self._controllers, self._layout
        layout.search_bar.query_changed.connect(controllers.views.search)
        layout.search_bar.dropped_on.connect(controllers.window_input.accept)
        layout.search_bar.results_requested.connect(layout.content.take_focus)
        layout.results.content_changed.connect(self._on_content_changed)
        layout.grid.placeholder_pressed.connect(self._help_empty_view)
        layout.sidebar.scope_chosen.connect(controllers.views.show_scope)
        # After a click, keys are for what was chosen: End goes to the last photo, not to the last entry here.
        layout.sidebar.list.clicked.connect(lambda _: layout.content.take_focus())
        layout.sidebar.query_chosen.connect(layout.search_bar.set_text)
        layout.sidebar.concept_menu_requested.connect(self._show_menu_of_concept)
        controllers.search.connect_to(controllers.services.bridge, layout.results)

    def _connect_photos(self) -> None:
        controllers, layout = self._controllers, self._layout
        services = controllers.services
        layout.grid.show_film(
            HoverFilm(services.background_reader, services.loader, layout.info_cache, self._window)
        )
        layout.grid.photo_activated.connect(controllers.views.open_viewer)
        layout.grid.favourite_toggled.connect(self._mark_one)
        reader = controllers.services.reader
        layout.grid.set_files_reader(lambda ids, then: reader.read(ReadFiles(ids), then))
        layout.details.favourite_toggled.connect(controllers.photo_commands.set_favourite)
        layout.details.similar_requested.connect(controllers.views.find_similar)
        controllers.photo_commands.notified.connect(layout.toasts.show_message)
        controllers.duplicates.show_in_folder_requested.connect(controllers.folder_commands.show_file)
        controllers.duplicates.play_requested.connect(controllers.folder_commands.open_file)

    def _connect_viewer(self) -> None:
        controllers, views = self._controllers, self._controllers.views
        viewer = controllers.viewer
        views.photo_opened.connect(self._show_viewer)
        views.overlays_dismissed.connect(viewer.close_viewer)
        views.overlays_dismissed.connect(controllers.compare.close)
        views.overlays_dismissed.connect(controllers.duplicates.close_compare)
        views.overlays_dismissed.connect(controllers.opened_files.close)
        controllers.opened_files.similar_requested.connect(self._find_similar_to_file)
        controllers.services.cache.thumbnail_ready.connect(viewer.take_thumbnail)
        viewer.closed.connect(self._leave_viewer)
        viewer.similar_requested.connect(views.find_similar)
        viewer.part_requested.connect(controllers.refining.search_part)
        viewer.info.words.chosen.connect(controllers.refining.search_word)
        viewer.faces.frames.person_chosen.connect(controllers.refining.search_person)
        viewer.favourite_toggled.connect(self._mark_one)
        viewer.photo_shown.connect(controllers.photo_commands.count_view)

    def _connect_library(self) -> None:
        controllers, layout = self._controllers, self._layout
        bridge = controllers.services.bridge
        controllers.follower.overview_changed.connect(self._show_overview)
        bridge.operation_failed.connect(self._show_failure)
        bridge.progress_changed.connect(layout.content.show_progress)
        bridge.progress_changed.connect(self._on_progress)
        controllers.services.reader.failed.connect(layout.toasts.show_error)
        layout.content.welcome_page.when_made(
            lambda page: page.add_folder_requested.connect(controllers.folder_commands.choose)
        )
        layout.sidebar.add_folder_requested.connect(controllers.folder_commands.choose)
        controllers.folder_tree.with_subfolders_changed.connect(controllers.views.show_with_subfolders)

    def _connect_pages(self) -> None:
        controllers, layout = self._controllers, self._layout
        controllers.views.scope_shown.connect(controllers.problems.load)
        layout.results.scope_changed.connect(self._on_scope_changed)
        controllers.views.navigation.changed.connect(self._on_history_changed)
        layout.sidebar.settings_requested.connect(partial(controllers.views.show_page, SETTINGS))
        controllers.settings.page.when_made(self._connect_settings)
        controllers.settings.compact_changed.connect(layout.arranging.show_compact)
        layout.arranging.compact_chosen.connect(
            lambda compact: controllers.settings.change(COMPACT.name, setting_text(compact))
        )
        self._on_history_changed(False, False)

    def _connect_settings(self, page: SettingsPage) -> None:
        controllers, folders = self._controllers, self._controllers.folder_commands
        page.closed.connect(self._layout.content.close_page)
        page.add_folder_requested.connect(folders.choose)
        page.folder_menu_requested.connect(folders.show_menu)
        page.include_requested.connect(folders.include)
        page.models_requested.connect(partial(controllers.views.show_page, MODELS))
        page.show_library_requested.connect(lambda: folders.show_file(str(controllers.library)))

    # --- what a signal of one controller means for others -----------------------------------

    def _show_viewer(self, ids: Sequence[int], photo_id: int) -> None:
        controllers, layout = self._controllers, self._layout
        controllers.opened_files.close()
        controllers.compare.close()
        layout.pages.setCurrentWidget(controllers.viewer)
        controllers.viewer.open(ids, photo_id)

    def _leave_viewer(self, photo_id: int) -> None:
        layout = self._layout
        layout.pages.setCurrentWidget(layout.browser)
        layout.grid.select_photo(photo_id)
        self._selecting.update()  # it may be gone, and no other photo selected
        layout.grid.setFocus()

    def _on_content_changed(self) -> None:
        self._selecting.update()
        self._controllers.viewer.update_ids(self._layout.grid_content.shown_ids())

    def _help_empty_view(self) -> None:
        """Do what the message in place of photos offers."""
        content = self._layout.content
        if content.blocker is not None:
            self._layout.search_bar.remove_part(content.blocker.part)
        elif content.excluded_folder is not None:
            self._controllers.folder_commands.include(content.excluded_folder)

    def _show_menu_of_concept(self, name: str, position: QPoint) -> None:
        self._controllers.teaching.show_menu(name, position)  # created now: few sessions need it

    def _find_similar_to_file(self, path: str) -> None:
        self._controllers.views.search_dropped(Dropped(picture_path=path))

    def _mark_one(self, photo_id: int, favourite: bool) -> None:
        self._controllers.photo_commands.set_favourite([photo_id], favourite)

    def _on_scope_changed(self, scope: ViewRequest | None) -> None:
        self._commands.show_album(scope is not None and scope.place == Place.ALBUM)

    def _on_history_changed(self, back: bool, forward: bool) -> None:
        self._commands["back"].setEnabled(back)
        self._commands["forward"].setEnabled(forward)

    def _show_failure(self, failure: events.OperationFailed) -> None:
        self._layout.toasts.show_error(error_text(failure.message))

    def _on_progress(self, progress: Progress) -> None:
        self._commands.show_paused(progress.phase is Phase.PAUSED)

    def _show_overview(self, overview: Overview) -> None:
        controllers, layout = self._controllers, self._layout
        layout.sidebar.show_overview(overview.counts, overview.folders)
        layout.sidebar.show_trash(overview.has_trash)
        controllers.folder_tree.show_folders(overview.folders)
        controllers.opened_files.show_folders(overview.folders)
        layout.status.show_counts(overview.counts)
        layout.content.show_overview(overview)
        layout.info_cache.show_overview(overview)
        controllers.settings.show_overview(overview)
        controllers.views.show_overview(overview)
