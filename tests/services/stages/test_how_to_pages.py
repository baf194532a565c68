"""The examples of the how-to pages run as they are printed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from safelight.core.jobs import JobControl
from safelight.core.stages import CostClass
from safelight.services.indexing.decoding import DecodePool
from safelight.services.stages.runner import StageRunner
from safelight.services.stages.stage import AnyStage
from safelight.store import stage_states, stored_thumbnails
from safelight.store.library import LibraryStore
from safelight.store.schema import migrations
from safelight.store.schema import v3 as schema_v3
from support.pictures import encoded, scene
from support.stored import MODEL, add_folder, add_photo


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "library"


HOW_TO = Path(__file__).resolve().parents[3] / "docs" / "how-to"
MOST_LINES = 60


def example(page: str) -> dict[str, Any]:
    """What the Python blocks of a page define."""
    found: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", (HOW_TO / page).read_text(), re.DOTALL):
        exec(compile(block, page, "exec"), found)
    return found


@pytest.mark.parametrize("page", sorted(path.name for path in HOW_TO.glob("*.md")))
def test_a_page_is_short(page: str) -> None:
    assert len((HOW_TO / page).read_text().splitlines()) <= MOST_LINES


def test_the_stage_of_the_page_runs(directory: Path, pool: DecodePool) -> None:
    stage = example("add-a-stage.md")["BrightnessStage"]()
    with LibraryStore.create_or_open(directory) as store:
        run_and_check(stage, store, pool)


def run_and_check(stage: AnyStage, store: LibraryStore, pool: DecodePool) -> None:
    with store.write() as db:
        folder = add_folder(db)
        bright, broken = (add_photo(db, folder, name) for name in ("bright.jpg", "broken.jpg"))
        stored_thumbnails.put(db, bright, encoded(scene(seed=1), "JPEG"))
        stored_thumbnails.put(db, broken, b"no picture")
    runner = StageRunner(store, pool, [stage], MODEL.key)
    assert runner.run(JobControl(), {CostClass.BACKGROUND})
    with store.read() as db:
        covered = stage_states.coverage(db, stage.declaration, None)
        assert (covered.done, covered.failed, covered.waiting) == (1, 1, 0)
        value = db.execute(
            "SELECT result FROM stage_state JOIN stage ON stage.id = stage_id "
            "WHERE name = 'brightness' AND photo_id = ?",
            (bright,),
        ).get
        assert 0 < float(value) < 255
        (failure,) = stage_states.failures(db, stage.declaration, None)
        assert (failure.photo_id, failure.failure.code) == (broken, "broken")


def test_the_migration_of_the_page_runs(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    statements = (*schema_v3.STATEMENTS, *example("add-a-migration.md")["BRIGHTNESS"])
    monkeypatch.setattr(schema_v3, "STATEMENTS", statements)
    with LibraryStore.create_or_open(directory) as store, store.write() as db:
        assert migrations.version(db) == len(migrations.STEPS)
        photo = add_photo(db, add_folder(db), "a.jpg")
        db.execute("INSERT INTO brightness VALUES (?, 128)", (photo,))
        assert db.execute("SELECT value FROM brightness").get == 128
