"""The engine process copies photos while it does other work, and stops when asked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from safelight.core.changes import LibraryChanged
from safelight.core.exporting import SAFE_TO_SHARE, ExportRequest
from safelight.core.operations import AddFolder
from safelight.engine.events import ExportEnded, RequestFailed
from safelight.engine.requests import CancelExport, ExportPhotos, RunOperation
from safelight.store import photos
from safelight.store.library import LibraryStore
from support.engine_talk import EngineTalk
from support.pictures import encoded, scene
from support.processes import stopped
from support.waiting import wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="stops a process by POSIX signals"),
]

PHOTOS = 12


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[EngineTalk]:
    root = tmp_path / "Pictures"
    root.mkdir()
    for number in range(PHOTOS):
        (root / f"{number}.jpg").write_bytes(encoded(scene(seed=number), "JPEG"))
    with EngineTalk(tmp_path) as made:
        made.client.send(RunOperation(901, AddFolder(str(root))))
        made.hear(LibraryChanged, lambda change: bool(change.added))
        wait_until(lambda: len(photo_ids(made)) == PHOTOS, "all photos", 60)
        yield made


def photo_ids(talk: EngineTalk) -> tuple[int, ...]:
    with LibraryStore.open_read_only(talk.library) as store, store.read() as db:
        return tuple(photos.ids(db))


def test_photos_are_copied_converted_and_cancelled(talk: EngineTalk, tmp_path: Path) -> None:
    ids = photo_ids(talk)
    file = tmp_path / "Pictures" / "0.jpg"
    target = tmp_path / "Copies"
    with stopped(talk.pid):  # otherwise the third could be over before the engine reads that it is cancelled
        talk.client.send(ExportPhotos(1, ExportRequest(ids, str(target))))
        talk.client.send(ExportPhotos(2, ExportRequest(ids, str(target), size=50, withheld=SAFE_TO_SHARE)))
        talk.client.send(ExportPhotos(3, ExportRequest(ids, str(target / "none"))))
        talk.client.send(CancelExport(3))
    ended = [talk.hear(ExportEnded) for _ in range(3)]
    assert [(each.generation, each.result.copied) for each in ended[:2]] == [(1, PHOTOS), (2, PHOTOS)]
    assert ended[2].result.cancelled
    assert len(list(target.glob("*.jpg"))) == 2 * PHOTOS
    talk.client.send(ExportPhotos(4, ExportRequest(ids, str(file))))
    failed = talk.hear(RequestFailed)
    assert (failed.generation, str(failed.message)) == (4, f"{file} is not a folder.")
