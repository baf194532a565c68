"""Vectors in memory answer as sqlite-vec does, whatever has happened to the library meanwhile."""

from __future__ import annotations

import copy
import logging
import shutil
import threading
import time
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
import pytest

from safelight.core import nearest
from safelight.core.encoder import ModelInfo, Vectors
from safelight.services.searching import vector_cache
from safelight.services.searching.vector_cache import VectorCache
from safelight.store import files, orphans, revisions, vectors
from safelight.store.library import Connection, LibraryStore
from safelight.store.revisions import Revision
from support.stored import add_folder, add_photo, unit_vectors

DIM = 384
MODEL = ModelInfo(key="starter@1", name="starter", dim=DIM, device="cpu")
COUNT = 700


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """A library that is closed, of which each test gets a copy."""
    with LibraryStore.create_or_open(tmp_path_factory.mktemp("filled") / "library") as opened:
        made = Shelf(opened)
        made.add(COUNT)
    return made


@pytest.fixture
def store(filled: Shelf, tmp_path: Path) -> Iterator[LibraryStore]:
    shutil.copytree(filled.store.directory, tmp_path / "library")
    with LibraryStore.create_or_open(tmp_path / "library") as opened:
        yield opened


@pytest.fixture(params=["plain", "coded"])
def cache(
    store: LibraryStore, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[VectorCache]:
    monkeypatch.setattr(nearest, "SEGMENT", 128)
    if request.param == "coded":
        monkeypatch.setattr(vector_cache, "PLAIN_MEMORY", 0)
    made = VectorCache(store, threads=2)
    yield made
    made.close()


class Shelf:
    """A library of photos with vectors, and what can happen to them."""

    def __init__(self, store: LibraryStore) -> None:
        self.store = store
        with store.write() as db:
            self.folder = add_folder(db)
            self.model_id = vectors.register(db, MODEL, 1.0)
        self.added = 0
        self.ids: list[int] = []

    def add(self, count: int, rows: Vectors | None = None) -> list[int]:
        with self.store.write() as db:
            new = [
                add_photo(db, self.folder, f"{number}.jpg")
                for number in range(self.added, self.added + count)
            ]
            vectors.put(
                db, self.model_id, new, unit_vectors(self.added, count, DIM) if rows is None else rows
            )
        self.added += count
        self.ids += new
        return new

    def forget_files(self, ids: Collection[int]) -> None:
        """The photos become orphans."""
        with self.store.write() as db:
            for photo in ids:
                files.remove(db, [held.id for held in files.of_photo(db, photo)])

    def bring_back(self, ids: Collection[int]) -> None:
        with self.store.write() as db:
            for photo in ids:
                number = self.ids.index(photo)
                assert add_photo(db, self.folder, f"{number}.jpg") == photo


@pytest.fixture
def shelf(filled: Shelf, store: LibraryStore) -> Shelf:
    made = copy.copy(filled)
    made.store, made.ids = store, list(filled.ids)
    return made


def queries(db: Connection, shelf: Shelf) -> Iterator[tuple[Vectors, int, list[int] | None]]:
    rng = np.random.default_rng(3)
    with_vector = np.array(shelf.ids)
    for seed in (11, 12):
        query = unit_vectors(seed, 1, DIM)[0]
        yield query, 10, None
        yield query * 3, 4096, None
        yield query, 5000, None  # more than sqlite-vec gives
        for share in (0.002, 0.1, 0.9):
            some = rng.choice(with_vector, max(1, int(share * len(with_vector))), replace=False)
            yield query, 50, some.tolist()
    yield query, 5, []
    own = vectors.get(db, shelf.model_id, shelf.ids[0])
    if own is not None:
        yield own, 3, None


def hold_equal(cache: VectorCache, shelf: Shelf) -> None:
    """The cache answers from memory, and as the vec0 table does."""
    with shelf.store.read() as db:
        for query, k, allowed in queries(db, shelf):
            expected = vectors.nearest(db, shelf.model_id, query, k, allowed)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(vectors, "nearest", _not_from_the_table)
                found = cache.nearest(db, shelf.model_id, query, k, allowed)
            if vector_cache.PLAIN_MEMORY:
                assert [photo for photo, _ in found] == [photo for photo, _ in expected]
            else:  # what is nearly equal may stand in either order
                true = dict(vectors.nearest(db, shelf.model_id, query, 4096, allowed))
                assert len(set(found)) == len(found)
                assert [true[photo] for photo, _ in found] == pytest.approx([s for _, s in found], abs=1e-5)
            np.testing.assert_allclose(
                [score for _, score in found], [score for _, score in expected], atol=1e-5
            )


def _not_from_the_table(*_: object) -> list[tuple[int, float]]:
    raise AssertionError("this was to be answered from memory")


def test_answers_are_those_of_the_table_after_every_kind_of_change(cache: VectorCache, shelf: Shelf) -> None:
    cache.warm(shelf.model_id)
    assert cache.settle(60)
    assert cache.cached_photos == COUNT
    hold_equal(cache, shelf)
    new = shelf.add(30)
    hold_equal(cache, shelf)
    assert cache.cached_photos == COUNT + 30
    shelf.forget_files(shelf.ids[5:25] + new[:3])
    hold_equal(cache, shelf)
    assert cache.cached_photos == COUNT + 30 - 23
    shelf.bring_back(shelf.ids[5:15])
    hold_equal(cache, shelf)
    with shelf.store.write() as db:
        vectors.put(db, shelf.model_id, shelf.ids[100:120], unit_vectors(77, 20, DIM))
    hold_equal(cache, shelf)
    with shelf.store.write() as db:
        assert orphans.prune(db, time.time() + 10) == 13
    hold_equal(cache, shelf)
    with shelf.store.write() as db:
        vectors.remove(db, shelf.ids[200:210])
    hold_equal(cache, shelf)
    assert cache.cached_photos == COUNT + 30 - 13 - 10


def test_a_search_that_is_ahead_of_the_background_costs_no_new_reading(
    cache: VectorCache, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.warm(shelf.model_id)
    assert cache.settle(60)
    current, built = revisions.current, []
    query = unit_vectors(1, 1, DIM)[0]

    def overtaken(db: Connection, model_id: int) -> Revision:
        """What the background sees, and before it goes on another change that a search has seen."""
        seen = current(db, model_id)
        if threading.current_thread().name == "vectors" and shelf.added == COUNT + 1:
            shelf.add(1)
            with shelf.store.read() as later:
                assert cache.nearest(later, model_id, query, 3)
        return seen

    monkeypatch.setattr(revisions, "current", overtaken)
    monkeypatch.setattr(cache, "_build", lambda *_: built.append(1))
    shelf.add(1)
    cache.note_change()
    assert cache.settle(60)
    assert cache.cached_photos == COUNT + 2
    assert built == []


def test_many_changes_are_read_behind_a_search_that_asks_the_table(cache: VectorCache, shelf: Shelf) -> None:
    cache.warm(shelf.model_id)
    assert cache.settle(60)
    shelf.add(vector_cache._MAX_CHANGES_PER_SEARCH + 1)
    query = unit_vectors(1, 1, DIM)[0]
    with shelf.store.read() as db:
        found = cache.nearest(db, shelf.model_id, query, 20)
        assert found == vectors.nearest(db, shelf.model_id, query, 20)
    assert cache.settle(60)
    assert cache.cached_photos == COUNT + vector_cache._MAX_CHANGES_PER_SEARCH + 1
    hold_equal(cache, shelf)


def test_a_table_that_is_written_again_is_read_again(cache: VectorCache, shelf: Shelf) -> None:
    cache.warm(shelf.model_id)
    assert cache.settle(60)
    with shelf.store.write() as db:
        vectors.rebuild(db, shelf.model_id)
    query = unit_vectors(1, 1, DIM)[0]
    with shelf.store.read() as db:
        assert cache.nearest(db, shelf.model_id, query, 9) == vectors.nearest(db, shelf.model_id, query, 9)
    assert cache.settle(60)
    hold_equal(cache, shelf)


def test_rows_that_were_emptied_are_given_back(cache: VectorCache, shelf: Shelf) -> None:
    cache.warm(shelf.model_id)
    assert cache.settle(60)
    for start in range(0, 400, 200):
        shelf.forget_files(shelf.ids[start : start + 200])
        hold_equal(cache, shelf)
    cache.note_change()
    assert cache.settle(60)
    with cache._lock:
        assert cache._spaces[vector_cache._PHOTOS].matrix.empty_rows == 0
    hold_equal(cache, shelf)


def test_vectors_of_another_model_are_never_compared(cache: VectorCache, shelf: Shelf) -> None:
    cache.warm(shelf.model_id)
    assert cache.settle(60)
    other = ModelInfo(key="other@1", name="other", dim=16, device="cpu")
    with shelf.store.write() as db:
        other_id = vectors.register(db, other, 1.0)
        vectors.put(db, other_id, shelf.ids[:40], unit_vectors(5, 40, 16))
    hold_equal(cache, shelf)
    query = unit_vectors(6, 1, 16)[0]
    with shelf.store.read() as db:
        expected = vectors.nearest(db, other_id, query, 7)
        assert cache.nearest(db, other_id, query, 7) == expected
    cache.warm(other_id)
    assert cache.settle(60)
    assert cache.cached_photos == 40
    with shelf.store.read() as db:
        found = cache.nearest(db, other_id, query, 7)
    assert {photo for photo, _ in found} == {photo for photo, _ in expected}
    with shelf.store.write() as db:
        vectors.delete_model(db, other_id)
    cache.note_change()
    assert cache.settle(60)
    assert cache.cached_photos == 0


def test_a_read_begun_before_a_change_is_answered_as_of_then(cache: VectorCache, shelf: Shelf) -> None:
    cache.warm(shelf.model_id)
    assert cache.settle(60)
    query = unit_vectors(1, 1, DIM)[0]
    with shelf.store.read() as db:
        before = vectors.nearest(db, shelf.model_id, query, 5)
        shelf.forget_files([photo for photo, _ in before])
        cache.note_change()
        assert cache.settle(60)
        assert cache.nearest(db, shelf.model_id, query, 5) == before
    hold_equal(cache, shelf)


def test_all_scores(cache: VectorCache, shelf: Shelf) -> None:
    query = unit_vectors(1, 1, DIM)[0]
    with shelf.store.read() as db:
        assert cache.scores(db, shelf.model_id, query[np.newaxis]) is None
    cache.warm(shelf.model_id)
    assert cache.settle(60)
    shelf.forget_files(shelf.ids[:10])
    with shelf.store.read() as db:
        scored = cache.scores(db, shelf.model_id, query[np.newaxis])
        assert scored is not None
        ids, (scores,) = scored
        expected = dict(vectors.nearest(db, shelf.model_id, query, 4096))
    assert sorted(ids.tolist()) == sorted(expected)
    np.testing.assert_allclose(scores, [expected[photo] for photo in ids.tolist()], atol=2e-3)


def test_nothing_is_kept_beyond_the_bound(store: LibraryStore, shelf: Shelf) -> None:
    query = unit_vectors(1, 1, DIM)[0]
    small = VectorCache(store, memory=COUNT * DIM * 2 - 1)
    small.warm(shelf.model_id)
    assert small.settle(60)
    assert small.cached_photos == 0
    with store.read() as db:
        assert small.nearest(db, shelf.model_id, query, 9) == vectors.nearest(db, shelf.model_id, query, 9)
    small.close()
    enough = VectorCache(store, memory=COUNT * DIM * 2)
    enough.warm(shelf.model_id)
    assert enough.settle(60)
    assert enough.cached_photos == COUNT
    hold_equal(enough, shelf)
    shelf.add(vector_cache._MAX_CHANGES_PER_SEARCH + 1)  # now too many
    enough.note_change()
    assert enough.settle(60)
    enough.note_change()
    assert enough.settle(60)
    assert enough.cached_photos == 0
    enough.close()


def test_a_query_of_another_shape_is_refused_as_by_the_table(cache: VectorCache, shelf: Shelf) -> None:
    cache.warm(shelf.model_id)
    assert cache.settle(60)
    with shelf.store.read() as db:
        for wrong in (np.zeros(DIM, np.float32), np.full(DIM, np.nan, np.float32), np.ones(3, np.float32)):
            with pytest.raises(ValueError, match="query"):
                cache.nearest(db, shelf.model_id, wrong, 5)


def test_a_cold_cache_starts_no_thread_and_a_closed_one_stays_so(store: LibraryStore, shelf: Shelf) -> None:
    cold = VectorCache(store)
    query = unit_vectors(1, 1, DIM)[0]
    with store.read() as db:
        assert cold.nearest(db, shelf.model_id, query, 3) == vectors.nearest(db, shelf.model_id, query, 3)
    cold.close()
    cold.warm(shelf.model_id)
    assert cold.cached_photos == 0
    cold.close()


def test_a_library_that_is_closed_meanwhile_is_no_fault(
    store: LibraryStore, shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    cache = VectorCache(store)
    store.close()
    with caplog.at_level(logging.INFO):
        cache.warm(shelf.model_id)
        assert cache.settle(60)
    assert "LibraryUnavailableError" in caplog.text
    assert cache.cached_photos == 0
    cache.close()


def test_old_changes_are_forgotten_and_missed_ones_noticed(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revisions, "MAX_KEPT_CHANGES", 50)
    with shelf.store.read() as db:
        start = revisions.current(db, shelf.model_id)
        assert revisions.changed_photos(db, start, start) == []
    first = shelf.add(10)
    with shelf.store.read() as db:
        then = revisions.current(db, shelf.model_id)
        assert revisions.changed_photos(db, start, then) == first
    shelf.add(40)
    with shelf.store.read() as db:
        now = revisions.current(db, shelf.model_id)
        assert revisions.changed_photos(db, start, now) is None
        assert revisions.changed_photos(db, now, then) is None  # as after an older library was put back
        assert db.execute("SELECT count(*) FROM vector_change").get == 50
