"""Neighbours found in memory, by reading the disk once, and by gathering the library: the same ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from safelight.core import nearest
from safelight.core.duplicates import DuplicateKind
from safelight.core.encoder import ModelInfo, Vectors
from safelight.core.grouping import Link
from safelight.core.jobs import JobControl
from safelight.core.photo import FileStat
from safelight.services.duplicates import candidates
from safelight.services.duplicates.bursts import all_bursts, bursts_of
from safelight.services.duplicates.candidates import MIN_COSINE, CachedVectors, CandidateFinder
from safelight.services.duplicates.centring import Centre, Centring
from safelight.services.duplicates.comparing import FINGERPRINT_VERSION, Comparer
from safelight.services.duplicates.connected import connected_pairs
from safelight.services.duplicates.hashes import HashCache
from safelight.services.searching import vector_cache
from safelight.services.searching.vector_cache import VectorCache
from safelight.store import bulk, files, likeness, orphans, photos, vectors
from safelight.store.library import Connection, LibraryStore
from safelight.store.likeness import Fingerprints, Pair
from support.stored import add_folder

DIM = 48
MODEL = ModelInfo(key="first@1", name="first", dim=DIM, device="cpu")
OTHER = ModelInfo(key="second@1", name="second", dim=DIM, device="cpu")
COUNT = 1500
ASKED = 60


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LibraryStore]:
    with LibraryStore.create_or_open(tmp_path / "library") as opened:
        yield opened


class Shelf:
    """Photos in a crowd away from the origin, some of which have near ones, with a burst here and there."""

    def __init__(self, store: LibraryStore) -> None:
        self.store = store
        self.ids: list[int] = []
        with store.write() as db:
            self.folder = add_folder(db)
            self.models = [vectors.register(db, model, 1.0) for model in (MODEL, OTHER)]

    def add(self, count: int, seed: int, models: int = 1) -> list[int]:
        first = len(self.ids)
        entries = []
        for number in range(first, first + count):
            date = f"2020-01-01T00:{number // 60 % 60:02}:{number % 60:02}"
            entries.append((b"%d.jpg" % number, FileStat(1000, number, number + 1, 1), date))
        with self.store.write() as db:
            new = list(bulk.fill(db, self.folder, entries, 1.0))
            for number, model_id in enumerate(self.models[:models]):
                vectors.put(db, model_id, new, crowd(count, seed + 100 * number))
            db.execute("UPDATE photo SET camera = 'Acme ' || (id % 3) WHERE id % 4 <> 0 AND camera IS NULL")
            likeness.put_fingerprints(
                db, FINGERPRINT_VERSION, [(photo, photo * 0x9E3779B97F4A7C1 % 2**62, 50.0) for photo in new]
            )
        self.ids += new
        return new

    def hide(self, ids: list[int]) -> None:
        with self.store.write() as db:
            for photo in ids:
                files.remove(db, [held.id for held in files.of_photo(db, photo)])


def crowd(count: int, seed: int) -> Vectors:
    random = np.random.default_rng(seed)
    rows = random.normal(size=(count, DIM)) + 1.2  # the crowd: strangers have a cosine of a half and more
    rows[1::3] = rows[::3][: len(rows[1::3])] + random.normal(size=(len(rows[1::3]), DIM)) * 0.5
    rows[2::30] = rows[0] + random.normal(size=(len(rows[2::30]), DIM)) * 0.3  # more than are looked at
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


@pytest.fixture
def shelf(store: LibraryStore) -> Shelf:
    made = Shelf(store)
    made.add(COUNT, 1, models=2)
    return made


@pytest.fixture(params=["plain", "coded"])
def cache(
    shelf: Shelf, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[VectorCache]:
    monkeypatch.setattr(nearest, "SEGMENT", 128)
    if request.param == "coded":
        monkeypatch.setattr(vector_cache, "PLAIN_MEMORY", 0)
    made = VectorCache(shelf.store, threads=2)
    made.warm(shelf.models[0])
    assert made.settle(60)
    yield made
    made.close()


def proposals(
    shelf: Shelf, ids: list[int], held: CachedVectors | None = None, model: int = 0
) -> dict[Link, float]:
    with shelf.store.read() as db:
        around = CandidateFinder(db, Centring().centre(db, shelf.models[model]), ids, held)
    asked: list[int] = []
    found: dict[Link, float] = {}
    for photo_ids, near in around.parts():
        asked += photo_ids
        assert not found.keys() & {each.photos for each in near}
        found |= {each.photos: each.cosine for each in near}
    with shelf.store.read() as db:
        assert sorted(asked) == sorted(photos.visible(db, ids))
    return found


def from_disk(shelf: Shelf, ids: list[int], model: int = 0) -> dict[Link, float]:
    return proposals(shelf, ids, None, model)


def gathered(shelf: Shelf, ids: list[int], model: int = 0) -> dict[Link, float]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(candidates, "_MAX_COMPARED_WITH_ALL", 0)
        return proposals(shelf, ids, None, model)


def from_memory(shelf: Shelf, ids: list[int], held: CachedVectors, model: int = 0) -> dict[Link, float]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vectors, "all_vectors", _not_from_the_disk)
        return proposals(shelf, ids, held, model)


def _not_from_the_disk(*_: object) -> None:
    raise AssertionError("this was to be answered from memory")


def hold_equal(one: dict[Link, float], other: dict[Link, float], within: float) -> None:
    """The same pairs, but for those that rounding may put on either side of the threshold."""
    unsure = one.keys() ^ other.keys()
    assert all(abs((one | other)[pair] - MIN_COSINE) <= within for pair in unsure), unsure
    assert len(unsure) <= 2
    for pair in one.keys() & other.keys():
        assert one[pair] == pytest.approx(other[pair], abs=within)


def truth(db: Connection, centre: Centre, photo: int) -> dict[int, float]:
    """The eight nearest and their cosines, in float64."""
    ids, rows = (np.concatenate(each) for each in zip(*vectors.all_vectors(db, centre.model_id), strict=True))
    about = rows.astype(np.float64) - centre.mean
    about /= np.linalg.norm(about, axis=1, keepdims=True)
    cosines = about @ about[ids == photo][0]
    nearest_first = [place for place in np.argsort(-cosines)[:9].tolist() if ids[place] != photo][:8]
    return {int(ids[place]): float(cosines[place]) for place in nearest_first if cosines[place] >= MIN_COSINE}


def test_every_way_finds_the_same_pairs(shelf: Shelf, cache: VectorCache) -> None:
    asked = shelf.ids[:ASKED]
    disk = from_disk(shelf, asked)
    assert len(disk) > 120
    assert 0 < sum(cosine < MIN_COSINE for cosine in disk.values()) < len(disk)  # bursts among them
    hold_equal(from_memory(shelf, asked, cache), disk, 1e-4)
    hold_equal(gathered(shelf, asked), disk, 1e-3)


def test_the_neighbours_are_the_nearest_about_the_mean(shelf: Shelf, cache: VectorCache) -> None:
    with shelf.store.read() as db:
        centre = Centring().centre(db, shelf.models[0])
        assert np.linalg.norm(centre.mean) > 0.5
        for photo in (shelf.ids[0], shelf.ids[3], shelf.ids[32]):
            expected = truth(db, centre, photo)
            assert expected
            found = from_memory(shelf, [photo], cache)
            near = {next(i for i in pair if i != photo): c for pair, c in found.items() if c >= MIN_COSINE}
            assert {other: near[other] for other in expected} == pytest.approx(expected, abs=1e-4)


def test_hidden_photos_are_no_neighbours(shelf: Shelf, cache: VectorCache) -> None:
    asked = shelf.ids[:ASKED]
    before = from_memory(shelf, asked, cache)
    hidden = sorted({photo for pair in before for photo in pair} - set(asked))[:20]
    shelf.hide([*hidden, asked[0]])
    after = from_memory(shelf, asked, cache)
    assert not {photo for pair in after for photo in pair} & {*hidden, asked[0]}
    assert len(after) > 100
    hold_equal(after, from_disk(shelf, asked), 1e-4)
    hold_equal(after, gathered(shelf, asked), 1e-3)


def test_a_new_photo_is_met_in_memory_too(shelf: Shelf, cache: VectorCache) -> None:
    new = shelf.add(20, 6)
    with shelf.store.write() as db:
        found_ids, rows = vectors.of_visible(db, shelf.models[0], shelf.ids[:20])
        order = np.argsort(found_ids)
        vectors.put(db, shelf.models[0], new, rows[order])
    found = from_memory(shelf, new, cache)
    assert {(old, again) for old, again in zip(shelf.ids, new, strict=False)} <= found.keys()
    hold_equal(found, from_disk(shelf, new), 1e-4)


def test_vectors_of_another_model_are_read_from_the_disk(shelf: Shelf, cache: VectorCache) -> None:
    asked = shelf.ids[:ASKED]
    other = proposals(shelf, asked, cache, model=1)
    assert other.keys() != from_disk(shelf, asked).keys()
    hold_equal(other, from_disk(shelf, asked, model=1), 0.0)
    assert cache.settle(60)
    from_memory(shelf, asked, cache)  # they were not pushed out


def test_a_library_without_variety_proposes_nothing_at_random(store: LibraryStore) -> None:
    shelf = Shelf(store)
    new = shelf.add(300, 1)
    with store.write() as db:
        vectors.put(db, shelf.models[0], new, np.repeat(crowd(1, 5), 300, axis=0))
        db.execute("UPDATE photo SET camera = NULL")
    cache = VectorCache(store)
    cache.warm(shelf.models[0])
    assert cache.settle(60)
    assert from_memory(shelf, new[:5], cache) == from_disk(shelf, new[:5]) == gathered(shelf, new[:5]) == {}
    cache.close()


def test_a_small_library_is_not_centred(store: LibraryStore) -> None:
    shelf = Shelf(store)
    new = shelf.add(40, 1)
    with store.read() as db:
        assert not Centring().centre(db, shelf.models[0]).mean.any()
    cache = VectorCache(store)
    cache.warm(shelf.models[0])
    assert cache.settle(60)
    hold_equal(from_memory(shelf, new, cache), from_disk(shelf, new), 1e-4)
    cache.close()


# --- what is kept between runs --------------------------------------------------------------------------


def test_the_mean_stays_until_the_library_is_another(shelf: Shelf) -> None:
    centring = Centring()
    with shelf.store.read() as db:
        first = centring.centre(db, shelf.models[0])
    shelf.add(20, 7)
    with shelf.store.read() as db:
        assert centring.centre(db, shelf.models[0]) is first
        assert not np.array_equal(centring.centre(db, shelf.models[1]).mean, first.mean)
        again = centring.centre(db, shelf.models[0])
        assert again.photos == COUNT + 20
    shelf.add(200, 8)
    with shelf.store.read() as db:
        assert centring.centre(db, shelf.models[0]).photos == COUNT + 220
        assert centring.centre(db, shelf.models[0]).generation == 1
    with shelf.store.write() as db:
        vectors.rebuild(db, shelf.models[0])
    with shelf.store.read() as db:
        assert centring.centre(db, shelf.models[0]).generation == 2


def test_hashes_that_are_kept_are_those_of_the_library(shelf: Shelf) -> None:
    kept = HashCache(FINGERPRINT_VERSION)

    def read(hashes: HashCache) -> tuple[Fingerprints, list[int]]:
        with shelf.store.read() as db:
            waiting = likeness.pending_comparisons(db, FINGERPRINT_VERSION, None)
            found, new = hashes.read(db, waiting.by_hash, waiting.compared)
            return found, new.tolist()

    def hold_equal_to_fresh() -> int:
        (one, new), (other, also_new) = read(kept), read(HashCache(FINGERPRINT_VERSION))
        assert new == also_new
        assert one.ids.tolist() == other.ids.tolist()
        assert one.hashes.tolist() == other.hashes.tolist()
        assert one.texture.tolist() == other.texture.tolist()
        return len(new)

    def compared(ids: list[int]) -> None:
        with shelf.store.write() as db:
            likeness.set_compared_by_hash(db, ids)

    assert hold_equal_to_fresh() == COUNT
    compared(shelf.ids)
    assert hold_equal_to_fresh() == 0
    new = shelf.add(10, 3)
    assert hold_equal_to_fresh() == 10
    compared(new)
    shelf.add(5, 4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(likeness, "compared_fingerprints", _not_from_the_disk)
        assert len(read(kept)[0].ids) == COUNT + 15
    compared(shelf.ids[-5:-3])  # stopped half-way
    assert hold_equal_to_fresh() == 3
    shelf.hide(shelf.ids[5:9])
    with shelf.store.write() as db:
        orphans.prune(db, older_than=1e12)
    compared(shelf.ids)
    shelf.add(2, 5)
    assert hold_equal_to_fresh() == 2


def test_one_comparer_for_long_finds_what_a_new_one_for_each_change_does(
    tmp_path: Path, shelf: Shelf, cache: VectorCache
) -> None:
    with LibraryStore.create_or_open(tmp_path / "other") as second:
        twin = Shelf(second)
        twin.add(COUNT, 1, models=2)
        long = Comparer(shelf.store, cache)
        for number, count in enumerate((0, 1, 30, 1, 100)):
            for each in (shelf, twin):
                if count:
                    each.add(count, 20 + number // 2)
            for comparer, each in ((long, shelf), (Comparer(second), twin)):
                for _ in comparer.run(each.models[0], JobControl()):
                    pass
        found = []
        for each in (shelf, twin):
            with each.store.read() as db:
                found.append(likeness.pairs(db))
                waiting = likeness.pending_comparisons(db, FINGERPRINT_VERSION, each.models[0])
                assert (waiting.by_hash, waiting.by_vector) == ([], [])
    one, other = ({(p.first, p.second, p.kind): p.likeness for p in pairs} for pairs in found)
    assert len(one) > 100
    assert one.keys() == other.keys()
    assert list(one.values()) == pytest.approx(list(other.values()), abs=1e-3)


# --- around a photo -------------------------------------------------------------------------------------


def test_bursts_around_some_are_those_of_the_whole_library(shelf: Shelf) -> None:
    with shelf.store.write() as db:
        db.execute("UPDATE photo SET date = 'somewhen' WHERE id % 50 = 7")
        db.execute("UPDATE photo SET date = '2020-01-01T00:00:30' WHERE id % 9 = 2")  # more than are reached
        db.execute("UPDATE photo SET date_is_taken = 0 WHERE id % 13 = 5")
    shelf.hide(shelf.ids[100:110])
    asked = shelf.ids[20:300]
    with shelf.store.read() as db:
        whole, around = all_bursts(db, set(asked)), bursts_of(db, asked)

    def pairs(found: dict[int, list[int]]) -> set[Link]:
        return {(min(a, b), max(a, b)) for a, others in found.items() for b in others}

    assert len(pairs(whole)) > 500
    assert pairs(around) == pairs(whole)
    assert around.keys() <= set(asked)


def test_kin_is_all_that_hangs_together(shelf: Shelf) -> None:
    a, b, c, d, e, f, g, h = shelf.ids[:8]
    with shelf.store.write() as db:
        likeness.put_pairs(
            db,
            [
                Pair(a, b, DuplicateKind.RESAVED, 0.9),
                Pair(c, d, DuplicateKind.CROP, 0.9),
                Pair(d, e, DuplicateKind.LOOKALIKE, 0.9),
                Pair(g, h, DuplicateKind.CROP, 0.9),
            ],
        )
        db.execute(
            "UPDATE photo SET pixel_hash = (SELECT pixel_hash FROM photo WHERE id = ?) WHERE id IN (?, ?)",
            (b, c, f),
        )
    with shelf.store.read() as db:
        pairs, equals = connected_pairs(db, [a])
        assert [(pair.first, pair.second) for pair in pairs] == [(a, b), (c, d)]
        assert equals == [[b, c, f]]
        assert connected_pairs(db, [e]) == ([], [])
