"""Answers the questions of :mod:`safelight.ui.library.reads`."""

from __future__ import annotations

import os
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from safelight.core.order import Order
from safelight.core.query import Filter, FlagCondition, ValueCondition, parse
from safelight.store import (
    albums,
    concepts,
    conflicts,
    export_rows,
    files,
    filter_ids,
    folder_tree,
    folders,
    journal,
    marks,
    orders,
    pairs,
    photo_paths,
    photos,
    saved_searches,
    stacks,
    stored_thumbnails,
    tags,
    themes,
    thumbnail_info,
    vectors,
    vocabulary,
)
from safelight.store.filters import Restriction
from safelight.store.library import Connection
from safelight.ui.library import reads, timeline
from safelight.ui.library.folder_entries import subfolder_entries
from safelight.ui.library.organise_entries import album_entries, concept_entries, tag_entries
from safelight.ui.library.places_model import Entry
from safelight.ui.library.reads import BlockingFilter, Marks, Organisation, Overview, Read, ScopeRows
from safelight.ui.library.thumbnail_cache import decode
from safelight.ui.library.turning import turned_image
from safelight.ui.view_request import RECENT_LIMIT, Place, ViewRequest

_HIDDEN = FlagCondition("is", "hidden")
_NOT_SHOWN = (_HIDDEN, FlagCondition("is", "half"))
"""Photos that views and searches leave out unless they are asked for."""


def answer(db: Connection, question: Read[Any], scope: ViewRequest = ViewRequest()) -> Any:  # noqa: B008
    """The answer to ``question``, of the type that its class names. ``scope``: what the window shows."""
    match question:
        case reads.ReadRows():
            return _rows(db, question)
        case reads.ReadOrder(ids, order):
            return list(orders.sort_ids(db, ids, order, _open_folder(scope)))
        case reads.ReadPhotos(ids):
            return photos.get_many(db, ids, _open_folder(scope))
        case reads.ReadFiles(ids):
            shots = photo_paths.for_other_programs(db, ids, _open_folder(scope))
            return [[os.fsdecode(path) for path in shot] for shot in shots]
        case reads.ReadShapes(after, limit):
            return reads.PhotoShapesRead(*photos.shapes(db, after, limit))
        case reads.ReadThumbnailInfo(ids):
            return thumbnail_info.read_info(db, ids, _open_folder(scope))
        case reads.ReadStacks(ids):
            return tuple(stacks.containing_any(db, ids))
        case reads.ReadOverview(model):
            return _overview(db, model)
        case reads.ReadFavourites(None):
            return list(photos.ids(db, favourites=True))
        case reads.ReadFavourites(ids):
            marked = marks.values(db, ids or (), "favourite")
            return photos.visible(db, [photo_id for photo_id, favourite in marked.items() if favourite])
        case reads.ReadFailures():
            return list(files.failures(db))
        case reads.ReadTrash():
            return list(journal.files_in_trash(db))
        case reads.ReadThemes():
            return themes.all_themes(db)
        case reads.ReadSubfolders(parents):
            return {(folder, below): _subfolders(db, folder, below) for folder, below in parents}
        case reads.ReadSavedSearches():
            return list(saved_searches.all_searches(db))
        case reads.ReadAlbums():
            return albums.cards(db)
        case reads.ReadOrganisation():
            return _organisation(db)
        case reads.ReadSearchCounts(searches):
            return _search_counts(db, searches)
        case reads.ReadMarks(ids):
            return Marks(tags.of_photos(db, ids))
        case reads.ReadConflicts():
            return conflicts.latest(db)
        case reads.ReadFrames(photo_id):
            film = pairs.film_of(db, photo_id)
            images = map(decode, stored_thumbnails.frames_of(db, photo_id if film is None else film))
            turns = marks.turns(db, [photo_id]).get(photo_id, 0)
            return tuple(turned_image(image, turns) for image in images if image is not None)
        case reads.ReadDisclosure(ids):
            return export_rows.privacy_summary(db, ids)
        case reads.ReadVocabulary():
            return vocabulary.read(db)
        case reads.ReadPictures(paths):
            return _photos_in_files(db, paths)
        case reads.ReadBlocker(query):
            return _blocker(db, query)
    raise TypeError(f"no read answers {type(question).__name__}")


def _open_folder(scope: ViewRequest) -> folder_tree.FolderPart | None:
    """The open folder. Of several copies of a photo, the one in it is named, shown in the file manager and
    copied.
    """
    if scope.folder_id is None:
        return None
    return folder_tree.FolderPart(scope.folder_id, os.fsencode(scope.below), scope.with_subfolders)


