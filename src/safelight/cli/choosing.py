"""The photos that a command names by path or by filters."""

from __future__ import annotations

import os
from collections.abc import Sequence

from safelight.cli import console
from safelight.cli.declarations.choosing import Choosing
from safelight.core.errors import UsageError
from safelight.core.query import Query, parse
from safelight.core.query.conditions import quoted
from safelight.core.user_paths import expanded, is_folder
from safelight.services.searching import query_plan
from safelight.store import filter_ids, photo_paths
from safelight.store.library import Connection, LibraryStore


class ChosenPhotos:
    """The photos that a command names: files, folders, and those that pass the filters of ``--query``."""

    def __init__(
        self, store: LibraryStore, arguments: Choosing, paths: Sequence[str], *, may_be_empty: bool = False
    ) -> None:
        """Raises UsageError where nothing is named, or the query is more than filters."""
        if not paths and not arguments.query and not may_be_empty:
            raise UsageError("Name the photos: files, folders or --query FILTERS.")
        self.unknown: list[str] = []
        found: dict[int, None] = {}
        with store.read() as db:
            for path in paths:
                real = os.path.realpath(expanded(path))
                photo = photo_paths.photo_at(db, os.fsencode(real))
                inside = self._inside(db, real) if photo is None and is_folder(real) else ()
                if photo is not None:
                    found[photo] = None
                elif inside:
                    found.update(dict.fromkeys(inside))
                else:
                    self.unknown.append(path)
            if arguments.query:
                found.update(dict.fromkeys(self._passing(db, parse(arguments.query))))
        self.ids = tuple(found)

    def _inside(self, db: Connection, folder: str) -> Sequence[int]:
        return self._passing(db, parse(f"in:{quoted(folder)}"))

    def _passing(self, db: Connection, query: Query) -> list[int]:
        if not query or query.ranks:
            raise UsageError(
                "Only filters can choose photos, such as tag:holiday or date:2019: a description matches "
                "more or less."
            )
        # As a search: without hidden photos and second halves of pairs, unless the filters ask for them.
        for flag in (query_plan.HIDDEN, query_plan.HALF):
            if not query_plan.asks_for(query, flag):
                query = query_plan.without_flag(query, flag)
        return [int(photo) for photo in filter_ids.matching_ids_newest_first(db, query.restrictions)]


def report_unknown(paths: Sequence[str]) -> None:
    """Name paths that are no photos of the library on standard error."""
    for path in paths:
        console.error(f"{path} is not a photo of the library; index its folder first.")


def open_library(arguments: Choosing) -> LibraryStore:
    """The library of a command that chooses photos to change. It is only read: an open window may write it.

    Raises LibraryUnavailableError if there is none yet.
    """
    return LibraryStore.open_up_to_date_read_only(arguments.library)
