from __future__ import annotations

import os

import pytest

from safelight.core.errors import FailureKind, FolderError
from safelight.core.message import Message
from safelight.core.photo import FolderState
from safelight.store import files, folders, photo_paths, photos, text
from safelight.store.library import LibraryStore
from support.stored import add_file, add_folder, add_photo, hold, stat


def test_a_folder_keeps_its_values(store: LibraryStore) -> None:
    with store.write() as db:
        added = folders.add(db, b"/photos/", "disk-1", 5.0)
        assert (added.created, added.absorbed) == (True, ())
        folder = added.folder
        assert (folder.path, folder.state, folder.photos) == ("/photos", FolderState.ONLINE, 0)
        assert folders.volume(db, folder.id) == "disk-1"
        folders.set_volume(db, folder.id, None)
        folders.set_state(db, folder.id, FolderState.PAUSED)
        folders.record_scan(db, folder.id, 9.0)
        assert folders.volume(db, folder.id) is None
        assert [known.state for known in folders.all_folders(db)] == [FolderState.PAUSED]
        assert folders.get(db, folder.id + 1) is None
        assert folders.volume(db, folder.id + 1) is None


def test_a_folder_inside_a_root_is_that_root(store: LibraryStore) -> None:
    with store.write() as db:
        root = folders.add(db, b"/photos", "disk-1", 1.0).folder
        folders.set_state(db, root.id, FolderState.PAUSED)
        for inside in (b"/photos", b"/photos/", b"/photos/2024/summer"):
            again = folders.add(db, inside, "disk-2", 2.0)
            assert (again.created, again.folder.id, again.folder.state) == (
                False,
                root.id,
                FolderState.PAUSED,
            )
        assert folders.volume(db, root.id) == "disk-1"
        assert folders.add(db, b"/photos2", None, 2.0).created


def test_a_folder_around_roots_takes_their_files_along(store: LibraryStore) -> None:
    with store.write() as db:
        one, other = add_folder(db, b"/all/\xff\xfe one"), add_folder(db, "/all/two")
        apart = add_folder(db, "/alleys")
        first = add_photo(db, one, b"sub/\xe9.jpg")
        second = add_photo(db, other, "b.jpg")
        waiting = add_file(db, other, "waiting.jpg")
        added = folders.add(db, b"/all", None, 3.0)
        assert added.created
        assert added.absorbed == (one, other)
        assert added.folder.photos == 2
        assert {folder.id for folder in folders.all_folders(db)} == {added.folder.id, apart}
        assert photo_paths.of_photo(db, first) == [b"/all/\xff\xfe one/sub/\xe9.jpg"]
        assert photo_paths.photo_at(db, b"/all/\xff\xfe one/sub/\xe9.jpg") == first
        assert photo_paths.of_photo(db, second) == [b"/all/two/b.jpg"]
        assert files.absolute_path(db, waiting) == b"/all/two/waiting.jpg"
        assert files.pending_ids(db) == [waiting]
        assert photos.visible(db, [first, second]) == {first, second}
        assert text.matches(db, "all two", 9) == [second]


def test_the_root_of_everything_is_a_root_too(store: LibraryStore) -> None:
    with store.write() as db:
        inner = add_folder(db, "/photos")
        photo = add_photo(db, inner, "a.jpg")
        assert folders.add(db, b"/", None, 2.0).absorbed == (inner,)
        assert photo_paths.of_photo(db, photo) == [b"/photos/a.jpg"]
        assert photo_paths.photo_at(db, b"/photos/a.jpg") == photo


def test_a_folder_that_is_away_is_not_absorbed(store: LibraryStore) -> None:
    with store.write() as db:
        inner = add_folder(db, "/all/stick")
        photo = add_photo(db, inner, "a.jpg")
        folders.set_state(db, inner, FolderState.OFFLINE)
        with pytest.raises(FolderError, match="/all/stick is in that folder and is not connected"):
            folders.add(db, b"/all", None, 2.0)
        assert photo_paths.of_photo(db, photo) == [b"/all/stick/a.jpg"]


def test_removing_a_folder_tells_what_is_nowhere_else(store: LibraryStore) -> None:
    with store.write() as db:
        here, there = add_folder(db, "/here"), add_folder(db, "/there")
        alone = add_photo(db, here, "alone.jpg")
        shared = add_photo(db, here, "shared.jpg", content="shared")
        assert add_photo(db, there, "copy.jpg", content="shared") == shared
        failed = add_file(db, here, "failed.jpg")
        files.set_failed(db, failed, FailureKind.BROKEN, Message("cut short"), 1.0, "")
        assert folders.remove(db, here) == [alone]
        assert photos.ids(db) == [shared]
        assert files.failures(db) == []
        assert text.matches(db, "here", 9) == []
        assert text.matches(db, "there", 9) == [shared]
        assert folders.remove(db, here) == []

        # It comes back: same photo, and nothing had to be read into a new row.
        again = add_file(db, add_folder(db, "/here"), "alone.jpg", 7)
        assert hold(db, again, alone, 7) is None
        assert photos.visible(db, [alone]) == {alone}


def test_paths_come_back_as_python_has_them(store: LibraryStore) -> None:
    with store.write() as db:
        folder = folders.add(db, b"/caf\xe9", None, 1.0).folder
        assert os.fsencode(folder.path) == b"/caf\xe9"
        files.add(db, folder.id, [(b"\xff.jpg", stat())])
        (row,) = files.in_folder(db, folder.id)
        assert row.path == b"\xff.jpg"
