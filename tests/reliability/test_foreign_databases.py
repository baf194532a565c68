"""Libraries, backups, thumbnails and exports that somebody prepared, or that were damaged value by value.

The small run makes about 2,000 changed values (60 backups and 20 libraries with 1 to 31 each, 300 in
thumbnails, 800 exports), the nightly one about 65,000.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import pytest

from safelight.core.errors import SafelightError
from safelight.imaging.thumbnail import decode_thumbnail
from safelight.services import backup, doctor
from safelight.store import (
    files,
    folders,
    journal,
    marks,
    photos,
    saved_searches,
    stored_thumbnails,
    user_data_export,
)
from safelight.store.connect import connect
from safelight.store.library import LibraryStore
from safelight.store.recovery import backups, health, restoring
from support.stored import add_photos_with_vectors, digest
from support.trashing import recover, undo


def fill(directory: Path) -> None:
    """A library with rows in every table that people's work is in."""
    with LibraryStore.create_or_open(directory) as store, store.write() as db:
        _, ids, _ = add_photos_with_vectors(db, 6)
        marks.set_rating(db, ids[:3], 4)
        marks.set_favourite(db, ids[1:4], True)
        marks.add_tag(db, ids[2:5], "sea")
        db.execute("INSERT INTO album (name, created_at) VALUES ('Trip', 1.0)")
        db.execute("INSERT INTO album_photo VALUES (1, ?, 0)", (ids[0],))
        saved_searches.save(db, "Beach", "beach", 1.0)
        first, second = sorted((digest("a"), digest("b")))
        db.execute("INSERT INTO decision VALUES (?, ?, 'not-duplicates', 1.0)", (first, second))
        db.execute("INSERT INTO kept_copies VALUES (?, 2, 1.0)", (first,))
        db.execute("INSERT INTO protected (path, added_at) VALUES (?, 1.0)", (b"/photos/0.jpg",))
        db.execute("INSERT INTO viewed VALUES (?, 3)", (ids[0],))
        db.execute("INSERT INTO held_removal VALUES (1, 4, 1.0, 0)")


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    fill(tmp_path / "library")
    return tmp_path / "library"


def copy_of(directory: Path, target: Path) -> Path:
    with LibraryStore.open_read_only(directory) as store, store.read() as db:
        backups.copy_to(db, target, 1.0)
    return target


def raw(path: Path) -> apsw.Connection:
    db = connect(path, writable=True)
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute("PRAGMA ignore_check_constraints = ON")
    db.execute("PRAGMA trusted_schema = ON")
    return db


def restore(directory: Path, source: Path) -> None:
    with restoring.prepare_restore(directory, source) as (_, replacement):
        replacement.carry_out()


def assert_valid(directory: Path) -> None:
    """The library opens, is sound, and everything in it can be read."""
    with LibraryStore.create_or_open(directory) as store:
        with store.read() as db:
            assert [finding.problem for finding in health.examine(db)] == []
            for photo in photos.get_many(db, photos.ids(db)):
                for file in photo.files:
                    root = next(f.path for f in folders.all_folders(db) if f.id == file.folder_id)
                    assert os.path.normpath(file.path).startswith(root + os.sep)
                    assert os.path.normpath(file.path) == file.path
            stored_thumbnails.get_many(db, photos.ids(db))
            files.failures(db)
            saved_searches.all_searches(db)
            json.dumps(user_data_export.collect(db))
            assert journal.unfinished_moves(db) == []
        recover(store)


# --- what was reported --------------------------------------------------------------------------------


def payload(tmp_path: Path) -> tuple[Path, Path]:
    waiting = tmp_path / "trash" / "payload.desktop"
    waiting.parent.mkdir()
    waiting.write_text("[Desktop Entry]\nExec=anything\n")
    return waiting, tmp_path / "autostart" / "payload.desktop"


