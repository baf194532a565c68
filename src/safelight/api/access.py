"""Which part of a library a program may see."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from safelight.core.errors import UsageError
from safelight.core.private_tags import PEOPLE, PLACES, is_below
from safelight.core.query import Being, Filter, Like, Named, Near, Part, Query, leaves, parse
from safelight.store import labels
from safelight.store.filters import Restriction
from safelight.store.library import LibraryStore
from safelight.store.limits import Limit

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
        """Whether every photo exists."""
        return not self.only and self.hidden

    def limit(self, directory: Path) -> Limit | None:
        """The limit of the library in ``directory`` that enforces ``only`` and ``hidden``; None for none.

        Raises UsageError if ``only`` is no folder, album or query of filters, and as opening a library does.
        """
        if self.sees_all and not self._withheld_tags:
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
        """Raise UsageError for a tag that is withheld: an edit would tell whether a photo has it."""
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
            isinstance(each, Named) and each.key == "tag" and is_below(each.value, self._withheld_tags)
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

    def _only(self, directory: Path) -> tuple[tuple[Restriction, ...], bytes | None]:
        if not self.only:
            return (), None
        if os.path.isabs(self.only):
            return (), os.path.realpath(os.fsencode(self.only))
        with LibraryStore.open_up_to_date_read_only(directory) as store, store.read() as db:
            known = {name.casefold(): name for name, _ in labels.albums(db)}
        album = known.get(self.only.casefold())
        if album is not None:
            return (Filter(Named("album", album)),), None
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
        case Filter(Near()):
            return "near"
        case Filter(Being(key, value)):
            return f"{key}:{value}"
        case Filter(condition):
            return condition.key
        case _:
            return ""


def pictures_named(query: Query) -> list[Like]:
    """The pictures that a query names by their path."""
    return [part for part in leaves(query.parts) if isinstance(part, Like)]
