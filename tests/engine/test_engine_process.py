"""The engine as the window meets it: a real process, asked and listened to through its client."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.jobs import Phase
from safelight.core.operations import (
    AddFolder,
    DeleteSearch,
    IgnoreFailures,
    RemoveFolder,
    RenameSearch,
    SaveSearch,
    SetFavourite,
    TrashPhotos,
    Undo,
    UndoOutcome,
)
from safelight.core.photo import Failure
from safelight.engine import server
from safelight.engine.client import EngineClient
from safelight.engine.events import (
    EngineFailed,
    EngineReady,
    EngineStopped,
    Event,
    HitExplained,
    IndexProgress,
    ModelReady,
    OperationDone,
    OperationFailed,
    RequestFailed,
    SearchResults,
)
from safelight.engine.requests import (
    CancelIndexing,
    ExplainHit,
    FindSimilar,
    PauseIndexing,
    ResumeIndexing,
    RetryFailures,
    RunOperation,
    Search,
    Shutdown,
)
from safelight.engine.server import EngineOptions
from safelight.services.library import Library
from safelight.store import files, folders, orphans, photos, saved_searches
from safelight.store.library import LibraryStore
from safelight.store.recovery import health
from support.fake_engine import (
    open_with_a_model_that_never_loads,
    open_with_fake_model,
    open_with_recorded_priorities,
)
from support.pictures import encoded, scene
from support.waiting import wait_until

pytestmark = pytest.mark.slow

E = TypeVar("E")


class Talk:
    """One side of a conversation with an engine."""

    def __init__(self, place: Path, client: EngineClient | None = None) -> None:
        self.library = place / "library"
        self.root = place / "Pictures"
        self.root.mkdir()
        options = EngineOptions(self.library, place / "models")
        self.client = client or EngineClient(options, open_with_fake_model)
        self.heard: list[Event] = []

    def hear(self, kind: type[E], where: Callable[[E], bool] = lambda _: True) -> E:
        """The next event of a kind; everything met on the way is kept in ``heard``."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            event = self.client.receive(0.5)
            if event is None:
                continue
            self.heard.append(event)
            if isinstance(event, kind) and where(event):
                return event
        raise AssertionError(f"no {kind.__name__}; heard {[type(e).__name__ for e in self.heard]}")

    def draw(self, count: int) -> None:
        for number in range(count):
            (self.root / f"{number}.jpg").write_bytes(encoded(scene(seed=number), "JPEG"))

    def add(self, photos_expected: int) -> list[int]:
        self.client.send(RunOperation(901, AddFolder(str(self.root))))
        added: list[int] = []
        while len(added) < photos_expected:
            added += self.hear(LibraryChanged, lambda change: bool(change.added)).added
        self.hear(IndexProgress, lambda event: event.progress.phase is Phase.IDLE)
        return added


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    talk = Talk(tmp_path)
    talk.client.start()
    talk.hear(EngineReady)
    yield talk
    talk.client.close()
    assert not [child for child in multiprocessing.active_children() if child.name == "safelight-engine"]


def test_a_folder_is_indexed_searched_and_forgotten(talk: Talk) -> None:
    talk.hear(ModelReady)
    talk.draw(6)
    ids = talk.add(6)
    assert any(isinstance(event, IndexProgress) for event in talk.heard)

    talk.client.send(Search(1, "red"))
    assert {hit.photo_id for hit in talk.hear(SearchResults, lambda r: r.generation == 1).hits} == set(ids)
    talk.client.send(FindSimilar(2, photo_id=ids[0]))
    assert talk.hear(SearchResults, lambda r: r.generation == 2).hits[0].photo_id == ids[0]
    talk.client.send(FindSimilar(3, image=(talk.root / "4.jpg").read_bytes()))
    pasted = talk.hear(SearchResults, lambda r: r.generation == 3)
    talk.client.send(FindSimilar(4, path=str(talk.root / "4.jpg")))
    assert talk.hear(SearchResults, lambda r: r.generation == 4).hits == pasted.hits

    talk.client.send(FindSimilar(5, photo_id=ids[0], text="name:4.jpg"))
    (both,) = talk.hear(SearchResults, lambda r: r.generation == 5).hits
    assert both.photo_id != ids[0]

    talk.client.send(ExplainHit(6, ids[0], Search(1, "red")))
    first = talk.hear(HitExplained)
    assert (first.generation, first.complete, first.explanation.heat) == (6, False, ())
    assert [part.text for part in first.explanation.parts] == ["red"]
    last = talk.hear(HitExplained)
    assert (last.generation, last.complete) == (6, True)
    assert last.explanation.heat
    talk.client.send(ExplainHit(7, ids[0], FindSimilar(2, photo_id=ids[0], text="red")))
    assert [part.text for part in talk.hear(HitExplained).explanation.parts] == ["this picture", "red"]
    talk.client.send(ExplainHit(8, 987, Search(1, "red")))
    assert talk.hear(RequestFailed).generation == 8

    talk.client.send(RunOperation(51, SetFavourite((ids[0],), True)))
    talk.hear(LibraryChanged, lambda change: change.updated == (ids[0],))
    with LibraryStore.open_read_only(talk.library) as store, store.read() as db:
        assert photos.ids(db, favourites=True) == [ids[0]]
        (folder,) = folders.all_folders(db)
    talk.client.send(RunOperation(902, RemoveFolder(folder.id)))
    assert set(talk.hear(LibraryChanged, lambda change: bool(change.removed)).removed) == set(ids)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, a process has one priority")
