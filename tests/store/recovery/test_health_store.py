from __future__ import annotations

from pathlib import Path

import pytest

from safelight.store import text
from safelight.store.library import LibraryStore
from safelight.store.recovery import health
from support.stored import add_photos_with_vectors

HARM = {
    "DELETE FROM vec_1_1 WHERE rowid = 2": "1 vectors of test are missing or left over",
    "DELETE FROM embedding WHERE photo_id = 2": "1 vectors of test are missing or left over",
    "UPDATE photo SET orphaned_at = 1.0 WHERE id < 3": "2 photos are shown or hidden by mistake",
    "DELETE FROM photo_text WHERE rowid = 1": "1 photos have no words",
    "INSERT INTO mark (photo_id) VALUES (99)": "1 rows refer to rows that are missing",
}


@pytest.mark.parametrize(("statement", "problem"), HARM.items())
def test_each_kind_of_harm_is_named(directory: Path, statement: str, problem: str) -> None:
    with LibraryStore.create_or_open(directory) as store:
        with store.write() as db:
            add_photos_with_vectors(db, 4)
            assert health.check(db) == []
        db.execute("PRAGMA foreign_keys = OFF")  # has no effect inside a transaction
        with store.write() as db:
            db.execute(statement)
        with store.read() as db:
            assert any(line.startswith(problem) for line in health.check(db)), health.check(db)


def test_words_that_another_connection_changed_are_not_taken_for_damage(directory: Path) -> None:
    with LibraryStore.create_or_open(directory) as store:
        with store.write() as db:
            _, ids, _ = add_photos_with_vectors(db, 100)
        for _ in range(8):
            with store.write() as db:
                for photo in ids:
                    text.refresh(db, [photo])
            with store.read() as db:
                assert health.check(db) == []


def test_a_damaged_page_is_named(directory: Path) -> None:
    with LibraryStore.create_or_open(directory) as store, store.write() as db:
        add_photos_with_vectors(db, 4)
        page = int(db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'photo'").get)
    path = directory / "library.db"
    content = bytearray(path.read_bytes())
    content[(page - 1) * 16384 : page * 16384] = b"\xa5" * 16384
    path.write_bytes(content)
    with LibraryStore.open_read_only(directory) as store, store.read() as db:
        (problem,) = health.check(db)
        assert problem.startswith("The database is damaged (")
