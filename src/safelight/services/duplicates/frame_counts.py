"""Counts the frames of photos. Fingerprints, thumbnails and vectors are made from the first frame only."""

from __future__ import annotations

from collections.abc import Collection

from safelight.core.errors import ImageError
from safelight.imaging.formats import extension_of
from safelight.imaging.further_frames import further_frames
from safelight.imaging.source import read_file
from safelight.services.duplicates.unstored import Unstored
from safelight.store import photo_paths, photos
from safelight.store.library import Connection

UNKNOWN = 0
"""The count of a photo whose file cannot be read now."""


class FrameCounts:
    """Frame counts from the library. Photos that an old version indexed have none, and are counted here.

    A count made here is negative if there are several frames, because the pixel hash of such a photo covers
    only the first one.
    """

    def __init__(self) -> None:
        self._counted: dict[int, int] = {}
        self.unstored = Unstored[int]()
        """Counts that are not in the library yet."""

    def of(self, db: Connection, photo_ids: Collection[int]) -> dict[int, int]:
        """The frames of each of these photos; :data:`UNKNOWN` where its file cannot be read.

        Counts those that the library does not know, which reads their files.
        """
        found: dict[int, int] = {}
        for photo_id, known in photos.frames(db, photo_ids).items():
            if known is not None:
                found[photo_id] = known
                continue
            if photo_id not in self._counted:
                count = _count(db, photo_id)
                if count == UNKNOWN:
                    found[photo_id] = UNKNOWN
                    continue
                self._counted[photo_id] = count
                self.unstored.add(photo_id, count)
            found[photo_id] = self._counted[photo_id]
        return found


def _count(db: Connection, photo_id: int) -> int:
    for path in photo_paths.of_photo(db, photo_id):
        try:
            further = further_frames(read_file(path), extension_of(path)).count
        except ImageError:
            continue
        return -(1 + further) if further else 1
    return UNKNOWN
