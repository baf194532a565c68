"""The photos that commands apply to, and their rows once loaded."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from safelight.core.photo import Photo
from safelight.ui.library.reader import LibraryReader
from safelight.ui.library.reads import ReadPhotos

_DELAY = 60
"""Milliseconds a selection must be unchanged before its rows are loaded."""
_MAX_ROWS = 2000
"""Maximum number of rows loaded for a selection's summary."""


class Selection(QObject):
    """Follows the selection of the grid or the photo in the viewer."""

    photos_changed = Signal(object, int)  # list[Photo] (at most 2,000), number selected

    def __init__(self, reader: LibraryReader, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reader = reader
        self._ids = array("q")
        self._photos: list[Photo] = []
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._read)

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(self._ids)

    @property
    def one(self) -> int | None:
        """The selected photo, if exactly one is selected."""
        return self._ids[0] if len(self._ids) == 1 else None

    @property
    def all_favourites(self) -> bool:
        """Whether all selected photos are known to be favourites. Outdated rows do not count."""
        favourites = {photo.id for photo in self._photos if photo.favourite}
        return bool(self._ids) and favourites.issuperset(self._ids[:_MAX_ROWS])

    def select(self, ids: Iterable[int]) -> bool:
        """Returns False if these photos are already selected."""
        wanted = array("q", ids)
        if wanted == self._ids:
            return False
        self._ids = wanted
        if self._ids:
            # A single photo is shown at once.
            self._timer.start(0 if len(self._ids) == 1 else _DELAY)
        else:
            self._timer.stop()
            self._photos = []
            self.photos_changed.emit([], 0)
        return True

    def refresh(self, ids: Sequence[int]) -> None:
        """Reload these photos, whose rows changed."""
        if not set(ids).isdisjoint(self._ids[:_MAX_ROWS]):
            self._timer.start(_DELAY)

    def stop(self) -> None:
        self._timer.stop()

    def _read(self) -> None:
        self._reader.read(ReadPhotos(self._ids[:_MAX_ROWS]), self._on_photos_read)

    def _on_photos_read(self, photos: list[Photo]) -> None:
        # A later answer replaces rows requested for an earlier selection. After an empty selection there
        # is no later answer.
        if self._timer.isActive():
            return
        wanted = set(self._ids[:_MAX_ROWS])
        if all(photo.id in wanted for photo in photos):
            self._photos = photos
            self.photos_changed.emit(photos, len(self._ids))