def plant(db: apsw.Connection, waiting: Path, target: Path) -> None:
    """A step whose undo a crash seems to have interrupted."""
    from safelight.imaging.source import digest_file

    content, status = digest_file(str(waiting), 20)
    db.execute("INSERT INTO journal (id, done_at, action, detail) VALUES (77, 1.0, 'trash', '{}')")
    db.execute(
        "INSERT INTO journal_file (journal_id, state, path, content_hash, size, mtime_ns, inode, device, "
        "trashed_as) VALUES (77, 'restoring', ?, ?, ?, ?, ?, ?, ?)",
        (
            os.fsencode(target),
            content,
            status.st_size,
            status.st_mtime_ns,
            status.st_ino,
            status.st_dev,
            os.fsencode(waiting),
        ),
    )


def test_a_backup_moves_nothing_when_the_window_opens(filled: Path, tmp_path: Path) -> None:
    """The engine recovers unfinished moves as it starts: a crafted row moved a file into autostart."""
    crafted = copy_of(filled, tmp_path / "crafted.db")
    waiting, target = payload(tmp_path)
    target.parent.mkdir()
    db = raw(crafted)
    plant(db, waiting, target)
    db.close()
    restore(filled, crafted)
    with LibraryStore.create_or_open(filled) as store:
        recover(store)
        with store.read() as db:
            assert journal.steps(db) == []
    assert waiting.exists()
    assert not target.exists()


def test_a_library_from_elsewhere_moves_nothing_when_it_is_opened(filled: Path, tmp_path: Path) -> None:
    waiting, target = payload(tmp_path)
    target.parent.mkdir()
    copied = tmp_path / "copied"
    shutil.copytree(filled, copied)
    db = raw(copied / "library.db")
    plant(db, waiting, target)
    db.close()
    with LibraryStore.create_or_open(copied) as store:
        recover(store)
        undo(store)
    assert waiting.exists()
    assert not target.exists()


def test_the_users_library_continues_what_a_crash_interrupted(filled: Path) -> None:
    db = raw(filled / "library.db")
    db.execute("INSERT INTO journal (id, done_at, action, detail) VALUES (77, 1.0, 'trash', '{}')")
    db.execute(
        "INSERT INTO journal_file (journal_id, state, path, content_hash, size, mtime_ns, inode, device) "
        "VALUES (77, 'restoring', '/photos/x.jpg', zeroblob(20), 1, 1, 1, 1)"
    )
    db.close()
    with LibraryStore.create_or_open(filled) as store, store.read() as db:
        assert len(journal.unfinished_moves(db)) == 1


@pytest.mark.parametrize("path", [b"../out/z.jpg", b"/etc/z.jpg", b"a/../../z.jpg", b"./z.jpg", b"a//b.jpg"])
def test_no_file_is_outside_its_root(filled: Path, tmp_path: Path, path: bytes) -> None:
    crafted = copy_of(filled, tmp_path / "crafted.db")
    db = raw(crafted)
    db.execute("UPDATE file SET path = ? WHERE id = 1", (path,))
    db.close()
    with restoring.prepare_restore(filled, crafted) as (plan, replacement):
        assert plan.left_out == 1
        replacement.carry_out()
    with LibraryStore.create_or_open(filled) as store, store.read() as db:
        assert {row.path for row in files.in_folder(db, 1)} == {b"%d.jpg" % n for n in range(1, 6)}


def test_a_library_from_elsewhere_that_leads_out_of_its_folders_is_refused_and_mended(
    filled: Path, tmp_path: Path
) -> None:
    copied = tmp_path / "copied"
    shutil.copytree(filled, copied)
    db = raw(copied / "library.db")
    db.execute("UPDATE file SET path = ? WHERE id = 1", (b"../out/z.jpg",))
    db.close()
    with pytest.raises(SafelightError, match="outside its folders"):
        LibraryStore.create_or_open(copied)
    doctor.mend(copied, tmp_path / "models")
    assert_valid(copied)


RECURSIVE = (
    "CREATE VIEW {table} AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
    "SELECT i AS id, hex(zeroblob(1000)) || i AS name, 'x' AS query, 1.0 AS created_at, i AS photo_id, "
    "1 AS tag_id, x'00' AS path, 1 AS key, 'x' AS value FROM n"
)


