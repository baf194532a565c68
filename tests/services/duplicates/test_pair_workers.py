"""Comparing on several cores finds what comparing on one does."""

from __future__ import annotations

import shutil
from concurrent.futures import Future
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from safelight.core.errors import CancelledError
from safelight.core.jobs import JobControl
from safelight.services.duplicates import comparing, pair_workers
from safelight.services.duplicates.comparing import Comparer, Comparison, model_for_comparing
from safelight.services.duplicates.grouping import find_groups
from safelight.services.duplicates.pair_tasks import CompareHashed, CompareParts, MakeFingerprints
from safelight.services.duplicates.pair_workers import PairWorkers, collect
from safelight.services.duplicates.qualities import Qualities
from safelight.services.stages.declarations import COMPARISON
from safelight.store import likeness, stage_states
from safelight.store.library import LibraryStore
from safelight.store.likeness import Pair
from services.conftest import Bench
from support import hostile_comparison
from support.likenesses import captioned, cropped, photograph

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("many_processes")]


@pytest.fixture
def many_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes even for a few photos, in small chunks."""
    monkeypatch.setattr(pair_workers, "MIN_PHOTOS_FOR_PROCESSES", 1)
    monkeypatch.setattr(comparing, "_CHUNK", 5)


@pytest.fixture
def filled(bench: Bench) -> Bench:
    """Pictures that were saved again, cut and captioned, and strangers."""
    for seed in range(4):
        image = photograph(seed)
        save(bench, f"{seed}.jpg", image)
        save(bench, f"{seed}-small.jpg", image.resize((400, 300), Image.Resampling.LANCZOS))
        save(bench, f"{seed}-turned.jpg", image.transpose(Image.Transpose.ROTATE_90))
        save(bench, f"{seed}-cut.jpg", cropped(image, 0.2))
        save(bench, f"{seed}-said.jpg", captioned(image))
    for seed in range(40, 46):
        save(bench, f"{seed}.jpg", photograph(seed))
    bench.index()
    return bench


def save(bench: Bench, name: str, image: Image.Image) -> None:
    image.save(bench.root / name, quality=90)


def compare(store: LibraryStore, processes: int) -> tuple[list[Pair], list[Comparison]]:
    with store.read() as db:
        model_id = model_for_comparing(db)
    received = list(Comparer(store, processes=processes).run(model_id, JobControl()))
    with store.read() as db:
        return likeness.pairs(db), received


def test_two_processes_find_what_one_does_and_report_alike(filled: Bench, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(filled.store.directory, copy)
    with LibraryStore.create_or_open(copy) as other:
        alone, told_alone = compare(other, 1)
        with other.read() as db:
            groups_alone = find_groups(db, Qualities())
    together, received = compare(filled.store, 2)
    assert together == alone
    assert len(alone) >= 12
    assert received[-1] == told_alone[-1]
    with filled.store.read() as db:
        photo_count = db.execute("SELECT count(*) FROM photo").get
    assert {each.total for each in received} == {photo_count}  # each counts once, though compared in two ways
    assert received[-1].done == received[-1].total
    assert [each.done for each in received] == sorted(each.done for each in received)
    with filled.store.read() as db:
        assert find_groups(db, Qualities()) == groups_alone
        covered = stage_states.coverage(db, COMPARISON, model_for_comparing(db))
        assert (covered.done, covered.failed, covered.waiting) == (covered.photos, 0, 0)


def test_a_cancelled_comparison_keeps_what_it_found(filled: Bench) -> None:
    control = JobControl()
    steps = Comparer(filled.store, processes=2).run(None, control)
    for comparison in steps:
        if comparison.done > comparison.total // 2:
            control.cancel()
            break
    with pytest.raises(CancelledError):
        next(steps)
    with filled.store.read() as db:
        kept = set(likeness.pairs(db))
    pairs, _ = compare(filled.store, 2)
    assert {(pair.first, pair.second) for pair in kept} <= {(pair.first, pair.second) for pair in pairs}


def test_cancelling_does_not_wait_for_tasks_in_progress() -> None:
    control = JobControl()
    finished: Future[list[int]] = Future()
    finished.set_result([1, 2])
    unfinished: Future[list[int]] = Future()
    assert collect([finished], control) == ([1, 2], [])
    control.cancel()
    with pytest.raises(CancelledError):
        collect([finished, unfinished], control)


def test_a_photo_that_crashes_a_process_fails_alone(filled: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    photos = [photo.id for photo in filled.photos()]
    number = {Path(photo.files[0].path).name: photo.id for photo in filled.photos()}
    bad = max(number["0.jpg"], number["0-small.jpg"])
    (filled.store.directory / hostile_comparison.CRASHES).write_text(str(bad))
    workers = partial(PairWorkers, run=hostile_comparison.run)
    monkeypatch.setattr(comparing, "PairWorkers", workers)
    monkeypatch.setattr(comparing, "_CHUNK", 1)
    monkeypatch.setattr(comparing, "_HASH_NEIGHBOURS", len(photos) * 8)
    pairs, received = compare(filled.store, 2)
    with filled.store.read() as db:
        photo_count = db.execute("SELECT count(*) FROM photo").get
    assert {each.total for each in received} == {photo_count}  # each counts once, though compared in two ways
    assert received[-1].done == received[-1].total
    assert len(pairs) >= 10
    with filled.store.read() as db:
        failed = stage_states.failures(db, COMPARISON, model_for_comparing(db))
        covered = stage_states.coverage(db, COMPARISON, model_for_comparing(db))
    assert {each.failure.code for each in failed} == {"crashed"}
    assert bad in {each.photo_id for each in failed}
    assert len(failed) < len(photos) // 2
    assert covered.done + covered.failed == covered.photos


@pytest.mark.parametrize("processes", [1, 2])
def test_tasks_are_answered_in_either_place(filled: Bench, processes: int) -> None:
    photos = sorted(photo.id for photo in filled.photos())
    names = {photo.id: Path(photo.files[0].path).name for photo in filled.photos()}
    number = {name: photo for photo, name in names.items()}
    one, two = sorted((number["0.jpg"], number["0-small.jpg"]))
    cut = tuple(sorted((number["0.jpg"], number["0-cut.jpg"])))
    with PairWorkers(filled.store, processes, photos=26) as workers:
        assert workers.processes == processes
        made = workers.make_fingerprints(MakeFingerprints(tuple(photos))).result()
        assert sorted(photo for photo, _, _ in made) == photos
        (pair,) = workers.compare(CompareHashed((((one, two), 0),))).result()
        assert (pair.first, pair.second) == (one, two)
        (part,) = workers.compare(CompareParts(((cut[0], cut[1]),))).result()
        assert (part.first, part.second) == cut
        assert workers.compare(CompareParts(((one, 9999),))).result() == []
