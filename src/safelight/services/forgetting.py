"""Removing what the library still holds of photos that are gone.

A photo whose last file is deleted is hidden at once. Its thumbnail, place, vector and words stay for a while,
so that a file that comes back costs nothing. After that they are removed, and the space they took is zeroed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from safelight.store import large_thumbnails, orphans
from safelight.store.library import LibraryStore

DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Forgotten:
    photos: int
    kept: int
    """Photos without a file that are kept because they have a favourite, a rating, a tag or an album."""


def forget_old(store: LibraryStore, days: int, now: float) -> int:
    """Remove photos whose last file disappeared at least ``days`` ago; 0 days means never. Returns how
    many."""
    if days == 0:
        return 0
    _correct_dates(store, now)
    return _prune(store, now - days * DAY)


def forget_now(store: LibraryStore, *, marked: bool = False) -> Forgotten:
    """Remove all photos without a file, and free their space on the disk.

    Photos that the user marked are removed only with ``marked``. Backups still contain the photos until they
    are replaced. Raises NoSpaceError, LibraryUnavailableError.
    """
    gone = _prune(store, math.inf, marked=marked)
    store.compact()
    with store.read() as db:
        kept = orphans.count(db)
    return Forgotten(gone, kept)


def _correct_dates(store: LibraryStore, now: float) -> None:
    """Set the date to now for photos that disappeared in the future, because the clock was ahead then."""
    with store.read() as db:
        if not orphans.count(db, after=now):
            return
    with store.write() as db:
        orphans.limit_dates(db, now)


def _prune(store: LibraryStore, older_than: float, *, marked: bool = False) -> int:
    with store.read() as db:
        if not orphans.count(db):
            return 0
    with store.write(durable=True, erase=True) as db:
        gone = orphans.prune(db, older_than, marked=marked)
    with store.read() as db:
        large_thumbnails.drop_forgotten(db, store.directory)
    return gone
