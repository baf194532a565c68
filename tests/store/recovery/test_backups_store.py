"""Backups are whole or not there, and restoring keeps what it replaces."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from safelight.core.errors import (
    LibraryDamagedError,
    LibraryInUseError,
    LibraryTooNewError,
    LibraryUnavailableError,
)
from safelight.store import concepts, marks, photos, saved_searches, user_data_export
from safelight.store.library import LibraryStore
from safelight.store.recovery import backups, health, restoring
from safelight.store.schema import migrations
from support.stored import add_folder, add_photo, add_photos_with_vectors

DAY = 86_400.0
NOON = 1_700_000_000.0
SAVED_V1 = Path(__file__).resolve().parents[2] / "data" / "library-v1.db"


def harm(path: Path, start: int = 0) -> None:
    content = bytearray(path.read_bytes())
    content[start : start + 16384] = b"\xa5" * 16384
    path.write_bytes(content)


@pytest.fixture
def filled(directory: Path) -> Path:
    """A library with four photos with vectors, one of them a favourite, and a backup of it."""
    with LibraryStore.create_or_open(directory) as store:
        with store.write() as db:
            _, ids, _ = add_photos_with_vectors(db, 4)
            marks.set_favourite(db, ids[:1], True)
            marks.add_tag(db, ids[:2], "Sea")
        with store.read() as db:
            backups.make(db, directory, NOON)
    return directory


def add_newer(directory: Path) -> None:
    with LibraryStore.create_or_open(directory) as store, store.write() as db:
        photo = add_photo(db, add_folder(db), "newer.jpg")
        marks.set_rating(db, [photo], 5)
        marks.add_tag(db, [photo], "Sea")


def test_a_backup_is_a_library_that_opens(filled: Path, tmp_path: Path) -> None:
    (backup,) = backups.daily(filled)
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600 or os.name == "nt"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.copy(backup, elsewhere / "library.db")
    with LibraryStore.create_or_open(elsewhere) as store, store.read() as db:
        assert photos.counts(db).photos == 4
        assert photos.counts(db).favourites == 1
        assert health.check(db) == []


def test_seven_backups_are_kept_and_unfinished_ones_swept(filled: Path) -> None:
    (filled / "backups" / "library-before-v2.db").write_bytes(b"of a migration")
    (filled / "backups" / "library-20200101-000000.db.part").write_bytes(b"killed")
    with LibraryStore.create_or_open(filled) as store, store.read() as db:
        made = [backups.make(db, filled, NOON + day * DAY) for day in range(1, 10)]
    assert backups.daily(filled) == made[:1:-1]
    assert (filled / "backups" / "library-before-v2.db").exists()
    assert not list(filled.rglob("*.part*"))


def test_a_damaged_library_replaces_no_backup(filled: Path) -> None:
    with LibraryStore.create_or_open(filled) as store, store.read() as db:
        page = int(db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'photo'").get)
    harm(filled / "library.db", (page - 1) * 16384)
    before = backups.daily(filled)
    with (
        LibraryStore.open_read_only(filled) as store,
        pytest.raises(LibraryDamagedError, match="no backup was made"),
        store.read() as db,
    ):
        backups.make(db, filled, NOON + DAY)
    assert backups.daily(filled) == before
    assert not list(filled.rglob("*.part*"))


def test_the_newest_good_backup_is_found_past_damaged_ones(filled: Path) -> None:
    (good,) = backups.daily(filled)
    bad = good.with_name("library-20990101-000000.db")
    shutil.copy(good, bad)
    harm(bad)
    os.utime(good, (NOON, NOON))
    assert backups.newest_sound(filled) == good
    harm(good)
    assert backups.newest_sound(filled) is None
    with pytest.raises(LibraryUnavailableError, match="no sound backup"), restoring.prepare_restore(filled):
        pass


def test_restoring_says_what_is_lost_and_keeps_the_replaced_library(filled: Path) -> None:
    add_newer(filled)
    with restoring.prepare_restore(filled) as (plan, replacement):
        assert plan.lost is not None
        assert str(plan.lost) == "1 photo, 1 mark of a photo, 1 tag of a photo"
        assert (plan.holds.photos, plan.holds.marks, plan.holds.tags) == (4, 1, 2)
        aside = replacement.carry_out()
    with LibraryStore.create_or_open(filled) as store, store.read() as db:
        assert photos.counts(db).photos == 4
        assert health.check(db) == []
    assert aside is not None
    with backups.opened(aside / "library.db") as db:
        assert backups.contents(db).tally().photos == 5
    # And the way back again, from a file that is named.
    with restoring.prepare_restore(filled, aside / "library.db") as (plan, replacement):
        assert not plan.lost
        replacement.carry_out()
    with LibraryStore.create_or_open(filled) as store, store.read() as db:
        assert photos.counts(db).photos == 5


def test_asking_what_would_be_lost_changes_nothing(filled: Path) -> None:
    add_newer(filled)
    with restoring.prepare_restore(filled):
        pass
    with LibraryStore.create_or_open(filled) as store, store.read() as db:
        assert photos.counts(db).photos == 5
    assert not list(filled.glob("replaced-*"))
    assert not list(filled.glob("*restoring*"))


@pytest.mark.parametrize("where", [0, 16384])
def test_a_damaged_library_is_restored(filled: Path, where: int) -> None:
    add_newer(filled)
    harm(filled / "library.db", where)
    with restoring.prepare_restore(filled) as (plan, replacement):
        assert plan.lost is None
        replacement.carry_out()
    with LibraryStore.create_or_open(filled) as store, store.read() as db:
        assert photos.counts(db).photos == 4
        assert health.check(db) == []


def test_a_library_that_is_gone_is_restored(filled: Path) -> None:
    (filled / "library.db").unlink()
    with restoring.prepare_restore(filled) as (plan, replacement):
        assert not plan.library_exists
        assert replacement.carry_out() is None
    with LibraryStore.create_or_open(filled) as store, store.read() as db:
        assert photos.counts(db).photos == 4


@pytest.mark.slow
def test_a_stale_wal_is_not_played_into_the_restored_library(filled: Path) -> None:
    """As a killed writer leaves it: the newest changes lie in the WAL alone."""
    program = (
        "import os, sys; from pathlib import Path; sys.path.insert(0, sys.argv[2]);"
        "from support.stored import *; from safelight.store.library import LibraryStore;"
        "store = LibraryStore.create_or_open(Path(sys.argv[1]));\n"
        "with store.write() as db: add_photo(db, add_folder(db), 'wal.jpg')\n"
        "os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", program, filled, Path(__file__).parents[2]], check=True)
    assert (filled / "library.db-wal").stat().st_size
    with restoring.prepare_restore(filled) as (plan, replacement):
        assert plan.lost is not None
        assert plan.lost.photos == 1
        aside = replacement.carry_out()
    with LibraryStore.create_or_open(filled) as store, store.read() as db:
        assert photos.counts(db).photos == 4
        assert health.check(db) == []
    assert aside is not None
    with backups.opened(aside / "library.db") as db:
        assert backups.contents(db).tally().photos == 5


def newer(path: Path) -> None:
    db = apsw.Connection(os.fspath(path))
    db.execute("PRAGMA user_version = 99")
    db.close()


def stranger(path: Path) -> None:
    path.unlink()
    db = apsw.Connection(os.fspath(path))
    db.execute("CREATE TABLE something (a)")
    db.close()


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (newer, LibraryTooNewError),
        (stranger, LibraryDamagedError),
        (lambda path: path.write_bytes(b"a letter" * 9000), LibraryDamagedError),
        (lambda path: path.write_bytes(b""), LibraryDamagedError),
        (lambda path: harm(path, 5 * 16384), LibraryDamagedError),
        (lambda path: path.unlink(), LibraryUnavailableError),
    ],
)
def test_what_is_no_backup_is_refused(
    filled: Path, tmp_path: Path, change: Callable[[Path], object], error: type[Exception]
) -> None:
    before = (filled / "library.db").read_bytes()
    offered = tmp_path / "offered.db"
    shutil.copy(backups.daily(filled)[0], offered)
    change(offered)
    with pytest.raises(error), restoring.prepare_restore(filled, offered) as (_, replacement):
        replacement.carry_out()
    assert (filled / "library.db").read_bytes() == before
    assert not list(filled.glob("*restoring*"))


def test_nothing_is_restored_under_an_open_library(filled: Path) -> None:
    with (
        LibraryStore.create_or_open(filled),
        pytest.raises(LibraryInUseError),
        restoring.prepare_restore(filled),
    ):
        pass


def test_a_backup_of_an_older_version_is_restored_and_brought_up_to_date(directory: Path) -> None:
    with restoring.prepare_restore(directory, SAVED_V1) as (_, replacement):
        replacement.carry_out()
    with LibraryStore.create_or_open(directory) as store, store.read() as db:
        assert migrations.version(db) == len(migrations.STEPS)
        assert photos.counts(db).photos == 3
        assert health.check(db) == []
    assert not (directory / "backups").exists()  # the file restored from is the backup


def test_what_the_person_made_goes_out_and_in_again(filled: Path, tmp_path: Path) -> None:
    with LibraryStore.create_or_open(filled) as store:
        with store.write() as db:
            db.execute("INSERT INTO album (name, created_at) VALUES ('Trip', 1.0)")
            db.execute("INSERT INTO album_photo VALUES (1, 3, 0), (1, 2, 1)")
            saved_searches.save(db, "Beach", "beach -people", 1.0)
            hashes = sorted(h for (h,) in db.execute("SELECT content_hash FROM photo"))
            db.execute("INSERT INTO decision VALUES (?, ?, 'not-duplicates', 1.0)", hashes[:2])
            taught = concepts.create(db, "Our hut", "a wooden hut", 1.0)
            concepts.set_example(db, taught, hashes[0], True)
            concepts.set_example(db, taught, hashes[1], False)
            db.execute("INSERT INTO refused_tag VALUES (?, 'animal/dog', 1.0)", hashes[:1])
        with store.read() as db:
            document = user_data_export.collect(db)
            before = backups.contents(db)
    assert document["photos"][0]["paths"] == ["/photos/0.jpg"]
    assert before.tally().concepts == 3
    with LibraryStore.create_or_open(tmp_path / "other") as store:
        for _ in range(2):
            with store.write() as db:
                if not photos.counts(db).photos:
                    assert user_data_export.apply(db, document).unknown == 3
                    add_photos_with_vectors(db, 4)
                assert user_data_export.apply(db, document).unknown == 0
        with store.read() as db:
            assert backups.contents(db) == before
            assert health.check(db) == []
