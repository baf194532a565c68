"""Groups of duplicates as the window asks for them: first what is known, then all, then each change."""

from __future__ import annotations

import itertools
import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from safelight.core.duplicates import DuplicateGroup, DuplicateKind, Verdict
from safelight.engine.duplicate_worker import DuplicateWorker
from safelight.engine.events import DuplicatesFound, Event
from safelight.engine.requests import FindDuplicates
from safelight.imaging.read import decode_photo
from safelight.services.duplicates.comparing import FINGERPRINT_VERSION, Comparer, Comparison
from safelight.services.duplicates.grouping import find_groups
from safelight.services.duplicates.qualities import Qualities
from safelight.store import decisions, files, likeness, photos
from safelight.store.library import Connection, LibraryStore
from support.likenesses import photograph
from support.stored import add_file, add_folder, stat


class WorkerHarness:
    def __init__(self, place: Path) -> None:
        self.folder = place / "Pictures"
        self.folder.mkdir()
        self.store = LibraryStore.create_or_open(place / "library")
        with self.store.write() as db:
            self.folder_id = add_folder(db, str(self.folder))
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.worker = DuplicateWorker(self.store, Comparer(self.store), self.events.put)
        self._numbers = itertools.count(1)

    def add(self, seed: int, quality: int) -> int:
        """A photo as an index run leaves it."""
        path = self.folder / f"{seed}-{quality}.jpg"
        photograph(seed).save(path, quality=quality)
        number = next(self._numbers)
        with self.store.write() as db:
            file_id = add_file(db, self.folder_id, path.name, number)
            photo_id = photos.insert(db, decode_photo(str(path), None), "2020-01-01T00:00:00", 1.0)
            files.set_indexed(db, file_id, photo_id, stat(number))
        return photo_id

    def hear(self, where: Callable[[DuplicatesFound], bool]) -> DuplicatesFound:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            event = self.events.get(timeout=60)
            assert isinstance(event, DuplicatesFound)
            if where(event):
                return event
        raise AssertionError("not heard")


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[WorkerHarness]:
    made = WorkerHarness(tmp_path)
    made.worker.start()
    yield made
    made.worker.close()
    made.store.close()


def complete(generation: int, groups: int) -> Callable[[DuplicatesFound], bool]:
    return lambda found: found.generation == generation and found.complete and len(found.groups) == groups


def test_groups_are_reported_while_comparing_and_when_it_is_done(worker: WorkerHarness) -> None:
    for seed in range(3):
        worker.add(seed, 90)
        worker.add(seed, 40)
    worker.worker.submit(FindDuplicates(7))
    first = worker.hear(lambda _: True)
    assert (first.generation, first.complete) == (7, False)
    assert 0 < first.done <= first.total
    last = worker.hear(complete(7, 3))
    assert {group.kind for group in last.groups} == {DuplicateKind.RESAVED}
    assert (last.done, last.total) == (0, 0)


def test_nothing_is_compared_before_it_is_asked_for(worker: WorkerHarness) -> None:
    worker.add(1, 90)
    worker.worker.note_change()
    worker.worker.close()
    with worker.store.read() as db:
        assert len(likeness.without_fingerprint(db, FINGERPRINT_VERSION)) == 1
    assert worker.events.empty()


def test_a_new_photo_and_a_decision_are_followed(worker: WorkerHarness) -> None:
    one = worker.add(1, 90)
    worker.worker.submit(FindDuplicates(1))
    worker.hear(complete(1, 0))
    two = worker.add(1, 40)
    worker.worker.note_change()
    worker.hear(complete(1, 1))
    with worker.store.write() as db:
        decisions.store_verdict(db, [one, two], Verdict.NOT_DUPLICATES, 1.0)
    worker.worker.note_change()
    worker.hear(complete(1, 0))


def test_a_new_request_is_answered_with_known_groups(worker: WorkerHarness) -> None:
    worker.add(1, 90)
    worker.add(1, 40)
    worker.worker.submit(FindDuplicates(1))
    first = worker.hear(complete(1, 1))
    worker.worker.submit(FindDuplicates(2))
    again = worker.hear(complete(2, 1))
    assert again.groups == first.groups
    worker.worker.note_change()  # nothing changed, so nothing is said
    worker.worker.submit(FindDuplicates(3))
    assert worker.hear(lambda _: True).generation == 3


def test_an_answer_is_of_the_request_that_it_was_read_after(
    worker: WorkerHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = worker.add(1, 90), worker.add(1, 40)
    read = threading.Event()
    proceed = threading.Event()

    def find_groups_and_wait(db: Connection, qualities: Qualities) -> list[DuplicateGroup]:
        found = find_groups(db, qualities)
        if found:
            read.set()
            proceed.wait(60)
        return found

    monkeypatch.setattr("safelight.engine.duplicate_worker.find_groups", find_groups_and_wait)
    worker.worker.submit(FindDuplicates(1))
    assert read.wait(60)
    with worker.store.write() as db:
        decisions.store_verdict(db, [one, two], Verdict.NOT_DUPLICATES, 1.0)
    worker.worker.submit(FindDuplicates(2))
    proceed.set()
    generations = {}
    while 2 not in generations:
        found = worker.hear(lambda _: True)
        generations[found.generation] = len(found.groups)
    assert generations == {1: 1, 2: 0}


def test_what_was_read_of_the_files_is_kept(worker: WorkerHarness) -> None:
    one, two = worker.add(1, 90), worker.add(1, 40)
    worker.worker.submit(FindDuplicates(1))
    worker.hear(complete(1, 1))
    with worker.store.read() as db:
        known = likeness.qualities(db, [one, two])
    assert (known[one].jpeg_quality, known[two].jpeg_quality) == (90, 40)
    assert known[one].sharpness is not None


def test_closing_while_comparing_ends_soon_and_keeps_what_was_found(worker: WorkerHarness) -> None:
    for seed in range(4):
        worker.add(seed, 90)
        worker.add(seed, 40)
    worker.worker.submit(FindDuplicates(1))
    worker.hear(lambda _: True)
    worker.worker.close()
    with worker.store.read() as db:
        assert not likeness.without_fingerprint(db, FINGERPRINT_VERSION)


def test_a_pause_holds_comparing_and_ends(worker: WorkerHarness) -> None:
    for seed in range(3):
        worker.add(seed, 90)
        worker.add(seed, 40)
    worker.worker.set_paused(True)
    worker.worker.submit(FindDuplicates(7))
    worker.hear(lambda found: not found.complete)
    assert worker.events.empty()
    worker.worker.set_paused(False)
    assert worker.hear(complete(7, 3)).total == 0


def test_how_far_comparing_is_can_be_followed(tmp_path: Path) -> None:
    harness = WorkerHarness(tmp_path)
    received: list[Comparison | None] = []
    worker = DuplicateWorker(
        harness.store, Comparer(harness.store), harness.events.put, on_comparison=received.append
    )
    worker.start()
    try:
        harness.add(1, 90)
        harness.add(1, 40)
        worker.submit(FindDuplicates(3))
        harness.hear(complete(3, 1))
    finally:
        worker.close()
        harness.store.close()
    assert received[-1] is None
    last = received[-2]
    assert last is not None
    assert last.done == last.total == 2
