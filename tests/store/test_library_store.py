from __future__ import annotations

import errno
import os
import shutil
import stat
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import apsw
import pytest

from safelight.core.errors import (
    LibraryDamagedError,
    LibraryGoneError,
    LibraryInUseError,
    LibraryTooNewError,
    LibraryUnavailableError,
    NoSpaceError,
)
from safelight.store import folders, photos, stored_thumbnails, vectors
from safelight.store.faults import translate_errors
from safelight.store.library import Connection, LibraryStore
from safelight.store.recovery import health
from support.stored import Worker, add_folder, add_photo, add_photos_with_vectors, unprivileged

posix = pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")

OPEN_AND_WAIT = """
import sys
from pathlib import Path
from safelight.store.library import LibraryStore
with LibraryStore.create_or_open(Path(sys.argv[1])):
    print("open", flush=True)
    sys.stdin.read()
"""


def raw(directory: Path, name: str = "library.db") -> apsw.Connection:
    return apsw.Connection(os.fspath(directory / name))


def count_folders(store: LibraryStore) -> int:
    with store.read() as db:
        return len(folders.all_folders(db))


# --- opening ------------------------------------------------------------------------------------------


@posix
def test_the_library_is_its_owners_alone(directory: Path) -> None:
    with LibraryStore.create_or_open(directory) as store:
        with store.write() as db:
            add_photo(db, add_folder(db), "a.jpg")
        with store.read():
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()}
    assert modes.keys() >= {"library.db", "library.db-wal", "thumbs.db", "thumbs.db-wal", "library.lock"}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_what_was_written_is_there_after_closing(directory: Path) -> None:
    assert not LibraryStore.exists(directory)
    with LibraryStore.create_or_open(directory) as store, store.write() as db:
        add_folder(db)
    assert LibraryStore.exists(directory)
    assert not (directory / "library.db-wal").exists()
    with LibraryStore.create_or_open(directory) as store:
        assert count_folders(store) == 1


def test_a_second_writer_is_reported_at_once(directory: Path) -> None:
    with (
        LibraryStore.create_or_open(directory),
        pytest.raises(LibraryInUseError, match="Another Safelight is using the library"),
    ):
        LibraryStore.create_or_open(directory)
    LibraryStore.create_or_open(directory).close()


