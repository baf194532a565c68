"""Searching by the results: more like these, less like those, for a part of one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QRectF
from PySide6.QtGui import QImage, QPixmap

from safelight.core.photo import Photo
from safelight.core.query import Like
from safelight.core.region import Region
from safelight.ui import wording
from safelight.ui.library_reader import LibraryReader
from safelight.ui.search.bar import SearchBar
from safelight.ui.search.query_text import can_be_written

_WHO = "refining"
MOST = 12
"""Pictures that one command adds: each is a chip and a part of the text."""


class Refining(QObject):
    """Adds photos to the query that stands in the search box, as parts that its chips can take away."""

    def __init__(
        self,
        reader: LibraryReader,
        bar: SearchBar,
        thumbnail: Callable[[int], QPixmap | None],
        tell: Callable[[str], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._reader = reader
        self._bar = bar
        self._thumbnail = thumbnail
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

    def search_part(self, photo: Photo, part: QRectF) -> None:
        """Search for what is like a part of a photo (fractions of its width and height), and nothing else."""
        path = wording.path_of(photo)
        if path is None or not can_be_written(path):
            self._tell("A search cannot hold the name of this file; Find similar can.")
            return
        region = Region.of(part.left(), part.top(), part.width(), part.height())
        thumbnail = self._thumbnail(photo.id)
        if thumbnail is not None:
            piece = QPixmap.fromImage(cut(thumbnail.toImage(), part))
            self._bar.chips.remember_picture(f"{path}{region}", piece)
        self._bar.set_text(Like(path, region=region).text())


def cut(image: QImage, part: QRectF) -> QImage:
    """The part of a picture, at least a pixel of it."""
    left, top = (math.floor(part.left() * image.width()), math.floor(part.top() * image.height()))
    right, bottom = (math.ceil(part.right() * image.width()), math.ceil(part.bottom() * image.height()))
    left, top = min(left, image.width() - 1), min(top, image.height() - 1)
    return image.copy(left, top, max(1, right - left), max(1, bottom - top))
