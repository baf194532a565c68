"""Limits what a program may see of a library."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from safelight.core.errors import UnknownPhotoError, UsageError
from safelight.core.private_tags import PEOPLE, PLACES, is_below
from safelight.core.query import (
    Filter,
    FlagCondition,
    Like,
    NearCondition,
    Part,
    Query,
    ValueCondition,
    leaves,
    parse,
)
from safelight.store import labels, photo_paths, photos
from safelight.store.filters import Restriction
from safelight.store.library import Connection, LibraryStore
from safelight.store.limits import Limit

_KEY = re.compile(r"[0-9a-fA-F]{40}")

_PLACES = frozenset({"place", "near", "country", "city", "location"})
_PEOPLE = frozenset({"person", "people", "face", "faces", "my"})
"""A taught concept may be a person."""


@dataclass(frozen=True, slots=True)
class Access:
    """Which part of a library a program may see. The default is what the user sees in the window, without
    hidden photos.
    """

    only: str = ""
    """Only these photos exist: a folder (an absolute path), an album's name, or filters of the search
    language (``in:Italy -tag:private``). Empty for all."""
    hidden: bool = False
    """Photos that the user hid exist."""
    places: bool = True
    """Coordinates, the fields that search by them, and tags below “Places”."""
    people: bool = True
    """The fields that search by people, taught concepts, and tags below “People”."""
    outside: bool = True
    """Pictures outside of the library may be used as examples, so their files are read."""

    @property
    def sees_all(self) -> bool:
        """Whether every photo and every tag exists."""
        return not self.only and self.hidden and not self._withheld_tags

    def limit(self, directory: Path) -> Limit | None:
        """The limit of the library in ``directory`` that enforces ``only`` and ``hidden``; None for none.

        Raises UsageError if ``only`` is no folder, album or query of filters, and as opening a library does.
        """
        if self.sees_all:
            return None
        restrictions, folder = self._only(directory)
        return Limit(
            restrictions, folder, self.hidden, is_partial=bool(self.only), withheld_tags=self._withheld_tags
        )

    @property
    def _withheld_tags(self) -> frozenset[str]:
        """First levels of tags that do not exist for the program."""
        places = frozenset() if self.places else PLACES
        return places if self.people else places | PEOPLE

    def check_tag(self, tag: str) -> None:
        """Raise UsageError for a withheld tag, because an edit would reveal whether a photo has it."""
        if is_below(tag, self._withheld_tags):
            raise UsageError("Tags such as {tag} are withheld from this program. Use another tag.", tag=tag)

    def gives(self, text: str) -> bool:
        """Whether a query may be shown to the program."""
        try:
            query = self.checked(text)
        except UsageError:
            return False
        tags = (part.condition for part in query.leaves() if isinstance(part, Filter))
        return not any(
            isinstance(each, ValueCondition)
            and each.key == "tag"
            and is_below(each.value, self._withheld_tags)
            for each in tags
        )

    def checked(self, text: str) -> Query:
        """A query of the search language. Raises UsageError if it uses what is withheld."""
        query = parse(text)
        for part in query.leaves():
            key = _key_of(part)
            if not self.places and (key in _PLACES or key == "has:gps"):
                raise UsageError("Places are withheld from this program. Search without them.")
            if not self.people and key in _PEOPLE:
                raise UsageError("People are withheld from this program. Search without them.")
        return query

    def check_examples(self, db: Connection, query: Query, like: int | str | bytes | None = None) -> None:
        """Raise UnknownPhotoError for a picture, named by the query or given as ``like``, that the program
        may not see: a photo (its id) that does not exist for it, or a file outside of the library where such
        files are withheld. ``db`` has the limit of this access."""
        if isinstance(like, int) and not photos.visible(db, [like]):
            raise unknown_photo(str(like))
        if self.outside:
            return
        named = [like] if isinstance(like, str) else []
        for path in [*named, *(each.path for each in _pictures_named(query))]:
            if photo_named(db, path) is None:
                raise unknown_photo(path)

    def _only(self, directory: Path) -> tuple[tuple[Restriction, ...], bytes | None]:
        if not self.only:
            return (), None
        if os.path.isabs(self.only):
            return (), os.path.realpath(os.fsencode(self.only))
        with LibraryStore.open_up_to_date_read_only(directory) as store, store.read() as db:
            album = labels.find_album(db, self.only)
        if album is not None:
            return (Filter(ValueCondition("album", album)),), None
        query = parse(self.only)
        if query.ranks or not query:
            raise UsageError(
                "“{only}” is neither a folder (an absolute path) nor an album, nor only filters; write for "
                "example: in:Italy -tag:private",
                only=self.only,
            )
        return query.restrictions, None


def _key_of(part: Part) -> str:
    match part:
        case Filter(NearCondition()):
            return "near"
        case Filter(FlagCondition(key, value)):
            return f"{key}:{value}"
        case Filter(condition):
            return condition.key
        case _:
            return ""


def photo_named(db: Connection, photo: str | os.PathLike[str]) -> int | None:
    """The visible photo with a key, or that the file at a path contains."""
    text = os.fspath(photo)
    if _KEY.fullmatch(text):
        found = photos.find_by_content(db, bytes.fromhex(text))
    else:
        try:
            found = photo_paths.photo_at(db, os.path.realpath(os.fsencode(os.path.expanduser(text))))
        except ValueError:  # a null character, or what no path can contain
            return None
    return found if found is not None and found in photos.visible(db, [found]) else None


def unknown_photo(name: str) -> UnknownPhotoError:
    """The error for a photo that does not exist for a program. It is the same for one outside of the limit
    and for one that never was."""
    return UnknownPhotoError("There is no photo {name} in this library. Check the key or path.", name=name)


def _pictures_named(query: Query) -> list[Like]:
    return [part for part in leaves(query.parts) if isinstance(part, Like)]
