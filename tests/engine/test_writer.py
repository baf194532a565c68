"""The duplicates review through the engine's writer: settled, judged, protected, undone and reported."""

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
from safelight.core.operations import (
    CreateAlbum,
    JudgeDuplicates,
    Outcome,
    ProtectPath,
    SetFavourite,
    TrashDuplicates,
    TrashOutcome,
    TrashPhotos,
    Undo,
    UndoOutcome,
)
from safelight.engine.events import Event, OperationDone, OperationFailed, RequestFailed
from safelight.engine.requests import RunOperation
from safelight.engine.worker import Worker
from safelight.engine.writer import Writer
from safelight.services.operations.runner import OperationRunner
from safelight.services.review.trash import Trash
from safelight.store import decisions, journal, photos
from safelight.store.journal import Action, NewJournalFile
from support.trashing import FaultyTrash, HeldTrash, Reviewed, some_stat, trashed_files
from support.waiting import wait_until

pytestmark = pytest.mark.skipif(
    sys.platform in ("darwin", "win32"), reason="restores from the trash of freedesktop.org's specification"
)

E = TypeVar("E")
O = TypeVar("O", bound=Outcome)  # noqa: E741 - as in core.operations
A, B, C = b"first picture", b"second picture", b"third picture"


class Review:
    """A worker over a library of three photos, and what it says."""

    def __init__(self, place: Path) -> None:
        self.library = Reviewed(place)
        self.a, self.b, self.c = (
            self.library.add(f"{name}.jpg", content) for name, content in (("a", A), ("b", B), ("c", C))
        )
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._workers: list[Writer] = []

    def worker(self, trash: Trash | None = None) -> Writer:
        """Another one, as after a restart."""
        self.close_workers()
        worker = Writer(
            OperationRunner(self.library.store, trash, on_change=self.events.put), self.events.put
        )
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

    def outcome(self) -> Outcome:
        return self.hear(OperationDone).outcome

    def trashed(self) -> TrashOutcome:
        return self._outcome_of(TrashOutcome)

    def undone(self) -> UndoOutcome:
        return self._outcome_of(UndoOutcome)

    def _outcome_of(self, kind: type[O]) -> O:
        outcome = self.hear(OperationDone, lambda done: isinstance(done.outcome, kind)).outcome
        assert isinstance(outcome, kind)
        return outcome

    @property
    def photos(self) -> tuple[int, int, int]:
        a, b, c = (self.library.photo(each) for each in (self.a, self.b, self.c))
        return a, b, c

    def in_place(self) -> set[str]:
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
    worker.run(RunOperation(4, TrashDuplicates((GroupAction("burst-1", (review.a,), (review.b,)),))))
    assert review.hear(LibraryChanged).removed == (b,)
    done = review.trashed()
    assert (done.trashed, done.freed, done.spared) == (1, len(B), ())
    assert review.in_place() == {"a.jpg", "c.jpg"}

    worker.run(RunOperation(5, Undo(done.step)))
    assert review.hear(LibraryChanged).added == (b,)
    undone = review.undone()
    assert (undone.undone, undone.restored) == (done.step, 1)
    assert review.in_place() == {"a.jpg", "b.jpg", "c.jpg"}


def test_what_is_spared_is_reported_with_its_reason(review: Review) -> None:
    worker = review.worker()
    (review.library.folder / "a.jpg").write_bytes(b"edited since")
    worker.run(RunOperation(1, TrashDuplicates((GroupAction("burst-1", (review.a,), (review.b,)),))))
    done = review.trashed()
    ((path, reason),) = done.spared
    assert path.endswith("b.jpg")
    assert "changed since it was indexed" in str(reason)
    assert (done.step, done.trashed) == (None, 0)


