"""Adding and removing folders: what it explains, and undo that reads no file again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from safelight.core.changes import ChangeKind
from safelight.core.errors import FolderError
from safelight.core.operations import AddFolder, Note, Operation, Outcome, RemoveFolder, SetRating, Undo
from safelight.services.operations.runner import OperationRunner
from safelight.store import files, folders, orphans, photos
from safelight.store.library import LibraryStore
from support.filled_library import FilledLibrary


class Library:
    """A library of one folder with two photos and a failed file."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.filled = FilledLibrary(place)
        self.a, self.b = self.filled.add(("a.jpg", "2024-01-01T00:00:00"), ("b.jpg", "2024-01-02T00:00:00"))
        self.filled.fail("bad.jpg", "it is damaged")

    @property
    def store(self) -> LibraryStore:
        return self.filled.store

    def run(self, operation: Operation[Any]) -> Any:
        return OperationRunner(self.store).run(operation)

    def restart(self) -> None:
        self.filled.store.close()
        self.filled.store = LibraryStore.create_or_open(self.filled.directory)

    def roots(self) -> dict[str, int]:
        with self.store.read() as db:
            return {Path(folder.path).name: folder.id for folder in folders.all_folders(db)}

    def state(self) -> list[object]:
        with self.store.read() as db:
            return [
                sorted(db.execute("SELECT id, path, path_text, state, added_at FROM folder")),
                sorted(db.execute("SELECT id, folder_id, path, path_text, photo_id, mtime_ns FROM file")),
                list(photos.ids(db)),
                sorted(db.execute("SELECT rowid FROM photo_text WHERE photo_text MATCH 'pictures'")),
            ]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    made = Library(tmp_path)
    yield made
    made.filled.close()


def notes(outcome: Outcome) -> list[str]:
    return [note.code for note in outcome.notes]


def test_a_removed_folder_comes_back_at_once_after_a_restart(library: Library) -> None:
    library.run(SetRating((library.a,), 4))
    before = library.state()
    removed = library.run(RemoveFolder(library.filled.folder_id))
    assert removed.change.removed == (library.a, library.b)
    assert library.roots() == {}
    library.restart()
    undone = library.run(Undo())
    assert (undone.code, undone.reverted) == ("remove_folder", 1)
    assert undone.change.added == (library.a, library.b)
    assert library.state() == before
    with library.store.read() as db:
        states = dict(db.execute("SELECT path, state FROM file"))
        rated = db.execute("SELECT rating FROM mark WHERE photo_id = ?", (library.a,)).get
        assert db.execute("SELECT count(*) FROM removed_file").get == 0
    assert states == {b"a.jpg": "indexed", b"b.jpg": "indexed", b"bad.jpg": "pending"}
    assert rated == 4
    library.run(Undo())
    assert library.run(Undo()).undone is None


def test_undo_can_ask_before_it_removes_a_folder(library: Library, tmp_path: Path) -> None:
    (tmp_path / "Other").mkdir()
    step = library.run(AddFolder(str(tmp_path / "Other"))).step
    library.run(SetRating((library.a,), 4))
    assert library.run(Undo(asks_first=True)).code == "set_rating"
    asked = library.run(Undo(asks_first=True))
    assert (asked.asked, asked.undone, asked.code) == (step, None, "add_folder")
    assert asked.params["path"] == str(tmp_path / "Other")
    assert "Other" in library.roots()
    assert library.run(Undo(step, asks_first=True)).undone == step
    assert "Other" not in library.roots()


def test_photos_that_were_forgotten_meanwhile_are_read_again(library: Library) -> None:
    library.run(RemoveFolder(library.filled.folder_id))
    with library.store.write() as db:
        orphans.prune(db, 1e12)
    library.run(Undo())
    with library.store.read() as db:
        assert files.pending_count(db) == 3


def test_ten_steps_deep_and_across_a_restart(library: Library) -> None:
    states = [library.state()]
    for number in range(5):
        new = library.place / f"new{number}"
        new.mkdir()
        assert library.run(AddFolder(str(new))).step is not None
        states.append(library.state())
        library.run(RemoveFolder(library.roots()["Pictures" if number == 2 else new.name]))
        states.append(library.state())
    library.restart()
    for state in reversed(states[:-1]):
        assert library.run(Undo()).reverted == 1
        assert library.state() == state


def test_a_parent_explains_what_it_absorbs_and_undo_splits_it_again(library: Library) -> None:
    before = library.state()
    outcome = library.run(AddFolder(str(library.place)))
    assert notes(outcome) == ["folders_absorbed"]
    assert outcome.notes[0].params["folders"] == [str(library.filled.folder)]
    assert outcome.change.kinds == ChangeKind.FOLDERS | ChangeKind.FAILURES
    with library.store.write() as db:  # a file beside the former root, found since
        (folder,) = folders.all_folders(db)
        stat = next(iter(files.in_folder(db, folder.id))).stat
        files.add(db, folder.id, [(b"other.jpg", stat)])
    assert library.state() != before
    assert library.run(Undo()).reverted == 1
    assert library.state() == before


def test_a_child_says_which_folder_it_is_part_of(library: Library) -> None:
    child = library.filled.folder / "2019"
    child.mkdir()
    outcome = library.run(AddFolder(str(child)))
    parent = str(library.filled.folder)
    assert outcome.step is None
    assert outcome.notes == (Note("folder_included", {"path": str(child), "parent": parent}),)
    assert notes(library.run(AddFolder(parent))) == ["folder_known"]


def test_undo_of_a_removal_leaves_alone_what_was_added_since(library: Library) -> None:
    step = library.run(RemoveFolder(library.filled.folder_id)).step
    library.run(AddFolder(str(library.place)))
    after = library.state()
    assert library.run(Undo(step)).reverted == 0
    assert library.state() == after


def test_what_cannot_be_added_or_removed_is_reported(library: Library) -> None:
    with pytest.raises(FolderError, match="There is no folder"):
        library.run(AddFolder(str(library.place / "missing")))
    with pytest.raises(FolderError, match="no longer"):
        library.run(RemoveFolder(987))
    assert library.run(Undo()).undone is None


def test_names_with_bytes_that_are_no_text_are_split_exactly(library: Library) -> None:
    odd = os.fsencode(library.place) + b"/od\xffd"
    os.mkdir(odd)
    library.run(AddFolder(os.fsdecode(odd)))
    before = library.state()
    library.run(AddFolder(str(library.place)))
    library.run(Undo())
    assert library.state() == before
