from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest

from safelight.core.encoder import ModelInfo
from safelight.core.message import Message
from safelight.core.photo import FolderState
from safelight.core.stages import CostClass, Input, StageDeclaration, StageFailure
from safelight.services.duplicates.comparing import FINGERPRINT_VERSION
from safelight.services.stages.declarations import COMPARISON, THUMBNAIL, VECTOR
from safelight.services.stages.registry import coverage
from safelight.store import (
    files,
    folders,
    likeness,
    orphans,
    stage_states,
    stored_thumbnails,
    vectors,
    view_counts,
)
from safelight.store.library import LibraryStore
from safelight.store.likeness import Quality
from support.stored import DIM, add_folder, add_photo, add_photos_with_vectors, unit_vectors

BY_THUMBNAIL = StageDeclaration(
    "example",
    Message("Examples"),
    Message("Making examples"),
    1,
    frozenset({Input.THUMBNAIL}),
    CostClass.BACKGROUND,
)
BY_VECTOR = replace(BY_THUMBNAIL, name="by_vector", inputs=frozenset({Input.VECTOR}), per_model=True)
BY_FILE = replace(BY_THUMBNAIL, name="by_file", inputs=frozenset({Input.BYTES}))
FAILED = StageFailure("no_text", {"language": "la"})


@pytest.fixture
def dated(store: LibraryStore) -> list[int]:
    """Three photos, the newest last."""
    with store.write() as db:
        folder = add_folder(db)
        return [add_photo(db, folder, f"{n}.jpg", date=f"2024-05-0{n}T00:00:00") for n in (1, 2, 3)]


def test_the_most_viewed_and_then_the_newest_photos_come_first(store: LibraryStore, dated: list[int]) -> None:
    oldest, middle, newest = dated
    with store.write() as db:
        assert stage_states.lacking(db, BY_THUMBNAIL, None) == [newest, middle, oldest]
        view_counts.count(db, oldest)
        assert stage_states.lacking(db, BY_THUMBNAIL, None) == [oldest, newest, middle]
        assert stage_states.lacking(db, BY_THUMBNAIL, None, limit=1) == [oldest]


def test_a_stage_is_done_failed_or_waiting_and_another_version_starts_over(
    store: LibraryStore, dated: list[int]
) -> None:
    first, second, third = dated
    with store.write() as db:
        stage_states.set_done(db, BY_THUMBNAIL, None, [first, 987])
        stage_states.set_failed(db, BY_THUMBNAIL, None, [(second, FAILED), (987, FAILED)], 5.0)
        assert stage_states.lacking(db, BY_THUMBNAIL, None) == [third]
        (failure,) = stage_states.failures(db, BY_THUMBNAIL, None)
        assert (failure.photo_id, failure.failure, failure.when) == (second, FAILED, 5.0)
        now = stage_states.coverage(db, BY_THUMBNAIL, None)
        assert (now.photos, now.done, now.failed, now.waiting) == (3, 1, 1, 1)

        newer = replace(BY_THUMBNAIL, version=2)
        assert sorted(stage_states.lacking(db, newer, None)) == sorted(dated)
        assert stage_states.coverage(db, newer, None).waiting == 3
        assert stage_states.failures(db, newer, None) == []

        assert stage_states.retry(db, [first]) == 0
        assert stage_states.retry(db, [second]) == 1
        assert stage_states.lacking(db, BY_THUMBNAIL, None) == [third, second]
        stage_states.set_failed(db, BY_THUMBNAIL, None, [(third, FAILED)], 5.0)
        assert stage_states.retry(db) == 1
        stage_states.set_failed(db, BY_THUMBNAIL, None, [(third, FAILED)], 5.0)
        stage_states.set_done(db, BY_THUMBNAIL, None, [third])
        assert stage_states.failures(db, BY_THUMBNAIL, None) == []


