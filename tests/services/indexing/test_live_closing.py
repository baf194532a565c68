"""What is done first and what is still done when the program ends, while to watch a folder takes long."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from safelight.core.changes import LibraryChanged
from safelight.core.jobs import Phase, Progress
from safelight.core.operations import AddFolder, Operation, Outcome, RemoveFolder
from safelight.services.indexing.live import Listener, LiveIndexer
from safelight.services.indexing.watcher import SystemObserver
from safelight.services.operations.runner import OperationRunner
from safelight.store import folders
from safelight.store.recovery import backups
from services.conftest import Bench
from support.waiting import wait_until


class Slow:
    """A library of one photo and two folders, which are watched only when ``gate`` opens."""

    def __init__(self, bench: Bench, other: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bench = bench
        self.happened: list[str] = []
        self.gate = threading.Event()
        self.reached = threading.Event()
        bench.draw("a.jpg", 1)
        bench.index()
        other.mkdir()
        self.other = bench.add_root(other)
        really = SystemObserver.watch

        def watch(observer: Any, root: bytes, on_path: Callable[[bytes], None]) -> Any:
            self.reached.set()
            self.gate.wait(60)
            self.happened.append("watched")
            return really(observer, root, on_path)

        monkeypatch.setattr(SystemObserver, "watch", watch)
        self.live: LiveIndexer = bench.library.live(Listener(self._progressed, self._changed, lambda _: None))

    def _progressed(self, progress: Progress) -> None:
        if progress.phase is Phase.SCANNING:
            self.happened.append("scanned")

    def _changed(self, _: LibraryChanged) -> None:
        self.happened.append("changed after the backup" if self.backups else "changed")

    @property
    def backups(self) -> list[Path]:
        return backups.daily(self.bench.store.directory)

    def run(self, operation: Operation[Outcome]) -> None:
        OperationRunner(self.bench.store, on_change=self._changed).run(operation)

    @property
    def folders(self) -> set[int]:
        with self.bench.store.read() as db:
            return {folder.id for folder in folders.all_folders(db)}


@pytest.fixture
def slow(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    made = Slow(bench, tmp_path / "Other", monkeypatch)
    made.live.start()
    yield made
    made.gate.set()
    made.live.close()


def test_only_the_first_scan_waits_for_watches(slow: Slow) -> None:
    assert slow.reached.wait(60)
    assert slow.happened == []
    slow.gate.set()
    assert slow.live.wait_until_idle(60)
    assert slow.happened[:3] == ["watched", "watched", "scanned"]
    slow.bench.draw("b.jpg", 2)
    wait_until(lambda: len(slow.bench.photos()) == 2, "a new photo to be noticed")


def test_the_backup_of_the_day_waits_for_what_was_asked(slow: Slow) -> None:
    assert slow.reached.wait(60)
    slow.live.between_runs(lambda: slow.run(RemoveFolder(slow.other)))
    slow.gate.set()
    assert slow.live.wait_until_idle(60)
    assert slow.happened[:3] == ["watched", "watched", "changed"]
    assert len(slow.backups) == 1


def test_what_was_asked_just_before_the_end_is_done(slow: Slow, tmp_path: Path) -> None:
    (tmp_path / "New").mkdir()
    assert slow.reached.wait(60)
    slow.live.between_runs(lambda: slow.run(RemoveFolder(slow.other)))
    slow.live.between_runs(lambda: slow.run(AddFolder(str(tmp_path / "New"))))
    closer = threading.Thread(target=slow.live.close)
    closer.start()
    wait_until(lambda: slow.live._closing, "the end to be asked for")
    slow.gate.set()
    closer.join(60)
    assert not closer.is_alive()
    assert slow.other not in slow.folders
    assert len(slow.folders) == 2
    # Neither what takes long: more watches, a scan, the backup of the day.
    assert slow.happened.count("watched") == 1
    assert "scanned" not in slow.happened
    assert slow.backups == []
