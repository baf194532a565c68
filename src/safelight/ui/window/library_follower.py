"""Keeps the window up to date with the library: after a change, only what it concerns is read again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.encoder import ModelInfo
from safelight.core.jobs import Phase, Progress
from safelight.ui.library.reads import Overview, ReadFavourites, ReadOverview
from safelight.ui.library.window_services import WindowServices

if TYPE_CHECKING:
    from safelight.ui.grid.model import PhotoGridModel
    from safelight.ui.grid.selection import Selection
    from safelight.ui.viewer.viewer import Viewer

_COUNT_CHANGES = ChangeKind.PHOTOS | ChangeKind.FILES | ChangeKind.FOLDERS | ChangeKind.FAILURES
"""The changes that affect the counts in the sidebar and the status bar, except that of the favourites."""

_ROW_CHANGES = ~(ChangeKind.PIXELS | ChangeKind.VECTORS)
"""The changes that affect the row of a photo, as the details panel and the viewer show it."""


class LibraryFollower(QObject):
    """Follows the engine's :class:`LibraryChanged` events."""

    overview_changed = Signal(object)  # Overview

    def __init__(
        self,
        services: WindowServices,
        model: PhotoGridModel,
        selection: Selection,
        viewer: Viewer,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._model = model
        self._selection = selection
        self._viewer = viewer
        self._search_model: str | None = None
        self._overview: Overview | None = None
        bridge = services.bridge
        bridge.engine_ready.connect(services.reader.open_library)
        bridge.engine_ready.connect(self.load)
        bridge.model_ready.connect(self._on_model_ready)
        bridge.library_changed.connect(self._on_library_changed)
        bridge.progress_changed.connect(self._on_progress)

    def load(self) -> None:
        """Read counts, folders and favourites."""
        self._services.reader.read(ReadOverview(self._search_model), self._show)
        self._services.reader.read(ReadFavourites(), self._model.set_favourites)

    def _on_model_ready(self, model: ModelInfo) -> None:
        self._search_model = model.key
        self.load()

    def _on_progress(self, progress: Progress) -> None:
        if progress.phase is Phase.IDLE:
            self.load()  # the last vectors change counts, but no photo

    def _on_library_changed(self, change: LibraryChanged) -> None:
        if change.any_of(_COUNT_CHANGES):
            self.load()
        elif change.any_of(ChangeKind.MARKS):
            ids = change.updated
            self._services.reader.read(ReadFavourites(ids), partial(self._mark, ids), key=("marked", ids))
        repainted = change.updated if change.any_of(ChangeKind.PIXELS) else ()
        if repainted or change.removed:
            self._services.cache.invalidate((*repainted, *change.removed))
            self._services.large.invalidate((*repainted, *change.removed))
        if change.any_of(ChangeKind.FOLDERS):
            self._services.large.retry()
            self._reload_shown()
        elif change.any_of(_ROW_CHANGES):
            self._selection.refresh(change.updated)
            self._viewer.refresh(change.updated)

    def _reload_shown(self) -> None:
        """Read the selected photos and the one in the viewer again. When a folder becomes reachable or
        unreachable, the change does not list its photos."""
        self._selection.refresh(self._selection.ids)
        if self._viewer.current is not None:
            self._viewer.refresh((self._viewer.current,))

    def _mark(self, ids: tuple[int, ...], favourites: Iterable[int]) -> None:
        marked = set(favourites)
        self._model.mark_favourites(marked, True)
        self._model.mark_favourites(set(ids) - marked, False)
        if self._overview is not None:
            counts = replace(self._overview.counts, favourites=self._model.favourite_count)
            self._show(replace(self._overview, counts=counts))

    def _show(self, overview: Overview) -> None:
        self._overview = overview
        self.overview_changed.emit(overview)