def test_steps_are_undone_one_after_the_other_across_restarts(review: Review) -> None:
    a, b, c = review.photos
    worker = review.worker()
    worker.run(RunOperation(1, TrashPhotos((b,))))
    worker.run(RunOperation(2, JudgeDuplicates((a, c), Verdict.KEEP_BOTH)))
    worker.run(RunOperation(3, TrashPhotos((c,))))
    # The verdict may be applied between two photos of the first step, but after that began.
    steps = sorted(review.outcome().step or 0 for _ in range(3))
    assert review.in_place() == {"a.jpg"}

    worker = review.worker()
    undone = []
    for number in range(4):
        worker.run(RunOperation(number, Undo()))
        undone.append(review.undone())
    assert [each.undone for each in undone] == [*reversed(steps), None]
    assert [each.reverted for each in undone] == [0, 1, 0, 0]
    assert review.in_place() == {"a.jpg", "b.jpg", "c.jpg"}
    with review.library.store.read() as db:
        assert decisions.verdicts(db) == {}


def test_a_verdict_and_a_protected_path_are_reported_to_the_grouping(review: Review) -> None:
    a, b, _ = review.photos
    worker = review.worker()
    worker.run(RunOperation(1, JudgeDuplicates((a, b), Verdict.NOT_DUPLICATES)))
    assert review.hear(LibraryChanged) == LibraryChanged(ChangeKind.DECISIONS)  # no photo changed
    assert review.outcome().step is not None
    worker.run(RunOperation(51, ProtectPath(str(review.library.folder / "b.jpg"), protected=True)))
    assert review.hear(LibraryChanged) == LibraryChanged(ChangeKind.DECISIONS)
    worker.run(RunOperation(2, TrashPhotos((b,))))
    ((_, reason),) = review.trashed().spared
    assert str(reason) == "protected by you"
    worker.run(RunOperation(52, ProtectPath(str(review.library.folder / "b.jpg"), protected=False)))
    worker.run(RunOperation(3, TrashPhotos((b,))))
    assert review.trashed().trashed == 1


def test_a_slow_disk_does_not_keep_the_caller_waiting(review: Review) -> None:
    _, b, c = review.photos
    trash = HeldTrash()
    worker = review.worker(trash)
    worker.run(RunOperation(1, TrashPhotos((b,))))
    assert trash.reached.wait(30)
    worker.run(RunOperation(2, TrashPhotos((c,))))
    assert review.events.empty()
    trash.released.set()
    assert [review.hear(OperationDone).generation for _ in range(2)] == [1, 2]


def test_a_favourite_is_not_kept_waiting_by_a_long_move(review: Review) -> None:
    a, b, c = review.photos
    trash = HeldTrash()
    worker = review.worker(trash)
    worker.run(RunOperation(1, TrashPhotos((b, c))))
    assert trash.reached.wait(30)
    worker.run(RunOperation(2, SetFavourite((a,), True)))
    worker.run(RunOperation(3, Undo()))  # of the favourite, which is the latest step by then
    worker.run(RunOperation(4, SetFavourite((a,), True)))
    trash.released.set()
    done = [review.hear(OperationDone) for _ in range(4)]
    assert [each.generation for each in done] == [2, 1, 3, 4]
    undone = done[2].outcome
    assert isinstance(undone, UndoOutcome)
    assert (undone.undone, undone.code) == (done[0].outcome.step, "set_favourite")


def test_closing_applies_what_is_short_and_drops_what_is_slow(review: Review) -> None:
    a, b, c = review.photos
    trash = HeldTrash()
    worker = review.worker(trash)
    worker.run(RunOperation(1, TrashPhotos((b,))))
    assert trash.reached.wait(30)
    worker.run(RunOperation(2, TrashPhotos((c,))))
    worker.run(RunOperation(3, SetFavourite((a,), True)))
    closing = threading.Thread(target=worker.close)
    closing.start()
    while not worker._closing:
        time.sleep(0.001)
    trash.released.set()
    closing.join(30)
    assert review.in_place() == {"a.jpg", "c.jpg"}
    with review.library.store.read() as db:
        assert photos.ids(db, favourites=True) == [a]


