from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from safelight.core.errors import CancelledError
from safelight.core.jobs import JobControl, Phase, Progress
from safelight.core.message import Message
from safelight.core.stages import CostClass, Input, StageDeclaration, StageFailure
from safelight.imaging.fingerprint import fingerprint
from safelight.services.indexing.decoding import DecodePool
from safelight.services.stages.registry import declared, photo_stages
from safelight.services.stages.runner import FAULT, StageRunner
from safelight.services.stages.stage import AnyStage, Stage, StageItem
from safelight.store import folders, likeness, orphans, stage_states, stored_thumbnails, vectors, view_counts
from safelight.store.library import Connection, LibraryStore
from support.fake_encoder import FakeEncoder
from support.pictures import encoded, scene
from support.stored import MODEL, add_folder, add_photo, add_photos_with_vectors

BACKGROUND = {CostClass.BACKGROUND}


class Recording(Stage[str]):
    """Keeps what it was given; fails where a test says so."""

    declaration = StageDeclaration(
        "recording",
        Message("Recordings"),
        Message("Recording"),
        1,
        frozenset({Input.THUMBNAIL}),
        CostClass.BACKGROUND,
        batch=2,
    )

    def __init__(self, bad: Sequence[int] = (), raising: Sequence[int] = ()) -> None:
        self.batches: list[list[int]] = []
        self.items: dict[int, StageItem] = {}
        self.bad = bad
        self.raising = raising

    def process(self, batch: Sequence[StageItem]) -> Sequence[str | StageFailure]:
        self.batches.append([item.photo_id for item in batch])
        self.items |= {item.photo_id: item for item in batch}
        for item in batch:
            if item.photo_id in self.raising:
                raise RuntimeError("a bug in a stage")
        return [
            StageFailure("no_text", {"photo": item.photo_id}) if item.photo_id in self.bad else "seen"
            for item in batch
        ]


class ByVector(Recording):
    declaration = StageDeclaration(
        "by_vector",
        Message("Vectors"),
        Message("Looking at vectors"),
        1,
        frozenset({Input.VECTOR}),
        CostClass.BACKGROUND,
        per_model=True,
    )


class ByPixels(Recording):
    declaration = StageDeclaration(
        "by_pixels",
        Message("Pixels"),
        Message("Looking at pixels"),
        1,
        frozenset({Input.PIXELS, Input.BYTES}),
        CostClass.BACKGROUND,
        pixels=64,
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LibraryStore]:
    with LibraryStore.create_or_open(tmp_path / "library") as opened:
        yield opened


@pytest.fixture
def ids(store: LibraryStore) -> list[int]:
    """Five photos, the newest last."""
    with store.write() as db:
        folder = add_folder(db)
        return [add_photo(db, folder, f"{n}.jpg", date=f"2024-05-0{n}T00:00:00") for n in range(1, 6)]


def runner(store: LibraryStore, pool: DecodePool, *stages: AnyStage) -> StageRunner:
    return StageRunner(store, pool, stages, MODEL.key)


def shipped() -> list[AnyStage]:
    encoder = FakeEncoder()
    return photo_stages(lambda: encoder, encoder.input_spec)


def test_the_backlog_is_processed_once_most_viewed_and_newest_first(
    store: LibraryStore, pool: DecodePool, ids: list[int]
) -> None:
    with store.write() as db:
        view_counts.count(db, ids[1])
    stage = Recording()
    received: list[Progress] = []
    assert runner(store, pool, stage).run(JobControl(), BACKGROUND, report=received.append)
    assert [photo for batch in stage.batches for photo in batch] == [ids[1], ids[4], ids[3], ids[2], ids[0]]
    assert [(each.phase, each.done, each.total) for each in received] == [
        (Phase.PROCESSING, 0, 5),
        (Phase.PROCESSING, 2, 5),
        (Phase.PROCESSING, 4, 5),
    ]
    assert {str(each.activity) for each in received} == {"Recording"}
    assert runner(store, pool, stage).run(JobControl(), BACKGROUND)
    assert len(stage.batches) == 3


def test_stages_of_other_cost_classes_do_not_run(
    store: LibraryStore, pool: DecodePool, ids: list[int]
) -> None:
    stage = Recording()
    assert runner(store, pool, stage).run(JobControl(), {CostClass.IDLE, CostClass.IMMEDIATE})
    assert stage.batches == []
    assert len(ids) == 5


@pytest.mark.expected_log("the stage recording failed at a photo")
def test_a_failure_affects_only_that_stage_of_that_photo(
    store: LibraryStore, pool: DecodePool, ids: list[int]
) -> None:
    stage = Recording(bad=ids[:1], raising=ids[2:3])
    with store.write() as db:
        for photo in ids:
            stored_thumbnails.put(db, photo, encoded(scene(seed=photo), "JPEG"))
    runner(store, pool, stage, *shipped()).run(JobControl(), BACKGROUND)
    with store.read() as db:
        failed = {each.photo_id: each.failure for each in stage_states.failures(db, stage.declaration, None)}
        assert failed == {ids[0]: StageFailure("no_text", {"photo": ids[0]}), ids[2]: StageFailure(FAULT)}
        covered = stage_states.coverage(db, stage.declaration, None)
        assert (covered.done, covered.failed, covered.waiting) == (3, 2, 0)
        drawn = likeness.hashes_of(db, ids)
        assert drawn == {photo: fingerprint(encoded(scene(seed=photo), "JPEG")).hash for photo in ids}
    again = Recording()
    runner(store, pool, again).run(JobControl(), BACKGROUND)
    assert again.batches == []
    with store.write() as db:
        stage_states.retry(db)
    runner(store, pool, again).run(JobControl(), BACKGROUND)
    assert sorted(photo for batch in again.batches for photo in batch) == [ids[0], ids[2]]


