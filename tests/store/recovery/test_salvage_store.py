"""What doctor finds it also mends; a damaged library is rebuilt from what can be read and a backup."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from safelight.core.photo_units import UnitKind
from safelight.services.stages.windows import WindowStage
from safelight.store import marks, photos, spaces, stage_states, vectors
from safelight.store.library import LibraryStore
from safelight.store.recovery import backups, health, mending, salvage
from support.stored import add_folder, add_photo, add_photos_with_vectors, unit_vectors, without_vector

HARM = {
    "DELETE FROM vec_1_1 WHERE rowid = 2": "vectors",
    "DELETE FROM embedding WHERE photo_id = 2": "vectors",
    "UPDATE vec_1_1_vector_chunks00 SET vectors = zeroblob(length(vectors))": "vectors",
    "UPDATE vec_1_1_vector_chunks00 SET vectors = x'00'": "vectors",
    "UPDATE photo SET orphaned_at = 1.0 WHERE id < 3": "photos",
    "DELETE FROM photo_text WHERE rowid = 1": "words",
    "INSERT INTO mark (photo_id) VALUES (99)": "references",
    "INSERT INTO file (folder_id, path, path_text, size, mtime_ns, inode, device, state) "
    "VALUES (9, 'a', 'a', 1, 1, 1, 1, 'pending')": "references",
    "INSERT INTO thumbs.thumbnail VALUES (99, x'00')": "thumbnails",
}


@pytest.mark.parametrize(("statement", "part"), HARM.items())
@pytest.mark.expected_log("could not be read to its end")
def test_each_kind_of_harm_is_found_and_mended(directory: Path, statement: str, part: str) -> None:
    with LibraryStore.create_or_open(directory) as store:
        with store.write() as db:
            _, ids, _ = add_photos_with_vectors(db, 4)
            marks.set_favourite(db, ids[1:2], True)
            assert health.examine(db) == []
        db.execute("PRAGMA foreign_keys = OFF")
        with store.write() as db:
            db.execute(statement)
        with store.read() as db:
            found = health.examine(db)
        assert part in {finding.part for finding in found}
        with store.write() as db:
            assert mending.mend(db, found)
        with store.read() as db:
            assert health.examine(db) == []
            assert photos.counts(db).photos == 4
            assert photos.counts(db).favourites == 1
            # What has no vector any more waits for one.
            assert vectors.models(db)[0].photos + len(without_vector(db, 1)) == 4


def test_folders_in_one_another_are_named(directory: Path) -> None:
    with LibraryStore.create_or_open(directory) as store, store.write() as db:
        add_folder(db)
        db.execute("INSERT INTO folder (path, path_text, added_at) VALUES (x'2f70686f746f732f61', 'a', 1)")
        (finding,) = health.examine(db)
        assert finding.part == "folders"
        assert not finding.mendable


def library(directory: Path, count: int = 400) -> dict[int, bytes]:
    """A library with a backup, changed since; returns photo ids with the vectors they have."""
    with LibraryStore.create_or_open(directory) as store:
        with store.write() as db:
            model_id, ids, rows = add_photos_with_vectors(db, count)
            for number in range(0, count, 3):
                marks.set_rating(db, [ids[number]], 1 + number % 5)
                marks.add_tag(db, [ids[number]], f"tag {number % 7}")
        with store.read() as db:
            backups.make(db, directory, 1_700_000_000.0)
        with store.write() as db:
            newer = add_photo(db, 1, "newer.jpg")
            marks.set_favourite(db, [newer], True)
            row = rows[:1] * np.float32(-1)
            vectors.put(db, model_id, [newer], row)
    return {**{photo: row.tobytes() for photo, row in zip(ids, rows, strict=True)}, newer: row.tobytes()}


def held(directory: Path) -> tuple[backups.ContentCounts, dict[int, bytes]]:
    with LibraryStore.create_or_open(directory) as store, store.read() as db:
        assert health.examine(db) == []
        (model,) = vectors.models(db)
        kept = {photo: vectors.get(db, model.id, photo) for photo in vectors.stored_ids(db, model.id)}
        return backups.contents(db).tally(), {p: v.tobytes() for p, v in kept.items() if v is not None}


def test_a_lost_header_costs_nothing(directory: Path) -> None:
    stored = library(directory)
    before, _ = held(directory)
    path = directory / "library.db"
    path.write_bytes(b"\xa5" * 100 + path.read_bytes()[100:])
    rebuilt = salvage.rebuild(directory)
    assert rebuilt.incomplete == ()
    assert rebuilt.holds == before
    assert held(directory) == (before, stored)
    assert rebuilt.aside is not None
    assert (rebuilt.aside / "library.db").read_bytes()[:2] == b"\xa5\xa5"


@pytest.mark.parametrize("table", ["photo", "file", "mark", "photo_tag", "vec_1_1_vector_chunks00", "tag"])
def test_a_lost_page_costs_what_is_newer_than_the_backup_at_most(directory: Path, table: str) -> None:
    stored = library(directory)
    before, _ = held(directory)
    path = directory / "library.db"
    with LibraryStore.open_read_only(directory) as store, store.read() as db:
        page = int(db.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).get)
    content = bytearray(path.read_bytes())
    content[(page - 1) * 16384 : page * 16384] = b"\xa5" * 16384
    path.write_bytes(content)
    rebuilt = salvage.rebuild(directory)
    # All columns of photo_tag are in its index too, which is read in its place.
    assert rebuilt.incomplete or table == "photo_tag"
    assert rebuilt.backup is not None
    after, vectors_after = held(directory)
    newer_lost = before.photos - after.photos
    assert newer_lost in (0, 1)
    assert before.tags == after.tags
    assert before.marks - after.marks in (0, 1)
    assert {photo: row for photo, row in stored.items() if photo in vectors_after} == vectors_after
    assert len(vectors_after) >= len(stored) - 1
    assert not [path for path in directory.iterdir() if "harmed" in path.name or "rebuilt" in path.name]


def test_without_a_backup_what_can_be_read_is_kept(directory: Path) -> None:
    library(directory)
    before, _ = held(directory)
    backups.daily(directory)[0].unlink()
    path = directory / "library.db"
    with LibraryStore.open_read_only(directory) as store, store.read() as db:
        page = int(db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'album'").get)
    content = bytearray(path.read_bytes())
    content[(page - 1) * 16384 : page * 16384] = b"\xa5" * 16384
    path.write_bytes(content)
    rebuilt = salvage.rebuild(directory)
    assert rebuilt.incomplete == ("album",)
    assert rebuilt.backup is None
    assert held(directory)[0] == before


def test_a_file_of_garbage_gives_way_to_the_backup(directory: Path) -> None:
    library(directory)
    (directory / "library.db").write_bytes(b"\xa5" * 300_000)
    rebuilt = salvage.rebuild(directory)
    assert rebuilt.incomplete == ("everything",)
    assert held(directory)[0].photos == 400


def test_a_rebuilt_library_makes_its_windows_again(directory: Path) -> None:
    with LibraryStore.create_or_open(directory) as store, store.write() as db:
        model_id, ids, _ = add_photos_with_vectors(db, 2)
        db.execute("UPDATE photo SET width = 8 * height")
        space = spaces.register(db, model_id, UnitKind.WINDOW)
        place = {"x": 0.0, "y": 0.0, "width": 0.125, "height": 1.0}
        spaces.put(db, space, [(ids[0], [place]), (ids[1], [place])], unit_vectors(3, 2))
        stage_states.set_done(db, WindowStage.declaration, model_id, ids)
        assert health.examine(db) == []
        assert stage_states.lacking(db, WindowStage.declaration, model_id) == []
    salvage.rebuild(directory)
    with LibraryStore.create_or_open(directory) as store, store.read() as db:
        assert [finding.part for finding in health.examine(db)] in ([], ["thumbnails"])
        assert sorted(stage_states.lacking(db, WindowStage.declaration, model_id)) == ids
        assert spaces.of_model(db, model_id) == []
