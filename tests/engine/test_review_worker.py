"""The duplicate review as the window asks for it: settled, judged, locked, undone, and told."""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.duplicates import GroupAction, Verdict
from safelight.core.errors import NoSpaceError
from safelight.engine.events import ActionUndone, DuplicatesSettled, Event, RequestFailed
from safelight.engine.requests import (
    JudgeDuplicates,
    ProtectPath,
    SettleDuplicates,
    TrashPhotos,
    UndoAction,
)
from safelight.engine.review_worker import ReviewWorker
from safelight.services.review.trash import Trash
from safelight.store import decisions, journal
from safelight.store.journal import Action, NewJournalFile
from support.trashing import FaultyTrash, Reviewed, some_stat, trashed_files

pytestmark = pytest.mark.skipif(
    sys.platform in ("darwin", "win32"), reason="restores from the trash of freedesktop.org's specification"
)

E = TypeVar("E")
A, B, C = b"first picture", b"second picture", b"third picture"


class Review:
    """A worker over a library of three photos, and what it says."""

    def __init__(self, place: Path) -> None:
        self.library = Reviewed(place)
        self.a, self.b, self.c = (
            self.library.add(f"{name}.jpg", content) for name, content in (("a", A), ("b", B), ("c", C))
        )
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._workers: list[ReviewWorker] = []

    def worker(self, trash: Trash | None = None) -> ReviewWorker:
        """Another one, as after a restart."""
        self.close_workers()
        worker = ReviewWorker(self.library.store, self.events.put, self.events.put, trash)
        self._workers.append(worker)
        worker.start()
        return worker

    def close_workers(self) -> None:
        while self._workers:
            self._workers.pop().close()

    def hear(self, kind: type[E], where: Callable[[E], bool] = lambda _: True) -> E:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            event = self.events.get(timeout=30)
            if isinstance(event, kind) and where(event):
                return event
        raise AssertionError(f"no {kind.__name__}")

    @property
    def photos(self) -> tuple[int, int, int]:
        a, b, c = (self.library.photo(each) for each in (self.a, self.b, self.c))
        return a, b, c

    def lying(self) -> set[str]:
        return set(self.library.on_disk())


@pytest.fixture
def review(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Review]:
    monkeypatch.setenv("HOME", str(tmp_path))
    review = Review(tmp_path)
    yield review
    review.close_workers()
    review.library.store.close()


def test_what_is_settled_leaves_the_library_and_undo_brings_it_back(review: Review) -> None:
    worker = review.worker()
    _, b, _ = review.photos
    worker.submit(SettleDuplicates(4, (GroupAction("resaved-1", (review.a,), (review.b,)),)))
    assert review.hear(LibraryChanged).removed == (b,)
    done = review.hear(DuplicatesSettled)
    assert (done.generation, done.trashed, done.freed, done.spared) == (4, 1, len(B), ())
    assert review.lying() == {"a.jpg", "c.jpg"}

    worker.submit(UndoAction(5, done.journal_id))
    assert review.hear(LibraryChanged).added == (b,)
    undone = review.hear(ActionUndone)
    assert (undone.generation, undone.journal_id, undone.restored) == (5, done.journal_id, 1)
    assert review.lying() == {"a.jpg", "b.jpg", "c.jpg"}


def test_what_is_spared_is_told_with_its_reason(review: Review) -> None:
    worker = review.worker()
    (review.library.folder / "a.jpg").write_bytes(b"edited since")
    worker.submit(SettleDuplicates(1, (GroupAction("resaved-1", (review.a,), (review.b,)),)))
    done = review.hear(DuplicatesSettled)
    ((path, reason),) = done.spared
    assert path.endswith("b.jpg")
    assert "changed since it was indexed" in reason
    assert (done.journal_id, done.trashed) == (None, 0)


def test_steps_are_undone_one_after_the_other_across_restarts(review: Review) -> None:
    a, b, c = review.photos
    worker = review.worker()
    worker.submit(TrashPhotos(1, (b,)))
    worker.submit(JudgeDuplicates(2, (a, c), Verdict.KEEP_BOTH))
    worker.submit(TrashPhotos(3, (c,)))
    steps = [review.hear(DuplicatesSettled).journal_id for _ in range(3)]
    assert review.lying() == {"a.jpg"}

    worker = review.worker()
    undone = []
    for number in range(4):
        worker.submit(UndoAction(number))
        undone.append(review.hear(ActionUndone))
    assert [each.journal_id for each in undone] == [*reversed(steps), None]
    assert [each.judgements for each in undone] == [0, 1, 0, 0]
    assert review.lying() == {"a.jpg", "b.jpg", "c.jpg"}
    with review.library.store.read() as db:
        assert decisions.verdicts(db) == {}


