"""Compares the pixels of two photos by their thumbnails."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection
from datetime import datetime
from typing import TypeVar

import numpy as np

from safelight.core.duplicates import DuplicateKind
from safelight.core.errors import ImageError
from safelight.core.hamming import Codes, orientations
from safelight.imaging.crop_match import match_crop
from safelight.imaging.features import Features, features
from safelight.imaging.frames import Frame, FrameLikeness, compare_frames, frame
from safelight.imaging.resaved import ThumbnailTiles, detail, difference_of_files, thumbnails_differ
from safelight.imaging.thumbnail import read_thumbnail
from safelight.services.duplicates.bursts import BURST_SECONDS
from safelight.store import likeness, photo_paths, stored_thumbnails
from safelight.store.library import LibraryStore
from safelight.store.likeness import Pair, Shot

EDITED = "edited in places"
PAGES = "pages or screenshots that may differ"
"""Details of pairs that differ in places, so that neither file contains all of the other."""

FIRST_FRAME = "only their first frames were compared"

_MIN_WHOLE_SHARE = 0.97
"""A part that covers at least this share of the other picture counts as the whole picture."""

_CACHE_SIZE = 400
"""The number of thumbnails whose frames or features are cached. Features take about 200 KB each."""

_ORIENTATION_DETAILS = (
    *("", "mirrored", "mirrored", "turned by 180°"),
    *("turned and mirrored", "turned by 90°", "turned by 90°", "turned and mirrored"),
)
"""By orientation; see :func:`safelight.core.hamming.orientations`."""

Value = TypeVar("Value")


class _LruCache(OrderedDict[int, Value]):
    """Values of the thumbnails that were used most recently."""

    def of(self, photo_id: int, make: Callable[[int], Value]) -> Value:
        if photo_id in self:
            self.move_to_end(photo_id)
            return self[photo_id]
        made = self[photo_id] = make(photo_id)
        while len(self) > _CACHE_SIZE:
            self.popitem(last=False)
        return made


class PairComparison:
    """Compares photos in pairs. For one thread. Caches the features of recently used thumbnails."""

    def __init__(self, store: LibraryStore) -> None:
        self._store = store
        self._frames: _LruCache[Frame | None] = _LruCache()
        self._details: _LruCache[ThumbnailTiles | None] = _LruCache()
        self._features: _LruCache[Features | None] = _LruCache()
        self._shots: dict[int, Shot] = {}
        self._pixels: dict[int, bytes] = {}

    def load(self, photo_ids: Collection[int]) -> None:
        """Read the metadata and pixel hashes of the photos that will be compared."""
        with self._store.read() as db:
            self._shots = likeness.shots(db, photo_ids)
            self._pixels = likeness.pixel_hashes(db, photo_ids)

    def have_equal_pixels(self, first: int, second: int) -> bool:
        """Whether their pixels are known to be equal. Also True if both are gone from the library."""
        return self._pixels.get(first) == self._pixels.get(second)

    def are_burst(self, first: int, second: int) -> bool:
        """Whether one camera took both within seconds."""
        apart = self.seconds_apart(first, second)
        return apart is not None and apart <= BURST_SECONDS and self._shots[first].camera is not None

    def match_whole(self, first: int, second: int, orientation: int) -> Pair | None:
        """The pair if both show the same whole picture, the second in this orientation; else None."""
        one, two = self._frames.of(first, self._frame), self._frames.of(second, self._frame)
        here, there = self._shots.get(first), self._shots.get(second)
        if one is None or two is None or here is None or there is None:
            return None
        smaller = min(max(here.width, here.height), max(there.width, there.height))
        found = compare_frames(one, two, orientation, smaller)
        if not found.same or self._differ(first, second, orientation, found):
            return None
        apart = self.seconds_apart(first, second)
        if apart:  # similar enough for one picture, but two exposures
            kind = DuplicateKind.BURST if apart <= BURST_SECONDS else DuplicateKind.LOOKALIKE
            return _pair(first, second, kind, found.likeness, "")
        return _pair(first, second, DuplicateKind.RESAVED, found.likeness, _ORIENTATION_DETAILS[orientation])

    def match_part(self, first: int, second: int) -> Pair | None:
        """The pair if one shows a part of the other; else None."""
        one, two = self._features.of(first, self._feature), self._features.of(second, self._feature)
        if one is None or two is None:
            return None
        found = match_crop(one, two)
        if not found.found:
            return None
        apart = self.seconds_apart(first, second)
        if apart is not None and (apart or self._same_shape(first, second)):
            kind = DuplicateKind.BURST if apart <= BURST_SECONDS else DuplicateKind.LOOKALIKE
            return _pair(first, second, kind, found.likeness, "")
        whole = found.share >= _MIN_WHOLE_SHARE
        if self._is_document(first) and self._is_document(second):
            # These are mostly two pages of one template.
            kind = DuplicateKind.LOOKALIKE if whole else DuplicateKind.CROP
            return _pair(first, second, kind, found.likeness, PAGES)
        detail = EDITED if whole else part_detail(found.share, of_first=(found.part == 2) == (first < second))
        return _pair(first, second, DuplicateKind.CROP, found.likeness, detail)

    def _differ(self, first: int, second: int, orientation: int, found: FrameLikeness) -> bool:
        """Whether pictures that agree as a whole differ in one place."""
        one, two = self._details.of(first, self._detail), self._details.of(second, self._detail)
        if one is None or two is None:
            return True
        differ = thumbnails_differ(one, two, orientation, found.affine)
        return self._files_differ(first, second) if differ is None else differ

    def _files_differ(self, first: int, second: int) -> bool:
        """Whether the files differ, or one cannot be read, so that nothing is proven."""
        with self._store.read() as db:
            paths = [photo_paths.of_photo(db, photo_id) for photo_id in (first, second)]
        try:
            return not all(paths) or difference_of_files(paths[0][0], paths[1][0]) is not None
        except ImageError:
            return True

    def _is_document(self, photo_id: int) -> bool:
        found = self._details.of(photo_id, self._detail)
        return found is not None and found.is_document

    def seconds_apart(self, first: int, second: int) -> float | None:
        """Seconds between the exposures of two photos of one camera; None where it is not known of both."""
        one, two = self._shots.get(first), self._shots.get(second)
        return None if one is None or two is None else seconds_between(one, two)

    def _same_shape(self, first: int, second: int) -> bool:
        """Whether both have a camera and the same size. Then they are most likely two exposures within one
        second, and neither is a crop.
        """
        one, two = self._shots[first], self._shots[second]
        return one.camera is not None and (one.width, one.height) == (two.width, two.height)

    def _frame(self, photo_id: int) -> Frame | None:
        return self._from_thumbnail(photo_id, frame)

    def _detail(self, photo_id: int) -> ThumbnailTiles | None:
        return self._from_thumbnail(photo_id, detail)

    def _feature(self, photo_id: int) -> Features | None:
        return self._from_thumbnail(photo_id, features)

    def _from_thumbnail(self, photo_id: int, make: Callable[[bytes], Value]) -> Value | None:
        with self._store.read() as db:
            jpeg = stored_thumbnails.get_many(db, [photo_id]).get(photo_id)
        return None if jpeg is None else read_thumbnail(jpeg, make)


def part_detail(share: float, *, of_first: bool) -> str:
    """The detail of a crop: which photo of the pair, in the order of ids, shows all of the other."""
    return f"the {'first' if of_first else 'second'} shows all of the other, and more ({share:.0%})"


def contains_other(detail: str) -> int | None:
    """0 or 1: which photo of a pair shows all of the other; None where that is not known."""
    return next(
        (place for place, word in enumerate(("first", "second")) if detail.startswith(f"the {word} ")), None
    )


def seconds_between(one: Shot, two: Shot) -> float | None:
    """Seconds between two exposures by one camera; None if they are unknown.

    Dates have whole seconds. Two exposures within one second with different settings (a bracket) count as
    half a second apart.
    """
    if not (one.taken and two.taken) or one.camera != two.camera:
        return None
    try:
        apart = abs((datetime.fromisoformat(one.date) - datetime.fromisoformat(two.date)).total_seconds())
    except ValueError:
        return None
    differ = any(
        a is not None and b is not None and a != b for a, b in zip(one.settings, two.settings, strict=False)
    )
    return max(apart, 0.5) if differ else apart


def best_orientation(first: Codes, second: Codes) -> int:
    """The orientation in which the picture of the second hash (1,) is most similar to that of the first."""
    return int(np.bitwise_count(orientations(second)[0] ^ first[0]).argmin())


def _pair(first: int, second: int, kind: DuplicateKind, alike: float, detail: str) -> Pair:
    return Pair(min(first, second), max(first, second), kind, round(alike, 4), detail)
