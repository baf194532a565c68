"""Finds all photos that pairs connect with some photos, without reading the whole library."""

from __future__ import annotations

from collections.abc import Collection

from safelight.core.duplicates import DuplicateKind
from safelight.core.grouping import Link
from safelight.store import likeness
from safelight.store.library import Connection
from safelight.store.likeness import Pair

_SAME_PICTURE_KINDS = (DuplicateKind.RESAVED, DuplicateKind.CROP)


def connected_pairs(db: Connection, photo_ids: Collection[int]) -> tuple[list[Pair], list[list[int]]]:
    """(pairs, groups of equal pixels) that connect photos with the given ones, directly or through others.

    The pairs are those of re-saved and cropped pictures. Both lists are sorted.
    """
    pairs: dict[Link, Pair] = {}
    equals: dict[int, list[int]] = {}
    reached: set[int] = set()
    waiting = set(photo_ids)
    while waiting:
        reached |= waiting
        found = [pair for pair in likeness.pairs_of(db, waiting) if pair.kind in _SAME_PICTURE_KINDS]
        groups = likeness.equal_pixels(db, waiting)
        pairs |= {(pair.first, pair.second): pair for pair in found}
        equals |= {group[0]: group for group in groups}
        waiting = {photo for pair in found for photo in (pair.first, pair.second)}
        waiting = waiting.union(*groups) - reached
    return [pairs[each] for each in sorted(pairs)], [equals[first] for first in sorted(equals)]