@pytest.mark.slow
def test_a_writer_in_another_process_holds_the_lock_until_it_dies(directory: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", OPEN_AND_WAIT, directory],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == "open\n"
        with pytest.raises(LibraryInUseError):
            LibraryStore.create_or_open(directory)
        with LibraryStore.open_read_only(directory) as reader:
            assert count_folders(reader) == 0
        child.kill()
    with LibraryStore.create_or_open(directory) as store, store.read() as db:
        assert health.check(db) == []


def test_reading_needs_a_library(directory: Path) -> None:
    with pytest.raises(LibraryUnavailableError, match=r"no library at .* yet; index a folder first"):
        LibraryStore.open_read_only(directory)
    assert not directory.exists()
    directory.mkdir()
    (directory / "library.db").touch()
    with pytest.raises(LibraryUnavailableError, match="index a folder first"):
        LibraryStore.open_read_only(directory)


def test_a_newer_library_is_left_alone(directory: Path) -> None:
    LibraryStore.create_or_open(directory).close()
    db = raw(directory)
    db.execute("PRAGMA user_version = 99")
    db.close()
    before = (directory / "library.db").read_bytes()
    for open_it in (LibraryStore.create_or_open, LibraryStore.open_read_only):
        with pytest.raises(LibraryTooNewError, match="library version 99, this program knows"):
            open_it(directory)
    assert (directory / "library.db").read_bytes() == before


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_destroyed_library_is_left_alone(directory: Path, content: bytes) -> None:
    directory.mkdir()
    (directory / "library.db").write_bytes(content)
    for open_it in (LibraryStore.create_or_open, LibraryStore.open_read_only):
        with pytest.raises(LibraryDamagedError, match="is damaged; restore a backup"):
            open_it(directory)
    assert (directory / "library.db").read_bytes() == content


def test_a_strange_database_is_not_taken_for_a_library(directory: Path) -> None:
    directory.mkdir()
    db = raw(directory)
    db.execute("CREATE TABLE letters (text)")
    db.close()
    before = (directory / "library.db").read_bytes()
    for open_it in (LibraryStore.create_or_open, LibraryStore.open_read_only):
        with pytest.raises(LibraryDamagedError, match="not a Safelight library"):
            open_it(directory)
    assert (directory / "library.db").read_bytes() == before


def test_a_library_that_was_half_made_is_finished(directory: Path) -> None:
    directory.mkdir()
    (directory / "library.db").touch()
    with LibraryStore.create_or_open(directory) as store:
        assert count_folders(store) == 0


@posix
def test_a_folder_whose_name_is_not_utf8_can_hold_a_library(tmp_path: Path) -> None:
    directory = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9 ?#%41"))
    try:
        directory.mkdir()
    except OSError:
        pytest.skip("this file system takes valid UTF-8 only")
    with LibraryStore.create_or_open(directory) as store, store.write() as db:
        add_photo(db, add_folder(db), "a.jpg")
    with LibraryStore.open_read_only(directory) as store, store.read() as db:
        assert stored_thumbnails.get_many(db, [1])


# --- places that cannot be written --------------------------------------------------------------------


@posix
def test_a_library_on_read_only_media_can_be_read(open_place: Path) -> None:
    directory = open_place / "library"
    with LibraryStore.create_or_open(directory) as store, store.write() as db:
        model_id, ids, rows = add_photos_with_vectors(db, 3)
    with unprivileged(directory):
        with pytest.raises(LibraryUnavailableError):
            LibraryStore.create_or_open(directory)
        with LibraryStore.open_read_only(directory) as store, store.read() as db:
            assert vectors.nearest(db, model_id, rows[1], 1)[0][0] == ids[1]
            assert stored_thumbnails.get_many(db, ids).keys() == set(ids)


@posix
def test_changes_that_wait_in_a_wal_are_not_passed_over(open_place: Path) -> None:
    directory = open_place / "library"
    store = LibraryStore.create_or_open(directory)
    with store.write() as db:
        add_folder(db)
    copy = open_place / "copy"
    copy.mkdir()
    for name in ("library.db", "library.db-wal", "thumbs.db"):
        (copy / name).write_bytes((directory / name).read_bytes())
    store.close()
    with unprivileged(copy), pytest.raises(LibraryUnavailableError):
        LibraryStore.open_read_only(copy)
    with LibraryStore.open_read_only(copy) as reader:
        assert count_folders(reader) == 1


@posix
def test_a_folder_that_cannot_be_made_is_named(open_place: Path) -> None:
    with (
        unprivileged(open_place),
        pytest.raises(LibraryUnavailableError, match=r"cannot be kept at .*/library \(Permission denied\)"),
    ):
        LibraryStore.create_or_open(open_place / "library")


def test_a_full_disk_changes_nothing(store: LibraryStore) -> None:
    with store.write() as db:
        folder_id = add_folder(db)
        add_photo(db, folder_id, "kept.jpg")
        pages = db.pragma("page_count")
        db.pragma("max_page_count", pages)

    def write_too_much() -> None:
        with store.write() as db:
            for number in range(10_000):
                add_photo(db, folder_id, f"{number}.jpg")

    with pytest.raises(NoSpaceError, match="disk that holds the library is full"):
        write_too_much()
    with store.read() as db:
        assert photos.counts(db).files == 1
    with store.write() as db:
        db.pragma("max_page_count", 1 << 30)
        add_photo(db, folder_id, "after.jpg")


def test_another_program_writing_to_the_file_is_waited_for_then_named(
    store: LibraryStore, directory: Path
) -> None:
    with store.write() as db:
        db.set_busy_timeout(0)
    other = raw(directory)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LibraryInUseError, match="busy with the library"), store.write():
        pytest.fail("the transaction began")
    other.close()
    with store.write() as db:
        add_folder(db)


# --- transactions -------------------------------------------------------------------------------------


