"""What may go to the trash, what is spared, and how it comes back."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.duplicates import DuplicateKind, GroupAction, Verdict
from safelight.core.errors import CancelledError
from safelight.core.jobs import JobControl
from safelight.core.message import Message
from safelight.core.operations import JudgeDuplicates
from safelight.imaging.read import decode_photo
from safelight.services.operations.runner import OperationRunner
from safelight.services.review import trash_executor
from safelight.services.review.trash import Trash
from safelight.services.review.trash_executor import TrashExecutor, TrashResult
from safelight.store import decisions, files, folders, journal, likeness, marks, photos
from safelight.store.journal import FileStep, NewJournalFile
from safelight.store.library import LibraryStore
from safelight.store.recovery import health
from support.trashing import FaultyTrash, Reviewed, disk_error, png, recover, trashed_files, undo

pytestmark = pytest.mark.skipif(
    sys.platform in ("darwin", "win32"), reason="restores from the trash of freedesktop.org's specification"
)

A, B, C = png(80, "first"), png(80, "second"), png(80, "third")
"""One picture in three files."""


@pytest.fixture
def reviewed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reviewed]:
    monkeypatch.setenv("HOME", str(tmp_path))
    found = Reviewed(tmp_path)
    yield found
    with found.store.read() as db:
        assert health.check(db) == []
    found.store.close()


@pytest.fixture
def data() -> Path:
    return Path(os.environ["XDG_DATA_HOME"])


def trash_duplicates(
    reviewed: Reviewed, keep: list[int], trash: list[int], *, key: str = "resaved-1", how: Trash | None = None
) -> TrashResult:
    action = GroupAction(key, tuple(keep), tuple(trash))
    return TrashExecutor(reviewed.store, how).trash_duplicates([action], JobControl())


def reasons(settled: TrashResult) -> list[str]:
    return [str(reason) for _, reason in settled.spared]


# --- identical files ------------------------------------------------------------------------------------


def test_a_copy_goes_and_the_photo_stays(reviewed: Reviewed, data: Path) -> None:
    kept, copy = reviewed.add("a.jpg", A), reviewed.add("copy/a (1).jpg", A)
    settled = trash_duplicates(reviewed, [kept], [copy], key="identical-1")
    assert (settled.trashed, settled.freed, settled.spared) == (1, len(A), [])
    assert reviewed.on_disk() == {"a.jpg": A}
    assert reviewed.known() == {"a.jpg"}
    assert settled.updated == {reviewed.photo(kept)}
    assert trashed_files(data) == [A]

    undone = undo(reviewed.store)
    assert (undone.undone, undone.restored, undone.failed) == (settled.journal_id, 1, ())
    assert reviewed.on_disk() == {"a.jpg": A, "copy/a (1).jpg": A}
    assert reviewed.known() == {"a.jpg", "copy/a (1).jpg"}
    with reviewed.store.read() as db:
        assert len(files.of_photo(db, reviewed.photo(kept))) == 2
    assert trashed_files(data) == []
    assert undo(reviewed.store).undone is None


def test_what_is_not_identical_does_not_go_as_if_it_were(reviewed: Reviewed) -> None:
    kept, other = reviewed.add("a.jpg", A), reviewed.add("b.jpg", B)
    settled = trash_duplicates(reviewed, [kept], [other], key="identical-1")
    assert reasons(settled) == ["the file to keep is not identical"]
    assert settled.journal_id is None
    assert set(reviewed.on_disk()) == {"a.jpg", "b.jpg"}


# --- what is spared -------------------------------------------------------------------------------------

Mishap = Callable[[Reviewed], object]


def keeper_is_gone(reviewed: Reviewed) -> None:
    (reviewed.folder / "keep.jpg").unlink()


def keeper_has_changed(reviewed: Reviewed) -> None:
    (reviewed.folder / "keep.jpg").write_bytes(b"x" * len(A))


def keeper_has_changed_behind_its_dates(reviewed: Reviewed) -> None:
    path = reviewed.folder / "keep.jpg"
    status = path.stat()
    path.write_bytes(b"x" * len(A))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def keeper_is_a_folder(reviewed: Reviewed) -> None:
    keeper_is_gone(reviewed)
    (reviewed.folder / "keep.jpg").mkdir()


def keeper_is_a_pipe(reviewed: Reviewed) -> None:
    keeper_is_gone(reviewed)
    os.mkfifo(reviewed.folder / "keep.jpg")


def keeper_is_a_link_to_the_other(reviewed: Reviewed) -> None:
    keeper_is_gone(reviewed)
    (reviewed.folder / "keep.jpg").symlink_to(reviewed.folder / "go.jpg")


def drive_is_away(reviewed: Reviewed) -> None:
    reviewed.folder.rename(reviewed.place / "unplugged")


def other_has_changed(reviewed: Reviewed) -> None:
    (reviewed.folder / "go.jpg").write_bytes(b"edited since")


def other_is_gone(reviewed: Reviewed) -> None:
    (reviewed.folder / "go.jpg").unlink()


def other_is_protected(reviewed: Reviewed) -> None:
    with reviewed.store.write() as db:
        decisions.protect(db, os.fsencode(reviewed.folder / "go.jpg"), True, 1.0)


def everything_is_protected(reviewed: Reviewed) -> None:
    with reviewed.store.write() as db:
        decisions.protect(db, os.fsencode(reviewed.folder), True, 1.0)


@pytest.mark.parametrize(
    ("mishap", "reason"),
    [
        (keeper_is_gone, "cannot be relied on: it is no longer there"),
        (keeper_has_changed, "cannot be relied on: it has changed"),
        (keeper_has_changed_behind_its_dates, "cannot be relied on: it has changed"),
        (keeper_is_a_folder, "cannot be relied on: it is not a file"),
        (keeper_is_a_pipe, "cannot be relied on: it is not a file"),
        (keeper_is_a_link_to_the_other, "cannot be relied on: it is a link"),
        (drive_is_away, "perhaps its drive is not connected"),
        (other_has_changed, "it has changed since it was indexed"),
        (other_is_gone, "it is no longer there"),
        (other_is_protected, "protected by you"),
        (everything_is_protected, "protected by you"),
    ],
)
def test_a_file_is_spared_and_the_reason_reported(
    reviewed: Reviewed, data: Path, mishap: Mishap, reason: str
) -> None:
    kept, other = reviewed.add("keep.jpg", A), reviewed.add("go.jpg", B)
    mishap(reviewed)
    before = reviewed.on_disk()
    settled = trash_duplicates(reviewed, [kept], [other])
    assert [path for path, _ in settled.spared] == [str(reviewed.folder / "go.jpg")]
    assert reason in reasons(settled)[0]
    assert (settled.trashed, settled.journal_id) == (0, None)
    assert reviewed.on_disk() == before
    assert trashed_files(data) == []


def test_one_file_under_two_names_is_not_a_copy(reviewed: Reviewed) -> None:
    kept = reviewed.add("a.jpg", A)
    os.link(reviewed.folder / "a.jpg", reviewed.folder / "b.jpg")
    other = reviewed.note(reviewed.folder / "b.jpg", A)
    settled = trash_duplicates(reviewed, [kept], [other], key="identical-1")
    assert reasons(settled) == ["it is the file to keep, under another name; removing it frees no space"]
    assert set(reviewed.on_disk()) == {"a.jpg", "b.jpg"}


def test_one_file_by_way_of_a_linked_folder_is_not_a_copy(reviewed: Reviewed) -> None:
    kept = reviewed.add("sub/a.jpg", A)
    (reviewed.place / "Other").symlink_to(reviewed.folder / "sub")
    with reviewed.store.write() as db:
        root = os.fsencode(reviewed.place / "Other")
        folder_id = folders.add(db, root, None, 1.0).folder.id
        ((row, _),) = files.with_absolute_paths(db, [kept])
        (other,) = files.add(db, folder_id, [(b"a.jpg", row.stat)])
        files.set_indexed(db, other, reviewed_photo(row.photo_id), row.stat)
    settled = trash_duplicates(reviewed, [kept], [other], key="identical-1")
    assert reasons(settled) == ["it is the file to keep, under another name; removing it frees no space"]


def reviewed_photo(photo_id: int | None) -> int:
    assert photo_id is not None
    return photo_id


def test_what_is_to_be_kept_is_not_trashed_in_the_same_breath(reviewed: Reviewed) -> None:
    kept = reviewed.add("a.jpg", A)
    assert trash_duplicates(reviewed, [kept], [kept]).journal_id is None
    assert set(reviewed.on_disk()) == {"a.jpg"}


def test_nothing_goes_without_a_file_to_keep(reviewed: Reviewed) -> None:
    other = reviewed.add("a.jpg", A)
    assert reasons(trash_duplicates(reviewed, [], [other])) == ["no file to keep was named"]
    assert reasons(trash_duplicates(reviewed, [999], [other])) == ["no file to keep was named"]


def test_a_file_that_one_group_keeps_is_not_trashed_by_the_next(reviewed: Reviewed) -> None:
    a, b, c = (reviewed.add(f"{name}.jpg", content) for name, content in (("a", A), ("b", B), ("c", C)))
    settled = TrashExecutor(reviewed.store).trash_duplicates(
        [GroupAction("crop-1", (b,), (a,)), GroupAction("crop-2", (c,), (b,))], JobControl()
    )
    assert set(reviewed.on_disk()) == {"b.jpg", "c.jpg"}
    assert reasons(settled) == ["another group keeps it"]


def test_a_disk_error_spares_the_file(reviewed: Reviewed) -> None:
    kept, other = reviewed.add("a.jpg", A), reviewed.add("b.jpg", B)
    settled = trash_duplicates(reviewed, [kept], [other], how=FaultyTrash(before=disk_error))
    assert "input/output error" in reasons(settled)[0]
    assert set(reviewed.known()) == {"a.jpg", "b.jpg"}
    with reviewed.store.read() as db:
        assert journal.last_undoable(db) is None


def test_a_keeper_that_vanishes_at_the_last_moment_brings_the_file_back(reviewed: Reviewed) -> None:
    kept, other = reviewed.add("a.jpg", A), reviewed.add("b.jpg", B)
    vanish = FaultyTrash(after=lambda _: (reviewed.folder / "a.jpg").unlink())
    settled = trash_duplicates(reviewed, [kept], [other], how=vanish)
    assert reasons(settled) == ["the file to keep disappeared at the same time; both may be one file"]
    assert reviewed.on_disk() == {"b.jpg": B}
    assert settled.journal_id is None


def test_a_keeper_that_vanishes_between_a_file_and_its_companion_brings_both_back(reviewed: Reviewed) -> None:
    kept, other = reviewed.add("keep/a.jpg", A), reviewed.add("go/a.jpg", B)
    for folder in ("keep", "go"):
        (reviewed.folder / folder / "a.xmp").write_bytes(b"sidecar")

    def vanish(path: bytes) -> None:
        if path.endswith(b".xmp"):
            (reviewed.folder / "keep/a.jpg").unlink()

    settled = trash_duplicates(reviewed, [kept], [other], how=FaultyTrash(after=vanish))
    assert reasons(settled) == ["the file to keep disappeared at the same time; both may be one file"] * 2
    assert set(reviewed.on_disk()) == {"keep/a.xmp", "go/a.jpg", "go/a.xmp"}
    assert (settled.trashed, settled.journal_id) == (0, None)
    assert "go/a.jpg" in reviewed.known()


def test_a_file_that_changes_at_the_last_moment_is_spared(reviewed: Reviewed) -> None:
    kept, one, two = reviewed.add("a.jpg", A), reviewed.add("b.jpg", B), reviewed.add("c.jpg", C)

    def edit(path: bytes) -> None:
        if path.endswith(b"b.jpg"):
            (reviewed.folder / "c.jpg").write_bytes(b"edited")

    settled = trash_duplicates(reviewed, [kept], [one, two], how=FaultyTrash(before=edit))
    assert reasons(settled) == ["it changed at this moment"]
    assert reviewed.on_disk() == {"a.jpg": A, "c.jpg": b"edited"}
    assert undo(reviewed.store).restored == 1


def test_giving_up_between_two_groups_keeps_what_was_done_undoable(reviewed: Reviewed) -> None:
    kept, one, two = reviewed.add("a.jpg", A), reviewed.add("b.jpg", B), reviewed.add("c.jpg", C)
    control = JobControl()
    with pytest.raises(CancelledError):
        TrashExecutor(reviewed.store, FaultyTrash(after=lambda _: control.cancel())).trash_duplicates(
            [GroupAction("crop-1", (kept,), (one,)), GroupAction("crop-2", (kept,), (two,))], control
        )
    assert set(reviewed.on_disk()) == {"a.jpg", "c.jpg"}
    assert undo(reviewed.store).restored == 1
    assert set(reviewed.on_disk()) == {"a.jpg", "b.jpg", "c.jpg"}


# --- companions -----------------------------------------------------------------------------------------


def test_companions_go_along_where_the_keeper_has_their_equals(reviewed: Reviewed) -> None:
    kept, other = reviewed.add("keep/a.jpg", A), reviewed.add("go/a.jpg", B)
    for folder in ("keep", "go"):
        (reviewed.folder / folder / "a.MOV").write_bytes(b"film")
        (reviewed.folder / folder / "a.jpg.xmp").write_bytes(b"sidecar")
    settled = trash_duplicates(reviewed, [kept], [other])
    assert settled.moved == [str(reviewed.folder / name) for name in ("go/a.jpg", "go/a.jpg.xmp", "go/a.MOV")]
    assert set(reviewed.on_disk()) == {"keep/a.jpg", "keep/a.MOV", "keep/a.jpg.xmp"}
    assert undo(reviewed.store).restored == 3
    assert reviewed.on_disk()["go/a.MOV"] == b"film"


@pytest.mark.parametrize("key", ["identical-1", "same-picture-1", "resaved-1"])
@pytest.mark.parametrize(
    ("theirs", "reason"),
    [
        (b"edited", "a.xmp belongs to it, and differs from that of the file to keep"),
        (None, "a.xmp belongs to it, and the file to keep has nothing like that"),
    ],
)
def test_a_copy_with_a_companion_of_its_own_is_more_than_a_copy(
    reviewed: Reviewed, key: str, theirs: bytes | None, reason: str
) -> None:
    kept, other = reviewed.add("keep/a.jpg", A), reviewed.add("go/a.jpg", A)
    (reviewed.folder / "go/a.xmp").write_bytes(b"sidecar")
    if theirs is not None:
        (reviewed.folder / "keep/a.xmp").write_bytes(theirs)
    before = reviewed.on_disk()
    assert reasons(trash_duplicates(reviewed, [kept], [other], key=key)) == [reason]
    assert reviewed.on_disk() == before


def test_a_protected_companion_keeps_the_copy_too(reviewed: Reviewed) -> None:
    kept, other = reviewed.add("keep/a.jpg", A), reviewed.add("go/a.jpg", B)
    for folder in ("keep", "go"):
        (reviewed.folder / folder / "a.MOV").write_bytes(b"film")
    with reviewed.store.write() as db:
        decisions.protect(db, os.fsencode(reviewed.folder / "go/a.MOV"), True, 1.0)
    assert reasons(trash_duplicates(reviewed, [kept], [other])) == ["a.MOV belongs to it and is protected"]


def test_a_frame_of_a_burst_takes_its_own_film_along(reviewed: Reviewed) -> None:
    kept, other = reviewed.add("keep/a.jpg", A), reviewed.add("go/a.jpg", B)
    (reviewed.folder / "go/a.MOV").write_bytes(b"film")
    assert trash_duplicates(reviewed, [kept], [other], key="burst-1").trashed == 2
    assert set(reviewed.on_disk()) == {"keep/a.jpg"}


# --- the pixels are compared once more, at full size ----------------------------------------------------


def test_a_picture_whose_pixels_differ_does_not_go_as_the_same(reviewed: Reviewed) -> None:
    kept, other = reviewed.add("a.png", A), reviewed.add("b.png", png(81))
    settled = trash_duplicates(reviewed, [kept], [other], key="same-picture-1")
    assert reasons(settled) == ["at full size its pixels differ from those of the file to keep"]


@pytest.mark.slow
def test_a_progressive_jpeg_without_its_last_scan_is_no_copy(reviewed: Reviewed) -> None:
    """Decoded at 1/8 of its size, as indexing does, it cannot be distinguished from the whole one."""
    rng = np.random.default_rng(3)
    noise = Image.fromarray(rng.integers(0, 256, (512, 768, 3), np.uint8)).resize((6144, 4096))
    encoded = BytesIO()
    noise.save(encoded, "JPEG", quality=90, progressive=True)
    whole = encoded.getvalue()
    last = whole.rindex(b"\xff\xda")
    cut = whole[:last] + b"\xff\xd9"
    paths = [reviewed.folder / name for name in ("whole.jpg", "cut.jpg")]
    for path, content in zip(paths, (whole, cut), strict=True):
        path.write_bytes(content)
    hashes = {decode_photo(os.fsencode(path), None).pixel_hash for path in paths}
    assert len(hashes) == 1, "the reduced decode tells them apart: take a larger picture"
    kept, other = (reviewed.note(path, path.read_bytes()) for path in paths)
    settled = trash_duplicates(reviewed, [kept], [other], key="same-picture-1")
    assert reasons(settled) == ["at full size its pixels differ from those of the file to keep"]


def test_a_file_that_no_longer_decodes_stays(reviewed: Reviewed) -> None:
    kept, other = reviewed.add("a.png", A), reviewed.add("b.png", A[:-30])
    settled = trash_duplicates(reviewed, [kept], [other], key="same-picture-1")
    assert "cannot be compared at full size" in reasons(settled)[0]


# --- hard links, bins, one file by two paths ------------------------------------------------------------


def test_a_hard_link_frees_no_space_until_its_last_name_goes(reviewed: Reviewed) -> None:
    kept, one = reviewed.add("keep.jpg", A), reviewed.add("b.jpg", A)
    os.link(reviewed.folder / "b.jpg", reviewed.folder / "c.jpg")
    two = reviewed.note(reviewed.folder / "c.jpg", A)
    assert trash_duplicates(reviewed, [kept], [one], key="identical-1").freed == 0
    undo(reviewed.store)
    ids = [reviewed.note(reviewed.folder / "b.jpg", A), two]
    assert trash_duplicates(reviewed, [kept], ids, key="identical-1").freed == len(A)


@pytest.mark.parametrize("folder", ["@Recycle", "#recycle", "RECYCLER", "$RECYCLE.BIN", "x Previews.lrdata"])
def test_a_file_in_a_recycle_bin_is_never_the_one_to_keep(reviewed: Reviewed, folder: str) -> None:
    kept, other = reviewed.add(f"{folder}/a.jpg", A), reviewed.add("b.jpg", A)
    settled = trash_duplicates(reviewed, [kept], [other], key="identical-1")
    assert f"it is in “{folder}”, a recycle bin or a cache" in reasons(settled)[0]
    assert settled.trashed == 0


class TwoMounts(FaultyTrash):
    """One folder mounted in two places: what goes from the one is gone from the other, though ``lstat`` is
    still answered from a cache of attributes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, first: Path, second: Path) -> None:
        cached = {os.fsencode(second): second.lstat()}
        real = os.lstat

        def lstat(path: bytes) -> os.stat_result:
            return cached[path] if path in cached else real(path)

        monkeypatch.setattr(os, "lstat", lstat)
        super().__init__(after=lambda path: second.unlink() if path == os.fsencode(first) else None)


