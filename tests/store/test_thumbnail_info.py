"""What a thumbnail says of its photo."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from safelight.core.photo import FileStat, FolderState
from safelight.store import files, folders, thumbnail_info
from safelight.store.thumbnail_info import ThumbnailInfo
from support.filled_library import FilledLibrary

DATE = "2020-05-01T00:00:00"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[FilledLibrary]:
    made = FilledLibrary(tmp_path)
    yield made
    made.close()


def test_name_copies_rating_and_whether_it_is_there(library: FilledLibrary, tmp_path: Path) -> None:
    first, second = library.add(("a.jpg", DATE), ("b.jpg", DATE))
    stat = FileStat(1, 1, 1)
    with library.store.write() as db:
        folder = folders.add(db, os.fsencode(tmp_path / "drive"), None, 0.0).folder.id
        (copy,) = files.add(db, folder, [(b"sub" + os.sep.encode() + b"copy of a.jpg", stat)])
        files.set_indexed(db, copy, first, stat)
        db.execute("INSERT INTO mark (photo_id, rating) VALUES (?, 4)", (first,))
        db.execute("UPDATE photo SET format = 'RAW' WHERE id = ?", (second,))
        folders.set_state(db, library.folder_id, FolderState.OFFLINE)
        found = thumbnail_info.read_info(db, [second, 999, first])
    assert found == {
        first: ThumbnailInfo("a.jpg", "JPEG", files=2, rating=4, offline=False),
        second: ThumbnailInfo("b.jpg", "RAW", offline=True),
    }


def test_a_photo_without_files_has_none(library: FilledLibrary) -> None:
    (photo,) = library.add(("a.jpg", DATE))
    library.remove([photo])
    with library.store.read() as db:
        assert thumbnail_info.read_info(db, [photo]) == {}
        assert thumbnail_info.read_info(db, []) == {}
