"""Trees of watched folders on Linux: after any renames, changes are reported under the paths of that time."""

from __future__ import annotations

import errno
import os
import random
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from safelight.services.indexing.watcher import FolderWatcher
from support.waiting import wait_until

if sys.platform != "linux":
    pytest.skip("inotify is Linux's", allow_module_level=True)

from safelight.services.indexing import inotify
from safelight.services.indexing.inotify import Inotify, InotifyEvent
from safelight.services.indexing.inotify_observer import InotifyObserver, WatchedTree


class Watched:
    """A root under an observer, and the paths that were reported."""

    def __init__(self, root: Path, observer: InotifyObserver) -> None:
        self.root = root
        self.observer = observer
        self.reported: list[bytes] = []
        tree = observer.watch(os.fsencode(root), self.reported.append)
        assert tree is not None
        self.tree: WatchedTree = tree
        self._number = 0

    def caught_up(self) -> None:
        """Wait until all events so far were handled."""
        self._number += 1
        name = f"marker {self._number}"
        (self.root / name).write_bytes(b"")
        wait_until(lambda: os.fsencode(name) in self.reported, "the marker")

    def paths(self) -> set[bytes]:
        return set(self.tree.watches)

    def folders(self) -> set[bytes]:
        """What should be watched."""
        below = (path for path in self.root.rglob("*") if path.is_dir())
        return {b"", *(os.fsencode(path.relative_to(self.root)) for path in below)}

    def assert_right(self) -> None:
        """A new file in each folder is reported once under its path, and nowhere else."""
        self.caught_up()
        assert self.paths() == self.folders()
        self.reported.clear()
        for folder in self.folders():
            (self.root / os.fsdecode(folder) / "new").write_bytes(b"")
        self.caught_up()
        news = {path for path in self.reported if os.path.basename(path) == b"new"}
        assert news == {os.path.join(folder, b"new") for folder in self.folders()}


@pytest.fixture
def observer() -> Iterator[InotifyObserver]:
    observer = InotifyObserver()
    yield observer
    observer.close()


@pytest.fixture
def watched(tmp_path: Path, observer: InotifyObserver) -> Watched:
    root = tmp_path / "root"
    for name in ("A/sub", "B", "X"):
        (root / name).mkdir(parents=True)
    return Watched(root, observer)


def test_a_folder_that_leaves_and_comes_back_under_another_name(watched: Watched, tmp_path: Path) -> None:
    root = watched.root
    for source, target in (
        (root / "A", tmp_path / "out"),
        (tmp_path / "out", root / "C"),
        (root / "X", root / "A"),
        (root / "A", root / "Z"),
    ):
        source.rename(target)
        watched.caught_up()
    watched.assert_right()


def test_a_folder_that_left_is_not_reported_any_more(watched: Watched, tmp_path: Path) -> None:
    (watched.root / "A").rename(tmp_path / "out")
    watched.caught_up()
    watched.reported.clear()
    (tmp_path / "out" / "sub" / "new").write_bytes(b"")
    watched.caught_up()
    assert [path for path in watched.reported if not path.startswith(b"marker")] == []
    assert watched.paths() == {b"", b"B", b"X"}