def test_a_verdict_and_a_lock_are_told_to_whoever_groups(review: Review) -> None:
    a, b, _ = review.photos
    worker = review.worker()
    worker.submit(JudgeDuplicates(1, (a, b), Verdict.NOT_DUPLICATES))
    assert review.hear(LibraryChanged) == LibraryChanged(ChangeKind.DECISIONS)  # no photo changed
    assert review.hear(DuplicatesSettled).journal_id is not None
    worker.submit(ProtectPath(str(review.library.folder / "b.jpg"), protected=True))
    assert review.hear(LibraryChanged) == LibraryChanged(ChangeKind.DECISIONS)
    worker.submit(TrashPhotos(2, (b,)))
    ((_, reason),) = review.hear(DuplicatesSettled).spared
    assert reason == "protected by you"
    worker.submit(ProtectPath(str(review.library.folder / "b.jpg"), protected=False))
    worker.submit(TrashPhotos(3, (b,)))
    assert review.hear(DuplicatesSettled).trashed == 1


def test_a_slow_disk_does_not_keep_the_caller_waiting(review: Review) -> None:
    _, b, c = review.photos
    at_it, go_on = threading.Event(), threading.Event()

    def slow(_: bytes) -> None:
        at_it.set()
        assert go_on.wait(30)

    worker = review.worker(FaultyTrash(before=slow))
    worker.submit(TrashPhotos(1, (b,)))
    assert at_it.wait(30)
    worker.submit(TrashPhotos(2, (c,)))
    assert review.events.empty()
    go_on.set()
    assert [review.hear(DuplicatesSettled).generation for _ in range(2)] == [1, 2]


def test_ending_the_program_stops_between_two_photos(review: Review) -> None:
    _, b, c = review.photos
    at_it, go_on = threading.Event(), threading.Event()

    def slow(_: bytes) -> None:
        at_it.set()
        assert go_on.wait(30)

    worker = review.worker(FaultyTrash(before=slow))
    worker.submit(TrashPhotos(1, (b, c)))
    worker.submit(TrashPhotos(2, (c,)))
    assert at_it.wait(30)
    closing = threading.Thread(target=worker.close)
    closing.start()
    while not worker._closing:
        time.sleep(0.001)
    go_on.set()
    closing.join(30)
    assert review.lying() == {"a.jpg", "c.jpg"}
    worker = review.worker()
    worker.submit(UndoAction(3))
    assert review.hear(ActionUndone).restored == 1


def test_what_a_crash_left_halfway_is_finished_before_the_first_request(review: Review) -> None:
    a, b, _ = review.photos
    path = review.library.folder / "b.jpg"
    with review.library.store.write() as db:
        step = journal.begin(db, Action.SETTLE, {}, 1.0)
        journal.intend(
            db, step, [NewJournalFile(os.fsencode(path), _hash_of(review, b), some_stat(path), b, a)]
        )
    FaultyTrash().send(os.fsencode(path))  # … and here the power went
    worker = review.worker()
    assert review.hear(LibraryChanged).removed == (b,)
    assert review.library.known() == {"a.jpg", "c.jpg"}
    worker.submit(UndoAction(1))
    assert review.hear(ActionUndone).restored == 1


def test_what_cannot_be_finished_at_the_start_is_reported(review: Review) -> None:
    _, b, _ = review.photos
    worker = review.worker()
    worker.submit(TrashPhotos(1, (b,)))
    step = review.hear(DuplicatesSettled).journal_id
    assert step is not None
    review.close_workers()
    with review.library.store.write() as db:
        journal.begin_undo(db, step, 2.0)
    for file in (Path(os.environ["XDG_DATA_HOME"]) / "Trash" / "files").iterdir():
        file.unlink()
    review.worker()
    assert review.hear(RequestFailed).message == (
        "b.jpg could not be put back: it is no longer in the trash."
    )


def test_a_full_disk_is_told_and_what_moved_is_known_after_all(
    review: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The note after the move cannot be written; the next step finds the file in the trash."""
    _, b, _ = review.photos
    store = review.library.store
    ordinary = store.write
    full = threading.Event()

    def write(*, durable: bool = False) -> object:
        if full.is_set():
            full.clear()
            raise NoSpaceError("The disk is full.")
        return ordinary(durable=durable)

    monkeypatch.setattr(store, "write", write)
    worker = review.worker(FaultyTrash(after=lambda _: full.set()))
    worker.submit(TrashPhotos(7, (b,)))
    failed = review.hear(RequestFailed)
    assert (failed.generation, failed.message) == (7, "The disk is full.")
    assert review.hear(LibraryChanged).removed == (b,)
    assert trashed_files(Path(os.environ["XDG_DATA_HOME"])) == [B]
    worker.submit(UndoAction(8))
    assert review.hear(ActionUndone).restored == 1


@pytest.mark.expected_log("That failed because of a bug")
def test_a_fault_is_told_and_the_next_request_is_served(review: Review) -> None:
    def fault(path: bytes) -> None:
        if path.endswith(b"b.jpg"):
            raise RuntimeError("a fault")

    _, b, c = review.photos
    worker = review.worker(FaultyTrash(before=fault))
    worker.submit(TrashPhotos(1, (b,)))
    assert "fault in Safelight" in review.hear(RequestFailed).message
    worker.submit(TrashPhotos(2, (c,)))
    assert review.hear(DuplicatesSettled).trashed == 1
    assert review.lying() == {"a.jpg", "b.jpg"}


def _hash_of(review: Review, photo_id: int) -> bytes:
    with review.library.store.read() as db:
        found: bytes = db.execute("SELECT content_hash FROM photo WHERE id = ?", (photo_id,)).get
    return found