def test_photos_whose_inputs_are_missing_do_not_wait(store: LibraryStore) -> None:
    with store.write() as db:
        model, ids, _ = add_photos_with_vectors(db, 3)
        late = add_photo(db, 1, "late.jpg")
        assert sorted(stage_states.lacking(db, BY_VECTOR, model)) == ids
        assert stage_states.lacking(db, BY_VECTOR, None) == []
        db.execute("DELETE FROM thumbs.thumbnail WHERE photo_id = ?", (late,))
        assert sorted(stage_states.lacking(db, BY_THUMBNAIL, None)) == ids
        folders.set_state(db, 1, FolderState.OFFLINE)
        assert stage_states.lacking(db, BY_FILE, None) == []
        assert sorted(stage_states.lacking(db, BY_THUMBNAIL, None)) == ids


def test_results_belong_to_one_model_where_the_stage_says_so(store: LibraryStore) -> None:
    with store.write() as db:
        model, ids, rows = add_photos_with_vectors(db, 2)
        other = vectors.register(db, ModelInfo("other@1", "other", DIM, "cpu"), 1.0)
        vectors.put(db, other, ids, rows)
        stage_states.put_results(db, BY_VECTOR, model, [(ids[0], {"nearest": [1, 2]})])
        stage_states.set_done(db, BY_VECTOR, model, ids)
        assert stage_states.lacking(db, BY_VECTOR, model) == []
        assert sorted(stage_states.lacking(db, BY_VECTOR, other)) == ids
        kept = dict(db.execute("SELECT photo_id, result FROM stage_state WHERE result IS NOT NULL"))
        assert {photo: json.loads(result) for photo, result in kept.items()} == {ids[0]: {"nearest": [1, 2]}}
        vectors.delete_model(db, model)
        assert db.execute("SELECT count(*) FROM stage_state WHERE result IS NOT NULL").get == 0


def test_state_goes_with_the_photo(store: LibraryStore, dated: list[int]) -> None:
    with store.write() as db:
        stage_states.set_done(db, BY_THUMBNAIL, None, dated)
        row = next(row for row in files.in_folder(db, 1) if row.photo_id == dated[0])
        files.remove(db, [row.id])
        assert stage_states.coverage(db, BY_THUMBNAIL, None).done == 2
        assert stage_states.coverage(db, BY_THUMBNAIL, None).photos == 2
        assert orphans.prune(db, time.time() + 60) == 1
        left = {photo for (photo,) in db.execute("SELECT photo_id FROM stage_state")}
        assert left == set(dated[1:])


def test_the_first_stages_keep_their_state_in_step_with_their_results(store: LibraryStore) -> None:
    """Whatever writes vectors, fingerprints, comparisons or qualities, the one table agrees."""

    def done(name: str) -> int:
        with store.read() as db:
            return next(each.done for each in coverage(db) if each.name == name)

    with store.write() as db:
        model, ids, rows = add_photos_with_vectors(db, 4)
        likeness.put_fingerprints(db, FINGERPRINT_VERSION, [(photo, photo, 20.0) for photo in ids[:3]])
        likeness.put_qualities(db, [(ids[0], Quality(1.0, 90))])
    mine = ("thumbnail", "vector", "fingerprint", "sharpness", "comparison")
    assert [done(name) for name in mine] == [4, 4, 3, 1, 0]
    with store.write() as db:
        likeness.set_compared_by_hash(db, ids[:2])
        assert stage_states.coverage(db, COMPARISON, None).done == 2
        likeness.set_compared_by_vector(db, model, ids[:1])
        assert stage_states.coverage(db, COMPARISON, None).done == 1
    assert done("comparison") == 1
    with store.write() as db:
        likeness.put_fingerprints(db, FINGERPRINT_VERSION, [(ids[0], 5, 20.0)])
    assert (done("fingerprint"), done("comparison")) == (3, 0)
    with store.write() as db:
        other = vectors.register(db, ModelInfo("other@1", "other", DIM, "cpu"), 1.0)
        assert sorted(stage_states.lacking(db, VECTOR, other)) == ids
        vectors.remove(db, ids[:1])
        assert stage_states.lacking(db, VECTOR, model) == ids[:1]
        vectors.put(db, other, ids, unit_vectors(5, 4))
        vectors.rebuild(db, model)
        assert stage_states.lacking(db, VECTOR, model) == ids[:1]
        stored_thumbnails.put(db, ids[0], b"new")
        assert stage_states.coverage(db, THUMBNAIL, None).done == 4
    assert rows.shape == (4, DIM)