def test_an_exception_undoes_the_whole_transaction(store: LibraryStore) -> None:
    with store.write() as db:
        model_id, ids, rows = add_photos_with_vectors(db, 2)

    def write_and_fail() -> None:
        with store.write() as db:
            add_photo(db, 1, "b.jpg")
            vectors.put(db, model_id, ids[:1], rows[1:])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_and_fail()
    with store.read() as db:
        assert photos.counts(db, model_id).photos == 2
        assert stored_thumbnails.get_many(db, [3]) == {}
    with store.write() as db:
        add_photo(db, 1, "c.jpg")


def test_a_durable_write_waits_for_the_disk_and_the_next_does_not(store: LibraryStore) -> None:
    """The setting that SQLite gets; no test can see whether the disk obeys it."""
    full, normal = 2, 1
    with store.write(durable=True) as db:
        assert db.pragma("synchronous") == full
        db.execute("CREATE TABLE kept (x)")
    with store.write() as db:
        assert db.pragma("synchronous") == normal
    with pytest.raises(RuntimeError, match="on purpose"), store.write(durable=True) as db:
        raise RuntimeError("on purpose")
    with store.write() as db:
        assert db.pragma("synchronous") == normal
        assert db.execute("SELECT count(*) FROM kept").get == 0


def test_writes_do_not_nest(store: LibraryStore) -> None:
    with store.write(), pytest.raises(RuntimeError, match="do not nest"), store.write():
        pytest.fail("the inner transaction began")
    with store.write(), pytest.raises(RuntimeError, match="inside its own write"):
        store.close()


def test_a_reader_cannot_write(store: LibraryStore, directory: Path) -> None:
    with store.read() as db, pytest.raises(apsw.ReadOnlyError):
        db.execute("DELETE FROM folder")
    with (
        LibraryStore.open_read_only(directory) as reader,
        pytest.raises(RuntimeError, match="for reading only"),
        reader.write(),
    ):
        pytest.fail("a transaction began")


def test_a_read_shows_one_moment(store: LibraryStore) -> None:
    with store.read() as db:
        assert folders.all_folders(db) == []
        with store.write() as writer:
            add_folder(writer)
        with store.read() as inner:
            assert folders.all_folders(inner) == []
        assert folders.all_folders(db) == []
    assert count_folders(store) == 1


def test_a_result_half_read_does_not_keep_the_read_open(store: LibraryStore) -> None:
    with store.write() as db:
        add_photos_with_vectors(db, 5)
    with store.read() as db:
        rows = db.execute("SELECT id FROM photo ORDER BY id")
        assert next(rows) == (1,)
    with store.read() as db:
        assert photos.counts(db).photos == 5


def test_each_thread_reads_through_its_own_connection(store: LibraryStore) -> None:
    seen: list[Connection] = []
    both_inside = threading.Barrier(2)

    def read() -> None:
        with store.read() as db:
            both_inside.wait(30)
            seen.append(db)

    workers = [Worker(read), Worker(read)]
    assert [worker.join() for worker in workers] == [None, None]
    assert seen[0] is not seen[1]


def test_threads_take_turns_writing(store: LibraryStore) -> None:
    def write(name: str) -> None:
        for number in range(20):
            with store.write() as db:
                add_folder(db, f"/{name}/{number}")

    workers = [Worker(partial(write, name)) for name in "ab"]
    assert [worker.join() for worker in workers] == [None, None]
    assert count_folders(store) == 40


def test_closing_ends_a_long_read(directory: Path) -> None:
    store = LibraryStore.create_or_open(directory)
    reading = threading.Event()

    def read_for_ever() -> None:
        with store.read() as db:
            db.create_scalar_function("started", lambda *_: reading.set())
            db.execute(
                "WITH RECURSIVE n (i) AS (SELECT started() UNION ALL SELECT i + 1 FROM n) "
                "SELECT count(*) FROM n"
            ).fetchall()

    worker = Worker(read_for_ever)
    assert reading.wait(30)
    store.close()
    assert isinstance(worker.join(), LibraryUnavailableError)


def test_a_closed_library_says_so(directory: Path) -> None:
    store = LibraryStore.create_or_open(directory)
    with store.read():
        pass
    store.close()
    store.close()
    with pytest.raises(LibraryUnavailableError, match="is closed"), store.read():
        pytest.fail("a read began")
    with pytest.raises(LibraryUnavailableError, match="is closed"), store.write():
        pytest.fail("a write began")

    def read_elsewhere() -> None:
        with store.read():
            pytest.fail("a read began")

    assert isinstance(Worker(read_elsewhere).join(), LibraryUnavailableError)


