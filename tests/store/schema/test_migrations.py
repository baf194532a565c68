from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import apsw
import numpy as np
import pytest

from safelight.core.errors import LibraryDamagedError, LibraryTooNewError
from safelight.core.message import Message
from safelight.core.operations import Undo
from safelight.services.operations.runner import OperationRunner
from safelight.services.stages.declarations import VECTOR
from safelight.services.stages.registry import coverage
from safelight.services.verification import CHANGED, CUT
from safelight.store import (
    file_checks,
    files,
    folders,
    marks,
    pairs,
    photos,
    stage_states,
    stored_thumbnails,
    tags,
    text,
    user_data_export,
    vectors,
)
from safelight.store.connect import connect
from safelight.store.library import LibraryStore
from safelight.store.recovery import health
from safelight.store.schema import migrations
from support.stored import MODEL, add_folder, add_photo

DATA = Path(__file__).resolve().parents[2] / "data"
SAVED_V1 = DATA / "library-v1.db"


NOW = len(migrations.STEPS)


def next_step(db: apsw.Connection) -> None:
    db.execute("ALTER TABLE photo ADD COLUMN place TEXT")


def step_after(db: apsw.Connection) -> None:
    db.execute("UPDATE photo SET place = 'here'")


def broken(db: apsw.Connection) -> None:
    db.execute("UPDATE photo SET place = 'nowhere'")
    raise RuntimeError("step failed")


@pytest.fixture
def older(directory: Path) -> Path:
    """A library of today with one photo, which represents an older one."""
    with LibraryStore.create_or_open(directory) as store, store.write() as db:
        add_photo(db, add_folder(db), "a.jpg")
    return directory / "library.db"


def test_missing_steps_are_applied_after_a_copy(older: Path) -> None:
    db = connect(older, writable=True)
    migrations.upgrade(db, older, (*migrations.STEPS, next_step, step_after))
    assert migrations.version(db) == NOW + 2
    assert db.execute("SELECT place FROM photo").get == "here"
    migrations.upgrade(db, older, (*migrations.STEPS, next_step, step_after))
    db.close()

    copy = connect(older.parent / "backups" / f"library-before-v{NOW + 2}.db", writable=False)
    assert migrations.version(copy) == NOW
    assert copy.execute("SELECT count(*) FROM photo").get == 1
    assert health.check(copy) == []
    copy.close()
    assert not list(older.parent.rglob("*.part"))
    if os.name == "posix":
        saved = older.parent / "backups" / f"library-before-v{NOW + 2}.db"
        assert saved.stat().st_mode & 0o777 == 0o600


def test_a_step_that_fails_leaves_the_version_before_it(older: Path) -> None:
    db = connect(older, writable=True)
    with pytest.raises(RuntimeError, match="step failed"):
        migrations.upgrade(db, older, (*migrations.STEPS, next_step, broken))
    assert migrations.version(db) == NOW + 1
    assert db.execute("SELECT place FROM photo").get is None
    migrations.upgrade(db, older, (*migrations.STEPS, next_step, step_after))
    assert db.execute("SELECT place FROM photo").get == "here"
    db.close()


def test_a_damaged_library_is_not_upgraded(older: Path) -> None:
    content = bytearray(older.read_bytes())
    content[-2 * 16384 :] = b"\xa5" * 2 * 16384
    older.write_bytes(content)
    db = connect(older, writable=True)
    with pytest.raises(LibraryDamagedError, match="was not upgraded"):
        migrations.upgrade(db, older, (*migrations.STEPS, next_step))
    assert migrations.version(db) == NOW
    db.close()
    assert not list(older.parent.rglob("library-before-*"))


def test_an_older_program_refuses_what_it_does_not_know(older: Path) -> None:
    db = connect(older, writable=True)
    migrations.upgrade(db, older, (*migrations.STEPS, next_step))
    with pytest.raises(LibraryTooNewError):
        migrations.check_version(db, older)
    db.close()


