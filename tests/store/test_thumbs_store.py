from __future__ import annotations

from contextlib import closing
from pathlib import Path

import apsw
import pytest

from safelight.core.errors import LibraryDamagedError, LibraryTooNewError
from safelight.store import photos, stored_thumbnails
from safelight.store.library import LibraryStore
from support.stored import add_folder, add_photo


def filled(directory: Path, count: int = 3) -> list[int]:
    with LibraryStore.create_or_open(directory) as store, store.write() as db:
        folder_id = add_folder(db)
        ids = [add_photo(db, folder_id, f"{number}.jpg", content=str(number)) for number in range(count)]
        for photo in ids:
            stored_thumbnails.put(db, photo, bytes([photo]) * 60_000)
    return ids


def stored(directory: Path, ids: list[int]) -> set[int]:
    with LibraryStore.open_read_only(directory) as store, store.read() as db:
        return set(stored_thumbnails.get_many(db, ids))


def test_thumbnails_are_kept(directory: Path) -> None:
    ids = filled(directory)
    with LibraryStore.create_or_open(directory) as store, store.read() as db:
        assert stored_thumbnails.get_many(db, ids)[ids[1]] == b"\2" * 60_000
        assert stored_thumbnails.missing(db) == []


def test_missing_thumbnails_are_found_and_made_again(directory: Path) -> None:
    ids = filled(directory)
    (directory / "thumbs.db").unlink()
    assert stored(directory, ids) == set()
    with LibraryStore.create_or_open(directory) as store:
        with store.read() as db:
            assert stored_thumbnails.missing(db) == ids[::-1]
        with store.write() as db:
            stored_thumbnails.put(db, ids[0], b"again")
            assert stored_thumbnails.missing(db) == ids[:0:-1]
    assert stored(directory, ids) == {ids[0]}


@pytest.mark.parametrize("content", [b"", b"not a database" * 1000, b"SQLite format 3\0" + b"\x7f" * 9000])
def test_destroyed_thumbnails_do_not_stop_the_library(directory: Path, content: bytes) -> None:
    ids = filled(directory)
    (directory / "thumbs.db").write_bytes(content)
    assert stored(directory, ids) == set()
    with LibraryStore.create_or_open(directory) as store, store.write() as db:
        stored_thumbnails.put(db, ids[0], b"again")
    assert stored(directory, ids) == {ids[0]}


def test_thumbnails_of_a_newer_version_are_left_alone(directory: Path) -> None:
    ids = filled(directory)
    path = directory / "thumbs.db"
    with closing(apsw.Connection(str(path))) as db:
        db.execute("ALTER TABLE thumbnail ADD COLUMN quality INTEGER")
        db.execute("PRAGMA user_version = 2")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    before = path.read_bytes()
    with pytest.raises(LibraryTooNewError, match=r"thumbs\.db was written by a newer .*delete the file"):
        LibraryStore.create_or_open(directory)
    assert stored(directory, ids) == set()
    assert path.read_bytes() == before
    path.unlink()
    with LibraryStore.create_or_open(directory) as store, store.read() as db:
        assert stored_thumbnails.missing(db) == ids[::-1]


def test_thumbnails_of_another_library_are_never_shown(directory: Path, tmp_path: Path) -> None:
    ids = filled(directory)
    filled(tmp_path / "other")
    (directory / "thumbs.db").write_bytes((tmp_path / "other" / "thumbs.db").read_bytes())
    assert stored(directory, ids) == set()
    with LibraryStore.create_or_open(directory) as store, store.read() as db:
        assert stored_thumbnails.missing(db) == ids[::-1]


def test_a_thumbnail_whose_photo_never_came_to_be_is_dropped(directory: Path) -> None:
    ids = filled(directory)
    with LibraryStore.create_or_open(directory) as store, store.write() as db:
        # As after a crash in which the thumbnails' part of a COMMIT alone reached the disk.
        db.execute("INSERT INTO thumbs.thumbnail VALUES (?, x'00')", (ids[-1] + 1,))
    assert stored(directory, [*ids, ids[-1] + 1]) == {*ids, ids[-1] + 1}
    LibraryStore.create_or_open(directory).close()
    assert stored(directory, [*ids, ids[-1] + 1]) == set(ids)


def spoil(path: Path, start: int, end: int) -> None:
    """Overwrite pages ``start`` to ``end`` (from the end if negative) with nonsense."""
    content = bytearray(path.read_bytes())
    pages = slice(start * 16384, len(content) + (end * 16384 if end < 0 else 0))
    content[pages] = b"\xa5" * len(content[pages])
    path.write_bytes(content)


def test_thumbnails_found_damaged_at_the_start_are_made_again(directory: Path) -> None:
    ids = filled(directory)
    spoil(directory / "thumbs.db", 2, 0)
    with LibraryStore.create_or_open(directory) as store, store.read() as db:
        assert stored_thumbnails.missing(db) == ids[::-1]


@pytest.mark.expected_log("thumbnails are damaged")
def test_damaged_thumbnails_are_distinguished_from_a_damaged_library(directory: Path) -> None:
    ids = filled(directory, 40)
    path = directory / "thumbs.db"
    spoil(path, 8, -8)
    with LibraryStore.create_or_open(directory) as store:
        with store.read() as db:
            assert stored_thumbnails.get_many(db, ids) == {}
            assert photos.counts(db).photos == 40

        def write_all() -> None:
            with store.write() as db:
                for photo in ids:
                    stored_thumbnails.put(db, photo, b"new")

        with pytest.raises(LibraryDamagedError, match=r"thumbnails are damaged; start .*thumbs\.db"):
            write_all()
    assert not path.exists()
    with LibraryStore.create_or_open(directory) as store, store.read() as db:
        assert len(stored_thumbnails.missing(db)) == 40
