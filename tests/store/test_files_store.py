from __future__ import annotations

import os
from typing import Any

import pytest

from safelight.core.errors import FailureKind
from safelight.core.message import Message
from safelight.core.photo import FileStat, FolderState
from safelight.store import files, folders, ignored_failures, photo_paths, photos, text
from safelight.store.files import FileRow, FileState
from safelight.store.library import Connection, LibraryStore
from support.stored import add_file, add_folder, add_photo, decoded, hold, stat


def row(db: Connection, file_id: int) -> FileRow:
    return files.with_absolute_paths(db, [file_id])[0][0]


def fail(
    db: Connection, file_id: int, kind: FailureKind = FailureKind.BROKEN, decoder: str = "d1"
) -> int | None:
    return files.set_failed(db, file_id, kind, Message("it is {kind}", kind=kind), 5.0, decoder)


def test_added_files_wait_and_are_known(store: LibraryStore) -> None:
    with store.write() as db:
        folder_id = add_folder(db)
        huge = FileStat(size=2**40, mtime_ns=2**62, inode=-(2**63), device=2**63 - 1)
        first, second = files.add(db, folder_id, [(b"b.jpg", huge), (b"a\xff.jpg", stat(2))])
        assert list(files.in_folder(db, folder_id)) == [
            FileRow(second, folder_id, b"a\xff.jpg", stat(2), FileState.PENDING, None),
            FileRow(first, folder_id, b"b.jpg", huge, FileState.PENDING, None),
        ]
        assert files.absolute_path(db, second) == b"/photos/a\xff.jpg"
        with pytest.raises(KeyError):
            files.absolute_path(db, 99)


def test_files_below_a_folder_are_found_by_the_index(store: LibraryStore) -> None:
    """A burst of changes looks up many folders. Reading all files of the root each time takes too long."""
    asked: list[tuple[str, Any]] = []

    def trace(_: object, statement: str, bindings: Any) -> bool:
        asked.append((statement, bindings))
        return True

    with store.write() as db:
        folder_id = add_folder(db)
        names = [b"a/1.jpg", b"a", b"a.jpg", b"a 2/1.jpg", b"a/b/2.jpg", b"a0", b"ab/1.jpg", b"A/1.jpg"]
        files.add(db, folder_id, [(name, stat(number)) for number, name in enumerate(names)])
        db.exec_trace = trace
        try:
            found = [known.path for known in files.in_folder(db, folder_id, b"a")]
        finally:
            db.exec_trace = None
        ((statement, bindings),) = asked
        plan = str(list(db.execute(f"EXPLAIN QUERY PLAN {statement}", bindings)))
    assert found == [b"a", b"a/1.jpg", b"a/b/2.jpg"]
    assert "folder_id=? AND path>? AND path<?" in plan


def test_known_below_a_folder_or_at_a_file(store: LibraryStore) -> None:
    with store.write() as db:
        folder_id = add_folder(db)
        names = [b"a", b"a.jpg", b"a/1.jpg", b"a/\xff.jpg", b"a/b/2.jpg", b"a0", b"b/3.jpg"]
        files.add(db, folder_id, [(name, stat()) for name in names])

        def below(path: bytes) -> list[bytes]:
            return [known.path for known in files.in_folder(db, folder_id, path)]

        assert below(b"a") == [b"a", b"a/1.jpg", b"a/b/2.jpg", b"a/\xff.jpg"]
        assert below(b"b/3.jpg") == [b"b/3.jpg"]
        assert below(b"c") == []
        assert below(b"") == sorted(names)
        assert list(files.in_folder(db, folder_id + 1)) == []


def test_adding_a_file_again_has_it_read_again(store: LibraryStore) -> None:
    with store.write() as db:
        folder_id = add_folder(db)
        file_id = add_file(db, folder_id, "a.jpg")
        fail(db, file_id)
        assert add_file(db, folder_id, "a.jpg", 2) == file_id
        assert (row(db, file_id).state, row(db, file_id).stat) == (FileState.PENDING, stat(2))
        assert files.failures(db) == []