@pytest.mark.parametrize("table", ["saved_search", "photo_tag", "meta", "protected", "photo", "file"])
def test_a_recursive_view_costs_neither_time_nor_memory(filled: Path, tmp_path: Path, table: str) -> None:
    """One in place of saved_search made `restore` hang at 3.9 GB. Run in a process with a limit."""
    crafted = copy_of(filled, tmp_path / "crafted.db")
    db = raw(crafted)
    db.execute("PRAGMA writable_schema = ON")
    db.execute(f"DROP TABLE {table}") if table not in ("photo", "file") else db.execute(
        f"ALTER TABLE {table} RENAME TO old_{table}"
    )
    db.execute(RECURSIVE.format(table=table))
    db.close()
    program = (
        "import sys\nfrom pathlib import Path\nfrom safelight.core.errors import LibraryDamagedError\n"
        "from safelight.store.recovery import restoring\n"
        "try:\n with restoring.prepare_restore(Path(sys.argv[1]), Path(sys.argv[2])): pass\n"
        "except LibraryDamagedError: sys.exit(7)\n"
    )

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (3 * 2**30, 3 * 2**30))

    done = subprocess.run(
        [sys.executable, "-c", program, filled, crafted],
        preexec_fn=limited,
        timeout=120,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 7, done.stderr
    assert_valid(filled)


@pytest.mark.parametrize("version", [-1, -(2**31), 99, 2**31 - 1])
def test_an_impossible_version_is_refused(filled: Path, tmp_path: Path, version: int) -> None:
    """-1 was restored, and every command then ended in a traceback."""
    crafted = copy_of(filled, tmp_path / "crafted.db")
    db = raw(crafted)
    db.execute(f"PRAGMA user_version = {version}")
    db.close()
    with pytest.raises(SafelightError):
        restore(filled, crafted)
    assert_valid(filled)
    shutil.copy(crafted, tmp_path / "library.db")
    (tmp_path / "other").mkdir()
    shutil.copy(crafted, tmp_path / "other" / "library.db")
    for opening in (LibraryStore.create_or_open, LibraryStore.open_read_only):
        with pytest.raises(SafelightError):
            opening(tmp_path / "other")


TRIGGER = "CREATE TRIGGER theirs AFTER INSERT ON mark BEGIN DELETE FROM saved_search; END"


def test_foreign_triggers_are_not_taken_over(filled: Path, tmp_path: Path) -> None:
    crafted = copy_of(filled, tmp_path / "crafted.db")
    db = raw(crafted)
    db.execute(TRIGGER)
    db.close()
    restore(filled, crafted)
    with LibraryStore.create_or_open(filled) as store, store.read() as db:
        assert not db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'theirs'").fetchall()
        assert len(saved_searches.all_searches(db)) == 1


@pytest.mark.parametrize("statement", [TRIGGER, "CREATE VIEW theirs AS SELECT 1"])
def test_a_library_with_foreign_triggers_is_not_opened_but_mended(
    filled: Path, tmp_path: Path, statement: str
) -> None:
    db = raw(filled / "library.db")
    db.execute(statement)
    db.close()
    for opening in (LibraryStore.create_or_open, LibraryStore.open_read_only):
        with pytest.raises(SafelightError, match="that Safelight did not write"):
            opening(filled)
    doctor.mend(filled, tmp_path / "models")
    assert_valid(filled)
    with LibraryStore.create_or_open(filled) as store, store.read() as db:
        assert len(saved_searches.all_searches(db)) == 1
        assert photos.counts(db).favourites == 3


def test_thumbnails_with_another_schema_are_replaced(filled: Path) -> None:
    for statement in (
        "CREATE TRIGGER theirs AFTER DELETE ON thumbnail BEGIN SELECT 1; END",
        "CREATE VIEW theirs AS SELECT 1",
        "CREATE INDEX theirs ON thumbnail (length(jpeg))",
    ):
        db = apsw.Connection(str(filled / "thumbs.db"))
        db.execute(statement)
        db.close()
        with LibraryStore.create_or_open(filled) as store, store.read() as db:
            assert not db.execute("SELECT 1 FROM thumbs.sqlite_schema WHERE name = 'theirs'").fetchall()


def test_values_of_every_column_survive_a_restore(filled: Path, tmp_path: Path) -> None:
    """Nothing of a backup of ours is left out: every copied table comes back as it was."""
    from safelight.store.recovery import foreign_tables

    source = copy_of(filled, tmp_path / "copy.db")

    def everything(path: Path) -> dict[str, list[Any]]:
        db = connect(path, writable=False)
        try:
            found: dict[str, list[Any]] = {
                table: sorted(db.execute(f"SELECT * FROM {table}").fetchall(), key=repr)
                for table in foreign_tables.COPIED
            }
        finally:
            db.close()
        hidden = foreign_tables.PRIVATE_SETTINGS
        found["meta"] = [row for row in found["meta"] if row[0] not in hidden or row[0] == "uuid"]
        return found

    before = everything(source)
    with restoring.prepare_restore(filled, source) as (plan, replacement):
        assert plan.left_out == 0
        assert not plan.lost
        replacement.carry_out()
    assert everything(filled / "library.db") == before


# --- any value in any column ---------------------------------------------------------------------------

STRANGE: list[Any] = [
    *(None, 0, -1, 1, 2**31, 2**53 + 1, 2**63 - 1, -(2**63), 1e30, -1e300, float("inf"), 0.5),
    *("", "x", "../../etc/passwd", "/etc/passwd", "x" * 70_000, "a\0b", "\u202e", "%n%s", "[" * 500),
    *(b"", b"\0", b"\xff\xfe", b"../z", b"/z", b"a/../b", os.urandom(20), bytes(2_000_000)),
    *("restoring", "trashed", "intended", "indexed", '{"a": 1}', "2024-13-99T99:99:99", "1"),
]


def mutate_value(db: apsw.Connection, chance: random.Random) -> str:
    """Give one column of one row, or of all rows, a strange value, or add a copy of a row that has one."""
    tables = [
        name
        for (name,) in db.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 "
            "AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'photo_text%' AND name NOT LIKE 'caption_text%'"
        )
    ]
    table = chance.choice(tables)
    columns = [name for (name,) in db.execute("SELECT name FROM pragma_table_info(?)", (table,))]
    column, value = chance.choice(columns), chance.choice(STRANGE)
    names = ", ".join(f'"{name}"' for name in columns)
    shown = f"{table}.{column} = {value!r:.60}"
    try:
        match chance.randrange(4):
            case 0:
                db.execute(f'UPDATE "{table}" SET "{column}" = ?', (value,))
            case 1:
                where = f'(SELECT min("{columns[0]}") FROM "{table}")'
                db.execute(f'UPDATE "{table}" SET "{column}" = ? WHERE "{columns[0]}" = {where}', (value,))
            case 2:
                values = [chance.choice(STRANGE) for _ in columns]
                db.execute(f'INSERT INTO "{table}" ({names}) VALUES ({", ".join("?" * len(values))})', values)
            case 3:
                db.execute(f'DELETE FROM "{table}"')
    except apsw.Error:
        return f"{shown} (refused)"
    return shown


