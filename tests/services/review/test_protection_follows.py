"""What is protected stays protected when the file or its folder gets another name or place."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from safelight.core.duplicates import GroupAction
from safelight.core.jobs import JobControl
from safelight.services.review.trash_executor import TrashExecutor, TrashResult
from safelight.store import decisions, files
from support.trashing import Reviewed, png, some_stat, undo

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="identity by inode")

A, B = png(80, "first"), png(80, "second")
PROTECTED = "protected by you"


@pytest.fixture
def reviewed(tmp_path: Path) -> Iterator[Reviewed]:
    found = Reviewed(tmp_path)
    yield found
    found.store.close()


def protect(reviewed: Reviewed, name: str, protected: bool = True) -> bool:
    with reviewed.store.write() as db:
        return decisions.protect(db, os.fsencode(reviewed.folder / name), protected, 1.0)


def move(reviewed: Reviewed, file_id: int, name: str) -> None:
    """As the scan notices it, after the file has moved."""
    with reviewed.store.write() as db:
        files.move(db, file_id, reviewed.folder_id, os.fsencode(name), some_stat(reviewed.folder / name))


def reason(settled: TrashResult) -> list[str]:
    return [str(why) for _, why in settled.spared]


def trash(reviewed: Reviewed, keep: int, go: int) -> list[str]:
    action = GroupAction("same-picture-1", (keep,), (go,))
    return reason(TrashExecutor(reviewed.store).trash_duplicates([action], JobControl()))


def test_a_renamed_file(reviewed: Reviewed) -> None:
    kept, other = reviewed.add("keep.jpg", A), reviewed.add("a.jpg", B)
    protect(reviewed, "a.jpg")
    (reviewed.folder / "a.jpg").rename(reviewed.folder / "b.jpg")
    move(reviewed, other, "b.jpg")
    assert trash(reviewed, kept, other) == [PROTECTED]


def test_a_renamed_folder_and_what_was_added_to_it_since(reviewed: Reviewed) -> None:
    kept, other = reviewed.add("keep.jpg", A), reviewed.add("album/a.jpg", B)
    protect(reviewed, "album")
    (reviewed.folder / "album").rename(reviewed.folder / "best")
    move(reviewed, other, "best/a.jpg")
    new = reviewed.add("best/sub/new.jpg", png(80, "third"))
    assert trash(reviewed, kept, other) == [PROTECTED]
    assert trash(reviewed, kept, new) == [PROTECTED]


def test_a_folder_that_was_copied_to_another_place_and_removed(reviewed: Reviewed) -> None:
    """As when it moves to another disk: other inodes, and the library sees files come and go."""
    kept, other = reviewed.add("keep.jpg", A), reviewed.add("album/a.jpg", B)
    protect(reviewed, "album")
    shutil.copytree(reviewed.folder / "album", reviewed.folder / "elsewhere")
    copy = reviewed.note(reviewed.folder / "elsewhere/a.jpg", B)
    assert trash(reviewed, kept, copy) == []  # a copy outside is not protected while the original is inside
    undo(reviewed.store)
    copy = reviewed.note(reviewed.folder / "elsewhere/a.jpg", B)
    shutil.rmtree(reviewed.folder / "album")
    with reviewed.store.write() as db:
        files.remove(db, [other])
    assert trash(reviewed, kept, copy) == [PROTECTED]


def test_the_end_of_protection_follows_too(reviewed: Reviewed) -> None:
    kept, other = reviewed.add("keep.jpg", A), reviewed.add("a.jpg", B)
    protect(reviewed, "a.jpg")
    (reviewed.folder / "a.jpg").rename(reviewed.folder / "b.jpg")
    move(reviewed, other, "b.jpg")
    assert protect(reviewed, "b.jpg", False)
    assert trash(reviewed, kept, other) == []


def test_a_photo_that_the_user_deletes_is_protected_under_its_new_name(reviewed: Reviewed) -> None:
    other = reviewed.add("a.jpg", B)
    protect(reviewed, "a.jpg")
    (reviewed.folder / "a.jpg").rename(reviewed.folder / "b.jpg")
    move(reviewed, other, "b.jpg")
    settled = TrashExecutor(reviewed.store).trash_photos([reviewed.photo(other)], JobControl())
    assert reason(settled) == [PROTECTED]
