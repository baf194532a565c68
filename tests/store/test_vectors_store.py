from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.core.encoder import Vectors
from safelight.core.errors import ModelError
from safelight.store import files, folders, photos, vectors
from safelight.store.library import Connection, LibraryStore
from safelight.store.recovery import health
from support.stored import (
    DIM,
    MODEL,
    add_folder,
    add_photo,
    add_photos_with_vectors,
    unit_vectors,
    without_vector,
)


def hide(db: Connection, photo: int) -> None:
    files.remove(db, [held.id for held in files.of_photo(db, photo)])


# --- models -----------------------------------------------------------------------------------------------


def test_a_model_is_registered_once(store: LibraryStore) -> None:
    with store.write() as db:
        assert vectors.model_id(db, MODEL.key) is None
        model_id = vectors.register(db, MODEL, 1.0)
        assert vectors.register(db, replace(MODEL, name="renamed", device="cuda"), 2.0) == model_id
        assert vectors.model_id(db, MODEL.key) == model_id
        with pytest.raises(ModelError, match="gives vectors of 9 numbers but the library has 8"):
            vectors.register(db, replace(MODEL, dim=9), 2.0)


def test_vectors_of_two_models_are_stored_separately(store: LibraryStore) -> None:
    with store.write() as db:
        model_id, ids, rows = add_photos_with_vectors(db, 3)
        other = vectors.register(db, replace(MODEL, key="other@1", name="other", dim=4), 1.0)
        vectors.put(db, other, ids[:1], unit_vectors(5, 1, 4))
        assert [(m.name, m.dim, m.photos) for m in vectors.models(db)] == [("test", 8, 3), ("other", 4, 1)]
        embedded = [photos.counts(db, each).embedded for each in (model_id, other, 987, None)]
        assert embedded == [3, 1, 0, 0]
        with pytest.raises(ValueError, match="shape"):
            vectors.nearest(db, other, rows[0], 3)
        vectors.delete_model(db, model_id)
        assert [m.id for m in vectors.models(db)] == [other]
        with pytest.raises(ModelError, match="no vectors of that model"):
            vectors.nearest(db, model_id, rows[0], 3)
        # Its id is not reused, so that the new one's vectors are not mistaken for its own.
        assert vectors.register(db, MODEL, 3.0) not in (model_id, other)


# --- storing ----------------------------------------------------------------------------------------------


def test_a_vector_is_replaced(store: LibraryStore) -> None:
    with store.write() as db:
        model_id, ids, rows = add_photos_with_vectors(db, 3)
        new = unit_vectors(9, 2)
        vectors.put(db, model_id, [ids[2], ids[0]], new)
        for photo, row in zip(ids, (new[1], rows[1], new[0]), strict=True):
            found = vectors.get(db, model_id, photo)
            assert found is not None
            np.testing.assert_array_equal(found, row)
        assert vectors.get(db, model_id, 99) is None
        vectors.put(db, model_id, [], np.zeros((0, DIM), np.float32))


@pytest.mark.parametrize(
    "spoilt",
    [
        np.full(DIM, np.nan, np.float32),
        np.array([np.inf] + [0] * (DIM - 1), np.float32),
        np.zeros(DIM, np.float32),
        np.array([1.002] + [0] * (DIM - 1), np.float32),
        np.full(DIM, 3e38, np.float32),
    ],
)
def test_a_vector_that_is_not_of_unit_length_is_refused(store: LibraryStore, spoilt: Vectors) -> None:
    with store.write() as db:
        model_id, ids, rows = add_photos_with_vectors(db, 2)
        with pytest.raises(ValueError, match="1 of 2 vectors are not finite and of unit length"):
            vectors.put(db, model_id, ids, np.stack([rows[1], spoilt]))
        found = vectors.get(db, model_id, ids[0])
        assert found is not None
        np.testing.assert_array_equal(found, rows[0])


