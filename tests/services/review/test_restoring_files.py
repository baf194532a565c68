"""Single files come back from the trash, whichever steps moved them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from safelight.core.operations import RestoreFiles, TrashPhotos, UndoOutcome
from safelight.services.forgetting import forget_now
from safelight.services.operations.runner import OperationRunner
from safelight.store import journal, marks
from safelight.store.journal import TrashedFile
from safelight.store.recovery import health
from support.trashing import Reviewed, png, trashed_files, undo

pytestmark = pytest.mark.skipif(
    sys.platform in ("darwin", "win32"), reason="restores from the trash of freedesktop.org's specification"
)


@pytest.fixture
def reviewed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reviewed]:
    monkeypatch.setenv("HOME", str(tmp_path))
    found = Reviewed(tmp_path)
    yield found
    with found.store.read() as db:
        assert health.check(db) == []
    found.store.close()


def listed(reviewed: Reviewed) -> list[TrashedFile]:
    with reviewed.store.read() as db:
        return list(journal.files_in_trash(db))


def names(reviewed: Reviewed) -> list[str]:
    return [Path(file.path).name for file in listed(reviewed)]


def trash(reviewed: Reviewed, *file_ids: int) -> int:
    step = OperationRunner(reviewed.store).run(TrashPhotos(tuple(map(reviewed.photo, file_ids)))).step
    assert step is not None
    return step


def restore(reviewed: Reviewed, *chosen: str) -> UndoOutcome:
    ids = tuple(file.id for file in listed(reviewed) if Path(file.path).name in chosen)
    return OperationRunner(reviewed.store).run(RestoreFiles(ids))


def test_files_are_listed_and_come_back_one_by_one(reviewed: Reviewed) -> None:
    added = [reviewed.add(f"{name}.jpg", png(90, name)) for name in "abc"]
    before = reviewed.on_disk()
    first = trash(reviewed, added[0], added[1])
    trash(reviewed, added[2])
    assert names(reviewed) == ["c.jpg", "b.jpg", "a.jpg"]
    assert {file.as_duplicate for file in listed(reviewed)} == {False}
    outcome = restore(reviewed, "a.jpg", "c.jpg")
    assert (outcome.restored, outcome.failed) == (2, ())
    assert outcome.change.added
    assert names(reviewed) == ["b.jpg"]
    assert reviewed.known() == {"a.jpg", "c.jpg"}
    # The first step has a file left, so it can still be undone; the second has nothing left to undo.
    again = undo(reviewed.store)
    assert (again.undone, again.restored) == (first, 1)
    assert reviewed.on_disk() == before
    assert listed(reviewed) == []
    assert undo(reviewed.store).undone is None


def test_emptying_the_trash_empties_the_list(reviewed: Reviewed) -> None:
    trash(reviewed, reviewed.add("a.jpg", png(90)))
    (file,) = listed(reviewed)
    place = Path(os.environ["XDG_DATA_HOME"], "Trash", "files")
    for gone in place.iterdir():
        gone.unlink()
    assert listed(reviewed) == []
    outcome = OperationRunner(reviewed.store).run(RestoreFiles((file.id,)))
    assert outcome.restored == 0
    assert "no longer in the trash" in str(outcome.failed[0][1])


def test_a_place_that_was_taken_is_not_overwritten(reviewed: Reviewed) -> None:
    trash(reviewed, reviewed.add("a.jpg", png(90)))
    (reviewed.folder / "a.jpg").write_bytes(b"another")
    outcome = restore(reviewed, "a.jpg")
    assert outcome.restored == 0
    assert "another file has its place" in str(outcome.failed[0][1])
    assert sorted(reviewed.on_disk().values()) == sorted([b"another", png(90)])
    assert listed(reviewed) == []


def test_ids_of_other_files_restore_nothing(reviewed: Reviewed) -> None:
    trash(reviewed, reviewed.add("a.jpg", png(90)))
    outcome = OperationRunner(reviewed.store).run(RestoreFiles((987_654, -1)))
    assert (outcome.restored, outcome.failed) == (0, ())
    assert len(trashed_files(Path(os.environ["XDG_DATA_HOME"]))) == 1


def test_a_turned_photo_keeps_its_turn_through_the_trash(reviewed: Reviewed) -> None:
    file = reviewed.add("a.png", png(1))
    photo = reviewed.photo(file)
    with reviewed.store.write() as db:
        marks.turn(db, [photo], 1)
    trash(reviewed, file)
    assert forget_now(reviewed.store).kept == 1  # it is marked, so it is not forgotten
    undo(reviewed.store)
    with reviewed.store.read() as db:
        assert marks.turns(db, [photo]) == {photo: 1}


def test_a_turned_photo_keeps_its_turn_when_its_content_comes_back_elsewhere(reviewed: Reviewed) -> None:
    file = reviewed.add("a.png", png(1))
    photo = reviewed.photo(file)
    with reviewed.store.write() as db:
        marks.turn(db, [photo], 3)
    trash(reviewed, file)
    forget_now(reviewed.store)
    assert reviewed.photo(reviewed.add("other/b.png", png(1))) == photo
    with reviewed.store.read() as db:
        assert marks.turns(db, [photo]) == {photo: 3}