def test_the_newest_is_read_first_and_what_is_away_not_at_all(store: LibraryStore) -> None:
    with store.write() as db:
        here, away, paused = add_folder(db, "/here"), add_folder(db, "/away"), add_folder(db, "/paused")
        old, new = add_file(db, here, "old.jpg", 1), add_file(db, here, "new.jpg", 9)
        add_file(db, away, "a.jpg", 5)
        quiet = add_file(db, paused, "p.jpg", 4)
        folders.set_state(db, away, FolderState.OFFLINE)
        folders.set_state(db, paused, FolderState.PAUSED)
        assert files.pending_ids(db) == [new, quiet, old]
        assert files.pending_count(db) == 3
        assert photos.counts(db).pending == 4
        assert [path for _, path in files.with_absolute_paths(db, [old, 99, new])] == [
            b"/here/old.jpg",
            b"/here/new.jpg",
        ]


def test_a_changed_file_keeps_its_photo_until_it_is_read(store: LibraryStore) -> None:
    with store.write() as db:
        folder_id = add_folder(db)
        photo = add_photo(db, folder_id, "a.jpg")
        (held,) = files.of_photo(db, photo)
        files.mark_changed(db, held.id, stat(2))
        assert row(db, held.id) == FileRow(held.id, folder_id, b"a.jpg", stat(2), FileState.PENDING, photo)
        assert photos.visible(db, [photo]) == {photo}

        other = photos.insert(db, decoded("edited"), "2024-01-01T00:00:00", 1.0)
        assert hold(db, held.id, other, 3) == photo
        assert (row(db, held.id).state, row(db, held.id).stat) == (FileState.INDEXED, stat(3))
        assert photos.visible(db, [photo, other]) == {other}
        assert hold(db, held.id, other, 3) is None


def test_a_touched_file_is_not_read_again(store: LibraryStore) -> None:
    with store.write() as db:
        photo = add_photo(db, add_folder(db), "a.jpg")
        (held,) = files.of_photo(db, photo)
        files.update_stat(db, held.id, stat(8))
        assert (row(db, held.id).state, row(db, held.id).stat) == (FileState.INDEXED, stat(8))


def test_a_file_forgotten_while_it_was_read_stays_forgotten(store: LibraryStore) -> None:
    with store.write() as db:
        file_id = add_file(db, add_folder(db), "a.jpg")
        files.remove(db, [file_id])
        photo = photos.insert(db, decoded("a"), "2024-01-01T00:00:00", 1.0)
        assert hold(db, file_id, photo) is None
        assert fail(db, file_id) is None
        assert photos.ids(db) == []


def test_a_moved_file_keeps_its_photo(store: LibraryStore) -> None:
    with store.write() as db:
        here, there = add_folder(db, "/here"), add_folder(db, "/there")
        photo = add_photo(db, here, "old name.jpg")
        (held,) = files.of_photo(db, photo)
        assert files.move(db, held.id, there, b"new name.jpg", stat(4)) == []
        assert files.of_photo(db, photo) == [
            FileRow(held.id, there, b"new name.jpg", stat(4), FileState.INDEXED, photo)
        ]
        assert photo_paths.of_photo(db, photo) == [b"/there/new name.jpg"]
        assert text.matches(db, "old", 9) == []
        assert text.matches(db, "new there", 9) == [photo]


@pytest.mark.parametrize("kind", FailureKind)
def test_a_moved_file_that_was_not_found_is_read_again(store: LibraryStore, kind: FailureKind) -> None:
    """Its folder may have been renamed between the listing and the reading."""
    with store.write() as db:
        folder_id = add_folder(db)
        file_id = add_file(db, folder_id, "a.jpg")
        fail(db, file_id, kind)
        files.move(db, file_id, folder_id, b"b.jpg", stat())
        assert (row(db, file_id).state is FileState.PENDING) == kind.passing
        assert len(files.failures(db)) == (not kind.passing)


def test_a_file_moved_onto_another_replaces_it(store: LibraryStore) -> None:
    with store.write() as db:
        folder_id = add_folder(db)
        overwritten, moved = add_photo(db, folder_id, "a.jpg"), add_photo(db, folder_id, "b.jpg")
        (held,) = files.of_photo(db, moved)
        assert files.move(db, held.id, folder_id, b"a.jpg", stat(2)) == [overwritten]
        assert [known.path for known in files.in_folder(db, folder_id)] == [b"a.jpg"]
        assert photo_paths.photo_at(db, b"/photos/a.jpg") == moved
        assert files.move(db, held.id, folder_id, b"a.jpg", stat(3)) == []


