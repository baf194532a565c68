"""Acting on duplicates from the command line, taking it back, and locking files against it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from cli.conftest import Run
from safelight.cli.duplicates import plan_groups
from safelight.core.duplicates import DuplicateGroup, DuplicateKind, DuplicateMember, FileFacts
from safelight.core.errors import SafelightError
from safelight.core.message import Message
from safelight.store.library import LibraryStore
from support.pictures import encoded, scene
from support.trashing import trashed_files
from support.videos import RATE, write_clip

restores = pytest.mark.skipif(
    sys.platform in ("darwin", "win32"), reason="restores from the trash of freedesktop.org's specification"
)

APPLY = ("duplicates", "--apply", "keep-best", "--kind", "identical")


@pytest.fixture
def copies(index_here: Callable[[Path], None], pictures: Path) -> Path:
    """Four photos, the first in three files and the second in two."""
    (pictures / "copies").mkdir()
    for name, count in (("0", 2), ("1", 1)):
        for number in range(count):
            shutil.copy(pictures / "sub" / f"{name}.jpg", pictures / "copies" / f"{name} ({number}).jpg")
    index_here(pictures)
    return pictures


def in_place(root: Path) -> set[str]:
    return {path.name for path in root.rglob("*") if path.is_file()}


def test_kinds_can_be_listed_one_by_one(run: Run, copies: Path) -> None:
    groups = run("duplicates", "--kind", "identical", "--json").json
    assert [len(group["members"]) for group in groups] == [3, 2]
    assert groups[0]["reason"] == "3 files with the same bytes"
    assert all(isinstance(member["why"], str) for member in groups[0]["members"])
    wrong = run("duplicates", "--kind", "nonsense")
    assert wrong.status == 2
    assert "identical" in wrong.err


@pytest.mark.slow
def test_parts_of_videos_are_looked_for_on_request(run: Run, pictures: Path) -> None:
    shots = [frame for number in (1, 2, 3) for frame in moving(number)]
    write_clip(pictures / "whole.mp4", shots, seconds=1 / RATE, flickering=False)
    write_clip(pictures / "part.webm", shots[40:100], seconds=1 / RATE, codec="libvpx", flickering=False)
    assert run("index", str(pictures)).status == 0
    parts = ("duplicates", "--kind", "video-part", "--json")
    assert run(*parts).json == []
    (group,) = run(*parts, "--video-parts").json
    assert [Path(member["path"]).name for member in group["members"]] == ["whole.mp4", "part.webm"]
    assert all(member["keep"] for member in group["members"])
    assert group["reason"].startswith("Part of a longer video (")
    assert group["members"][0]["why"] == "the longer video"
    assert run(*parts).json == [group]  # it is stored


def moving(number: int) -> list[Image.Image]:
    """Four seconds of a place, seen through a window that moves over it."""
    place = scene(640, 480, seed=number)
    return [place.crop((3 * n, 2 * n, 3 * n + 320, 2 * n + 240)) for n in range(4 * RATE)]


def test_nothing_moves_without_confirmation(run: Run, copies: Path) -> None:
    before = in_place(copies)
    for words in (APPLY, (*APPLY, "--dry-run"), (*APPLY, "--yes", "--dry-run")):
        received = run(*words)
        assert received.status == 0
        assert "3 files of 2 groups would go to the trash" in received.out
        assert "Nothing was moved" in received.out
        assert received.out.count("trash  ") == 3
    said = run(*APPLY, "--json").json
    assert (said["dry_run"], said["files"], said["step"], len(said["groups"])) == (True, 3, None, 2)
    assert in_place(copies) == before


@restores
@pytest.mark.parametrize("go", ["--yes", "--no-dry-run"])
def test_the_best_is_kept_and_undo_brings_the_rest_back(run: Run, copies: Path, go: str) -> None:
    before = in_place(copies)
    done = run(*APPLY, go, "--json").json
    assert (done["dry_run"], done["files"], done["spared"]) == (False, 3, [])
    assert all(len(group["keep"]) == 1 and Path(group["keep"][0]).exists() for group in done["groups"])
    assert len(in_place(copies)) == 4
    assert len(trashed_files(Path(os.environ["XDG_DATA_HOME"]))) == 3
    assert run("status", "--json").json["files"] == 4
    assert "nothing to move" in run(*APPLY, go).out

    step, added = run("undo", "--list", "--json").json
    assert added["action"] == "add_folder"
    assert (step["step"], step["action"], step["files"], step["in_trash"]) == (done["step"], "settle", 3, 3)
    assert "3 files to the trash" in run("undo", "--list").out
    back = run("undo", "--json").json
    assert back == {
        "step": done["step"],
        "action": "settle",
        "restored": 3,
        "reverted": 0,
        "judgements": 0,
        "failed": [],
    }
    assert in_place(copies) == before
    assert run("status", "--json").json["files"] == 7
    assert "(undone)" in run("undo", "--list").out
    assert run("undo").status == 0  # adding the folder
    again = run("undo")
    assert (again.status, again.out) == (0, "There is nothing to undo.\n")


@restores
def test_steps_are_undone_by_number_or_latest_first(run: Run, copies: Path) -> None:
    one, two = (str(copies / "copies" / f"{name}.jpg") for name in ("0 (0)", "1 (0)"))
    first = run(*APPLY, "--yes", one, "--json").json["step"]
    assert "1 file moved to the trash" in run(*APPLY, "--yes", two).out
    assert run("undo", str(first)).out == "1 file restored.\n"
    assert Path(one).exists()
    assert not Path(two).exists()
    assert run("undo").status == 0
    assert Path(two).exists()
    assert "There is no step 99" in run("undo", "99").error


@restores
def test_what_does_not_come_back_is_reported_and_fails(run: Run, copies: Path) -> None:
    assert run(*APPLY, "--yes").status == 0
    for path in (Path(os.environ["XDG_DATA_HOME"]) / "Trash" / "files").iterdir():
        path.unlink()
    failed = run("undo")
    assert failed.status == 1
    assert failed.err.count("could not be restored to its place: it is no longer in the trash.") == 3


@restores
def test_what_comes_back_beside_another_file_is_named(run: Run, copies: Path) -> None:
    path = copies / "copies" / "0 (0).jpg"
    assert run(*APPLY, "--yes", str(path)).status == 0
    path.write_bytes(b"another")
    failed = run("undo")
    assert failed.status == 1
    assert f"{path} could not be restored to its place: another file has its place" in failed.err
    assert path.read_bytes() == b"another"


def test_what_has_changed_since_is_spared_and_said(run: Run, copies: Path) -> None:
    for path in copies.rglob("1*.jpg"):
        path.write_bytes(path.read_bytes() + b"edited")
    done = run(*APPLY, "--yes")
    assert done.status == 0
    assert "2 files moved" in done.out
    assert "was left alone: the file to keep cannot be relied on: it has changed" in done.error
    spared = run(*APPLY, "--yes", "--json")
    assert spared.status == 1
    assert spared.json["files"] == 0
    assert spared.json["step"] is None


def test_a_file_named_goes_and_no_other(run: Run, copies: Path) -> None:
    named = copies / "sub" / "0.jpg"  # the one that would have been kept, perhaps
    done = run(*APPLY, "--yes", str(named), "--json").json
    assert [group["trash"] for group in done["groups"]] == [[str(named)]]
    assert in_place(copies) == {"0 (0).jpg", "0 (1).jpg", "1.jpg", "1 (0).jpg", "2.jpg", "3.jpg"}


@pytest.mark.slow
@restores
def test_a_smaller_version_goes_and_comes_back(run: Run, pictures: Path) -> None:
    image = scene(480, 360, seed=30)
    whole, small = pictures / "whole.jpg", pictures / "small.jpg"
    whole.write_bytes(encoded(image, "JPEG", quality=92))
    small.write_bytes(encoded(image.resize((240, 180)), "JPEG", quality=80))
    assert run("index", str(pictures)).status == 0
    apply = ("duplicates", "--apply", "keep-best", "--kind", "resaved")
    (group,) = run(*apply, "--json").json["groups"]
    assert (group["keep"], group["trash"]) == ([str(whole)], [str(small)])
    assert run(*apply, "--yes", "--json").json["files"] == 1
    assert not small.exists()
    assert run("duplicates", "--json").json == []
    assert run("undo").status == 0
    assert small.exists()
    assert len(run("duplicates", "--kind", "resaved", "--json").json) == 1


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("duplicates", "--apply", "keep-best"), 2, "--kind"),
        (("duplicates", "--apply", "keep-best", "--kind", "burst"), 2, "one by one"),
        (("duplicates", "--apply", "keep-best", "--kind", "lookalike", "--yes"), 2, "one by one"),
        (("duplicates", "--yes"), 2, "To act on duplicates"),
        (("duplicates", "x.jpg"), 2, "To act on duplicates"),
        ((*APPLY, "--yes", "nowhere.jpg"), 1, "is in no group of this kind"),
    ],
)
def test_what_is_refused(run: Run, copies: Path, words: tuple[str, ...], status: int, says: str) -> None:
    before = in_place(copies)
    refused = run(*words)
    assert refused.status == status
    assert says in refused.error
    assert in_place(copies) == before


def test_a_protected_file_stays(run: Run, copies: Path) -> None:
    folder, file = copies / "copies", copies / "sub" / "0.jpg"
    assert run("protect").out == "Nothing is protected.\n"
    assert run("protect", str(folder), str(file)).out.splitlines() == [
        f"{folder} is protected.",
        f"{file} is protected.",
    ]
    assert "was protected already" in run("protect", str(folder)).out
    assert run("protect", "--json").json == sorted([str(folder), str(file)])
    done = run(*APPLY, "--yes", "--json").json
    assert [group["trash"] for group in done["groups"]] == [[str(copies / "sub" / "1.jpg")]]
    assert {"0 (0).jpg", "0 (1).jpg", "1 (0).jpg", "0.jpg"} <= in_place(copies)
    assert "is protected" in run(*APPLY, "--yes", str(file)).error
    assert run("unprotect", str(folder), str(file), "--json").json == [str(folder), str(file)]
    assert "was not protected by itself" in run("unprotect", str(file)).out
    assert "There is no file or folder" in run("protect", str(copies / "nowhere")).error


def test_another_program_at_the_library_is_named_but_a_dry_run_goes(
    run: Run, copies: Path, tmp_path: Path
) -> None:
    with LibraryStore.create_or_open(tmp_path / "library"):
        assert "Another Safelight" in run(*APPLY, "--yes").error
        assert "Another Safelight" in run("undo").error
        assert run(*APPLY).status == 0


@pytest.mark.parametrize("words", [("undo",), ("protect", "."), APPLY, (*APPLY, "--yes"), ("undo", "--list")])
def test_without_a_library_nothing_is_made(run: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    assert "There is no library" in run(*words).error
    assert not (tmp_path / "library").exists()


# --- groups that are no certain duplicates ----------------------------------------------------------------


def group(kind: DuplicateKind, *names: str, protected: str = "") -> DuplicateGroup:
    facts = FileFacts(1, 1, 1, "JPEG", "2020-01-01T00:00:00", date_is_taken=False)
    return DuplicateGroup(
        f"{kind}-1",
        kind,
        Message("why"),
        tuple(
            DuplicateMember(f"/p/{name}", number, number, True, None, facts, protected=name == protected)
            for number, name in enumerate(names)
        ),
    )


def test_in_a_burst_only_what_is_named_goes() -> None:
    burst, other = group(DuplicateKind.BURST, "a", "b", "c"), group(DuplicateKind.BURST, "d", "e")
    assert plan_groups([burst, other], []) == []
    ((found, going),) = plan_groups([burst, other], ["/p/b", "/p/c"])
    assert found is burst
    assert [member.path for member in going] == ["/p/b", "/p/c"]


@pytest.mark.parametrize(
    ("named", "says"),
    [
        (["/p/a", "/p/b"], "one of them must stay"),
        (["/p/b", "/p/x"], "/p/x is in no group"),
        (["/p/a"], "is protected"),
    ],
)
def test_what_may_not_be_named(named: list[str], says: str) -> None:
    protected = "" if len(named) == 2 else "a"
    with pytest.raises(SafelightError, match=says):
        plan_groups([group(DuplicateKind.CROP, "a", "b", protected=protected)], named)