# --- another machine ------------------------------------------------------------------------------------


def test_vectors_of_another_platform_are_written_again(directory: Path) -> None:
    with LibraryStore.create_or_open(directory) as store, store.write() as db:
        model_id, ids, rows = add_photos_with_vectors(db, 5)
        db.execute("UPDATE meta SET value = 'darwin-arm64-little' WHERE key = 'platform'")
    with LibraryStore.create_or_open(directory) as store, store.read() as db:
        names = {name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE name GLOB 'vec_?_?'")}
        assert names == {f"vec_{model_id}_2"}
        for photo, row in zip(ids, rows, strict=True):
            assert (vectors.get(db, model_id, photo) == row).all()
        assert db.execute("SELECT value FROM meta WHERE key = 'platform'").get != "darwin-arm64-little"
        assert health.check(db) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps files that are open")
@pytest.mark.parametrize("how", ["deleted", "replaced", "restored"])
def test_a_wal_that_is_deleted_under_the_writer_loses_nothing(tmp_path: Path, how: str) -> None:
    def write(store: LibraryStore, name: str) -> None:
        with store.write() as db:
            db.execute("INSERT INTO tag (name) VALUES (?)", (name,))

    def names(store: LibraryStore) -> set[str]:
        with store.read() as db:
            return {name for (name,) in db.execute("SELECT name FROM tag")}

    directory = tmp_path / "library"
    wal = directory / "library.db-wal"
    with LibraryStore.create_or_open(directory) as store:
        write(store, "one")
        write(store, "two")
        wal.rename(directory / "aside")
        if how == "replaced":
            wal.write_bytes(b"")
        elif how == "restored":  # an older state, as a backup program does
            shutil.copy(directory / "aside", wal)
        with pytest.raises(LibraryGoneError, match=r"library\.db-wal in .* was deleted or replaced"):
            write(store, "three")
        with pytest.raises(LibraryGoneError):
            write(store, "three")
        # As after a crash at this moment:
        wal.unlink(missing_ok=True)
        copy = tmp_path / "copy"
        copy.mkdir()
        shutil.copy(directory / "library.db", copy)
    with LibraryStore.open_read_only(copy) as store:
        assert names(store) == {"one", "two"}
    with LibraryStore.create_or_open(directory) as store:
        assert names(store) == {"one", "two"}
        write(store, "three")
        assert names(store) == {"one", "two", "three"}


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps files that are open")
def test_a_reader_also_notices_that_the_wal_is_gone(tmp_path: Path) -> None:
    directory = tmp_path / "library"
    with LibraryStore.create_or_open(directory) as store:
        with store.write() as db:
            db.execute("INSERT INTO tag (name) VALUES ('one')")
        (directory / "library.db-wal").unlink()
        caught: list[BaseException] = []

        def read() -> None:
            try:
                with store.read() as db:
                    db.execute("SELECT name FROM tag").fetchall()
            except LibraryGoneError as error:
                caught.append(error)

        thread = threading.Thread(target=read)  # a connection of its own, which opens another WAL
        thread.start()
        thread.join()
        assert len(caught) == 1


@posix
@pytest.mark.parametrize("code", [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_named(
    directory: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """The lock file of an earlier session is there, as where the library was copied from another disk."""
    LibraryStore.create_or_open(directory).close()

    def refuse(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patched:
        patched.setattr("fcntl.flock", refuse)
        with pytest.raises(LibraryUnavailableError, match="cannot lock files"):
            LibraryStore.create_or_open(directory)
    LibraryStore.create_or_open(directory).close()


def test_an_error_of_sqlites_own_locks_names_the_file_system(tmp_path: Path) -> None:
    with pytest.raises(LibraryUnavailableError, match="cannot lock files"), translate_errors(tmp_path):
        raise apsw.exception_for(apsw.SQLITE_IOERR_SHMLOCK)
    with pytest.raises(LibraryUnavailableError, match="gave an error"), translate_errors(tmp_path):
        raise apsw.exception_for(apsw.SQLITE_IOERR_READ)
