"""Arranging the photos of an album by hand: by dragging them, and by keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject

from safelight.core.operations import ArrangeAlbum
from safelight.core.order import Order
from safelight.ui.grid.model import PhotoGridModel
from safelight.ui.grid.view import PhotoGridView
from safelight.ui.library.engine_bridge import EngineBridge
from safelight.ui.library.results_controller import ResultsController
from safelight.ui.translation import translate
from safelight.ui.view_request import Place
from safelight.ui.widgets.toast import Toasts
from safelight.ui.window.open_stacks import OpenStacks


class AlbumArranging(QObject):
    """Photos can be arranged while an album is shown in its own order."""

    def __init__(
        self,
        bridge: EngineBridge,
        results: ResultsController,
        grid: PhotoGridView,
        model: PhotoGridModel,
        stacks: OpenStacks,
        toasts: Toasts,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._results = results
        self._grid = grid
        self._model = model
        self._stacks = stacks
        self._toasts = toasts
        grid.photos_dropped.connect(self._drop)
        results.scope_changed.connect(self._update_arrangeable)
        results.content_changed.connect(self._update_arrangeable)

    @property
    def album_id(self) -> int | None:
        """The album that can be arranged now."""
        scope = self._results.scope
        shown = self._results.query is None and scope.place == Place.ALBUM
        return scope.album_id if shown and self._results.order == Order.NATURAL else None

    def move(self, ids: Sequence[int], by: int) -> None:
        """Move photos one place back (-1) or forward (1) in the album."""
        shown = self._shown()
        moved = set(ids)
        rows = [row for row, photo in enumerate(shown) if photo in moved]
        if not rows:
            return
        others = [photo for photo in shown if photo not in moved]
        edge = min(rows) if by < 0 else max(rows)
        # The number of other photos before the moved ones, and then one fewer or one more.
        before = sum(1 for photo in shown[:edge] if photo not in moved) + by
        self._arrange(ids, others[max(0, before)] if before < len(others) else None)

    def move_to_start(self, ids: Sequence[int]) -> None:
        moved = set(ids)
        self._arrange(ids, next((photo for photo in self._shown() if photo not in moved), None))

    def move_to_end(self, ids: Sequence[int]) -> None:
        self._arrange(ids, None)

    def _shown(self) -> list[int]:
        """The photos of the album, without those that an open stack adds."""
        shown = self._model.photo_ids(0, self._model.rowCount())
        return [photo for photo in shown if not self._stacks.is_below(photo)]

    def _drop(self, ids: Sequence[int], before: int | None) -> None:
        """A photo dropped inside an open stack goes behind the stack."""
        row = None if before is None else self._model.row_of(before)
        while row is not None and self._stacks.is_below(self._model.photo_id(row)):
            row = row + 1 if row + 1 < self._model.rowCount() else None
        self._arrange(ids, None if row is None else self._model.photo_id(row))

    def _arrange(self, ids: Sequence[int], before: int | None) -> None:
        album_id = self.album_id
        if album_id is not None and ids:
            self._bridge.run(ArrangeAlbum(album_id, tuple(ids), before))
        elif ids and self._results.query is None and self._results.scope.place == Place.ALBUM:
            self._toasts.show_message(
                translate("AlbumArranging", "Show the album in its own order to arrange it (Ctrl+Shift+O).")
            )

    def _update_arrangeable(self, *_: object) -> None:
        self._grid.set_arrangeable(self.album_id is not None)
