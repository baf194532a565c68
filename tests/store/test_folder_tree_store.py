"""The folders inside a root: names, counts, and photos with and without subfolders."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from safelight.core.photo import Subfolder
from safelight.store import folder_tree, photos
from safelight.store.rows import SEPARATOR
from support.filled_library import FilledLibrary

DATE = "2021-06-03T10:00:00"
PATHS = (
    "top.jpg",
    "2019/a.jpg",
    "2019/May/b.jpg",
    "2019/May/c.jpg",
    "2019.5/d.jpg",
    "IMG 10/e.jpg",
    "IMG 9/f.jpg",
)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[FilledLibrary]:
    made = FilledLibrary(tmp_path)
    yield made
    made.close()


def test_subfolders_in_the_order_of_their_numbers_with_all_photos_below(library: FilledLibrary) -> None:
    library.add(*((path, DATE) for path in PATHS))
    with library.store.read() as db:
        assert folder_tree.subfolders(db, library.folder_id) == [
            Subfolder("2019", 3, True),
            Subfolder("2019.5", 1, False),
            Subfolder("IMG 9", 1, False),
            Subfolder("IMG 10", 1, False),
        ]
        assert folder_tree.subfolders(db, library.folder_id, b"2019") == [Subfolder("May", 2, False)]
        assert folder_tree.subfolders(db, library.folder_id, b"2019" + SEPARATOR + b"May") == []


def test_photos_of_a_folder_with_and_without_its_subfolders(library: FilledLibrary) -> None:
    added = dict(zip(PATHS, library.add(*((path, DATE) for path in PATHS)), strict=True))

    def shown(below: bytes, *, with_subfolders: bool) -> list[str]:
        with library.store.read() as db:
            found = photos.ids(db, folder_id=library.folder_id, below=below, with_subfolders=with_subfolders)
        return sorted(path for path, photo in added.items() if photo in found)

    assert shown(b"", with_subfolders=True) == sorted(PATHS)
    assert shown(b"", with_subfolders=False) == ["top.jpg"]
    assert shown(b"2019", with_subfolders=True) == ["2019/May/b.jpg", "2019/May/c.jpg", "2019/a.jpg"]
    assert shown(b"2019", with_subfolders=False) == ["2019/a.jpg"]
    assert shown(b"2019" + SEPARATOR + b"May", with_subfolders=False) == ["2019/May/b.jpg", "2019/May/c.jpg"]


def test_copies_count_once_and_unread_files_not_at_all(library: FilledLibrary) -> None:
    library.add(("a/one.jpg", DATE))
    library.fail("a/broken.jpg", "It is damaged.")
    library.fail("b/broken.jpg", "It is damaged.")
    with library.store.write() as db:
        db.execute(
            "INSERT INTO file (folder_id, path, path_text, size, mtime_ns, inode, device, state, photo_id) "
            "SELECT folder_id, CAST('a/copy.jpg' AS BLOB), 'a/copy.jpg', size, mtime_ns, 0, 0, state, "
            "photo_id FROM file WHERE state = 'indexed'"
        )
    with library.store.read() as db:
        assert folder_tree.subfolders(db, library.folder_id) == [Subfolder("a", 1, False)]


def test_names_that_are_not_utf8(library: FilledLibrary) -> None:
    library.add(("cafe/x/a.jpg", DATE))
    with library.store.write() as db:
        db.execute("UPDATE file SET path = ?", (b"caf\xe9/x/a.jpg",))
    with library.store.read() as db:
        (found,) = folder_tree.subfolders(db, library.folder_id)
        assert os.fsencode(found.name) == b"caf\xe9"
        assert folder_tree.subfolders(db, library.folder_id, b"caf\xe9") == [Subfolder("x", 1, False)]