def test_closing_applies_nothing_twice(review: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    _, b, _ = review.photos
    trash = HeldTrash()
    worker = review.worker(trash)
    worker.run(RunOperation(1, TrashPhotos((b,))))
    assert trash.reached.wait(30)
    worker.run(RunOperation(2, CreateAlbum("Summer")))
    ordinary = Worker.close

    def close_late(worker: Worker) -> None:
        """The writer's thread is idle before the writer continues to close."""
        trash.released.set()
        wait_until(lambda: not worker._jobs and worker._current is None, "the writer's thread")
        ordinary(worker)

    monkeypatch.setattr(Worker, "close", close_late)
    worker.close()
    done = [review.events.get() for _ in range(review.events.qsize())]
    assert sorted(each.generation for each in done if isinstance(each, OperationDone)) == [1, 2]
    assert not [each for each in done if isinstance(each, OperationFailed)]


def test_ending_the_program_stops_between_two_photos(review: Review) -> None:
    _, b, c = review.photos
    trash = HeldTrash()
    worker = review.worker(trash)
    worker.run(RunOperation(1, TrashPhotos((b, c))))
    worker.run(RunOperation(2, TrashPhotos((c,))))
    assert trash.reached.wait(30)
    closing = threading.Thread(target=worker.close)
    closing.start()
    while not worker._closing:
        time.sleep(0.001)
    trash.released.set()
    closing.join(30)
    assert review.in_place() == {"a.jpg", "c.jpg"}
    worker = review.worker()
    worker.run(RunOperation(3, Undo()))
    assert review.undone().restored == 1


def test_what_a_crash_left_halfway_is_finished_before_the_first_request(review: Review) -> None:
    a, b, _ = review.photos
    path = review.library.folder / "b.jpg"
    with review.library.store.write() as db:
        step = journal.begin(db, Action.SETTLE, {}, 1.0)
        journal.record_moves(
            db, step, [NewJournalFile(os.fsencode(path), _hash_of(review, b), some_stat(path), b, a)]
        )
    FaultyTrash().send(os.fsencode(path))  # … and here the power went
    worker = review.worker()
    assert review.hear(LibraryChanged).removed == (b,)
    assert review.library.known() == {"a.jpg", "c.jpg"}
    worker.run(RunOperation(1, Undo()))
    assert review.undone().restored == 1


def test_what_cannot_be_finished_at_the_start_is_reported(review: Review) -> None:
    _, b, _ = review.photos
    worker = review.worker()
    worker.run(RunOperation(1, TrashPhotos((b,))))
    step = review.outcome().step
    assert step is not None
    review.close_workers()
    with review.library.store.write() as db:
        journal.begin_undo(db, step, 2.0)
    for file in (Path(os.environ["XDG_DATA_HOME"]) / "Trash" / "files").iterdir():
        file.unlink()
    review.worker()
    assert str(review.hear(RequestFailed).message) == (
        "b.jpg could not be restored to its place: it is no longer in the trash."
    )


def test_a_full_disk_is_reported_and_what_moved_is_known_after_all(
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
    worker.run(RunOperation(7, TrashPhotos((b,))))
    failed = review.hear(OperationFailed)
    assert (failed.generation, str(failed.message)) == (7, "The disk is full.")
    assert review.hear(LibraryChanged).removed == (b,)
    assert trashed_files(Path(os.environ["XDG_DATA_HOME"])) == [B]
    worker.run(RunOperation(8, Undo()))
    assert review.undone().restored == 1


@pytest.mark.expected_log("The change failed because of a fault")
def test_a_fault_is_reported_and_the_next_request_is_served(review: Review) -> None:
    def fault(path: bytes) -> None:
        if path.endswith(b"b.jpg"):
            raise RuntimeError("a fault")

    _, b, c = review.photos
    worker = review.worker(FaultyTrash(before=fault))
    worker.run(RunOperation(1, TrashPhotos((b,))))
    assert "fault in Safelight" in str(review.hear(OperationFailed).message)
    worker.run(RunOperation(2, TrashPhotos((c,))))
    assert review.trashed().trashed == 1
    assert review.in_place() == {"a.jpg", "b.jpg"}


def _hash_of(review: Review, photo_id: int) -> bytes:
    with review.library.store.read() as db:
        found: bytes = db.execute("SELECT content_hash FROM photo WHERE id = ?", (photo_id,)).get
    return found
