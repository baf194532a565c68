"""What of a folder is reported after which event."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from safelight.services.indexing.watcher import FolderWatcher
from support.waiting import wait_until

Report = tuple[int, "frozenset[bytes] | None"]


class Reports:
    def __init__(self) -> None:
        self.all: list[Report] = []

    def __call__(self, folder_id: int, paths: frozenset[bytes] | None) -> None:
        self.all.append((folder_id, paths))

    def paths(self) -> set[bytes]:
        return {path for _, paths in self.all for path in paths or ()}

    def whole(self) -> bool:
        return any(paths is None for _, paths in self.all)


@pytest.fixture
def reports() -> Reports:
    return Reports()


@pytest.fixture
def watcher(reports: Reports) -> Iterator[FolderWatcher]:
    watcher = FolderWatcher(reports, settle=0.05, hold=0.5, heartbeat=0.1, poll=0.3)
    yield watcher
    watcher.close()


def test_reports_the_path_that_changed(watcher: FolderWatcher, reports: Reports, tmp_path: Path) -> None:
    watcher.watch(1, os.fsencode(tmp_path))
    (tmp_path / "sub").mkdir()
    wait_until(lambda: b"sub" in reports.paths(), "the folder")
    (tmp_path / "sub" / "a.jpg").write_bytes(b"x")
    (tmp_path / "sub" / "a.jpg").rename(tmp_path / "b.jpg")
    wait_until(lambda: b"b.jpg" in reports.paths(), "the move")
    assert not reports.whole()


def test_reading_a_file_reports_nothing(watcher: FolderWatcher, reports: Reports, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"x")
    watcher.watch(1, os.fsencode(tmp_path))
    (tmp_path / "a.jpg").read_bytes()
    (tmp_path / "marker").write_bytes(b"x")
    wait_until(lambda: b"marker" in reports.paths(), "the marker")
    assert reports.paths() == {b"marker"}


def test_a_root_that_returns_is_reported_whole_and_watched_again(
    watcher: FolderWatcher, reports: Reports, tmp_path: Path
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    watcher.watch(1, os.fsencode(root))
    root.rmdir()
    wait_until(reports.whole, "the loss")
    reports.all.clear()
    root.mkdir()
    wait_until(reports.whole, "the return")
    (root / "a.jpg").write_bytes(b"x")
    wait_until(lambda: b"a.jpg" in reports.paths(), "an event in the new root")


def test_a_missing_root_is_watched_once_it_is_there(
    watcher: FolderWatcher, reports: Reports, tmp_path: Path
) -> None:
    root = tmp_path / "later"
    watcher.watch(1, os.fsencode(root))
    root.mkdir()
    wait_until(reports.whole, "the arrival")


def test_lost_events_mean_looking_at_everything(
    watcher: FolderWatcher, reports: Reports, tmp_path: Path
) -> None:
    """watchdog's own warning, as it writes it when the kernel's queue overflows."""
    watcher.watch(1, os.fsencode(tmp_path))
    logging.getLogger("watchdog.observers.inotify_c").warning(
        "Inotify queue overflowed; filesystem events were lost"
    )
    wait_until(reports.whole, "a report of the whole folder")


def test_a_root_that_cannot_be_watched_is_polled(
    reports: Reports, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watcher = FolderWatcher(reports, settle=0.05, heartbeat=0.05, poll=0.1)
    try:

        def no_more(*_: object, **__: object) -> None:
            raise OSError(28, "inotify watch limit reached")

        assert watcher._observer is not None
        monkeypatch.setattr(watcher._observer, "schedule", no_more)
        watcher.watch(1, os.fsencode(tmp_path))
        wait_until(lambda: len(reports.all) >= 2 and reports.whole(), "two polls")
    finally:
        watcher.close()


def test_an_unwatched_folder_is_silent(watcher: FolderWatcher, reports: Reports, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    watcher.watch(1, os.fsencode(one))
    watcher.watch(2, os.fsencode(two))
    watcher.unwatch(1)
    (one / "a.jpg").write_bytes(b"x")
    (two / "b.jpg").write_bytes(b"x")
    wait_until(lambda: b"b.jpg" in reports.paths(), "the watched one")
    assert b"a.jpg" not in reports.paths()
