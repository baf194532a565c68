"""What of a folder is reported after which event."""

from __future__ import annotations

import errno
import logging
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from watchdog.events import FileSystemEventHandler
from watchdog.observers.api import BaseObserver, EventEmitter, ObservedWatch

from safelight.services.indexing.mounts import Mount, mounts_below
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


def emitter_of(watcher: FolderWatcher) -> EventEmitter:
    """watchdog's thread for the only root."""
    observer = watcher._observer._observer
    assert observer is not None
    (emitter,) = observer.emitters
    return emitter


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
    }
    now = "none"

    def mount_table() -> bytes:
        return tables[now].encode()

    watcher = FolderWatcher(reports, settle=0.05, heartbeat=0.05, mount_table=mount_table)
    try:
        watcher.watch(1, os.fsencode(root))
        for now in ("a card", "another card", "none"):
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
    assert mounts_below(b"/photos", table) == {Mount(b"32", b"0:10", b"card", b"vfat")}


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


@pytest.mark.skipif(sys.platform != "linux", reason="only inotify's part of watchdog says so")
def test_a_watch_that_ended_unseen_is_made_again(
    watcher: FolderWatcher, reports: Reports, tmp_path: Path
) -> None:
    """watchdog's own error where the limit of watches follows an overflow: it goes on, and sees nothing."""
    watcher.watch(1, os.fsencode(tmp_path))
    emitter_of(watcher).on_thread_stop()  # alive, but deaf
    (tmp_path / "unseen.jpg").write_bytes(b"x")
    logging.getLogger("watchdog.observers.inotify").error(
        "Unable to rebuild recursive inotify watches below %r", str(tmp_path).encode()
    )
    wait_until(reports.whole, "a report of the whole folder")
    (tmp_path / "seen.jpg").write_bytes(b"x")
    wait_until(lambda: b"seen.jpg" in reports.paths(), "an event of the new watch")


@pytest.mark.skipif(sys.platform != "linux", reason="only inotify's part of watchdog has that fault")
def test_emptying_the_trash_of_two_folders_of_one_name_does_not_end_watching(
    watcher: FolderWatcher, reports: Reports, tmp_path: Path
) -> None:
    """watchdog's reader of all roots raises KeyError there."""
    root, trash = tmp_path / "photos", tmp_path / "trash"
    root.mkdir()
    trash.mkdir()
    watcher.watch(1, os.fsencode(root))
    for number in (1, 2):
        reports.all.clear()
        (root / "New Folder").mkdir()
        wait_until(lambda: b"New Folder" in reports.paths(), "the folder")
        reports.all.clear()
        (root / "New Folder").rename(trash / f"New Folder.{number}")
        wait_until(lambda: b"New Folder" in reports.paths(), "its leaving")
    reports.all.clear()
    for number in (2, 1):
        (trash / f"New Folder.{number}").rmdir()
    for name in ("a.jpg", "b.jpg"):  # one may be found by the restart, and one by its watch
        reports.all.clear()
        (root / name).write_bytes(b"x")
        wait_until(lambda: bool(reports.paths()) or reports.whole(), "a file after it")


@pytest.mark.skipif(sys.platform != "linux", reason="only inotify's part of watchdog says so")
def test_stopping_while_events_wait_is_no_error(watcher: FolderWatcher, tmp_path: Path) -> None:
    """watchdog says so at ERROR; unexpected records fail a test."""
    watcher.watch(1, os.fsencode(tmp_path))
    emitter = emitter_of(watcher)
    emitter.on_thread_stop()
    emitter.queue_events(0)


def test_a_root_that_cannot_be_watched_is_polled(
    reports: Reports, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watcher = FolderWatcher(reports, settle=0.05, heartbeat=0.05, poll=0.1)
    try:

        def no_more(*_: object, **__: object) -> None:
            raise OSError(28, "inotify watch limit reached")

        monkeypatch.setattr(watcher._observer._observer, "schedule", no_more)
        watcher.watch(1, os.fsencode(tmp_path))
        wait_until(lambda: len(reports.all) >= 2 and reports.whole(), "two polls")
    finally:
        watcher.close()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such limit")
def test_where_watches_run_out_all_roots_are_scanned_on_a_timer(
    reports: Reports, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """watchdog does not say that it had none for a folder below a root. Another folder shows it."""
    schedule = BaseObserver.schedule
    left = False

    def limited(
        observer: BaseObserver, handler: FileSystemEventHandler, path: str, **options: Any
    ) -> ObservedWatch:
        if path != str(tmp_path) and not left:
            raise OSError(errno.ENOSPC, "inotify watch limit reached")
        return schedule(observer, handler, path, **options)

    monkeypatch.setattr(BaseObserver, "schedule", limited)
    watcher = FolderWatcher(reports, settle=0.05, heartbeat=0.05, poll=0.1)
    try:
        watcher.watch(1, os.fsencode(tmp_path))
        wait_until(lambda: len(reports.all) >= 3 and reports.whole(), "scans on a timer")
        left = True
        wait_until(lambda: not watcher._used_up, "watches to be left again")
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
