"""Orders: by date, size, rating and name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.core.fields import SORTS_BY_ORDER
from safelight.core.order import Order, name_key
from safelight.store import orders
from safelight.store.library import LibraryStore
from support.filled_library import FilledLibrary

PHOTOS = (
    ("IMG_10.jpg", "2020-05-01T00:00:00"),
    ("img_9.jpg", "2021-05-01T00:00:00"),
    ("a.jpg", "2019-05-01T00:00:00"),
    ("éa.jpg", "2018-05-01T00:00:00"),
)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[FilledLibrary]:
    made = FilledLibrary(tmp_path)
    yield made
    made.close()


def names(store: LibraryStore, ids: list[int], order: Order) -> list[str]:
    with store.read() as db:
        found = orders.sort_ids(db, ids, order)
        rows = dict(db.execute("SELECT photo_id, path_text FROM file"))
    return [rows[photo] for photo in found]


def test_each_order(library: FilledLibrary) -> None:
    ids = library.add(*PHOTOS)
    with library.store.write() as db:
        for photo, size, rating in zip(ids, (30, 10, 40, 20), (2, 0, 5, 2), strict=True):
            db.execute("UPDATE photo SET size = ? WHERE id = ?", (size, photo))
            db.execute("INSERT INTO mark (photo_id, rating) VALUES (?, ?)", (photo, rating))
    store = library.store
    assert names(store, ids, Order.NATURAL) == ["IMG_10.jpg", "img_9.jpg", "a.jpg", "éa.jpg"]
    assert names(store, ids[::-1], Order.NATURAL) == ["éa.jpg", "a.jpg", "img_9.jpg", "IMG_10.jpg"]
    assert names(store, ids, Order.NEWEST) == ["img_9.jpg", "IMG_10.jpg", "a.jpg", "éa.jpg"]
    assert names(store, ids, Order.OLDEST) == ["éa.jpg", "a.jpg", "IMG_10.jpg", "img_9.jpg"]
    assert names(store, ids, Order.LARGEST) == ["a.jpg", "IMG_10.jpg", "éa.jpg", "img_9.jpg"]
    assert names(store, ids, Order.BEST_RATED) == ["a.jpg", "IMG_10.jpg", "éa.jpg", "img_9.jpg"]
    assert names(store, ids, Order.NAME) == ["a.jpg", "img_9.jpg", "IMG_10.jpg", "éa.jpg"]


def test_only_what_is_asked_and_what_is_there(library: FilledLibrary) -> None:
    ids = library.add(*PHOTOS)
    with library.store.read() as db:
        for order in (Order.NATURAL, *SORTS_BY_ORDER):
            if order is not Order.NATURAL:
                assert sorted(orders.sort_ids(db, [ids[2], 999, ids[0]], order)) == [ids[0], ids[2]]
            assert orders.sort_ids(db, [], order) == []


@given(st.lists(st.text(max_size=12), max_size=8))
def test_any_names_can_be_compared(texts: list[str]) -> None:
    keys = [name_key(text) for text in texts]
    backwards = keys[::-1]
    assert sorted(backwards) == sorted(keys)


def test_numbers_by_value_and_case_aside() -> None:
    texts = ["b10", "B9", "a", "10", "9", "", "b9c"]
    assert sorted(texts, key=name_key) == ["", "9", "10", "a", "B9", "b9c", "b10"]