def test_removing_files_tells_what_is_nowhere_else(store: LibraryStore) -> None:
    with store.write() as db:
        folder_id = add_folder(db)
        twice = add_photo(db, folder_id, "a.jpg", content="same")
        assert add_photo(db, folder_id, "b.jpg", content="same") == twice
        once = add_photo(db, folder_id, "c.jpg")
        assert photos.with_copies(db) == [twice]
        first, second = files.of_photo(db, twice)
        (only,) = files.of_photo(db, once)
        assert files.remove(db, [first.id, only.id]) == [once]
        assert text.matches(db, "a", 9) == []
        assert files.remove(db, [first.id, second.id]) == [twice]
        assert photos.ids(db) == []


def test_a_broken_file_loses_its_photo_with_a_reason(store: LibraryStore) -> None:
    with store.write() as db:
        photo = add_photo(db, add_folder(db), b"caf\xe9.jpg")
        (held,) = files.of_photo(db, photo)
        reason = Message("{name} is cut short", name="caf\udce9.jpg")
        assert files.set_failed(db, held.id, FailureKind.BROKEN, reason, 7.5, "d1") == photo
        (failure,) = files.failures(db)
        assert os.fsencode(failure.path) == b"/photos/caf\xe9.jpg"
        assert (failure.file_id, failure.kind, failure.when) == (held.id, FailureKind.BROKEN, 7.5)
        assert str(failure.reason) == "caf?.jpg is cut short"
        assert photos.ids(db) == []
        assert hold(db, held.id, photo) is None
        assert files.failures(db) == []
        assert photos.ids(db) == [photo]


def test_a_failure_of_the_moment_hides_nothing(store: LibraryStore) -> None:
    with store.write() as db:
        photo = add_photo(db, add_folder(db), "a.jpg")
        (held,) = files.of_photo(db, photo)
        files.mark_changed(db, held.id, stat(2))
        assert fail(db, held.id, FailureKind.UNREADABLE) is None
        assert photos.ids(db) == [photo]
        assert photos.counts(db).failures == 1


def test_ignored_failures_are_reported_again_when_the_file_changes_or_all_are_tried(
    store: LibraryStore,
) -> None:
    with store.write() as db:
        folder_id = add_folder(db)
        first, second = add_file(db, folder_id, "a.jpg"), add_file(db, folder_id, "b.jpg", 2)
        fail(db, first)
        fail(db, second)
        ignored_failures.ignore(db, [first])
        assert [failure.file_id for failure in files.failures(db)] == [second]
        assert files.failed_count(db, [folder_id]) == photos.counts(db).failures == 1

        # Tried again as it is, as by a new decoder: still ignored. As another file: not.
        files.retry(db, [first])
        fail(db, first)
        assert files.failed_count(db, [folder_id]) == 1
        files.mark_changed(db, first, stat(9))
        fail(db, first)
        assert files.failed_count(db, [folder_id]) == 2

        ignored_failures.ignore(db, [first, second])
        assert files.failures(db) == []
        assert files.retry(db) == 2
        fail(db, first)
        assert [failure.file_id for failure in files.failures(db)] == [first]
        files.remove(db, [first])
        assert db.execute("SELECT count(*) FROM ignored_failure").get == 0


def test_failed_files_are_read_again_when_asked(store: LibraryStore) -> None:
    with store.write() as db:
        here, there = add_folder(db, "/here"), add_folder(db, "/there")
        a, b, c = (add_file(db, here, name) for name in ("a", "b", "c"))
        d = add_file(db, there, "d")
        good = add_photo(db, here, "good.jpg")

        def fail_all() -> None:
            for file_id, decoder in ((a, "d1"), (b, "d1"), (c, "d2"), (d, "d2")):
                fail(db, file_id, decoder=decoder)

        fail_all()
        assert [failure.file_id for failure in files.failures(db)] == [d, c, b, a]
        assert (files.failed_count(db, [here]), files.failed_count(db, [here, there])) == (3, 4)
        assert files.retry(db, [a, 99]) == 1
        assert files.retry(db, []) == 0
        assert files.pending_ids(db) == [a]
        assert files.retry(db, None) == 3
        fail_all()
        assert files.retry(db, unless_decoder="d2") == 2
        assert sorted(files.pending_ids(db)) == [a, b]
        assert files.retry(db, unless_decoder="d2") == 0
        assert photos.ids(db) == [good]
