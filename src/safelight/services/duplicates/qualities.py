"""How good pictures are beside others of theirs: read once, when they first stand in a group."""

from __future__ import annotations

import os
from collections.abc import Sequence

from safelight.core.photo import Photo
from safelight.imaging.formats import JPEG
from safelight.imaging.quality import jpeg_quality, sharpness
from safelight.services.duplicates.pair_comparison import thumbnail_read
from safelight.store import likeness, photos
from safelight.store.library import Connection
from safelight.store.likeness import Quality


class Qualities:
    """Remembers what it read; what is :attr:`fresh` has yet to be stored."""

    def __init__(self) -> None:
        self._known: dict[int, Quality] = {}
        self.fresh: dict[int, Quality] = {}

    def of(self, db: Connection, wanted: Sequence[Photo]) -> dict[int, Quality]:
        """Of each of these photos. Reads the headers of JPEG files that were never looked at."""
        unknown = [photo.id for photo in wanted if photo.id not in self._known]
        self._known |= likeness.qualities(db, unknown)
        missing = [photo for photo in wanted if photo.id not in self._known]
        thumbnails = photos.thumbnails(db, [photo.id for photo in missing])
        for photo in missing:
            read = _read(photo, thumbnails.get(photo.id))
            self._known[photo.id] = self.fresh[photo.id] = read
        return {photo.id: self._known[photo.id] for photo in wanted}

    def take_fresh(self) -> list[tuple[int, Quality]]:
        """What was read since this was last asked."""
        fresh, self.fresh = list(self.fresh.items()), {}
        return fresh


def _read(photo: Photo, thumbnail: bytes | None) -> Quality:
    path = next((file.path for file in photo.files if file.online), None)
    compression = None
    if photo.format == JPEG.name and path is not None:
        compression = jpeg_quality(os.fsencode(path))
    return Quality(None if thumbnail is None else thumbnail_read(thumbnail, sharpness), compression)
