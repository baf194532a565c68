"""Photos by their best unit: in memory, by sqlite-vec and by brute force, whatever happens to the library."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from safelight.core import nearest
from safelight.core.encoder import ModelInfo, Vectors
from safelight.core.errors import ModelError
from safelight.core.photo_units import Match, PhotoUnit, UnitKind
from safelight.services.searching import vector_cache
from safelight.services.searching.vector_cache import VectorCache
from safelight.store import files, orphans, spaces, vectors
from safelight.store.library import Connection, LibraryStore
from safelight.store.recovery import health
from safelight.store.spaces import Space
from services.conftest import Bench
from support.pictures import encoded
from support.stored import add_folder, add_photo, unit_vectors

DIM = 64
MODEL = ModelInfo(key="units@1", name="units", dim=DIM, device="cpu")
OTHER = ModelInfo(key="other@1", name="other", dim=DIM, device="cpu")
PHOTOS, UNITS = 150, 3


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LibraryStore]:
    with LibraryStore.create_or_open(tmp_path / "library") as opened:
        yield opened
        with opened.read() as db:
            assert health.check(db) == []


class Shelf:
    """Photos with windows, and a copy of all vectors to compare with."""

    def __init__(self, store: LibraryStore) -> None:
        self.store = store
        with store.write() as db:
            self.folder = add_folder(db)
            self.model_id = vectors.register(db, MODEL, 1.0)
            self.space = spaces.register(db, self.model_id, UnitKind.WINDOW)
            self.ids = [add_photo(db, self.folder, f"{number}.jpg") for number in range(PHOTOS)]
            vectors.put(db, self.model_id, self.ids, unit_vectors(1, PHOTOS, DIM))
        self.rows: dict[tuple[int, int], Vectors] = {}
        self.put(self.ids, seed=2)

    def put(self, ids: Collection[int], seed: int, count: int = UNITS) -> None:
        rows = unit_vectors(seed, len(ids) * count, DIM)
        units = [(photo, [place(number) for number in range(count)]) for photo in ids]
        with self.store.write() as db:
            spaces.put(db, self.space, units, rows)
        self.rows = {key: row for key, row in self.rows.items() if key[0] not in ids}
        for number, photo in enumerate(ids):
            for unit in range(count):
                self.rows[photo, unit] = rows[number * count + unit]

    def forget(self, photo: int) -> None:
        with self.store.write() as db:
            files.remove(db, [row.id for row in files.of_photo(db, photo)])
        self.rows = {key: row for key, row in self.rows.items() if key[0] != photo}

    def brute(self, query: Vectors, k: int, allowed: Collection[int] | None = None) -> list[tuple[int, int]]:
        """(photo, number of its best unit) of the k best."""
        query = query / np.linalg.norm(query)
        best: dict[int, tuple[float, int]] = {}
        for (photo, number), row in self.rows.items():
            if allowed is None or photo in allowed:
                best[photo] = max(best.get(photo, (-2.0, 0)), (float(row @ query), number))
        ordered = sorted(best.items(), key=lambda each: -each[1][0])[:k]
        return [(photo, number) for photo, (_, number) in ordered]

    def named(self, db: Connection, matches: list[Match]) -> list[tuple[int, int]]:
        known = spaces.units_by_id(db, [match.unit_id for match in matches])
        return [(match.photo_id, known[match.unit_id].number) for match in matches]


def place(number: int) -> dict[str, float]:
    return {"x": number / UNITS, "y": 0.0, "width": 1 / UNITS, "height": 1.0}


@pytest.fixture
def shelf(store: LibraryStore) -> Shelf:
    return Shelf(store)


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


def assert_equal_to_brute_force(shelf: Shelf, cache: VectorCache | None = None) -> None:
    by_unit = spaces.nearest if cache is None else cache.nearest_by_unit
    some = shelf.ids[::4]
    with shelf.store.read() as db:
        for query in unit_vectors(9, 6, DIM):
            for k in (1, 7, 60, 10 * PHOTOS):
                for allowed in (None, some, shelf.ids[:2], [987_654]):
                    found = by_unit(db, shelf.space, query, k, allowed)
                    assert shelf.named(db, found) == shelf.brute(query, k, allowed)
                    scores = [match.score for match in found]
                    assert scores == sorted(scores, reverse=True)
        assert by_unit(db, shelf.space, query, 0) == []
        with pytest.raises(ValueError, match="finite"):
            by_unit(db, shelf.space, np.zeros(DIM, np.float32), 1)


def test_sqlite_vec_folds_units_into_photos(shelf: Shelf) -> None:
    assert_equal_to_brute_force(shelf)


def test_so_does_memory(shelf: Shelf, cache: VectorCache) -> None:
    cache.warm(shelf.model_id)
    assert cache.settle(60)
    assert cache.cached_photos == PHOTOS
    assert_equal_to_brute_force(shelf, cache)


def test_changes_are_seen_at_once(shelf: Shelf, cache: VectorCache) -> None:
    cache.warm(shelf.model_id)
    assert cache.settle(60)
    shelf.put(shelf.ids[:5], seed=21)
    assert_equal_to_brute_force(shelf, cache)
    shelf.put(shelf.ids[5:7], seed=22, count=5)
    shelf.put(shelf.ids[7:9], seed=23, count=0)
    shelf.forget(shelf.ids[10])
    assert_equal_to_brute_force(shelf, cache)
    assert_equal_to_brute_force(shelf)
    cache.note_change()
    assert cache.settle(60)
    assert_equal_to_brute_force(shelf, cache)


def test_photos_and_units_share_the_memory(shelf: Shelf, store: LibraryStore) -> None:
    photos_alone = VectorCache(store, memory=PHOTOS * DIM * 4 + 1000)
    try:
        photos_alone.warm(shelf.model_id)
        assert photos_alone.settle(60)
        assert photos_alone.cached_photos == PHOTOS
        assert_equal_to_brute_force(shelf, photos_alone)  # sqlite-vec answers for the units
    finally:
        photos_alone.close()


def test_units_go_with_their_photo_and_their_model(shelf: Shelf) -> None:
    with shelf.store.write() as db:
        gone = shelf.ids[0]
        files.remove(db, [row.id for row in files.of_photo(db, gone)])
        assert orphans.prune(db, time.time() + 60) == 1
        assert spaces.count(db, shelf.space) == (PHOTOS - 1) * UNITS
        assert spaces.of_photos(db, shelf.space, [gone]).units.tolist() == []
        vectors.delete_model(db, shelf.model_id)
        assert spaces.of_model(db, shelf.model_id) == []
        assert db.execute("SELECT count(*) FROM unit").get == 0
        with pytest.raises(ModelError):
            spaces.register(db, shelf.model_id, UnitKind.WINDOW)


def test_two_models_share_units_at_the_same_places(shelf: Shelf) -> None:
    with shelf.store.write() as db:
        other = spaces.register(db, vectors.register(db, OTHER, 2.0), UnitKind.WINDOW)
        assert spaces.register(db, other.model_id, UnitKind.WINDOW) == other
        rows = unit_vectors(31, UNITS, DIM)
        spaces.put(db, other, [(shelf.ids[0], [place(number) for number in range(UNITS)])], rows)
        assert spaces.count(db, shelf.space) == PHOTOS * UNITS
        mine = spaces.of_photos(db, other, shelf.ids[:1])
        assert mine.units.tolist() == spaces.of_photos(db, shelf.space, shelf.ids[:1]).units.tolist()
        assert np.array_equal(mine.vectors, rows)
        spaces.put(db, other, [(shelf.ids[0], [{"seconds": 1.5}])], rows[:1])
        assert spaces.of_photos(db, shelf.space, shelf.ids[:1]).units.tolist() == []
        (unit,) = spaces.units_by_id(db, spaces.of_photos(db, other, shelf.ids[:1]).units.tolist()).values()
        assert unit == PhotoUnit(UnitKind.WINDOW, 0, {"seconds": 1.5})


def test_rebuilding_keeps_the_units(shelf: Shelf) -> None:
    with shelf.store.write() as db:
        assert vectors.rebuild(db, shelf.model_id) == PHOTOS
        (shelf.space,) = spaces.of_model(db, shelf.model_id)
        assert shelf.space.generation == 2
    assert_equal_to_brute_force(shelf)


@pytest.mark.parametrize("rows", [unit_vectors(1, 2, DIM), unit_vectors(1, 3, DIM + 1), np.zeros((3, DIM))])
def test_unfit_vectors_are_refused(shelf: Shelf, rows: Vectors) -> None:
    with shelf.store.write() as db:
        with pytest.raises(ValueError, match="vectors"):
            spaces.put(db, shelf.space, [(shelf.ids[0], [place(n) for n in range(3)])], rows)
        with pytest.raises(ValueError, match="photos have a space"):
            spaces.register(db, shelf.model_id, UnitKind.PHOTO)
        assert spaces.count(db, shelf.space) == PHOTOS * UNITS


def test_a_search_reports_the_part_that_matched(bench: Bench) -> None:
    for name, colour in {"red": (250, 5, 5), "white": (250, 250, 250)}.items():
        (bench.root / f"{name}.png").write_bytes(encoded(Image.new("RGB", (200, 150), colour), "PNG"))
    for number in range(40):
        bench.draw(f"noise/{number}.jpg", number)
    bench.index()
    white = bench.photo_at(bench.root / "white.png").id
    red = bench.photo_at(bench.root / "red.png").id
    searcher = bench.library.searcher()
    before = searcher.search("red", None).hits
    assert before[0].photo_id == red
    assert {hit.unit for hit in before} == {None}

    with bench.store.write() as db:
        model_id = vectors.model_id(db, bench.encoder.info.key)
        assert model_id is not None
        row = vectors.get(db, model_id, red)
        assert row is not None
        space: Space = spaces.register(db, model_id, UnitKind.WINDOW)
        spaces.put(db, space, [(white, [{"x": 0.5, "y": 0.0, "width": 0.5, "height": 1.0}])], row[np.newaxis])
    found = {hit.photo_id: hit for hit in searcher.search("red", None).hits}
    assert found[white].unit == PhotoUnit(
        UnitKind.WINDOW, 0, {"x": 0.5, "y": 0.0, "width": 0.5, "height": 1.0}
    )
    assert found[red].unit is None
    assert {photo for photo, hit in found.items() if hit.unit is not None} == {white}
    near = {hit.photo_id: hit for hit in searcher.similar_to_photo(red, 2).hits}
    assert near[white].score == pytest.approx(near[red].score, abs=1e-5)
    assert searcher.search("white", 1).hits[0].unit is None
    away = searcher.search("-red", None).hits
    assert {hit.unit for hit in away} == {None}
