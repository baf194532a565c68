"""What :class:`~safelight.ui.library_reader.LibraryReader` asks the library."""

from __future__ import annotations

import os
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import replace

from safelight.core.order import Order
from safelight.core.photo import Failure, Photo
from safelight.core.query import parse
from safelight.store import (
    files,
    filter_ids,
    folders,
    orders,
    photos,
    saved_searches,
    thumbnail_info,
    vectors,
    vocabulary,
)
from safelight.store.filters import Restriction
from safelight.store.library import Connection
from safelight.store.saved_searches import SavedSearch
from safelight.store.thumbnail_info import ThumbnailInfo
from safelight.store.vocabulary import Vocabulary
from safelight.ui.library_reader import Blocker, Overview, ScopeRows
from safelight.ui.view_request import RECENT_LIMIT, Place, ViewRequest


def rows(db: Connection, scope: ViewRequest, order: Order) -> ScopeRows:
    if scope.place == Place.RECENT:
        ids = photos.recent_ids(db, RECENT_LIMIT)
    else:
        ids = photos.ids(db, favourites=scope.place == Place.FAVOURITES, folder_id=scope.folder_id)
    ids = orders.ordered(db, ids, order)
    return ScopeRows(scope, array("q", ids), tuple(photos.dates(db, ids)), order)


def ordered(db: Connection, ids: Sequence[int], order: Order) -> list[int]:
    return list(orders.ordered(db, ids, order))


def photos_of(db: Connection, ids: Sequence[int]) -> list[Photo]:
    return photos.get_many(db, ids)


def facts_of(db: Connection, ids: Sequence[int]) -> Mapping[int, ThumbnailInfo]:
    return thumbnail_info.facts(db, ids)


def favourites(db: Connection) -> list[int]:
    return list(photos.ids(db, favourites=True))


def failures(db: Connection) -> list[Failure]:
    return list(files.failures(db))


def searches(db: Connection) -> list[SavedSearch]:
    return list(saved_searches.all_searches(db))


def vocabulary_of(db: Connection) -> Vocabulary:
    return vocabulary.read(db)


def pictures(db: Connection, paths: Sequence[str]) -> Mapping[str, int]:
    """The photos in these files, without files that are not in the library."""
    found = {path: photos.by_path(db, os.fsencode(path)) for path in paths}
    return {path: photo for path, photo in found.items() if photo is not None}


def blocker(db: Connection, text: str) -> Blocker | None:
    """The filter of a query that leaves nothing; None where photos pass, or no single one is to blame."""
    restrictions = parse(text).restrictions
    if not restrictions or len(filter_ids.allowed(db, restrictions)):
        return None

    def without(part: Restriction) -> int:
        return len(filter_ids.allowed(db, [each for each in restrictions if each != part]))

    for part in restrictions:
        if not len(filter_ids.allowed(db, [part])):
            return Blocker(text, part.text(), True, without(part))
    part = max(restrictions, key=without)
    others = without(part)
    return Blocker(text, part.text(), False, others) if others else None


def overview(db: Connection, model: str | None) -> Overview:
    """``model``: the key of the one whose vectors are counted."""
    known = vectors.model_id(db, model) if model is not None else None
    counts = photos.counts(db, known)
    if known is None:
        # Which photos wait for the model cannot be said before there is one.
        counts = replace(counts, embedded=counts.photos)
    return Overview(counts, tuple(folders.all_folders(db)))
