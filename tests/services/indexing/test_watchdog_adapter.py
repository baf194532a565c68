"""watchdog's events become paths to scan. On Linux its polling observer stands in for other systems'."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from watchdog.events import (
    DirModifiedEvent,
    DirMovedEvent,
    FileClosedNoWriteEvent,
    FileCreatedEvent,
    FileMovedEvent,
    FileOpenedEvent,
    FileSystemEvent,
)
from watchdog.observers.polling import PollingObserver

from safelight.services.indexing import watchdog_adapter
from safelight.services.indexing.watchdog_adapter import WatchdogObserver
from safelight.services.indexing.watcher import FolderWatcher
from support.waiting import wait_until


@pytest.mark.parametrize(
    ("event", "paths"),
    [
        (FileCreatedEvent("/photos/a.jpg"), [b"a.jpg"]),
        (FileMovedEvent("/photos/a.jpg", "/photos/sub/b.jpg"), [b"a.jpg", b"sub/b.jpg"]),
        (DirMovedEvent("/photos/a", "/elsewhere/a"), [b"a", b""]),
        (DirModifiedEvent("/photos"), []),
        (FileOpenedEvent("/photos/a.jpg"), []),
        (FileClosedNoWriteEvent("/photos/a.jpg"), []),
    ],
)
def test_paths_of_an_event(event: FileSystemEvent, paths: list[bytes]) -> None:
    reported: list[bytes] = []
    watchdog_adapter._Handler(reported.append, b"/photos").dispatch(event)
    assert reported == paths


def test_a_watch_that_ends_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog_adapter, "Observer", lambda: PollingObserver(timeout=0.05))
    root = tmp_path / "root"
    root.mkdir()
    reported: list[frozenset[bytes] | None] = []
    observer = WatchdogObserver()
    watcher = FolderWatcher(
        lambda _, paths: reported.append(paths), settle=0.05, heartbeat=0.05, observer=observer
    )
    try:
        watcher.watch(1, os.fsencode(root))
        (root / "a.jpg").write_bytes(b"x")
        wait_until(lambda: any(b"a.jpg" in paths for paths in reported if paths), "the file")
        (root / "a.jpg").unlink()
        root.rmdir()
        wait_until(lambda: None in reported, "the loss")
        reported.clear()
        root.mkdir()
        wait_until(lambda: None in reported, "the return")
        wait_until(lambda: len(observer.living()) == 1, "another watch")
        (root / "b.jpg").write_bytes(b"x")
        wait_until(lambda: any(b"b.jpg" in paths for paths in reported if paths), "a file in the new root")
    finally:
        watcher.close()
