"""Searches with a name, in the library."""

from __future__ import annotations

import pytest

from safelight.core.errors import SafelightError, UsageError
from safelight.store import saved_searches
from safelight.store.library import LibraryStore


def _names(store: LibraryStore) -> list[tuple[str, str]]:
    with store.read() as db:
        return [(each.name, each.query) for each in saved_searches.all_searches(db)]


def test_searches_are_kept_by_name(store: LibraryStore) -> None:
    with store.write() as db:
        saved_searches.save(db, "  Über\tallem ", "mountain", 1.0)
        beach = saved_searches.save(db, "beach", " beach -people date:2019 ", 2.0)
    assert _names(store) == [("beach", "beach -people date:2019"), ("Über allem", "mountain")]
    with store.read() as db:
        found = saved_searches.by_name(db, "BEACH")
        assert found == saved_searches.SavedSearch(beach, "beach", "beach -people date:2019")
        assert saved_searches.by_name(db, "über  allem") is not None
        assert saved_searches.by_name(db, "sea") is None


def test_the_same_name_replaces(store: LibraryStore) -> None:
    with store.write() as db:
        first = saved_searches.save(db, "Beach", "beach", 1.0)
        assert saved_searches.save(db, "beach", "sea", 2.0) == first
    assert _names(store) == [("beach", "sea")]


def test_renaming_keeps_the_query_and_takes_no_name_from_another(store: LibraryStore) -> None:
    with store.write() as db:
        first = saved_searches.save(db, "Beach", "beach", 1.0)
        saved_searches.save(db, "Sea", "sea", 1.0)
        saved_searches.rename(db, first, "beach")
    with pytest.raises(SafelightError, match="Sea"), store.write() as db:
        saved_searches.rename(db, first, "SEA")
    assert _names(store) == [("beach", "beach"), ("Sea", "sea")]


def test_nothing_has_no_name(store: LibraryStore) -> None:
    with store.write() as db:
        for name, query in (("", "x"), (" \n", "x"), ("x", " ")):
            with pytest.raises(UsageError):
                saved_searches.save(db, name, query, 1.0)
        kept = saved_searches.save(db, "\udcff" + "x" * 500, "like:/\udcff.jpg", 1.0)
        (found,) = saved_searches.all_searches(db)
        assert (len(found.name), found.query) == (saved_searches.MAX_NAME_LENGTH, "like:/?.jpg")
        with pytest.raises(UsageError):
            saved_searches.rename(db, kept, " ")
        saved_searches.delete(db, kept)
        saved_searches.delete(db, kept)
    assert _names(store) == []
