"""The photos that commands act on, and their rows once they are read."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from safelight.core.photo import Photo
from safelight.ui.library_reader import LibraryReader

_DELAY = 60
"""Milliseconds that a selection rests before its rows are read."""
_ROWS = 500
"""Rows read at most: enough for the summary of a large selection."""
_WHO = "details"


class Selection(QObject):
    """Follows the grid's selection, or the viewer's photo."""

    photos_changed = Signal(object, int)  # list[Photo] (at most 500), number selected

    def __init__(self, reader: LibraryReader, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reader = reader
        self._ids: tuple[int, ...] = ()
        self._photos: list[Photo] = []
        self._timer = QTimer(self, singleShot=True, interval=_DELAY)
        self._timer.timeout.connect(self._read)
        reader.photos_loaded.connect(self._take)

    @property
    def ids(self) -> tuple[int, ...]:
        return self._ids

    @property
    def one(self) -> int | None:
        """The photo selected, where it is a single one."""
        return self._ids[0] if len(self._ids) == 1 else None

    @property
    def all_favourites(self) -> bool:
        """Whether every photo selected is a favourite, as far as the rows read tell."""
        return bool(self._photos) and all(photo.favourite for photo in self._photos)

    def select(self, ids: Sequence[int]) -> None:
        self._ids = tuple(ids)
        if self._ids:
            self._timer.start()
        else:
            self._timer.stop()
            self._photos = []
            self.photos_changed.emit([], 0)

    def refresh(self, ids: Sequence[int]) -> None:
        """These photos' rows changed."""
        if not set(ids).isdisjoint(self._ids[:_ROWS]):
            self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _read(self) -> None:
        self._reader.load_photos(_WHO, self._ids[:_ROWS])

    def _take(self, who: str, photos: list[Photo]) -> None:
        # Rows asked for before the selection changed again are replaced by the next answer.
        if who == _WHO and not self._timer.isActive():
            self._photos = photos
            self.photos_changed.emit(photos, len(self._ids))
