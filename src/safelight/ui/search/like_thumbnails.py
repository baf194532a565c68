"""Thumbnails for the chips of pictures that a query names."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, QRectF
from PySide6.QtGui import QPixmap

from safelight.core.region import Region
from safelight.ui.library.reader import LibraryReader
from safelight.ui.library.reads import ReadPictures
from safelight.ui.library.thumbnail_cache import ThumbnailCache
from safelight.ui.search.bar import SearchBar
from safelight.ui.search.refining import cut


class LikeThumbnails(QObject):
    """Finds the photos of ``like:`` parts, however they came into the query, and shows their thumbnails."""

    def __init__(self, bar: SearchBar, names: LibraryReader, cache: ThumbnailCache) -> None:
        super().__init__(bar)
        self._bar = bar
        self._cache = cache
        self._waiting: dict[int, list[str]] = {}
        """Pictures, as the query names them, by the photo whose thumbnail is on its way."""
        self._reader = names
        self._pictures: tuple[str, ...] = ()
        bar.pictures_named.connect(self._look_up)
        cache.thumbnail_ready.connect(self._on_thumbnail_loaded)

    def _look_up(self, pictures: tuple[str, ...]) -> None:
        self._pictures = pictures
        paths = tuple(dict.fromkeys(Region.split(picture)[0] for picture in pictures))
        self._reader.read(ReadPictures(paths), self._on_photos_read)

    def _on_photos_read(self, photos: Mapping[str, int]) -> None:
        for picture in self._pictures:
            photo = photos.get(Region.split(picture)[0])
            if photo is None:
                continue
            thumbnail = self._cache.get(photo)
            if thumbnail is not None:
                self._show(picture, thumbnail)
            else:
                self._waiting.setdefault(photo, []).append(picture)  # the cache has begun to read it

    def _on_thumbnail_loaded(self, photo_id: int) -> None:
        thumbnail = self._cache.get(photo_id) if photo_id in self._waiting else None
        if thumbnail is not None:
            for picture in self._waiting.pop(photo_id):
                self._show(picture, thumbnail)

    def _show(self, picture: str, thumbnail: QPixmap) -> None:
        region = Region.split(picture)[1]
        if region is not None:
            part = QRectF(region.left, region.top, region.width, region.height)
            thumbnail = QPixmap.fromImage(cut(thumbnail.toImage(), part))
        self._bar.show_thumbnail(picture, thumbnail)