def mutate_schema(db: apsw.Connection, chance: random.Random) -> str:
    """Another kind of column or constraint behind a known name."""
    table = chance.choice(["mark", "saved_search", "photo_tag", "folder", "journal_file", "meta", "model"])
    columns = [name for (name,) in db.execute("SELECT name FROM pragma_table_info(?)", (table,))]
    made = ", ".join(
        chance.choice(
            (
                f'"{name}"',
                f'"{name}" BLOB',
                f'"{name}" AS (hex(zeroblob(99))) VIRTUAL' if name != columns[0] else f'"{name}"',
                f'"{name}" DEFAULT (abs(random()))',
            )
        )
        for name in columns
    )
    db.execute(f'DROP TABLE "{table}"')
    db.execute(f'CREATE TABLE "{table}" ({made}, CHECK (length(hex(randomblob(9))) > 0))')
    return f"{table} ({made})"


def mutations(seed: int) -> list[Callable[[apsw.Connection, random.Random], str]]:
    count = 1 + seed * seed % 31
    return [mutate_schema if seed % 7 == 3 and number == 0 else mutate_value for number in range(count)]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("foreign")
    fill(place / "library")
    copy_of(place / "library", place / "template.db")
    return place


def fuzz_backup(template: Path, place: Path, seed: int) -> None:
    chance = random.Random(seed)
    crafted = place / "crafted.db"
    shutil.copy(template / "template.db", crafted)
    db = raw(crafted)
    said = [mutate(db, chance) for mutate in mutations(seed)]
    db.close()
    started = time.monotonic()
    try:
        restore(place / "library", crafted)
    except SafelightError:
        pass
    except Exception as error:
        raise AssertionError(f"seed {seed}: {said}") from error
    else:
        try:
            assert_valid(place / "library")
        except Exception as error:
            raise AssertionError(f"seed {seed}: {said}") from error
    assert time.monotonic() - started < 60, (seed, said)
    for aside in (place / "library").glob("replaced-*"):
        shutil.rmtree(aside)