def _rows(db: Connection, asked: reads.ReadRows) -> ScopeRows:
    scope = asked.scope
    if scope.place == Place.RECENT:
        ids = photos.recent_ids(db, RECENT_LIMIT)
    elif scope.place == Place.ALBUM and scope.album_id is not None:
        ids = albums.photo_ids(db, scope.album_id, visible=True)
    elif scope.place == Place.TAG:
        ids = _matching_ids(
            db, Filter(ValueCondition("tag", scope.tag)), *(Filter(each, negated=True) for each in _NOT_SHOWN)
        )
    elif scope.place == Place.HIDDEN:
        ids = _matching_ids(db, Filter(_HIDDEN))
    else:
        ids = photos.ids(
            db,
            favourites=scope.place == Place.FAVOURITES,
            folder_id=scope.folder_id,
            below=os.fsencode(scope.below),
            with_subfolders=scope.with_subfolders,
        )
    ids = orders.sort_ids(db, ids, asked.order, _open_folder(scope))
    by_date = asked.order in (Order.NEWEST, Order.OLDEST) or (
        asked.order == Order.NATURAL and scope.place not in (Place.RECENT, Place.ALBUM)
    )
    days = timeline.days_of(photos.dates(db, ids)) if by_date else ()
    return ScopeRows(scope, array("q", ids), days, asked.order)


def _subfolders(db: Connection, folder_id: int, below: str) -> tuple[Entry, ...]:
    folder = folders.get(db, folder_id)
    excluded = [os.fsencode(path) for path in folder.excluded] if folder is not None else []
    found = folder_tree.subfolders(db, folder_id, os.fsencode(below), excluded)
    return subfolder_entries(folder_id, below, found)


def _matching_ids(db: Connection, *asked: Filter) -> list[int]:
    """The photos that pass filters, the newest first."""
    return [int(photo) for photo in filter_ids.matching_ids_newest_first(db, asked)]


def _organisation(db: Connection) -> Organisation:
    counted = {each.value.lower(): each.photos for each in vocabulary.tags_with_counts(db)}
    names = tuple(each.name for each in tags.all_tags(db))
    known = tuple(albums.all_albums(db))
    taught = tuple(each.name for each in concepts.all_concepts(db))
    return Organisation(
        names,
        known,
        tuple(tag_entries(names, counted)),
        tuple(album_entries(known)),
        taught,
        tuple(concept_entries(taught)),
    )


def _search_counts(db: Connection, searches: Sequence[tuple[int, str]]) -> Mapping[int, int]:
    counts = {}
    for search_id, text in searches:
        query = parse(text)
        if query and not query.ranks:
            asked = {each.condition for each in query.leaves() if isinstance(each, Filter)}
            shown = [Filter(each, negated=True) for each in _NOT_SHOWN if each not in asked]
            counts[search_id] = len(filter_ids.matching_ids(db, (*query.restrictions, *shown)))
    return counts


def _photos_in_files(db: Connection, paths: Sequence[str]) -> Mapping[str, int]:
    """The photos in these files, without files that are not in the library."""
    found = {path: photo_paths.photo_at(db, os.fsencode(path)) for path in paths}
    return {path: photo for path, photo in found.items() if photo is not None}


def _blocker(db: Connection, text: str) -> BlockingFilter | None:
    """The filter because of which a query finds nothing; None where photos pass, or no single filter is
    the cause.
    """
    restrictions = parse(text).restrictions
    if not restrictions or len(filter_ids.matching_ids(db, restrictions)):
        return None

    def without(part: Restriction) -> int:
        return len(filter_ids.matching_ids(db, [each for each in restrictions if each != part]))

    for part in restrictions:
        if not len(filter_ids.matching_ids(db, [part])):
            return BlockingFilter(text, part.text(), True, without(part))
    part = max(restrictions, key=without)
    others = without(part)
    return BlockingFilter(text, part.text(), False, others) if others else None


def _overview(db: Connection, model: str | None) -> Overview:
    known = vectors.model_id(db, model) if model is not None else None
    counts = photos.counts(db, known)
    if known is None:
        # Without a model, the number of photos it has yet to read is unknown.
        counts = replace(counts, embedded=counts.photos)
    has_trash = next(journal.files_in_trash(db), None) is not None
    return Overview(counts, tuple(folders.all_folders(db)), has_trash)