def test_folders_renamed_before_the_events_are_read(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder is made and renamed, and another one gets its name, before the first event is handled."""
    hold, free = threading.Event(), threading.Event()
    handle = InotifyObserver._handle

    def late(observer: InotifyObserver, event: InotifyEvent) -> None:
        hold.set()
        assert free.wait(60)
        handle(observer, event)

    monkeypatch.setattr(InotifyObserver, "_handle", late)
    root = watched.root
    (root / "first").write_bytes(b"")
    assert hold.wait(60)
    (root / "N").mkdir()
    (root / "N" / "in n").mkdir()
    (root / "N").rename(root / "M")
    (root / "A").rename(root / "N")
    (root / "N" / "sub").rename(root / "M" / "sub")
    (root / "B").rename(root / "M" / "sub" / "deep")
    (root / "M").rename(root / "X" / "M")
    free.set()
    watched.assert_right()


def test_random_renames(watched: Watched, tmp_path: Path) -> None:
    chance = random.Random(7)
    outside = tmp_path / "outside"
    outside.mkdir()
    for turn in range(30):
        for number in range(20):
            inside = [path for path in watched.root.rglob("*") if path.is_dir()]
            away = list(outside.iterdir())
            target = chance.choice([watched.root, *inside]) / f"{turn} {number}"
            kind = chance.random()
            with suppress(OSError):  # a folder cannot be moved into itself or removed while it is not empty
                if kind < 0.3 or not inside:
                    target.mkdir()
                elif kind < 0.4:
                    chance.choice(inside).rename(outside / f"{turn} {number}")
                elif kind < 0.5 and away:
                    chance.choice(away).rename(target)
                elif kind < 0.55:
                    chance.choice(inside).rmdir()
                elif kind < 0.7 and len(inside) > 1:
                    one, other = chance.sample(inside, 2)
                    one.rename(tmp_path / "aside")
                    try:
                        other.rename(one)
                    finally:
                        (tmp_path / "aside").rename(target)
                else:
                    chance.choice(inside).rename(target)
        for file in watched.root.rglob("new"):
            file.unlink()
        watched.assert_right()
    watches = set(watched.tree.watches.values())
    assert set(watched.observer._places) == watches  # none is left over


def test_folders_that_scans_skip_are_not_watched(watched: Watched) -> None:
    for name in (".hidden", "lost+found", "A/@eaDir"):
        (watched.root / name / "in").mkdir(parents=True)
    watched.caught_up()
    assert watched.paths() == {b"", b"A", b"A/sub", b"B", b"X"}
    (watched.root / ".hidden").rename(watched.root / "shown")
    watched.caught_up()
    assert watched.paths() == {b"", b"A", b"A/sub", b"B", b"X", b"shown", b"shown/in"}
    (watched.root / "shown").rename(watched.root / ".hidden")
    watched.caught_up()
    assert watched.paths() == {b"", b"A", b"A/sub", b"B", b"X"}


def test_roots_inside_each_other_both_report(watched: Watched, observer: InotifyObserver) -> None:
    inner = Watched(watched.root / "A", observer)
    (watched.root / "A" / "sub" / "new").write_bytes(b"")
    wait_until(lambda: b"sub/new" in inner.reported, "the inner root's report")
    wait_until(lambda: b"A/sub/new" in watched.reported, "the outer root's report")
    observer.unwatch(inner.tree)
    inner.reported.clear()
    (watched.root / "A" / "sub" / "newer").write_bytes(b"")
    wait_until(lambda: b"A/sub/newer" in watched.reported, "the outer root's report")
    assert inner.reported == []


def test_a_touched_file_is_reported_and_a_read_one_is_not(watched: Watched) -> None:
    file = watched.root / "A" / "a.jpg"
    file.write_bytes(b"x")
    watched.caught_up()
    watched.reported.clear()
    file.read_bytes()
    os.utime(file.parent)
    watched.caught_up()
    assert [path for path in watched.reported if not path.startswith(b"marker")] == []
    os.utime(file, (1, 1))
    wait_until(lambda: b"A/a.jpg" in watched.reported, "the touched file")


def test_a_deleted_root_is_not_alive(watched: Watched, observer: InotifyObserver) -> None:
    for name in ("A/sub", "A", "B", "X", ""):
        (watched.root / name).rmdir()
    wait_until(lambda: observer.living() == set(), "the end of the watch")


class Reports:
    def __init__(self) -> None:
        self.paths: set[bytes] = set()
        self.whole = 0

    def __call__(self, _: int, paths: frozenset[bytes] | None) -> None:
        self.paths |= paths or set()
        self.whole += paths is None


@pytest.mark.parametrize("flag", [inotify.IN_Q_OVERFLOW, inotify.IN_UNMOUNT, inotify.IN_IGNORED])
def test_after_lost_events_everything_is_watched_again_and_scanned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flag: int
) -> None:
    """The kernel's queue is full, or a drive was unmounted and is back before anybody looks."""
    (tmp_path / "sub").mkdir()
    reports = Reports()
    observer = InotifyObserver()
    watcher = FolderWatcher(reports, settle=0.05, heartbeat=0.05, observer=observer)
    read = Inotify.read
    faked: list[InotifyEvent] = []

    def reading(instance: Inotify) -> list[InotifyEvent]:
        events = read(instance)
        waiting, faked[:] = faked[:], []
        return waiting or events  # the real events of that moment are lost

    monkeypatch.setattr(Inotify, "read", reading)
    try:
        watcher.watch(1, os.fsencode(tmp_path))
        (tree,) = observer.living()
        (tmp_path / "seen").write_bytes(b"")
        wait_until(lambda: b"seen" in reports.paths, "an event")
        assert reports.whole == 0
        faked.append(InotifyEvent(-1 if flag == inotify.IN_Q_OVERFLOW else tree.watches[b""], flag, b""))
        (tmp_path / "lost").write_bytes(b"")
        wait_until(lambda: reports.whole > 0, "a scan of everything")
        wait_until(lambda: len(observer.living()) == 1, "another watch")
        (tmp_path / "sub" / "found").write_bytes(b"")
        wait_until(lambda: b"sub/found" in reports.paths, "an event of the new watch")
    finally:
        watcher.close()


def test_where_watches_run_out_the_root_is_scanned_on_a_timer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sub").mkdir()
    add = Inotify.add
    left = False

    def limited(instance: Inotify, folder: bytes) -> int:
        if folder.endswith(b"sub") and not left:
            raise OSError(errno.ENOSPC, "no space left on device")
        return add(instance, folder)

    monkeypatch.setattr(Inotify, "add", limited)
    reports = Reports()
    observer = InotifyObserver()
    watcher = FolderWatcher(reports, settle=0.05, heartbeat=0.05, poll=0.1, observer=observer)
    try:
        watcher.watch(1, os.fsencode(tmp_path))
        wait_until(lambda: reports.whole >= 3, "scans on a timer")
        left = True

        def found() -> bool:
            """A path counts only when no scan of everything is due at the same time."""
            (tmp_path / "sub" / "found").write_bytes(b"")
            return b"sub/found" in reports.paths

        wait_until(found, "an event in the folder")
        assert not observer.incomplete()
    finally:
        watcher.close()


@pytest.mark.expected_log("watching starts again after an error")
def test_an_error_while_reporting_does_not_end_watching(
    watched: Watched, observer: InotifyObserver, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(path: bytes) -> None:
        raise RuntimeError("a fault")

    watched.tree.on_path = fail
    (watched.root / "a").write_bytes(b"")
    wait_until(lambda: observer.living() == set(), "the watch to be in doubt")
    assert "watching starts again after an error" in caplog.text
    caplog.clear()
    observer.unwatch(watched.tree)
    again = Watched(watched.root, observer)
    again.assert_right()


def test_closing_twice_and_watching_what_is_no_folder(tmp_path: Path, observer: InotifyObserver) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert observer.watch(os.fsencode(tmp_path / "file"), lambda _: None) is None
    assert observer.watch(os.fsencode(tmp_path / "nothing"), lambda _: None) is None
    assert observer.living() == set()
    observer.close()
    observer.close()
