"""Finds the photos and example pictures that a program names, if it may see them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import replace

from safelight.core.errors import FolderError, ImageError, SafelightError
from safelight.core.photo import Photo
from safelight.core.query import Like, leaves, parse
from safelight.core.user_paths import exists, expanded
from safelight.services.program_access import Access, photo_named, unknown_photo
from safelight.services.searching.results import FoundPhotos
from safelight.store import photos
from safelight.store.library import Connection, LibraryStore

Selection = str | os.PathLike[str]
"""A photo: its key, or the path of one of its files."""


class Selections:
    """Resolves selections in one library. Thread-safe."""

    def __init__(self, store: LibraryStore, access: Access) -> None:
        self._store = store
        self._access = access

    def photo(self, db: Connection, selection: Selection) -> Photo:
        """The photo, which has at least one file. Raises UnknownPhotoError if it is not in the library."""
        photo_id = photo_named(db, selection)
        found = [] if photo_id is None else photos.get_many(db, [photo_id])
        if not found or not found[0].files:
            raise unknown_photo(os.fspath(selection))
        return found[0]

    def id_of(self, selection: Selection) -> int:
        """The id of a photo. Raises as :meth:`photo`."""
        with self._store.read() as db:
            return self.photo(db, selection).id

    def photos(self, db: Connection, selections: Iterable[Selection]) -> list[Photo]:
        """Photos in the same order. A single selection counts as a list of one: as a sequence, a text would
        name a photo with each of its characters. Raises as :meth:`photo`."""
        if isinstance(selections, str | os.PathLike):
            selections = (selections,)
        return [self.photo(db, each) for each in selections]

    def ids(self, selections: Iterable[Selection]) -> tuple[int, ...]:
        """The ids of photos, as :meth:`photos` reads them."""
        with self._store.read() as db:
            return tuple(photo.id for photo in self.photos(db, selections))

    def resolved(self, query: str) -> str:
        """A query with absolute paths of pictures, for the engine, which runs in another folder. Paths
        outside of the library are not changed if such files are withheld."""
        return with_absolute_pictures(query) if self._access.outside else query

    def example(self, picture: Selection | bytes) -> int | str | bytes:
        """A picture to search with, as searchers take it: a photo's id, the path of a file, or an encoded
        picture. Raises FolderError for a file that does not exist, and UnknownPhotoError for one outside of
        the library where files outside are withheld."""
        if isinstance(picture, bytes):
            return picture
        with self._store.read() as db:
            photo_id = photo_named(db, picture)
        if photo_id is not None:
            return photo_id
        path = expanded(picture)
        if not self._access.outside:
            raise unknown_photo(os.fspath(picture))
        if not exists(path):
            raise FolderError("There is no picture {path}. Check the name.", path=os.fspath(picture))
        return str(path.absolute())


def with_absolute_pictures(query: str) -> str:
    """A query in which the paths of pictures are absolute, because an engine works in another folder."""
    likes = [part for part in leaves(parse(query).parts) if isinstance(part, Like)]
    for like in sorted(likes, key=lambda each: each.span, reverse=True):
        path = os.path.abspath(os.path.expanduser(like.path))
        if path == like.path or "\0" in path:
            continue
        start, end = like.span
        field, _, _ = query[start:end].partition(":")
        _, _, value = replace(like, path=path).text().partition(":")
        query = f"{query[:start]}{field}:{value}{query[end:]}"
    return query


def name_in_errors(picture: Selection | bytes | None, search: Callable[[], FoundPhotos]) -> FoundPhotos:
    """The results of a search with a picture. If the picture cannot be read, the error names it, which the
    search itself cannot do. Raises SafelightError."""
    try:
        return search()
    except ImageError as error:
        if picture is None or isinstance(picture, bytes):
            raise
        raise SafelightError("{path}: {error}", path=os.fspath(picture), error=error) from error
