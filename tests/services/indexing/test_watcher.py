"""What of a folder is reported after which event."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from safelight.services.indexing.mounts import Mount, mounts_below
from safelight.services.indexing.watcher import FolderWatcher, SystemObserver
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


def test_a_drive_mounted_inside_a_root_makes_it_reported_whole(reports: Reports, tmp_path: Path) -> None:
    root = tmp_path / "with space"
    root.mkdir()
    place = str(root / "card").replace(" ", "\\040")
    tables = {
        "none": f"20 1 0:5 / {tmp_path} rw - ext4 /dev/sda rw\n",
        "a card": f"31 20 0:9 / {place} rw shared:1 - vfat /dev/sdb rw\n",
        "another card": f"32 20 0:9 / {place} rw - vfat /dev/sdb rw\n",
        "another folder of it": f"32 20 0:9 /DCIM {place} rw - vfat /dev/sdb rw\n",
    }
    now = "none"

    def mount_table() -> bytes:
        return tables[now].encode()

    watcher = FolderWatcher(reports, settle=0.05, heartbeat=0.05, mount_table=mount_table)
    try:
        watcher.watch(1, os.fsencode(root))
        for now in ("a card", "another card", "another folder of it", "none"):
            wait_until(reports.whole, f"the change to {now}")
            reports.all.clear()
        (root / "a.jpg").write_bytes(b"x")
        wait_until(lambda: b"a.jpg" in reports.paths(), "an event afterwards")
    finally:
        watcher.close()


def test_what_an_automounter_mounts_is_left_out() -> None:
    table = (
        b"30 20 0:8 / /photos/share rw - autofs systemd-1 rw\n"
        b"31 30 0:9 / /photos/share rw - nfs4 server:/ rw\n"
        b"32 20 0:10 / /photos/card rw - vfat /dev/sdb rw\n"
        b"33 20 0:11 / /photoshop rw - vfat /dev/sdc rw\n"
    )
    assert mounts_below(b"/photos", table) == {Mount(b"32", b"0:10", b"/", b"card", b"vfat")}


def test_a_missing_root_is_watched_once_it_is_there(
    watcher: FolderWatcher, reports: Reports, tmp_path: Path
) -> None:
    root = tmp_path / "later"
    watcher.watch(1, os.fsencode(root))
    root.mkdir()
    wait_until(reports.whole, "the arrival")


def test_a_root_that_cannot_be_watched_is_polled(reports: Reports, tmp_path: Path) -> None:
    observer = SystemObserver()
    watcher = FolderWatcher(reports, settle=0.05, heartbeat=0.05, poll=0.1, observer=observer)
    try:
        observer.watch = lambda *_: None  # type: ignore[method-assign]
        watcher.watch(1, os.fsencode(tmp_path))
        wait_until(lambda: len(reports.all) >= 2 and reports.whole(), "two polls")
    finally:
        watcher.close()


def test_changes_are_reported_while_a_large_folder_begins_to_be_watched(
    reports: Reports, tmp_path: Path
) -> None:
    """watchdog holds a lock while it calls, and takes it to watch one more: neither may wait for both."""
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    inside, done = threading.Event(), threading.Event()

    def slow(root: bytes) -> bool:
        if root == os.fsencode(two):
            inside.set()
            assert done.wait(30)
        return False

    watcher = FolderWatcher(reports, settle=0.05, heartbeat=0.05, remote=slow)
    adding = threading.Thread(target=watcher.watch, args=(2, os.fsencode(two)))
    try:
        watcher.watch(1, os.fsencode(one))
        adding.start()
        assert inside.wait(30)
        (one / "a.jpg").write_bytes(b"x")
        wait_until(lambda: b"a.jpg" in reports.paths(), "the file")
        done.set()
        adding.join()
        (two / "b.jpg").write_bytes(b"x")
        wait_until(lambda: b"b.jpg" in reports.paths(), "a file in the new folder")
    finally:
        done.set()
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
