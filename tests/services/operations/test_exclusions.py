"""Leaving folders out of the library, and taking them back without reading their photos again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from safelight.core.errors import FolderError
from safelight.core.operations import (
    AddFolder,
    ExcludeFolder,
    IncludeFolder,
    Note,
    Operation,
    RemoveFolder,
    SetRating,
    Undo,
)
from safelight.services.operations.runner import OperationRunner
from safelight.store import files, folder_tree, folders, orphans, photos, user_data_export
from safelight.store.library import LibraryStore
from support.filled_library import FilledLibrary

DATE = "2024-01-01T00:00:00"
NAMES = ("top.jpg", "2019/a.jpg", "2019/Screens/b.jpg", "2019/Screens/deep/c.jpg", "2019/Screens 2/d.jpg")


class Library:
    def __init__(self, place: Path) -> None:
        self.place = place
        self.filled = FilledLibrary(place)
        self.ids = dict(zip(NAMES, self.filled.add(*((name, DATE) for name in NAMES)), strict=True))

    @property
    def store(self) -> LibraryStore:
        return self.filled.store

    def path(self, below: str) -> str:
        return str(self.filled.folder / below)

    def run(self, operation: Operation[Any]) -> Any:
        return OperationRunner(self.store).run(operation)

    def restart(self) -> None:
        self.filled.store.close()
        self.filled.store = LibraryStore.create_or_open(self.filled.directory)

    def shown(self) -> set[str]:
        with self.store.read() as db:
            ids = set(photos.ids(db))
        return {name for name, photo in self.ids.items() if photo in ids}

    def excluded(self) -> list[str]:
        with self.store.read() as db:
            return [path for folder in folders.all_folders(db) for path in folder.excluded]

    def rows(self) -> list[object]:
        with self.store.read() as db:
            return [
                sorted(
                    db.execute("SELECT id, folder_id, path, path_text, state, photo_id, mtime_ns FROM file")
                ),
                sorted(db.execute("SELECT path FROM excluded_folder")),
                sorted(db.execute("SELECT rowid FROM photo_text WHERE photo_text MATCH 'screens'")),
            ]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    made = Library(tmp_path)
    yield made
    made.filled.close()


def test_the_photos_of_an_excluded_folder_leave_and_come_back(library: Library) -> None:
    bad = library.filled.fail("2019/Screens/bad.jpg", "it is damaged")
    photo = library.ids["2019/Screens/b.jpg"]
    library.run(SetRating((photo,), 4))
    before = library.rows()
    outcome = library.run(ExcludeFolder(library.path("2019/Screens")))
    (note,) = outcome.notes
    assert note == Note("folder_excluded", {"path": library.path("2019/Screens"), "photos": 2})
    assert set(outcome.change.removed) == {photo, library.ids["2019/Screens/deep/c.jpg"]}
    assert library.shown() == {"top.jpg", "2019/a.jpg", "2019/Screens 2/d.jpg"}
    assert library.excluded() == ["2019/Screens"]

    library.restart()
    undone = library.run(Undo())
    assert (undone.code, undone.reverted) == ("exclude_folder", 1)
    assert set(undone.change.added) == set(outcome.change.removed)
    assert library.shown() == set(NAMES)
    after = library.rows()
    assert after[1:] == before[1:]
    with library.store.read() as db:
        states = dict(db.execute("SELECT path, state FROM file WHERE id <> ?", (bad,)))
        assert set(states.values()) == {"indexed"}, "nothing is read again"
        assert db.execute("SELECT state FROM file WHERE id = ?", (bad,)).get == "pending"
        assert db.execute("SELECT rating FROM mark WHERE photo_id = ?", (photo,)).get == 4
        assert db.execute("SELECT count(*) FROM excluded_file").get == 0


def test_including_is_a_step_of_its_own(library: Library) -> None:
    states = [library.rows()]
    for operation in (
        ExcludeFolder(library.path("2019/Screens/deep")),
        ExcludeFolder(library.path("2019/Screens")),
        IncludeFolder(library.path("2019/Screens")),
        IncludeFolder(library.path("2019/Screens/deep")),
    ):
        assert library.run(operation).step is not None
        states.append(library.rows())
    assert states[4] == states[0]
    library.restart()
    for state in reversed(states[:-1]):
        assert library.run(Undo()).reverted == 1
        assert library.rows() == state


def test_an_inner_folder_stays_excluded_when_the_outer_one_is_included(library: Library) -> None:
    library.run(ExcludeFolder(library.path("2019/Screens/deep")))
    library.run(ExcludeFolder(library.path("2019")))
    assert library.shown() == {"top.jpg"}
    library.run(IncludeFolder(library.path("2019")))
    assert library.shown() == set(NAMES) - {"2019/Screens/deep/c.jpg"}


def test_adding_an_excluded_folder_includes_it(library: Library) -> None:
    library.run(ExcludeFolder(library.path("2019/Screens")))
    with pytest.raises(FolderError, match="which is excluded"):
        library.run(AddFolder(library.path("2019/Screens/deep")))
    library.run(AddFolder(library.path("2019/Screens")))
    assert library.shown() == set(NAMES)
    assert library.run(Undo()).code == "add_folder"
    assert library.excluded() == ["2019/Screens"]
    assert "2019/Screens/b.jpg" not in library.shown()


def test_it_stays_excluded_when_the_folder_around_it_changes(library: Library) -> None:
    library.run(ExcludeFolder(library.path("2019/Screens")))
    library.run(AddFolder(str(library.place)))
    assert library.excluded() == ["Pictures/2019/Screens"]
    library.run(IncludeFolder(library.path("2019/Screens")))
    assert library.shown() == set(NAMES)
    library.run(Undo())
    library.run(Undo())
    assert library.excluded() == ["2019/Screens"]
    library.run(RemoveFolder(library.filled.folder_id))
    library.run(AddFolder(str(library.filled.folder)))
    assert library.excluded() == ["2019/Screens"]


def test_a_folder_that_was_excluded_from_a_removed_one_can_be_added(library: Library) -> None:
    library.run(ExcludeFolder(library.path("2019/Screens")))
    library.run(RemoveFolder(library.filled.folder_id))
    library.run(AddFolder(library.path("2019/Screens/deep")))
    library.run(AddFolder(str(library.filled.folder)))
    assert library.excluded() == []


def test_photos_that_were_forgotten_meanwhile_are_read_again(library: Library) -> None:
    library.run(ExcludeFolder(library.path("2019")))
    with library.store.write() as db:
        orphans.prune(db, 1e12)
    library.run(IncludeFolder(library.path("2019")))
    with library.store.read() as db:
        assert files.pending_count(db) == 4


def test_what_cannot_be_excluded_is_reported(library: Library) -> None:
    with pytest.raises(FolderError, match="remove it instead"):
        library.run(ExcludeFolder(str(library.filled.folder)))
    with pytest.raises(FolderError, match="is not in the library"):
        library.run(ExcludeFolder(str(library.place)))
    with pytest.raises(FolderError, match="is a file"):
        library.run(ExcludeFolder(library.path("top.jpg")))
    with pytest.raises(FolderError, match="There is no folder"):
        library.run(ExcludeFolder(library.path("missing")))
    library.run(ExcludeFolder(library.path("2019")))
    again = library.run(ExcludeFolder(library.path("2019/Screens")))
    assert (again.step, [note.code for note in again.notes]) == (None, ["folder_excluded_already"])
    with pytest.raises(FolderError, match="include that folder"):
        library.run(IncludeFolder(library.path("2019/Screens")))
    nothing = library.run(IncludeFolder(library.path("")))
    assert [note.code for note in nothing.notes] == ["folder_not_excluded"]


def test_a_name_with_bytes_that_are_no_text_is_put_aside_exactly(library: Library) -> None:
    odd = os.fsencode(library.filled.folder) + b"/od\xffd"
    os.mkdir(odd)
    with library.store.write() as db:
        stat = next(iter(files.in_folder(db, library.filled.folder_id))).stat
        files.add(db, library.filled.folder_id, [(b"od\xffd/\xfe.jpg", stat)])
    before = library.rows()
    library.run(ExcludeFolder(os.fsdecode(odd)))
    assert library.excluded() == [os.fsdecode(b"od\xffd")]
    library.run(Undo())
    assert library.rows() == before


def test_the_tree_lists_excluded_folders_and_the_way_to_them(library: Library) -> None:
    library.run(ExcludeFolder(library.path("2019")))
    with library.store.read() as db:
        found = folder_tree.subfolders(db, library.filled.folder_id, b"", [b"2019"])
        assert [(each.name, each.photos, each.is_excluded) for each in found] == [("2019", 0, True)]
    library.run(Undo())
    library.run(ExcludeFolder(library.path("2019/Screens")))
    with library.store.read() as db:
        found = folder_tree.subfolders(db, library.filled.folder_id, b"2019", [b"2019/Screens"])
    assert [(each.name, each.photos, each.is_excluded) for each in found] == [
        ("Screens", 0, True),
        ("Screens 2", 1, False),
    ]


def test_exports_hold_excluded_folders(library: Library, tmp_path: Path) -> None:
    library.run(ExcludeFolder(library.path("2019/Screens")))
    with library.store.read() as db:
        document = user_data_export.collect(db)
    assert document["excluded_folders"] == [library.path("2019/Screens")]
    other = Library(tmp_path / "other")
    try:
        document["excluded_folders"].append(other.path("2019"))
        with other.store.write() as db:
            user_data_export.apply(db, document)
        assert other.shown() == set(NAMES), "an import removes nothing"
        with other.store.read() as db:
            assert db.execute("SELECT count(*) FROM excluded_folder").get == 1
    finally:
        other.filled.close()
