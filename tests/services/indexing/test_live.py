"""The library follows its folders for as long as the program runs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from safelight.core.errors import FolderError
from safelight.core.jobs import Phase, Progress
from safelight.core.operations import (
    AddFolder,
    ExcludeFolder,
    IncludeFolder,
    Operation,
    Outcome,
    RemoveFolder,
)
from safelight.core.photo import FolderState
from safelight.services.indexing.live import Listener, LiveIndexer
from safelight.services.operations.runner import OperationRunner
from safelight.store import folders
from safelight.store.library import LibraryStore
from services.conftest import Bench, started
from support.pictures import encoded, scene
from support.waiting import wait_until


class Following:
    def __init__(self, bench: Bench) -> None:
        self.messages: list[str] = []
        self.progress: list[Progress] = []
        self.bench = bench
        self.live: LiveIndexer = bench.library.live(
            Listener(
                self.progress.append, bench.changes.append, lambda message: self.messages.append(str(message))
            )
        )


@pytest.fixture
def following(bench: Bench) -> Iterator[Following]:
    following = Following(bench)
    with started(bench, following.live):
        yield following


def see(following: Following, count: int) -> None:
    wait_until(lambda: len(following.bench.photos()) == count, f"{count} photos")


def test_new_changed_moved_and_deleted_files_are_noticed(following: Following) -> None:
    bench = following.bench
    bench.draw("a.jpg", 1)
    see(following, 1)
    bench.draw("deep/er/b.jpg", 2)
    see(following, 2)
    (bench.root / "deep").rename(bench.root / "elsewhere")
    wait_until(lambda: bench.root / "elsewhere/er/b.jpg" in bench.paths(), "the move")
    assert bench.encoder.images_encoded == 2
    (bench.root / "a.jpg").unlink()
    see(following, 1)
    shutil.rmtree(bench.root / "elsewhere")
    see(following, 0)


def test_nothing_behind_a_new_link_to_a_folder_is_indexed(following: Following, tmp_path: Path) -> None:
    bench = following.bench
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "strange.jpg").write_bytes(encoded(scene(seed=9), "JPEG"))
    (bench.root / "link").symlink_to(outside)
    bench.draw("after.jpg", 1)
    see(following, 1)
    assert following.live.wait_until_idle(60)
    assert bench.paths() == {bench.root / "after.jpg"}


def test_an_atomic_save_is_one_change(following: Following) -> None:
    bench = following.bench
    bench.draw("a.jpg", 1)
    see(following, 1)
    old = bench.photos()[0].id
    (bench.root / ".a.jpg.tmp").write_bytes(encoded(scene(seed=5), "JPEG"))
    (bench.root / ".a.jpg.tmp").replace(bench.root / "a.jpg")
    wait_until(lambda: [p.id for p in bench.photos()] not in ([], [old]), "the new picture")
    see(following, 1)


def test_a_root_that_goes_and_comes_back(following: Following, tmp_path: Path) -> None:
    bench = following.bench
    bench.draw("a.jpg", 1)
    see(following, 1)
    bench.root.rename(tmp_path / "away")

    def state() -> FolderState:
        with bench.store.read() as db:
            return folders.all_folders(db)[0].state

    wait_until(lambda: state() is FolderState.OFFLINE, "the folder to be offline")
    assert len(bench.photos()) == 1
    (tmp_path / "away").rename(bench.root)
    wait_until(lambda: state() is FolderState.ONLINE, "the folder to be back")
    bench.draw("b.jpg", 2)
    see(following, 2)


def run_on(live: LiveIndexer, store: LibraryStore, operation: Operation[Outcome]) -> None:
    """Apply an operation as the engine does."""

    def between_runs(work: Callable[[], None]) -> None:
        assert live.between_runs(work).wait(30)

    OperationRunner(store, between_runs=between_runs).run(operation)


def test_folders_come_and_go_while_it_runs(following: Following, tmp_path: Path) -> None:
    bench = following.bench
    bench.draw("a.jpg", 1)
    other = tmp_path / "Other"
    other.mkdir()
    (other / "b.jpg").write_bytes(encoded(scene(seed=2), "JPEG"))
    run_on(following.live, bench.store, AddFolder(str(other)))
    see(following, 2)
    with bench.store.read() as db:
        added = next(f for f in folders.all_folders(db) if Path(f.path).name == "Other")
    run_on(following.live, bench.store, RemoveFolder(added.id))
    see(following, 1)
    assert (other / "b.jpg").exists()
    with pytest.raises(FolderError):
        run_on(following.live, bench.store, AddFolder(str(tmp_path / "missing")))
    with pytest.raises(FolderError):
        run_on(following.live, bench.store, AddFolder(str(other / "b.jpg")))


def test_an_excluded_folder_is_neither_watched_nor_scanned(following: Following) -> None:
    bench, live = following.bench, following.live
    bench.draw("a.jpg", 1)
    bench.draw("left/out/b.jpg", 2)
    see(following, 2)
    run_on(live, bench.store, ExcludeFolder(str(bench.root / "left")))
    see(following, 1)
    bench.draw("left/new.jpg", 3)
    bench.draw("left/out/b.jpg", 4)
    bench.draw("c.jpg", 5)
    see(following, 2)  # what came after the others is there
    live.scan()
    assert live.wait_until_idle(30)
    assert bench.paths() == {bench.root / "a.jpg", bench.root / "c.jpg"}
    run_on(live, bench.store, IncludeFolder(str(bench.root / "left")))
    wait_until(lambda: bench.root / "left/new.jpg" in bench.paths(), "the folder")
    assert live.wait_until_idle(30)
    assert len(bench.paths()) == 4
    assert len(bench.photos()) == 4


def test_files_that_came_into_an_excluded_folder_are_put_aside(bench: Bench) -> None:
    bench.draw("a.jpg", 1)
    bench.draw("left/b.jpg", 2)
    bench.index()
    with bench.store.write() as db:  # as a backup or another process does
        db.execute("INSERT INTO excluded_folder VALUES (?, 0)", (os.fsencode(bench.root / "left"),))
    bench.index()
    assert bench.paths() == {bench.root / "a.jpg"}
    OperationRunner(bench.store).run(IncludeFolder(str(bench.root / "left")))
    assert len(bench.paths()) == 2
    assert bench.encoder.images_encoded == 2


def test_nothing_is_read_while_paused(following: Following) -> None:
    bench = following.bench
    following.live.activity.pause()
    assert following.progress[-1].phase is Phase.PAUSED
    bench.draw("a.jpg", 1)
    following.live.scan()
    assert not following.live.wait_until_idle(0.5)
    assert bench.photos() == []
    following.live.activity.resume()
    see(following, 1)


def test_failures_are_retried_on_request(following: Following) -> None:
    bench = following.bench
    bad = bench.root / "bad.jpg"
    bad.write_bytes(b"\xff\xd8 not much of a picture")
    wait_until(lambda: len(bench.failures()) == 1, "the failure")
    status = bad.stat()
    bad.write_bytes(encoded(scene(), "JPEG")[: status.st_size].ljust(status.st_size, b"\0"))
    following.live.retry(None)
    assert following.live.wait_until_idle(30)
    wait_until(lambda: len(bench.failures()) == 1, "the failure to stand")
    bad.write_bytes(encoded(scene(), "JPEG"))
    see(following, 1)
    assert bench.failures() == []


@pytest.mark.slow
def test_a_burst_of_files_ends_equal_to_a_fresh_scan(following: Following) -> None:
    bench = following.bench
    small = encoded(scene(16, 16), "PNG")
    for number in range(400):
        folder = bench.root / f"{number % 7}"
        folder.mkdir(exist_ok=True)
        (folder / f"{number}.png").write_bytes(small + b"%d" % number)
    for number in range(0, 400, 4):
        os.unlink(bench.root / f"{number % 7}" / f"{number}.png")
    left = {bench.root / f"{number % 7}" / f"{number}.png" for number in range(400) if number % 4}
    wait_until(lambda: bench.paths() == left and following.live.wait_until_idle(0.1), "300 photos", 60)
    report = bench.index()
    assert (report.added, report.removed, report.updated) == (0, 0, 0)


def test_closing_in_the_middle_of_a_run(following: Following) -> None:
    for number in range(60):
        following.bench.draw(f"{number}.jpg", number)
    wait_until(lambda: any(p.phase is Phase.INDEXING for p in following.progress), "the run")
    following.live.close()
    following.live.close()