def test_a_new_library_needs_no_copy(older: Path) -> None:
    assert not list(older.parent.rglob("library-before-*"))


def test_a_reader_brings_an_older_library_up_to_date(directory: Path) -> None:
    directory.mkdir()
    shutil.copy(SAVED_V1, directory / "library.db")
    with LibraryStore.open_up_to_date_read_only(directory) as store, store.read() as db:
        assert migrations.version(db) == NOW
        assert photos.counts(db).photos == 3


def test_a_library_saved_by_version_1_opens(directory: Path) -> None:
    directory.mkdir()
    shutil.copy(SAVED_V1, directory / "library.db")
    with LibraryStore.create_or_open(directory) as store, store.write() as db:
        (model,) = vectors.models(db)
        assert (model.key, model.dim, model.photos) == (MODEL.key, MODEL.dim, 4)
        counts = photos.counts(db, model.id)
        assert (counts.photos, counts.files, counts.failures, counts.favourites) == (3, 6, 1, 1)
        assert (counts.embedded, counts.pending) == (3, 1)
        assert [folder.path for folder in folders.all_folders(db)] == ["/photos"]
        (failure,) = files.failures(db)
        assert failure.path == "/photos/broken.jpg"
        (beach,) = text.matches(db, "beach holidays", 10)
        vector = vectors.get(db, model.id, beach)
        assert vector is not None
        assert vectors.nearest(db, model.id, vector, 1)[0][0] == beach
        assert marks.add_tag(db, [beach], "sea") == []
        assert photos.get_many(db, [beach])[0].rating == 4
        assert health.check(db) == []


def test_a_library_saved_by_version_2_answers_identically(directory: Path) -> None:
    directory.mkdir()
    shutil.copy(DATA / "library-v2.db", directory / "library.db")
    with LibraryStore.create_or_open(directory) as store, store.read() as db:
        (model,) = vectors.models(db)
        for answer in json.loads((DATA / "library-v2.json").read_text()):
            query = np.array(answer["query"], np.float32)
            found = vectors.nearest(db, model.id, query, len(answer["photos"]))
            assert [photo for photo, _ in found] == answer["photos"]
            assert [cosine for _, cosine in found] == pytest.approx(answer["cosines"], abs=1e-6)
        counts = photos.counts(db, model.id)
        assert (counts.photos, counts.embedded, counts.failures, counts.favourites) == (118, 110, 1, 3)
        assert health.check(db) == []


@pytest.mark.parametrize("version", [3, 4])
def test_a_library_saved_by_a_later_version_answers_identically(directory: Path, version: int) -> None:
    directory.mkdir()
    shutil.copy(DATA / f"library-v{version}.db", directory / "library.db")
    saved = json.loads((DATA / f"library-v{version}.json").read_text())
    with LibraryStore.create_or_open(directory) as store, store.read() as db:
        assert migrations.version(db) == NOW
        (model,) = vectors.models(db)
        for answer in saved["answers"]:
            query = np.array(answer["query"], np.float32)
            found = vectors.nearest(db, model.id, query, len(answer["photos"]))
            assert [photo for photo, _ in found] == answer["photos"]
            assert [cosine for _, cosine in found] == pytest.approx(answer["cosines"], abs=1e-6)
        # Later versions may export more; what this version exported is unchanged.
        now = user_data_export.collect(db)
        for key, value in saved["exported"].items():
            if key in ("photos", "albums"):
                assert [
                    {name: each[name] for name in before}
                    for each, before in zip(now[key], value, strict=True)
                ] == value
            else:
                assert now[key] == value
        assert len(pairs.halves_of(db, range(1, 99))) == 1
        assert health.check(db) == []