def test_only_work_that_nobody_waits_for_has_a_lower_priority(tmp_path: Path) -> None:
    options = EngineOptions(tmp_path / "library", tmp_path / "models")
    talk = Talk(tmp_path, EngineClient(options, open_with_recorded_priorities))
    talk.client.start()
    try:
        talk.hear(ModelReady)
        talk.draw(2)
        talk.add(2)
        talk.client.send(Search(1, "priority"))
        talk.hear(SearchResults, lambda results: results.generation == 1)
    finally:
        talk.client.close()
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert int((talk.library / "query").read_text()) == own
    assert int((talk.library / "photos").read_text()) == max(own, 5)


def test_what_cannot_be_done_is_reported_in_one_line(talk: Talk) -> None:
    talk.client.send(RunOperation(903, AddFolder(str(talk.root / "missing"))))
    failed_folder = talk.hear(OperationFailed)
    assert failed_folder.code == "folder"
    assert "missing" in str(failed_folder.message)
    talk.client.send(Search(7, "   "))
    assert talk.hear(RequestFailed).generation == 7
    talk.client.send(FindSimilar(8, image=b"nothing"))
    failed = talk.hear(RequestFailed, lambda event: event.generation == 8)
    assert "\n" not in str(failed.message)


def test_searches_are_saved_renamed_and_deleted(talk: Talk) -> None:
    def kept() -> list[tuple[str, str]]:
        talk.hear(LibraryChanged, lambda change: change.any_of(ChangeKind.SEARCHES))
        with LibraryStore.open_read_only(talk.library) as store, store.read() as db:
            return [(each.name, each.query) for each in saved_searches.all_searches(db)]

    talk.client.send(RunOperation(52, SaveSearch("Beach", "beach -people")))
    assert kept() == [("Beach", "beach -people")]
    talk.client.send(RunOperation(60, RenameSearch(1, "Sea")))
    assert kept() == [("Sea", "beach -people")]
    talk.client.send(RunOperation(53, SaveSearch("", "beach")))
    failed = talk.hear(OperationFailed)
    assert (failed.generation, failed.code) == (53, "usage")
    assert "name" in str(failed.message)
    talk.client.send(RunOperation(61, DeleteSearch(1)))
    assert kept() == []


def test_large_requests_and_many_answers_do_not_wait_for_each_other(talk: Talk) -> None:
    """Both directions of the pipe are filled at once, as receiving and sending have a thread each in the
    window; if they shared a lock while one of them writes, this would hang."""
    picture = encoded(scene(), "PNG") + bytes(3_000_000)

    def ask() -> None:
        for number in range(100):
            talk.client.send(RunOperation(904, AddFolder("/missing/" + "x" * 4000)))
            if number % 10 == 9:
                talk.client.send(FindSimilar(number, image=picture))

    asking = threading.Thread(target=ask)
    asking.start()
    talk.hear(SearchResults, lambda results: results.generation == 99)
    asking.join(30)
    assert not asking.is_alive()


def test_pause_resume_cancel_and_retry(talk: Talk) -> None:
    talk.client.send(PauseIndexing())
    talk.hear(IndexProgress, lambda event: event.progress.phase is Phase.PAUSED)
    talk.draw(3)
    talk.client.send(RunOperation(905, AddFolder(str(talk.root))))
    talk.hear(LibraryChanged, lambda change: change.any_of(ChangeKind.FOLDERS))
    talk.client.send(ResumeIndexing())
    talk.hear(LibraryChanged, lambda change: bool(change.added))
    talk.client.send(CancelIndexing())
    (talk.root / "bad.jpg").write_bytes(b"not a picture")
    talk.hear(LibraryChanged, lambda change: change.any_of(ChangeKind.FAILURES))
    (first,) = failures(talk)
    talk.client.send(RetryFailures())
    # Another attempt, which also ends the ignoring of failures, must be over before the file is ignored.
    wait_until(lambda: [each.when > first.when for each in failures(talk)] == [True], "a retry")
    talk.client.send(RunOperation(54, IgnoreFailures((first.file_id,))))
    wait_until(lambda: failures(talk) == [], "it to be ignored")


def failures(talk: Talk) -> list[Failure]:
    talk.client.receive(0.05)
    with LibraryStore.open_read_only(talk.library) as store, store.read() as db:
        return files.failures(db)