def test_a_run_stops_between_batches_and_the_next_one_continues(
    store: LibraryStore, pool: DecodePool, ids: list[int]
) -> None:
    stage = Recording()
    stop = iter([False, True])
    assert not runner(store, pool, stage).run(JobControl(), BACKGROUND, interrupted=lambda: next(stop))
    assert stage.batches == [[ids[4], ids[3]]]
    control = JobControl()
    control.cancel()
    with pytest.raises(CancelledError):
        runner(store, pool, stage).run(control, BACKGROUND)
    assert runner(store, pool, stage).run(JobControl(), BACKGROUND)
    assert stage.batches[1:] == [[ids[2], ids[1]], [ids[0]]]


def test_a_pause_is_reported_and_ends(store: LibraryStore, pool: DecodePool, ids: list[int]) -> None:
    control = JobControl()
    reason = Message("on battery")
    control.pause(reason)
    received: list[Progress] = []
    paused = threading.Event()

    def report(progress: Progress) -> None:
        received.append(progress)
        if progress.phase is Phase.PAUSED:
            paused.set()

    stage = Recording()
    working = threading.Thread(
        target=lambda: runner(store, pool, stage).run(control, BACKGROUND, report=report)
    )
    working.start()
    assert paused.wait(30)
    control.resume()
    working.join(30)
    assert (received[0].phase, received[0].reason, received[0].total) == (
        Phase.PAUSED,
        reason,
        len(ids),
    )
    assert sum(map(len, stage.batches)) == len(ids)


def test_a_stage_gets_the_vector_of_the_model_in_use(store: LibraryStore, pool: DecodePool) -> None:
    with store.write() as db:
        model, ids, rows = add_photos_with_vectors(db, 3)
        add_photo(db, 1, "without.jpg")
    stage = ByVector()
    runner(store, pool, stage).run(JobControl(), BACKGROUND)
    assert stage.model_id == model
    assert sorted(stage.items) == ids
    for photo, row in zip(ids, rows, strict=True):
        vector = stage.items[photo].vector
        assert vector is not None
        assert np.array_equal(vector, row)
        assert stage.items[photo].thumbnail is None


def test_a_stage_gets_decoded_pixels_and_unreadable_files_fail(
    store: LibraryStore, pool: DecodePool, tmp_path: Path
) -> None:
    good, bad = tmp_path / "good.png", tmp_path / "bad.jpg"
    good.write_bytes(encoded(scene(seed=1), "PNG"))
    bad.write_bytes(b"no picture at all")
    with store.write() as db:
        folder = add_folder(db, str(tmp_path))
        one, two = (add_photo(db, folder, path.name) for path in (good, bad))
    stage = ByPixels()
    runner(store, pool, stage).run(JobControl(), BACKGROUND)
    assert list(stage.items) == [one]
    pixels = stage.items[one].pixels
    assert pixels is not None
    assert max(pixels.shape[:2]) == 64
    assert stage.items[one].path == str(good)
    with store.read() as db:
        (failure,) = stage_states.failures(db, stage.declaration, None)
        assert (failure.photo_id, failure.failure.code) == (two, "broken")


class Resting:
    def __init__(self) -> None:
        self.loaded = True

    def unload_if_idle(self, seconds: float) -> object | None:
        was, self.loaded = self.loaded, seconds < 60
        return "model" if was and not self.loaded else None


class WithModel(Recording):
    def __init__(self) -> None:
        super().__init__()
        self.resting = Resting()

    @property
    def model(self) -> Resting:
        return self.resting


def test_models_of_stages_rest_like_the_search_model(store: LibraryStore, pool: DecodePool) -> None:
    stage = WithModel()
    stages = runner(store, pool, stage, *shipped())
    assert not stages.unload_idle_models(5)
    assert stages.unload_idle_models(60)
    assert not stages.unload_idle_models(60)


def test_every_stage_is_declared_once_and_in_order() -> None:
    names = [each.name for each in declared()]
    assert names == [
        *("thumbnail", "vector", "metadata", "fingerprint", "film", "windows", "frames", "sharpness"),
        *("fine-film", "comparison"),
    ]


def test_photos_that_leave_meanwhile_are_passed_over(
    store: LibraryStore, pool: DecodePool, ids: list[int]
) -> None:
    class Leaving(Recording):
        def store(self, db: Connection, results: Sequence[tuple[int, str]]) -> None:
            db.execute("PRAGMA foreign_keys")
            folders.remove(db, 1)
            orphans.prune(db, 4e9)
            super().store(db, results)

    stage = Leaving()
    runner(store, pool, stage).run(JobControl(), BACKGROUND)
    with store.read() as db:
        assert db.execute("SELECT count(*) FROM stage_state").get == 0
        assert vectors.models(db) == []
    assert stage.batches[0] == [ids[4], ids[3]]
