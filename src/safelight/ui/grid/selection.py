"""The photos that commands act on, and their rows once they are read."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from safelight.core.photo import Photo
from safelight.ui import wording
from safelight.ui.library_reader import LibraryReader

_DELAY = 60
"""Milliseconds that a selection rests before its rows are read."""
_ROWS = 2000
"""Rows read at most, for the summary of a selection and for dragging it out."""
_WHO = "details"


class Selection(QObject):
    """Follows the grid's selection, or the viewer's photo."""

    photos_changed = Signal(object, int)  # list[Photo] (at most 2,000), number selected

    def __init__(self, reader: LibraryReader, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reader = reader
        self._ids = array("q")
        self._photos: list[Photo] = []
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._read)
        reader.photos_loaded.connect(self._take)

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(self._ids)

    @property
    def one(self) -> int | None:
        """The photo selected, where it is a single one."""
        return self._ids[0] if len(self._ids) == 1 else None

    @property
    def all_favourites(self) -> bool:
        """Whether every photo selected is known to be a favourite; rows of former ones say nothing of it."""
        favourites = {photo.id for photo in self._photos if photo.favourite}
        return bool(self._ids) and favourites.issuperset(self._ids[:_ROWS])

    def paths_of(self, ids: Sequence[int]) -> list[str]:
        """Where these photos lie, as far as their rows are read."""
        known = {photo.id: wording.path_of(photo) for photo in self._photos}
        return [path for photo_id in ids if (path := known.get(photo_id)) is not None]

    def select(self, ids: Iterable[int]) -> bool:
        """False where these are selected already."""
        wanted = array("q", ids)
        if wanted == self._ids:
            return False
        self._ids = wanted
        if self._ids:
            # A single photo is read at once: it may be dragged out the next moment.
            self._timer.start(0 if len(self._ids) == 1 else _DELAY)
        else:
            self._timer.stop()
            self._photos = []
            self.photos_changed.emit([], 0)
        return True

    def refresh(self, ids: Sequence[int]) -> None:
        """These photos' rows changed."""
        if not set(ids).isdisjoint(self._ids[:_ROWS]):
            self._timer.start(_DELAY)

    def stop(self) -> None:
        self._timer.stop()

    def _read(self) -> None:
        self._reader.load_photos(_WHO, self._ids[:_ROWS])

    def _take(self, who: str, photos: list[Photo]) -> None:
        # Rows asked for before the selection changed again are replaced by the next answer, if there is one:
        # after nothing was left selected there is none.
        if who != _WHO or self._timer.isActive():
            return
        wanted = set(self._ids[:_ROWS])
        if all(photo.id in wanted for photo in photos):
            self._photos = photos
            self.photos_changed.emit(photos, len(self._ids))