def test_vectors_of_another_shape_or_type_are_refused(store: LibraryStore) -> None:
    with store.write() as db:
        model_id, ids, rows = add_photos_with_vectors(db, 2)
        for wrong in (rows[:1], rows[:, :4], rows[0], rows.astype(np.float64)):
            with pytest.raises(ValueError, match="expected float32 vectors of shape"):
                vectors.put(db, model_id, ids, wrong)  # type: ignore[arg-type]


# --- searching --------------------------------------------------------------------------------------------


def test_the_nearest_come_first_with_their_similarity(store: LibraryStore) -> None:
    with store.write() as db:
        model_id, ids, rows = add_photos_with_vectors(db, 3)
        axes = np.eye(DIM, dtype=np.float32)
        vectors.put(db, model_id, ids, np.stack([axes[0], -axes[0], axes[1]]))
        # A query need not be of unit length.
        assert vectors.nearest(db, model_id, axes[0] * 7, 9) == [(ids[0], 1.0), (ids[2], 0.0), (ids[1], -1.0)]
        assert vectors.nearest(db, model_id, axes[0], 0) == []
        assert vectors.nearest(db, model_id, axes[0], 5, []) == []
        for wrong in (axes[0] * 0, axes[0] * np.float32(np.nan), rows, axes[0][:4]):
            with pytest.raises(ValueError, match="query"):
                vectors.nearest(db, model_id, wrong, 5)


def test_photos_without_a_file_take_no_place(store: LibraryStore) -> None:
    with store.write() as db:
        model_id, _, rows = add_photos_with_vectors(db, 30)
        query = rows[0]
        ranked = [photo for photo, _ in vectors.nearest(db, model_id, query, 30)]
        for photo in ranked[:10]:
            hide(db, photo)
        for k in (5, 5000):
            assert [photo for photo, _ in vectors.nearest(db, model_id, query, k)][:5] == ranked[10:15]
            among = vectors.nearest(db, model_id, query, k, ranked[:12])
            assert [photo for photo, _ in among] == ranked[10:12]
        shown = {photo for ids, _ in vectors.all_vectors(db, model_id) for photo in ids.tolist()}
        assert shown == set(ranked[10:])


@dataclass
class Filled:
    db: Connection
    model_id: int
    ids: list[int]
    rows: Vectors


@pytest.fixture(scope="module")
def filled() -> Iterator[Filled]:
    """More vectors than sqlite-vec returns at once, in several chunks with gaps, some of them twins."""
    with (
        tempfile.TemporaryDirectory() as place,
        LibraryStore.create_or_open(Path(place) / "library") as store,
    ):
        with store.write() as db:
            model_id, ids, rows = add_photos_with_vectors(db, 5000)
            rows = rows.copy()
            rows[100:120] = rows[7]
            vectors.put(db, model_id, ids[100:120], rows[100:120])
            gone = set(ids[1000:1400])
            vectors.remove(db, ids[1000:1200])
            for photo in ids[1200:1400]:
                hide(db, photo)
        kept = [place for place, photo in enumerate(ids) if photo not in gone]
        with store.read() as db:
            assert health.check(db) == []
            yield Filled(db, model_id, [ids[place] for place in kept], rows[kept])


def same_as_brute_force(filled: Filled, query: Vectors, k: int, allowed: set[int] | None) -> None:
    found = vectors.nearest(
        filled.db, filled.model_id, query, k, None if allowed is None else sorted(allowed)
    )
    true = dict(zip(filled.ids, (filled.rows @ (query / np.linalg.norm(query))).tolist(), strict=True))
    if allowed is not None:
        true = {photo: score for photo, score in true.items() if photo in allowed}
    assert len({photo for photo, _ in found}) == len(found)
    # Rounding may swap photos that are equally near; it changes no score.
    assert [score for _, score in found] == pytest.approx(sorted(true.values(), reverse=True)[:k], abs=1e-5)
    assert [score for _, score in found] == pytest.approx([true[photo] for photo, _ in found], abs=1e-5)


QUERIES = st.integers(0, 2**32 - 1).map(lambda seed: unit_vectors(seed, 1)[0] * (1 + seed % 5))