def test_reasons_of_version_4_become_messages(directory: Path) -> None:
    """Each says the same sentence as before, and all but one can be translated."""
    directory.mkdir()
    shutil.copy(DATA / "library-v4.db", directory / "library.db")
    saved = json.loads((DATA / "library-v4.json").read_text())
    with LibraryStore.create_or_open(directory) as store, store.read() as db:
        failures = files.failures(db)
        assert [[each.path, each.kind, str(each.reason), each.when] for each in failures] == saved["failures"]
        (unknown,) = [each.reason for each in failures if each.reason.template == "{text}"]
        assert str(unknown) == "An older version wrote {this} about “fête”."
        said = {each.path: each.reason for each in failures}
        assert said["/photos/broken/0.jpg"].params == {"width": "30000", "height": "20000"}
        assert said["/photos/broken/1.jpg"].params == {"megabytes": 1234.0}
        assert said["/photos/2021/022.jpg"].params == {"damage": Message("the end of the picture is missing")}
        assert {fault for each in file_checks.faulty(db) if (fault := each.fault)} >= {CHANGED, CUT}


def people(db: apsw.Connection) -> dict[str, int]:
    return {each.name: each.photos for each in tags.all_tags(db) if each.name.startswith("People/")}


def test_the_undo_history_of_version_4_can_be_undone(directory: Path) -> None:
    directory.mkdir()
    shutil.copy(DATA / "library-v4.db", directory / "library.db")
    saved = json.loads((DATA / "library-v4.json").read_text())
    with LibraryStore.create_or_open(directory) as store:
        runner = OperationRunner(store)
        with store.read() as db:
            before = len(files.failures(db))
            assert people(db) == {"People/Anna": 5, "People/Bruno": 2}
        assert [runner.run(Undo()).code for _ in saved["journal"]] == saved["journal"]
        with store.read() as db:
            assert len(files.failures(db)) == before + 1
            # One photo has the name from its file.
            assert people(db) == {"People/Anna": 1}


def schema(directory: Path) -> list[str]:
    """The definitions of tables, indexes and triggers, without those that belong to one model."""
    with LibraryStore.create_or_open(directory) as store, store.read() as db:
        definitions = db.execute(
            "SELECT sql FROM main.sqlite_schema WHERE sql IS NOT NULL AND name NOT GLOB '*vec_*' "
            "AND name NOT GLOB 'stage_*_removed' ORDER BY type, name"
        )
        return [str(sql) for (sql,) in definitions]


@pytest.mark.parametrize("version", range(1, 5))
def test_a_saved_library_gets_the_schema_of_a_new_one(directory: Path, tmp_path: Path, version: int) -> None:
    """A released step that was changed would make two schemas of the same version."""
    directory.mkdir()
    shutil.copy(DATA / f"library-v{version}.db", directory / "library.db")
    assert schema(directory) == schema(tmp_path / "new")


def test_a_library_of_version_2_knows_which_stages_are_done(directory: Path) -> None:
    """The state of each stage is that of the rows which version 2 wrote. Only the comparison is done again,
    because documents are now compared tile by tile."""
    directory.mkdir()
    shutil.copy(DATA / "library-v2.db", directory / "library.db")
    with LibraryStore.create_or_open(directory) as store, store.read() as db:
        covered = {each.name: (each.done, each.failed, each.photos) for each in coverage(db)}
        assert covered["vector"] == (110, 0, 118)
        assert covered["fingerprint"] == (0, 0, 118)
        assert covered["comparison"] == (0, 0, 118)
        assert covered["sharpness"] == (10, 0, 118)
        (model,) = vectors.models(db)
        waiting = stage_states.lacking(db, VECTOR, model.id)
        viewed_first = db.execute("SELECT photo_id FROM viewed").get
        assert waiting[0] == viewed_first
        assert len(waiting) == 8


def test_a_library_of_version_2_without_its_thumbnails_lacks_them(directory: Path) -> None:
    directory.mkdir()
    shutil.copy(DATA / "library-v2.db", directory / "library.db")
    with LibraryStore.create_or_open(directory) as store, store.read() as db:
        assert next(each.done for each in coverage(db) if each.name == "thumbnail") == 0
        assert len(stored_thumbnails.missing(db)) == 118