def test_a_killed_engine_comes_back_and_continues(talk: Talk) -> None:
    talk.draw(30)
    talk.client.send(RunOperation(906, AddFolder(str(talk.root))))
    talk.hear(LibraryChanged, lambda change: change.any_of(ChangeKind.FOLDERS))
    for _ in range(2):
        pid = talk.client.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        assert talk.hear(EngineStopped).will_restart
        talk.hear(EngineReady)
        assert talk.client.pid != pid

    def all_there() -> bool:
        talk.client.receive(0.05)
        with LibraryStore.open_read_only(talk.library) as store, store.read() as db:
            return photos.counts(db, None).photos == 30 and not files.pending_ids(db)

    wait_until(all_there, "30 photos", 60)
    talk.client.close()
    with LibraryStore.open_read_only(talk.library) as store, store.read() as db:
        assert health.check(db) == []


def test_a_library_in_use_is_explained_and_not_retried(talk: Talk, tmp_path: Path) -> None:
    second = EngineClient(EngineOptions(talk.library, tmp_path / "models"), open_with_fake_model)
    second.start()
    try:
        events = [second.receive(30), second.receive(30)]
        assert isinstance(events[0], EngineFailed)
        assert "using the library" in str(events[0].message)
        assert isinstance(events[1], EngineStopped)
        assert not events[1].will_restart
        assert second.send(Search(1, "x")) is False
    finally:
        second.close()


def test_an_engine_that_keeps_dying_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from safelight.engine import client as module

    monkeypatch.setattr(module, "_RESTART_DELAYS", (0.0, 0.0))
    monkeypatch.setattr(module, "_DEATH_WINDOW", 3600.0)
    client = EngineClient(EngineOptions(tmp_path / "library", tmp_path / "models"), _die)
    client.start()
    try:
        stops = [client.receive(60) for _ in range(3)]
        assert [isinstance(stop, EngineStopped) and stop.will_restart for stop in stops] == [
            True,
            True,
            False,
        ]
        assert client.receive(0.1) is None
    finally:
        client.close()


def _die(options: EngineOptions) -> Library:
    os._exit(3)


def test_the_engine_ends_when_its_window_is_killed(tmp_path: Path) -> None:
    """A stand-in for the window starts an engine and is killed; the engine must not live on."""
    program = (
        "import sys, time; from pathlib import Path\n"
        "from support.fake_engine import open_with_a_model_that_never_loads, open_with_fake_model\n"
        "from safelight.engine.client import EngineClient\n"
        "from safelight.engine.server import EngineOptions\n"
        "if __name__ == '__main__':\n"
        "    place = Path(sys.argv[1])\n"
        "    client = EngineClient(EngineOptions(place, place), open_with_fake_model)\n"
        "    client.start(); client.receive(60)\n"
        "    print(client.pid, flush=True)\n"
        "    time.sleep(600)\n"
    )
    script = tmp_path / "window.py"
    script.write_text(program)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    window = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path / "library")], stdout=subprocess.PIPE, env=environment
    )
    assert window.stdout is not None
    engine = int(window.stdout.readline())
    window.kill()
    window.wait()
    window.stdout.close()
    wait_until(lambda: not _alive(engine), "the engine to end")


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def undone(talk: Talk) -> UndoOutcome:
    outcome = talk.hear(OperationDone).outcome
    assert isinstance(outcome, UndoOutcome)
    return outcome


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="there a person puts files back")
def test_photos_go_to_the_trash_and_come_back_even_if_forgotten_meanwhile(talk: Talk) -> None:
    talk.draw(3)
    ids = talk.add(3)
    talk.client.send(RunOperation(1, TrashPhotos((ids[0],))))
    assert talk.hear(LibraryChanged).removed == (ids[0],)
    step = talk.hear(OperationDone).outcome.step
    assert len(list(talk.root.iterdir())) == 2
    talk.client.send(RunOperation(2, Undo(step)))
    assert talk.hear(LibraryChanged).added == (ids[0],)
    assert undone(talk).restored == 1
    assert len(list(talk.root.iterdir())) == 3

    talk.client.send(RunOperation(3, TrashPhotos((ids[0],))))
    talk.hear(OperationDone)
    talk.client.close()
    with LibraryStore.create_or_open(talk.library) as store, store.write() as db:
        assert orphans.prune(db, time.time() + 1) == 1  # as if it had been gone for long
    talk.client = EngineClient(EngineOptions(talk.library, talk.library / "models"), open_with_fake_model)
    talk.client.start()
    talk.hear(EngineReady)
    talk.client.send(RunOperation(4, Undo()))
    assert undone(talk).restored == 1
    assert len(talk.hear(LibraryChanged, lambda change: bool(change.added)).added) == 1


def test_ending_while_a_model_loads_leaves_no_thread_to_be_unwound(tmp_path: Path) -> None:
    """Inside torch's import that aborts the process, and a desktop reports a crash."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    options = EngineOptions(tmp_path / "library", tmp_path / "models")
    engine = context.Process(target=server.main, args=(theirs, options, open_with_a_model_that_never_loads))
    engine.start()
    theirs.close()
    assert isinstance(ours.recv(), EngineReady)
    ours.send(Shutdown())
    engine.join(60)
    assert engine.exitcode == 0
    assert not (options.library / "finalised").exists()
    engine.close()
    ours.close()
