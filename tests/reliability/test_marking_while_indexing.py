"""Marks made while the indexer writes: a kill loses none that was acknowledged, and undo restores each."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest
from PIL import Image

from safelight.core.changes import LibraryChanged
from safelight.core.operations import AddFolder, SetFavourite, Undo, UndoOutcome
from safelight.engine.events import EngineReady, IndexProgress, OperationDone
from safelight.engine.requests import RunOperation
from safelight.store import journal, photos
from safelight.store.library import LibraryStore
from support.engine_talk import EngineTalk

PHOTOS, PRESSES, KILLED_AFTER = 1000, 200, 150


def draw(root: Path, count: int) -> None:
    root.mkdir()
    for number in range(count):
        colour = (number % 256, number // 256, 90)
        Image.new("RGB", (48, 32), colour).save(root / f"{number:04}.png")


@pytest.mark.skipif(sys.platform == "win32", reason="kills with SIGKILL")
def test_no_acknowledged_mark_is_lost_and_undo_restores_each(tmp_path: Path) -> None:
    draw(tmp_path / "Pictures", PHOTOS)
    with EngineTalk(tmp_path) as talk:
        talk.client.send(RunOperation(1, AddFolder(str(tmp_path / "Pictures"))))
        first = talk.hear(LibraryChanged, lambda change: bool(change.added)).added[:7]
        for press in range(PRESSES):
            photo = first[press % len(first)]
            talk.client.send(RunOperation(100 + press, SetFavourite((photo,), press // len(first) % 2 == 0)))
        acknowledged = [
            talk.hear(OperationDone, lambda done: done.generation >= 100).outcome for _ in range(KILLED_AFTER)
        ]
        os.kill(talk.pid, signal.SIGKILL)
        assert any(isinstance(event, IndexProgress) for event in talk.heard), "nothing was indexed meanwhile"

        steps = [outcome.step for outcome in acknowledged]
        assert None not in steps
        talk.hear(EngineReady)
        with LibraryStore.open_read_only(talk.library) as store, store.read() as db:
            kept = [each.step.id for each in journal.steps(db) if each.step.action == SetFavourite.code]
            marked = set(photos.ids(db, favourites=True))
        assert set(steps) <= set(kept)
        presses = len(kept)  # the last ones may have been applied but not acknowledged
        assert KILLED_AFTER <= presses <= PRESSES
        expected = {
            photo
            for number, photo in enumerate(first)
            if (range(number, presses, len(first))[-1] // len(first)) % 2 == 0
        }
        assert marked == expected

        for number, step in enumerate(kept):  # the latest first
            talk.client.send(RunOperation(1000 + number, Undo()))
            outcome = talk.hear(OperationDone, lambda done, n=number: done.generation == 1000 + n).outcome  # type: ignore[misc]
            assert isinstance(outcome, UndoOutcome)
            assert (outcome.undone, outcome.reverted) == (step, 1)
        with LibraryStore.open_read_only(talk.library) as store, store.read() as db:
            assert photos.ids(db, favourites=True) == []
