"""Makes commands act on the photos that are selected and shown."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QMenu

from safelight.core.photo import Photo
from safelight.ui.commands.actions import Actions
from safelight.ui.duplicates.controller import DuplicatesController
from safelight.ui.grid.selection import Selection
from safelight.ui.viewer.viewer import Viewer
from safelight.ui.window.compare_controller import CompareController
from safelight.ui.window.layout import WindowLayout
from safelight.ui.window.opened_files import OpenedFiles


class SelectionController(QObject):
    """Follows the selection in what is shown now: the viewer, a comparison, the grid, or the review of
    duplicates.
    """

    def __init__(
        self,
        layout: WindowLayout,
        selection: Selection,
        viewer: Viewer,
        compare: CompareController,
        duplicates: DuplicatesController,
        commands: Actions,
        context_menu: QMenu,
        opened_files: OpenedFiles,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._layout = layout
        self._selection = selection
        self._viewer = viewer
        self._compare = compare
        self._duplicates = duplicates
        self._commands = commands
        self._context_menu = context_menu
        self._opened_files = opened_files
        opened_files.visibility_changed.connect(self.update)
        layout.grid.selection_changed.connect(self.update)
        layout.content.page_changed.connect(self.update)
        layout.grid.context_menu_requested.connect(self._show_context_menu)
        viewer.photo_shown.connect(self.update)
        viewer.context_menu_requested.connect(self._show_menu_of_one)
        compare.photo_changed.connect(self.update)
        compare.context_menu_requested.connect(self._show_menu_of_one)
        duplicates.photos_changed.connect(self.update)
        duplicates.photos_changed.connect(lambda: layout.details.show_file(duplicates.path))
        selection.photos_changed.connect(self._show)

    def update(self) -> None:
        """Select what is selected among the visible photos, and never what is hidden."""
        viewed = self._viewer.current if self._compare.current is None else self._compare.current
        files = self._opened_files.shown
        among_many = viewed is None and not files and self._layout.content.page is self._layout.grid
        self._commands["select_all"].setEnabled(among_many)
        if files:
            self._set_ids(())
        elif among_many:
            self._set_ids(self._layout.grid.selected_ids())
        else:
            self._set_ids(self._duplicates.photos if viewed is None else [viewed])

    def _set_ids(self, ids: Sequence[int]) -> None:
        if self._selection.select(ids):
            self._commands.enable_for(len(ids), favourite=False)

    def _show(self, photos: list[Photo], total: int) -> None:
        self._layout.details.show_photos(photos, total)
        self._layout.layout_state.details.show_selection(total)
        self._commands.enable_for(total, favourite=self._selection.all_favourites)

    def _show_menu_of_one(self, position: QPoint, photo_id: int) -> None:
        self._show_context_menu(position, [photo_id])

    def _show_context_menu(self, position: QPoint, ids: Sequence[int]) -> None:
        if ids:
            self._set_ids(ids)
            self._commands.offer_refining(self._layout.search_bar.query is not None)
            self._context_menu.popup(position)
