"""Sketches and pairs: kept once, gone with their photos, the surer kind before the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from safelight.core.duplicates import DuplicateKind
from safelight.store import files, likeness, orphans, vectors
from safelight.store.library import Connection, LibraryStore
from safelight.store.likeness import FingerprintChecksum, Pair, PendingComparisons, Quality
from support.stored import add_folder, add_photo, add_photos_with_vectors

RESAVED, CROP, LOOKALIKE = DuplicateKind.RESAVED, DuplicateKind.CROP, DuplicateKind.LOOKALIKE


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Connection]:
    with LibraryStore.create_or_open(tmp_path / "library") as store, store.write() as connection:
        yield connection


@pytest.fixture
def three(db: Connection) -> list[int]:
    folder = add_folder(db)
    return [add_photo(db, folder, f"{number}.jpg") for number in range(3)]


def test_a_sketch_is_drawn_once_for_each_set_of_rules(db: Connection, three: list[int]) -> None:
    assert likeness.without_fingerprint(db, 1) == three
    likeness.put_fingerprints(db, 1, [(photo, -photo, 20.0) for photo in three])
    assert likeness.without_fingerprint(db, 1) == []
    assert likeness.without_fingerprint(db, 2) == three
    likeness.set_compared_by_hash(db, three[:1])
    known, new = likeness.compared_fingerprints(db, 1), likeness.uncompared_fingerprints(db, 1, three)
    assert (known.ids.tolist(), new.ids.tolist()) == (three[:1], three[1:])
    assert new.hashes.tolist() == [-photo for photo in three[1:]]
    assert likeness.uncompared_fingerprints(db, 1, three[:2]).ids.tolist() == three[1:2]
    waiting = likeness.pending_comparisons(db, 1, None)
    assert (waiting.by_hash, waiting.by_vector) == (three[1:], [])
    assert waiting.compared == FingerprintChecksum.of(known)
    assert likeness.pending_comparisons(db, 2, None) == PendingComparisons(
        [], [], FingerprintChecksum(0, 0, 0)
    )


def test_the_sum_of_hashes_tells_one_set_from_another(db: Connection, three: list[int]) -> None:
    likeness.put_fingerprints(db, 1, [(photo, -(2**62) - photo, 20.0) for photo in three])
    likeness.set_compared_by_hash(db, three)
    before = likeness.pending_comparisons(db, 1, None).compared
    assert before == FingerprintChecksum.of(likeness.compared_fingerprints(db, 1))
    likeness.put_fingerprints(db, 1, [(three[0], 2**62, 20.0)])
    likeness.set_compared_by_hash(db, three)
    assert likeness.pending_comparisons(db, 1, None).compared != before


def test_another_sketch_forgets_what_the_former_led_to(db: Connection, three: list[int]) -> None:
    one, two, other = three
    likeness.put_fingerprints(db, 1, [(photo, 1, 20.0) for photo in three])
    likeness.put_pairs(db, [Pair(one, two, RESAVED, 0.9), Pair(two, other, RESAVED, 0.9)])
    likeness.put_fingerprints(db, 2, [(one, 1, 20.0)])
    assert [(pair.first, pair.second) for pair in likeness.pairs(db)] == [(two, other)]


def test_the_surer_kind_stays(db: Connection, three: list[int]) -> None:
    one, two, _ = three
    likeness.put_pairs(db, [Pair(one, two, CROP, 0.9, "a part")])
    likeness.put_pairs(db, [Pair(one, two, LOOKALIKE, 0.99)])
    assert likeness.pairs(db) == [Pair(one, two, CROP, 0.9, "a part")]
    likeness.put_pairs(db, [Pair(one, two, RESAVED, 0.8)])
    assert likeness.pairs(db) == [Pair(one, two, RESAVED, 0.8)]
    assert likeness.known_kinds(db, three) == {(one, two): "resaved"}


def test_pairs_of_photos_that_are_gone_are_passed_over(db: Connection, three: list[int]) -> None:
    likeness.put_pairs(db, [Pair(three[0], 999, RESAVED, 1.0)])
    likeness.put_qualities(db, [(999, Quality(1.0, 90))])
    likeness.put_fingerprints(db, 1, [(999, 1, 1.0)])
    assert likeness.pairs(db) == []
    assert likeness.qualities(db, [999]) == {}


def test_what_no_file_holds_is_hidden_and_goes_with_its_photo(db: Connection, three: list[int]) -> None:
    one, two, _ = three
    likeness.put_fingerprints(db, 1, [(photo, 1, 20.0) for photo in three])
    likeness.put_pairs(db, [Pair(one, two, RESAVED, 0.9)])
    likeness.put_qualities(db, [(one, Quality(5.0, None))])
    files.remove(db, [row.id for row in files.of_photo(db, one)])
    assert likeness.pairs(db) == []
    assert db.execute("SELECT count(*) FROM likeness").get == 1
    orphans.prune(db, older_than=1e12)
    for table in ("likeness", "quality"):
        assert db.execute(f"SELECT count(*) FROM {table}").get == 0
    assert likeness.uncompared_fingerprints(db, 1, three).ids.tolist() == three[1:]


def test_another_model_removes_only_pairs_of_the_former_model(db: Connection) -> None:
    model_id, ids, _ = add_photos_with_vectors(db, 3)
    one, two, other = ids
    likeness.put_fingerprints(db, 1, [(photo, 1, 20.0) for photo in ids])
    assert likeness.pending_comparisons(db, 1, model_id).by_vector == ids
    assert likeness.uncompared_by_vector(db, model_id, ids) == ids
    assert likeness.uncompared_by_vector(db, model_id, ids[1:]) == ids[1:]
    assert likeness.with_vector(db, model_id, [*ids, 999]) == ids
    likeness.set_compared_by_vector(db, model_id, ids)
    assert likeness.pending_comparisons(db, 1, model_id).by_vector == []
    assert likeness.uncompared_by_vector(db, model_id, ids) == []
    assert likeness.pending_comparisons(db, 1, model_id + 1).by_vector == ids
    likeness.put_pairs(db, [Pair(one, two, CROP, 0.9), Pair(two, other, LOOKALIKE, 0.9, model_id=model_id)])
    likeness.forget_other_models(db, model_id)
    assert len(likeness.pairs(db)) == 2
    likeness.forget_other_models(db, model_id + 1)
    assert [pair.kind for pair in likeness.pairs(db)] == [CROP]
    likeness.put_pairs(db, [Pair(two, other, LOOKALIKE, 0.9, model_id=model_id)])
    vectors.delete_model(db, model_id)
    assert [pair.kind for pair in likeness.pairs(db)] == [CROP]
    assert np.array_equal(likeness.uncompared_fingerprints(db, 1, ids).ids, ids)


def test_equal_pixels_are_one_group(db: Connection) -> None:
    folder = add_folder(db)
    same = [add_photo(db, folder, f"{number}.jpg", pixels="one") for number in range(2)]
    add_photo(db, folder, "other.jpg")
    gone = add_photo(db, folder, "gone.jpg", pixels="one")
    files.remove(db, [row.id for row in files.of_photo(db, gone)])
    assert likeness.equal_pixels(db) == [same]