def test_one_file_by_two_mounts_comes_back_at_once(
    reviewed: Reviewed, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, other = reviewed.add("nfs/a.jpg", A), reviewed.add("smb/a.jpg", A)
    third = reviewed.add("third.jpg", A)
    mounts = TwoMounts(monkeypatch, reviewed.folder / "smb/a.jpg", reviewed.folder / "nfs/a.jpg")
    settled = trash_duplicates(reviewed, [kept], [other, third], key="identical-1", how=mounts)
    assert settled.trashed == 0
    assert set(reasons(settled)) == {"the file to keep disappeared at the same time; both may be one file"}
    assert set(reviewed.on_disk()) == {"smb/a.jpg", "third.jpg"}


# --- dry runs -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(DuplicateKind))
def test_a_dry_run_reports_what_a_real_one_does(reviewed: Reviewed, kind: DuplicateKind) -> None:
    kept, one = reviewed.add("keep/a.jpg", A), reviewed.add("one/a.jpg", A)
    two, three = reviewed.add("two/a.jpg", B), reviewed.add("three/a.jpg", C)
    for folder in ("keep", "one", "two", "three"):
        (reviewed.folder / folder / "a.MOV").write_bytes(b"film")
        (reviewed.folder / folder / "a.xmp").write_bytes(b"edited" if folder == "three" else b"sidecar")
    (reviewed.folder / "two/a.jpg.xmp").write_bytes(b"only here")
    os.link(reviewed.folder / "one/a.jpg", reviewed.place / "elsewhere.jpg")
    other_keeper, four = reviewed.add("k.jpg", png(9)), reviewed.add("4.jpg", png(9, "4"))
    actions = [
        GroupAction(f"{kind}-1", (kept,), (one, two, three)),
        GroupAction(f"{kind}-2", (other_keeper,), (four, kept)),
    ]
    before = reviewed.on_disk()
    dry = TrashExecutor(reviewed.store).trash_duplicates(actions, JobControl(), dry_run=True)
    assert reviewed.on_disk() == before
    assert dry.journal_id is None
    real = TrashExecutor(reviewed.store).trash_duplicates(actions, JobControl())
    assert (dry.moved, dry.spared, dry.freed) == (real.moved, real.spared, real.freed)
    assert real.trashed >= 3
    assert {*before} - {*reviewed.on_disk()} == {
        str(Path(path).relative_to(reviewed.folder)) for path in dry.moved
    }


def test_a_companion_that_another_picture_shares_stays(reviewed: Reviewed) -> None:
    kept, other = reviewed.add("keep/a.jpg", A), reviewed.add("go/a.jpg", B)
    reviewed.add("go/a.png", C)
    for folder in ("keep", "go"):
        (reviewed.folder / folder / "a.xmp").write_bytes(b"x")
    assert trash_duplicates(reviewed, [kept], [other]).trashed == 1
    assert "go/a.xmp" in reviewed.on_disk()


def test_the_jpeg_of_a_raw_goes_with_it_and_leaves_the_library(reviewed: Reviewed) -> None:
    kept, other = reviewed.add("keep/a.nef", A), reviewed.add("go/a.nef", A)
    reviewed.add("keep/a.JPG", B)
    reviewed.add("go/a.JPG", B)
    assert trash_duplicates(reviewed, [kept], [other], key="identical-1").trashed == 2
    assert reviewed.known() == {"keep/a.nef", "keep/a.JPG"}
    assert undo(reviewed.store).restored == 2
    assert reviewed.known() == {"keep/a.nef", "keep/a.JPG", "go/a.nef", "go/a.JPG"}


# --- marks ----------------------------------------------------------------------------------------------


def marks_of(reviewed: Reviewed, photo_id: int) -> tuple[bool, int, list[str]]:
    with reviewed.store.read() as db:
        (photo,) = photos.get_many(db, [photo_id])
        rows = db.execute(
            "SELECT name FROM tag JOIN photo_tag ON tag.id = tag_id WHERE photo_id = ? ORDER BY name",
            (photo_id,),
        )
        return photo.favourite, photo.rating, [name for (name,) in rows]


def test_marks_go_to_the_keeper_and_come_back(reviewed: Reviewed) -> None:
    kept, one, two = reviewed.add("a.jpg", A), reviewed.add("b.jpg", B), reviewed.add("c.jpg", C)
    keeper, first, second = (reviewed.photo(each) for each in (kept, one, two))
    with reviewed.store.write() as db:
        marks.set_favourite(db, [first], True)
        marks.set_rating(db, [first], 3)
        marks.set_rating(db, [second], 5)
        marks.add_tag(db, [second], "sea")
        marks.add_tag(db, [keeper], "sun")
    before = [marks_of(reviewed, each) for each in (keeper, first, second)]
    settled = trash_duplicates(reviewed, [kept], [one, two])
    assert marks_of(reviewed, keeper) == (True, 5, ["sea", "sun"])
    assert settled.removed == {first, second}
    assert settled.updated == {keeper}
    undone = undo(reviewed.store)
    assert [marks_of(reviewed, each) for each in (keeper, first, second)] == before
    assert undone.change.added == (first, second)
    assert undone.change.updated == (keeper,)


def test_marks_of_several_come_back_in_an_undo_that_a_crash_interrupted(reviewed: Reviewed) -> None:
    kept, one, two = reviewed.add("a.jpg", A), reviewed.add("b.jpg", B), reviewed.add("c.jpg", C)
    keeper, first, second = (reviewed.photo(each) for each in (kept, one, two))
    with reviewed.store.write() as db:
        marks.set_rating(db, [first], 3)
        marks.set_rating(db, [second], 5)
    step = trash_duplicates(reviewed, [kept], [one, two]).journal_id
    assert step is not None
    assert marks_of(reviewed, keeper)[1] == 5
    with reviewed.store.write() as db:
        journal.begin_undo(db, step, 2.0)  # … and here the power went
    assert recover(reviewed.store).restored == 2
    assert [marks_of(reviewed, each)[1] for each in (keeper, first, second)] == [0, 3, 5]


def test_a_turn_goes_to_the_keeper_comes_back_and_redraws_it(reviewed: Reviewed) -> None:
    kept, one = reviewed.add("a.jpg", A), reviewed.add("b.jpg", B)
    keeper, first = reviewed.photo(kept), reviewed.photo(one)
    with reviewed.store.write() as db:
        low, high = sorted((keeper, first))
        likeness.put_pairs(db, [likeness.Pair(low, high, DuplicateKind.RESAVED, 0.99)])
        marks.turn(db, [first], 3)
    received: list[LibraryChanged] = []
    action = GroupAction("resaved-1", (kept,), (one,))
    TrashExecutor(reviewed.store, on_change=received.append).trash_duplicates([action], JobControl())
    with reviewed.store.read() as db:
        assert marks.turns(db, [keeper, first]) == {keeper: 3, first: 3}
    assert any(change.any_of(ChangeKind.PIXELS) and keeper in change.updated for change in received)
    undone = undo(reviewed.store)
    with reviewed.store.read() as db:
        assert marks.turns(db, [keeper, first]) == {first: 3}
    assert undone.change.any_of(ChangeKind.PIXELS)


def test_marks_stay_with_a_photo_that_has_another_file(reviewed: Reviewed) -> None:
    kept, one = reviewed.add("a.jpg", A), reviewed.add("b.jpg", B)
    reviewed.add("b2.jpg", B)
    with reviewed.store.write() as db:
        marks.set_rating(db, [reviewed.photo(one)], 3)
    settled = trash_duplicates(reviewed, [kept], [one])
    assert settled.removed == set()
    assert marks_of(reviewed, reviewed.photo(kept)) == (False, 0, [])


@pytest.mark.parametrize(
    ("key", "holds"), [("resaved-1", True), ("same-picture-1", True), ("burst-1", False)]
)
def test_what_was_decided_of_a_file_holds_for_the_same_picture_that_stays(
    reviewed: Reviewed, key: str, holds: bool
) -> None:
    kept, one, other = reviewed.add("a.jpg", A), reviewed.add("b.jpg", B), reviewed.add("c.jpg", C)
    keeper, third = reviewed.photo(kept), reviewed.photo(other)
    judge(reviewed.store, [reviewed.photo(one), third])
    assert trash_duplicates(reviewed, [kept], [one], key=key).trashed == 1
    with reviewed.store.read() as db:
        assert ((keeper, third) in decisions.verdicts_of_photos(db)) is holds


def judge(store: LibraryStore, photo_ids: list[int]) -> int | None:
    return OperationRunner(store).run(JudgeDuplicates(tuple(photo_ids), Verdict.NOT_DUPLICATES)).step


# --- undo -----------------------------------------------------------------------------------------------


def test_undo_goes_back_step_by_step_and_through_a_restart(reviewed: Reviewed) -> None:
    kept, one, two = reviewed.add("a.jpg", A), reviewed.add("b.jpg", B), reviewed.add("c.jpg", C)
    first = trash_duplicates(reviewed, [kept], [one]).journal_id
    judged = judge(reviewed.store, [reviewed.photo(kept), reviewed.photo(two)])
    third = trash_duplicates(reviewed, [kept], [two]).journal_id
    reviewed.store.close()
    reopened = Reviewed(reviewed.place)
    reviewed.store = reopened.store
    assert recover(reopened.store).restored == 0
    assert undo(reopened.store).undone == third
    assert set(reopened.on_disk()) == {"a.jpg", "c.jpg"}
    taken_back = undo(reopened.store)
    assert (taken_back.undone, taken_back.reverted) == (judged, 1)
    with reopened.store.read() as db:
        assert decisions.verdicts(db) == {}
    assert undo(reopened.store).undone == first
    assert set(reopened.on_disk()) == {"a.jpg", "b.jpg", "c.jpg"}
    assert undo(reopened.store).undone is None


def test_what_cannot_come_back_now_can_be_named_again(reviewed: Reviewed) -> None:
    kept, one = reviewed.add("a.jpg", A), reviewed.add("b.jpg", B)
    step = trash_duplicates(reviewed, [kept], [one]).journal_id
    reviewed.folder.rename(reviewed.place / "unplugged")
    ((path, reason),) = undo(reviewed.store).failed
    assert path == str(reviewed.folder / "b.jpg")
    assert str(reason) == f"the folder {reviewed.folder}/ was removed; the file stays in the trash"
    reviewed.folder.mkdir()  # an empty mount point is not the drive
    ((path, reason),) = undo(reviewed.store, step).failed
    assert path == str(reviewed.folder / "b.jpg")
    assert "in the trash" in str(reason)
    assert list(reviewed.folder.iterdir()) == []
    reviewed.folder.rmdir()
    (reviewed.place / "unplugged").rename(reviewed.folder)
    assert undo(reviewed.store).undone is None
    assert undo(reviewed.store, step).restored == 1
    assert undo(reviewed.store, step).undone is None
    assert reviewed.known() == {"a.jpg", "b.jpg"}


def test_a_taken_place_is_not_overwritten_by_undo(reviewed: Reviewed) -> None:
    kept, one = reviewed.add("a.jpg", A), reviewed.add("b.jpg", B)
    trash_duplicates(reviewed, [kept], [one])
    (reviewed.folder / "b.jpg").write_bytes(b"new")
    undone = undo(reviewed.store)
    assert undone.restored == 0
    assert "put beside it as" in str(undone.failed[0][1])
    assert reviewed.on_disk() == {"a.jpg": A, "b.jpg": b"new", "b (restored).jpg": B}
    assert "b (restored).jpg" in reviewed.known()


def test_an_emptied_trash_is_reported(reviewed: Reviewed, data: Path) -> None:
    kept, one = reviewed.add("a.jpg", A), reviewed.add("b.jpg", B)
    trash_duplicates(reviewed, [kept], [one])
    for path in (data / "Trash" / "files").iterdir():
        path.unlink()
    undone = undo(reviewed.store)
    assert undone.failed == ((str(reviewed.folder / "b.jpg"), Message("it is no longer in the trash")),)


def test_a_root_that_left_the_library_still_gets_its_files_back(reviewed: Reviewed) -> None:
    kept, one = reviewed.add("a.jpg", A), reviewed.add("b.jpg", B)
    trash_duplicates(reviewed, [kept], [one])
    with reviewed.store.write() as db:
        folders.remove(db, reviewed.folder_id)
    assert undo(reviewed.store).restored == 1
    assert reviewed.on_disk() == {"a.jpg": A, "b.jpg": B}


# --- photos chosen by hand ------------------------------------------------------------------------------


def test_photos_go_with_all_their_files_and_come_back_with_their_marks(reviewed: Reviewed) -> None:
    one, _, other = reviewed.add("a.jpg", A), reviewed.add("b/a.jpg", A), reviewed.add("c.jpg", B)
    (reviewed.folder / "a.mov").write_bytes(b"film")
    photo = reviewed.photo(one)
    with reviewed.store.write() as db:
        marks.set_favourite(db, [photo], True)
    settled = TrashExecutor(reviewed.store).trash_photos([photo], JobControl())
    assert settled.trashed == 3
    assert settled.removed == {photo}
    assert reviewed.on_disk() == {"c.jpg": B}
    undone = undo(reviewed.store)
    assert undone.restored == 3
    assert undone.change.added == (photo,)
    assert marks_of(reviewed, photo)[0]
    assert reviewed.known() == {"a.jpg", "b/a.jpg", "c.jpg"}
    assert other


def test_one_file_of_a_photo_can_go_alone(reviewed: Reviewed) -> None:
    one, other = reviewed.add("a.jpg", A), reviewed.add("b/a.jpg", A)
    settled = TrashExecutor(reviewed.store).trash_files([other], JobControl())
    assert settled.moved == [str(reviewed.folder / "b/a.jpg")]
    assert settled.updated == {reviewed.photo(one)}
    assert reviewed.on_disk() == {"a.jpg": A}


def raw_and_jpeg(reviewed: Reviewed) -> tuple[int, int]:
    raw, jpeg = reviewed.photo(reviewed.add("a.nef", A)), reviewed.photo(reviewed.add("a.jpg", B))
    for name in ("a.xmp", "a.nef.xmp"):
        (reviewed.folder / name).write_bytes(name.encode())
    return raw, jpeg


def test_the_jpeg_of_a_raw_is_a_photo_too_and_stays_unless_it_is_chosen(reviewed: Reviewed) -> None:
    raw, jpeg = raw_and_jpeg(reviewed)
    assert TrashExecutor(reviewed.store).trash_photos([raw], JobControl()).trashed == 2
    assert set(reviewed.on_disk()) == {"a.jpg", "a.xmp"}
    assert TrashExecutor(reviewed.store).trash_photos([jpeg], JobControl()).trashed == 2
    assert reviewed.on_disk() == {}


@pytest.mark.parametrize("raw_first", [True, False])
def test_a_raw_and_its_jpeg_go_with_all_that_is_theirs(reviewed: Reviewed, raw_first: bool) -> None:
    raw, jpeg = raw_and_jpeg(reviewed)
    before = reviewed.on_disk()
    chosen = [raw, jpeg] if raw_first else [jpeg, raw]
    assert TrashExecutor(reviewed.store).trash_photos(chosen, JobControl()).trashed == 4
    assert reviewed.on_disk() == {}
    assert undo(reviewed.store).restored == 4
    assert reviewed.on_disk() == before


def test_a_changed_file_of_a_photo_is_spared(reviewed: Reviewed) -> None:
    one, _ = reviewed.add("a.jpg", A), reviewed.add("b.jpg", A)
    (reviewed.folder / "b.jpg").write_bytes(b"edited")
    settled = TrashExecutor(reviewed.store).trash_photos([reviewed.photo(one)], JobControl())
    assert settled.trashed == 1
    assert reasons(settled) == ["it has changed since it was indexed"]
    assert reviewed.on_disk() == {"b.jpg": b"edited"}


# --- crashes --------------------------------------------------------------------------------------------


def test_a_crash_between_move_and_note_is_recovered(reviewed: Reviewed) -> None:
    kept, one, two = reviewed.add("a.jpg", A), reviewed.add("b.jpg", B), reviewed.add("c.jpg", C)

    # As a killed process leaves it: both intended, one moved, neither noted.
    with reviewed.store.write() as db:
        step = journal.begin(db, journal.Action.SETTLE, {}, 1.0)
        located = files.with_absolute_paths(db, [one, two])
        hashes = photos.content_hashes(db, [row.photo_id or 0 for row, _ in located])
        journal.record_moves(
            db,
            step,
            [
                NewJournalFile(
                    path,
                    hashes[row.photo_id or 0],
                    row.stat,
                    row.photo_id,
                    reviewed_photo(located[0][0].photo_id),
                )
                for row, path in located
            ],
        )
    FaultyTrash().send(os.fsencode(reviewed.folder / "b.jpg"))
    recovered = recover(reviewed.store)
    assert recovered.removed == {reviewed_photo(located[0][0].photo_id)}
    with reviewed.store.read() as db:
        assert [each.state for each in journal.files(db, step)] == [FileStep.TRASHED, FileStep.SPARED]
        assert journal.unfinished_moves(db) == []
    assert reviewed.known() == {"a.jpg", "c.jpg"}
    assert undo(reviewed.store).restored == 1
    assert reviewed.on_disk() == {"a.jpg": A, "b.jpg": B, "c.jpg": C}
    assert kept


def test_a_long_step_tells_what_became_of_the_library_on_its_way(
    reviewed: Reviewed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trash_executor, "REPORT_INTERVAL_S", 0.0)
    ids = [reviewed.photo(reviewed.add(f"{number}.jpg", bytes([number]))) for number in range(4)]
    received: list[LibraryChanged] = []
    seen: list[int] = []
    trash = FaultyTrash(before=lambda _: seen.append(len(received)))
    settled = TrashExecutor(reviewed.store, trash, on_change=received.append).trash_photos(ids, JobControl())
    assert seen == [0, 1, 2, 3]
    assert [change.removed for change in received] == [(each,) for each in ids]
    assert settled.removed == set(ids)
