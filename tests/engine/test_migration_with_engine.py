"""Importing from another program through a real engine process."""

from __future__ import annotations

from pathlib import Path

import pytest

from safelight.core.changes import LibraryChanged
from safelight.core.operations import Undo
from safelight.engine.events import (
    MigrationDone,
    MigrationListed,
    MigrationPreviewed,
    OperationDone,
    RequestFailed,
)
from safelight.engine.requests import (
    ApplyMigration,
    ListMigration,
    PreviewMigration,
    RunOperation,
    StopMigration,
)
from support.engine_talk import EngineTalk
from support.migration_world import MigrationWorld


def table(place: Path, world: MigrationWorld) -> Path:
    path = place / "photos.csv"
    lines = [f"/old/{each.old},{each.size},4,sea" for each in world.originals]
    path.write_text("\n".join(["path,size,rating,tags", *lines, "lost.jpg,1,2,"]))
    return path


@pytest.mark.slow
def test_a_preview_is_applied_listed_and_undone(tmp_path: Path) -> None:
    world = MigrationWorld(tmp_path, 30)
    path = table(tmp_path, world)
    world.close()
    with EngineTalk(tmp_path) as talk:
        talk.client.send(ApplyMigration(1))
        assert "choose the catalogue again" in str(
            talk.hear(RequestFailed, lambda e: e.generation == 1).message
        )
        talk.client.send(PreviewMigration(2, str(path)))
        found = talk.hear(MigrationPreviewed, lambda e: e.generation == 2).preview
        assert (found.records, found.recognised, found.missing) == (31, 15, 16)
        assert found.photos == 15
        talk.client.send(ListMigration(3, str(tmp_path / "list.json")))
        assert talk.hear(MigrationListed, lambda e: e.generation == 3).rows == 16
        talk.client.send(ApplyMigration(4))
        done = talk.hear(MigrationDone, lambda e: e.generation == 4)
        assert done.photos == 15
        assert any(isinstance(each, LibraryChanged) and len(each.updated) == 15 for each in talk.heard)
        talk.client.send(RunOperation(5, Undo(done.step)))
        assert talk.hear(OperationDone, lambda e: e.generation == 5).outcome.change
        talk.client.send(StopMigration())
        talk.client.send(ApplyMigration(6))
        talk.hear(RequestFailed, lambda e: e.generation == 6)
        talk.client.send(PreviewMigration(7, str(tmp_path / "missing.csv")))
        assert "There is no file" in str(talk.hear(RequestFailed, lambda e: e.generation == 7).message)
