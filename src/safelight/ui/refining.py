"""Searching by the results: more like these, less like those, for a part of one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QRectF, Signal
from PySide6.QtGui import QImage, QPixmap

from safelight.core.photo import Photo
from safelight.core.query import Like
from safelight.ui import dropped, wording
from safelight.ui.library_reader import LibraryReader
from safelight.ui.picture_loader import PictureLoader
from safelight.ui.query_text import can_be_written
from safelight.ui.scope import SimilarQuery
from safelight.ui.search_bar import SearchBar

_WHO = "refining"
MOST = 12
"""Pictures that one command adds: each is a chip and a part of the text."""
_PART_SIDE = 512
"""Pixels that a part has at least on its long side, where the file gives them: more than models look at."""
_WHOLE_SIDE = 8192


class Refining(QObject):
    """Adds photos to the query that stands in the search box, as parts that its chips can take away."""

    search_wanted = Signal(object)  # SimilarQuery, which the bar shows already

    def __init__(
        self,
        reader: LibraryReader,
        loader: PictureLoader,
        bar: SearchBar,
        thumbnail: Callable[[int], QPixmap | None],
        tell: Callable[[str], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._reader = reader
        self._loader = loader
        self._bar = bar
        self._thumbnail = thumbnail
        self._tell = tell
        self._weight = 1.0
        self._part: tuple[tuple[str, int], QRectF, str] | None = None
        """The part to search for while its photo is read: key, fractions, name."""
        reader.photos_loaded.connect(self._take)
        loader.picture_loaded.connect(self._take_picture)
        loader.picture_failed.connect(self._take_failure)

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
        parts = []
        for photo in photos:
            path = wording.path_of(photo)
            if path is None or not can_be_written(path):
                continue
            parts.append(Like(path, self._weight).text())
            picture = self._thumbnail(photo.id)
            if picture is not None:
                self._bar.chips.remember_picture(path, picture)
        left_out = len(photos) - len(parts)
        if left_out:
            some = wording.count_of(left_out, "photo")
            self._tell(f"{some} left out: a search cannot hold such a file name. Use Find similar.")
        if parts:
            self._bar.add_part(" ".join(parts))

    # --- a part -------------------------------------------------------------------------------

    def search_part(self, photo: Photo, part: QRectF) -> None:
        """Search for what is like a part of a photo (fractions of its width and height)."""
        path = wording.path_of(photo)
        if path is None:
            self._tell("That photo is no longer in the library.")
            return
        if self._part is not None:
            self._loader.forget(self._part[0])
        self._part = ((_WHO, photo.id), part, wording.name_of(photo))
        share = max(part.width() * photo.width, part.height() * photo.height) / max(photo.width, photo.height)
        self._loader.load(self._part[0], path, min(_WHOLE_SIDE, math.ceil(_PART_SIDE / share)))

    def _take_picture(self, key: object, image: QImage) -> None:
        if self._part is None or key != self._part[0]:
            return
        _, part, name = self._part
        self._part = None
        piece = cut(image, part)
        query = SimilarQuery(image=dropped.encode(piece))
        self._bar.show_similar(query, f"part of {name}", QPixmap.fromImage(piece))
        self.search_wanted.emit(query)

    def _take_failure(self, key: object, message: str) -> None:
        if self._part is not None and key == self._part[0]:
            name = self._part[2]
            self._part = None
            self._tell(f"{name}: {message}")


def cut(image: QImage, part: QRectF) -> QImage:
    """The part of a picture, at least a pixel of it."""
    left, top = (math.floor(part.left() * image.width()), math.floor(part.top() * image.height()))
    right, bottom = (math.ceil(part.right() * image.width()), math.ceil(part.bottom() * image.height()))
    left, top = min(left, image.width() - 1), min(top, image.height() - 1)
    return image.copy(left, top, max(1, right - left), max(1, bottom - top))
