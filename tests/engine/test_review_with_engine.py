"""Moving many files to the trash while the engine watches the same folder."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from safelight.core.changes import LibraryChanged, RemovalsHeld
from safelight.core.duplicates import GroupAction
from safelight.core.jobs import Phase
from safelight.core.operations import AddFolder, TrashDuplicates, TrashOutcome, Undo, UndoOutcome
from safelight.engine.client import EngineClient
from safelight.engine.events import (
    EngineReady,
    Event,
    IndexProgress,
    OperationDone,
    RequestFailed,
)
from safelight.engine.requests import Rescan, RunOperation
from safelight.engine.server import EngineOptions
from safelight.store import files, folders, photos
from safelight.store.library import LibraryStore
from safelight.store.recovery import health
from support.fake_engine import open_with_fake_model
from support.pictures import encoded, scene
from support.waiting import wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sys.platform in ("darwin", "win32"),
        reason="restores from the trash of freedesktop.org's specification",
    ),
]

E = TypeVar("E")
PHOTOS = 40


class Talk:
    def __init__(self, place: Path) -> None:
        self.library, self.root = place / "library", place / "Pictures"
        self.client = EngineClient(EngineOptions(self.library, place / "models"), open_with_fake_model)
        self.heard: list[Event] = []

    def hear(self, kind: type[E], where: Callable[[E], bool] = lambda _: True) -> E:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            event = self.client.receive(0.5)
            if event is not None:
                self.heard.append(event)
            if isinstance(event, kind) and where(event):
                return event
        raise AssertionError(f"no {kind.__name__}")

    def holds(self, number: int) -> bool:
        """Whether the library knows this many files, and all is sound."""
        with LibraryStore.open_read_only(self.library) as store, store.read() as db:
            counts = photos.counts(db)
            return counts.files == number and not counts.pending and health.check(db) == []

    def rest(self) -> None:
        """Until a look at everything is over."""
        self.client.send(Rescan())
        self.hear(IndexProgress, lambda event: event.progress.phase is Phase.SCANNING)
        self.hear(IndexProgress, lambda event: event.progress.phase is Phase.IDLE)


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    talk = Talk(tmp_path)
    for folder in ("one", "two"):
        (talk.root / folder).mkdir(parents=True)
    for number in range(PHOTOS):
        (talk.root / "one" / f"{number}.jpg").write_bytes(encoded(scene(seed=number), "JPEG"))
        shutil.copy(talk.root / "one" / f"{number}.jpg", talk.root / "two" / f"{number}.jpg")
    talk.client.start()
    talk.hear(EngineReady)
    talk.client.send(RunOperation(901, AddFolder(str(talk.root))))
    talk.hear(LibraryChanged, lambda change: bool(change.added))
    wait_until(lambda: talk.holds(2 * PHOTOS), "all files", 60)
    yield talk
    talk.client.close()


def actions(talk: Talk) -> tuple[GroupAction, ...]:
    """Of each photo one file is to go: of every other one that in the first folder."""
    with LibraryStore.open_read_only(talk.library) as store, store.read() as db:
        (folder,) = folders.all_folders(db)
        ids = {row.path: row.id for row in files.in_folder(db, folder.id)}
    found = []
    for number in range(PHOTOS):
        keep, go = (b"one", b"two") if number % 2 else (b"two", b"one")
        name = b"/%d.jpg" % number
        found.append(GroupAction(f"identical-{number}", (ids[keep + name],), (ids[go + name],)))
    return tuple(found)


def test_half_of_a_watched_folder_goes_and_comes_back_without_a_question(talk: Talk) -> None:
    talk.client.send(RunOperation(1, TrashDuplicates(actions(talk))))
    talk.client.send(Rescan())  # which looks at the folder in the middle of it
    settled = talk.hear(OperationDone).outcome
    assert isinstance(settled, TrashOutcome)
    assert (settled.trashed, settled.spared) == (PHOTOS, ())
    talk.rest()
    wait_until(lambda: talk.holds(PHOTOS), "the copies to be forgotten")
    talk.client.send(RunOperation(2, Undo()))
    talk.client.send(Rescan())
    undone = talk.hear(OperationDone).outcome
    assert isinstance(undone, UndoOutcome)
    assert (undone.restored, undone.failed) == (PHOTOS, ())
    talk.rest()
    wait_until(lambda: talk.holds(2 * PHOTOS), "the copies to be known again")
    assert not [event for event in talk.heard if isinstance(event, RemovalsHeld | RequestFailed)]
