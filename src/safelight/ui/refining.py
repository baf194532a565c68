"""Making a search better by its results: more like these, less like those."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject

from safelight.core.photo import Photo
from safelight.core.query import Like
from safelight.ui import wording
from safelight.ui.library_reader import LibraryReader
from safelight.ui.search_bar import SearchBar

_WHO = "refining"
MOST = 12
"""Pictures that one command adds: each is a chip and a part of the text."""


class Refining(QObject):
    """Adds photos to the query that stands in the search box, as parts that its chips can take away."""

    def __init__(
        self,
        reader: LibraryReader,
        bar: SearchBar,
        tell: Callable[[str], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._reader = reader
        self._bar = bar
        self._tell = tell
        self._weight = 1.0
        reader.photos_loaded.connect(self._take)

    def more_like(self, photo_ids: Sequence[int]) -> None:
        """Search for what these photos have too."""
        self._refine(photo_ids, 1.0)

    def less_like(self, photo_ids: Sequence[int]) -> None:
        """Search for what is less like these photos."""
        self._refine(photo_ids, -1.0)

    def _refine(self, photo_ids: Sequence[int], weight: float) -> None:
        if not photo_ids:
            return
        if len(photo_ids) > MOST:
            self._tell(f"A search can be led by {MOST} photos at once; select fewer.")
            return
        self._weight = weight
        self._reader.load_photos(_WHO, photo_ids)

    def _take(self, who: str, photos: Sequence[Photo]) -> None:
        if who != _WHO:
            return
        paths = [path for photo in photos if (path := wording.path_of(photo)) is not None]
        if not paths:
            self._tell("That photo is no longer in the library.")
            return
        self._bar.add_part(" ".join(Like(path, self._weight).text() for path in paths))
