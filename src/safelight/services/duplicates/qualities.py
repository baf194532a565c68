"""The sharpness and compression of the photos of a group.

The sharpness stage measures them while the program is idle. Photos that it has not reached yet are measured
here, when they first appear in a group.
"""

from __future__ import annotations

from collections.abc import Sequence

from safelight.core.photo import Photo
from safelight.services.duplicates.frame_counts import FrameCounts
from safelight.services.duplicates.unstored import Unstored
from safelight.services.stages.sharpness import quality_of
from safelight.store import likeness, stored_thumbnails
from safelight.store.library import Connection
from safelight.store.likeness import Quality


class Qualities:
    """Reads qualities, and measures those that are missing. For one thread.

    The caller must store what is in :attr:`unstored`, because this runs within a read transaction.
    """

    def __init__(self) -> None:
        self._known: dict[int, Quality] = {}
        self.unstored = Unstored[Quality]()
        self.frames = FrameCounts()

    def of(self, db: Connection, wanted: Sequence[Photo]) -> dict[int, Quality]:
        """The quality of each of these photos. Measures those that are unknown, which reads their files."""
        unknown = [photo.id for photo in wanted if photo.id not in self._known]
        self._known |= likeness.qualities(db, unknown)
        missing = [photo for photo in wanted if photo.id not in self._known]
        thumbnails = stored_thumbnails.get_many(db, [photo.id for photo in missing])
        for photo in missing:
            read = _read(photo, thumbnails.get(photo.id))
            self._known[photo.id] = read
            self.unstored.add(photo.id, read)
        return {photo.id: self._known[photo.id] for photo in wanted}


def _read(photo: Photo, thumbnail: bytes | None) -> Quality:
    return quality_of(thumbnail, next((file.path for file in photo.files if file.online), None))