def test_any_value_in_any_column_of_a_backup(template: Path, tmp_path: Path, nightly: bool) -> None:
    (tmp_path / "library").mkdir()
    for seed in range(2_000 if nightly else 60):
        fuzz_backup(template, tmp_path, seed)


@pytest.mark.expected_log("could not be read to its end|thumbnails")
def test_any_value_in_any_column_of_a_damaged_library(template: Path, tmp_path: Path, nightly: bool) -> None:
    """`doctor --mend` on the library's own file; its backups are absent."""
    directory = tmp_path / "library"
    for seed in range(1_000 if nightly else 20):
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir()
        shutil.copy(template / "template.db", directory / "library.db")
        chance = random.Random(seed)
        db = raw(directory / "library.db")
        said = [mutate(db, chance) for mutate in mutations(seed)]
        db.close()
        try:
            from safelight.store.recovery import salvage

            salvage.rebuild(directory)
            with LibraryStore.create_or_open(directory) as store, store.read() as db:
                assert [finding.problem for finding in health.examine(db)] == [], said
                json.dumps(user_data_export.collect(db))
        except Exception as error:
            raise AssertionError(f"seed {seed}: {said}") from error


def test_any_value_in_thumbnails(template: Path, tmp_path: Path, nightly: bool) -> None:
    directory = tmp_path / "library"
    shutil.copytree(template / "library", directory)
    for seed in range(2_000 if nightly else 100):
        chance = random.Random(seed)
        db = apsw.Connection(str(directory / "thumbs.db"))
        said = [mutate_value(db, chance) for _ in range(3)]
        db.close()
        with LibraryStore.create_or_open(directory) as store, store.read() as reader:
            for jpeg in stored_thumbnails.get_many(reader, photos.ids(reader)).values():
                assert isinstance(jpeg, bytes), (seed, said)
                with contextlib.suppress(OSError, ValueError, SyntaxError):
                    decode_thumbnail(jpeg)
        if seed % 20 == 0:
            shutil.copy(template / "library" / "thumbs.db", directory / "thumbs.db")


def strange_document(document: Any, chance: random.Random) -> Any:
    """The document with one value, at any depth, replaced, removed or repeated."""
    if isinstance(document, dict) and document and chance.random() < 0.85:
        key = chance.choice(sorted(document))
        changed = dict(document)
        changed[key] = strange_document(document[key], chance)
        return changed
    if isinstance(document, list) and document and chance.random() < 0.85:
        place = chance.randrange(len(document))
        return [*document[:place], strange_document(document[place], chance), *document[place + 1 :]]
    json_values = [value for value in STRANGE if not isinstance(value, bytes)]
    return chance.choice([*json_values, [], {}, [[]], True, "ab" * 20, [None], 10**400, {"a": {}}])


def test_any_value_in_an_export(filled: Path, tmp_path: Path, nightly: bool) -> None:
    target = tmp_path / "safelight-export.json"
    with LibraryStore.create_or_open(filled) as store:
        with store.read() as db:
            document = user_data_export.collect(db)
        imported = 0
        for seed in range(20_000 if nightly else 800):
            chance = random.Random(seed)
            target.write_text(json.dumps(strange_document(document, chance)))
            try:
                backup.import_from(store, target)
                imported += 1
            except SafelightError:
                continue
            except Exception as error:
                raise AssertionError(f"seed {seed}") from error
        assert imported
        with store.read() as db:
            assert health.examine(db) == []
            json.dumps(user_data_export.collect(db))
            saved_searches.all_searches(db)
