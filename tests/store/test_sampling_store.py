from __future__ import annotations

import numpy as np
import pytest

from safelight.store import files, revisions, sampling, vectors
from safelight.store.library import Connection, LibraryStore
from support.stored import DIM, MODEL, add_photo, add_photos_with_vectors, unit_vectors


@pytest.fixture
def model_id(store: LibraryStore) -> int:
    """Of a library of 300 photos."""
    with store.write() as db:
        made, ids, _ = add_photos_with_vectors(db, 300)
    assert ids == list(range(1, 301))
    return made


def test_it_is_spread_over_the_library_and_the_same_twice(store: LibraryStore, model_id: int) -> None:
    with store.read() as db:
        sample = sampling.draw(db, model_id, 100)
        again = sampling.draw(db, model_id, 100)
        own = [vectors.get(db, model_id, photo) for photo in sample.ids.tolist()]
    assert sample.vectors.shape == (100, DIM)
    assert sample.vectors.dtype == np.float32
    np.testing.assert_array_equal(sample.ids, again.ids)
    np.testing.assert_array_equal(sample.vectors, np.stack([row for row in own if row is not None]))
    share, _ = np.histogram(sample.ids, bins=5, range=(1, 301))
    assert share.min() > 12
    assert len(set(sample.ids.tolist())) == 100


def test_more_than_there_are_is_all_that_are_shown(store: LibraryStore, model_id: int) -> None:
    with store.write() as db:
        files.remove(db, [held.id for held in files.of_photo(db, 7)])
        sample = sampling.draw(db, model_id, 10_000)
    assert sorted(sample.ids.tolist()) == [photo for photo in range(1, 301) if photo != 7]
    assert sample.is_all


def test_nothing_gives_none(store: LibraryStore) -> None:
    with store.write() as db:
        model_id = vectors.register(db, MODEL, 1.0)
        sample = sampling.draw(db, model_id, 10)
        assert sample.vectors.shape == (0, DIM)
        assert sample.after(db, model_id, [1]) is not None


@pytest.mark.parametrize("wanted", [40, 140, 150, 400])
def test_it_is_brought_up_to_date_without_reading_all(
    store: LibraryStore, model_id: int, wanted: int
) -> None:
    """With fewer photos than are kept, about as many, and more."""

    def leave(db: Connection, photo: int) -> None:
        files.remove(db, [held.id for held in files.of_photo(db, photo)])

    def new_sample(db: Connection) -> sampling.Sample:
        return sampling.draw(db, model_id, wanted, spare=wanted)

    with store.read() as db:
        sample, revision = new_sample(db), revisions.current(db, model_id)
    redrawn = 0
    for step in range(60):
        with store.write() as db:
            if step % 3:
                leave(db, 5 * step)
                leave(db, 5 * step - 2)
            else:
                vectors.put(db, model_id, [add_photo(db, 1, f"late-{step}.jpg")], unit_vectors(step, 1))
                vectors.put(db, model_id, [step + 1], unit_vectors(100 + step, 1))
        with store.read() as db:
            now = revisions.current(db, model_id)
            changed = revisions.changed_photos(db, revision, now)
            assert changed
            drawn, updated = new_sample(db), sample.after(db, model_id, changed)
        redrawn += updated is None
        sample, revision = updated or drawn, now
        np.testing.assert_array_equal(sample.ids, drawn.ids)
        np.testing.assert_array_equal(sample.vectors, drawn.vectors)
    assert redrawn <= 1