@pytest.mark.slow
@given(QUERIES, st.one_of(st.integers(1, 300), st.sampled_from([4095, 4096, 4097, 4600, 4601, 10_000])))
def test_the_nearest_of_all_are_those_of_brute_force(filled: Filled, query: Vectors, k: int) -> None:
    same_as_brute_force(filled, query, k, None)


@given(QUERIES, st.sampled_from([1, 3, 50, 4096, 4097]), st.sets(st.integers(1, 5100), max_size=60))
def test_the_nearest_of_a_few_are_those_of_brute_force(
    filled: Filled, query: Vectors, k: int, allowed: set[int]
) -> None:
    same_as_brute_force(filled, query, k, allowed)


def test_the_nearest_of_most_are_those_of_brute_force(filled: Filled) -> None:
    for k in (10, 4096, 4500):
        same_as_brute_force(filled, filled.rows[3], k, set(filled.ids[::2]) | set(range(1, 4700)))


def test_all_vectors_are_what_the_table_says(filled: Filled) -> None:
    # The chunks are read past sqlite-vec's own interface: here the two are compared row by row.
    (name,) = (
        name for (name,) in filled.db.execute("SELECT name FROM sqlite_schema WHERE name GLOB 'vec_?_?'")
    )
    assert isinstance(name, str)
    table = {row[0]: row[1] for row in filled.db.execute(f"SELECT rowid, embedding FROM {name}")}
    read = {
        photo: row.tobytes()
        for ids, rows in vectors.all_vectors(filled.db, filled.model_id)
        for photo, row in zip(ids.tolist(), rows, strict=True)
    }
    assert sorted(read) == filled.ids
    assert read == {photo: table[photo] for photo in filled.ids}


def test_nothing_is_near_where_there_are_no_vectors(store: LibraryStore) -> None:
    with store.write() as db:
        model_id = vectors.register(db, MODEL, 1.0)
        assert vectors.nearest(db, model_id, unit_vectors(1, 1)[0], 10) == []
        assert vectors.nearest(db, model_id, unit_vectors(1, 1)[0], 5000) == []
        assert list(vectors.all_vectors(db, model_id)) == []


# --- writing again -----------------------------------------------------------------------------------------


def test_a_table_written_again_answers_as_before(store: LibraryStore) -> None:
    with store.write() as db:
        model_id, ids, rows = add_photos_with_vectors(db, 1500)
        vectors.remove(db, ids[10:900])
        hide(db, ids[0])
        before = vectors.nearest(db, model_id, rows[5], 50)
    with store.write() as db:
        assert vectors.rebuild(db, model_id) == 610
    with store.read() as db:
        assert vectors.nearest(db, model_id, rows[5], 50) == before
        # One chunk of 1024 places is enough now.
        assert db.execute(f"SELECT count(*) FROM vec_{model_id}_2_chunks").get == 1
    with store.write() as db:
        vectors.put(db, model_id, ids[20:21], rows[20:21])
        assert photos.counts(db, model_id).embedded == 610


@pytest.mark.expected_log("could not be read to its end")
def test_a_table_that_cannot_be_read_is_made_again_from_what_can(store: LibraryStore) -> None:
    with store.write() as db:
        model_id, ids, rows = add_photos_with_vectors(db, 1500)
        db.execute(f"UPDATE vec_{model_id}_1_vector_chunks00 SET vectors = x'00' WHERE rowid = 2")
        assert vectors.rebuild(db, model_id) == 1024
        assert sorted(without_vector(db, model_id)) == ids[1024:]
        vectors.put(db, model_id, ids, rows)


def test_vectors_go_with_their_folder_only_after_a_while(store: LibraryStore) -> None:
    with store.write() as db:
        model_id, ids, rows = add_photos_with_vectors(db, 3)
        folder_id = folders.all_folders(db)[0].id
        assert folders.remove(db, folder_id) == ids
        assert vectors.nearest(db, model_id, rows[0], 3) == []
        again = add_folder(db)
        assert add_photo(db, again, "0.jpg", content=repr((folder_id, "0.jpg"))) == ids[0]
        assert [photo for photo, _ in vectors.nearest(db, model_id, rows[0], 3)] == [ids[0]]
        assert without_vector(db, model_id) == []
