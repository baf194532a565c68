"""A drive that is away is not deleted files, at any depth; another card is not an edit; nothing is silent."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from safelight.core.changes import RemovalsHeld
from safelight.core.jobs import JobControl
from safelight.imaging.formats import is_photo_name
from safelight.services.indexing.scanner import is_never_scanned
from safelight.store import files, folders, marks, photos
from services.conftest import Bench
from support.pictures import encoded, scene

needs_mount = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="only root may mount file systems"
)


def mount(*words: str | Path) -> None:
    done = subprocess.run(["mount", *map(str, words)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"mounting is not allowed here: {done.stderr.strip()}")


def unmount(place: Path) -> None:
    subprocess.run(["umount", "--lazy", str(place)], check=False, capture_output=True)


@contextmanager
def card(place: Path, seeds: range, *, names_from: int = 0) -> Iterator[None]:
    """A file system of its own with pictures named like those of any camera."""
    place.mkdir(parents=True, exist_ok=True)
    mount("-t", "tmpfs", "none", place)
    try:
        for number, seed in enumerate(seeds, start=names_from):
            (place / f"IMG_{number:04}.jpg").write_bytes(encoded(scene(seed=seed), "JPEG"))
        yield
    finally:
        unmount(place)


def scan(bench: Bench, *, confirm: bool = False) -> list[RemovalsHeld]:
    held: list[RemovalsHeld] = []
    with bench.store.read() as db:
        scope = [folder.id for folder in folders.all_folders(db)]
    bench.library.indexer(on_held=held.append).run(
        dict.fromkeys(scope), JobControl(), wait_for_model=True, confirmed=scope if confirm else ()
    )
    return held


@needs_mount
@pytest.mark.parametrize("depth", ["card", "a/b/card"])
def test_an_unmounted_mount_inside_a_root_loses_nothing(bench: Bench, depth: str) -> None:
    """Five files: the guard asks from twenty on, so they were forgotten at once."""
    bench.draw("own.jpg", 100)
    place = bench.root / depth
    with card(place, range(5)):
        assert bench.index().photos == 6
        with bench.store.write() as db:
            marks.set_favourite(db, photos.ids(db), True)
    assert scan(bench) == []
    assert len(bench.photos()) == 6
    (problem,) = bench.failures()
    assert problem.path == str(place)
    assert "not connected" in str(problem.reason)
    with card(place, range(5)):  # the same card again
        assert bench.index().photos == 6
        assert bench.failures() == []
        assert all(photo.favourite for photo in bench.photos())
    # What the user confirms is forgotten.
    scan(bench, confirm=True)
    assert len(bench.photos()) == 1
    assert bench.failures() == []


@needs_mount
def test_a_bind_mount_of_the_same_disk_is_a_mount_too(bench: Bench, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for number in range(3):
        (elsewhere / f"{number}.jpg").write_bytes(encoded(scene(seed=number), "JPEG"))
    place = bench.root / "bound"
    place.mkdir(parents=True)
    mount("--bind", elsewhere, place)
    try:
        assert bench.index().photos == 3
    finally:
        unmount(place)
    assert scan(bench) == []
    assert len(bench.photos()) == 3


@needs_mount
def test_files_deleted_from_a_mounted_card_are_forgotten(bench: Bench) -> None:
    place = bench.root / "card"
    with card(place, range(8)):
        bench.index()
        (place / "IMG_0003.jpg").unlink()
        assert scan(bench) == []
        assert len(bench.photos()) == 7


@needs_mount
@pytest.mark.parametrize("inside", [True, False])
def test_another_card_with_the_same_names_asks_first(bench: Bench, tmp_path: Path, inside: bool) -> None:
    """60 photos, with their marks, were replaced by those of another card."""
    place = bench.root / "card" if inside else tmp_path / "card"
    with card(place, range(60)):
        if not inside:
            bench.add_root(place)
        bench.index()
        before = {photo.id for photo in bench.photos()}
        assert len(before) == 60
    with card(place, range(100, 160)):
        (question,) = scan(bench)
        assert question.replaced
        assert question.missing == 60
        assert "another card" in str(question)
        assert {photo.id for photo in bench.photos()} == before
        assert len(scan(bench)) == 1  # still a question
        assert scan(bench, confirm=True) == []
        after = {photo.id for photo in bench.photos()}
        assert len(after) == 60
        assert not after & before


def test_a_batch_edit_in_place_is_no_other_card(bench: Bench) -> None:
    paths = [bench.draw(f"{number}.jpg", number) for number in range(12)]
    bench.index()
    for number, path in enumerate(paths):
        with path.open("r+b") as file:
            file.write(encoded(scene(seed=200 + number), "JPEG"))
            file.truncate()
    assert scan(bench) == []
    assert bench.failures() == []


def test_a_few_edited_files_are_no_other_card(bench: Bench) -> None:
    for number in range(12):
        bench.draw(f"{number}.jpg", number)
    bench.index()
    for number in range(8):
        (bench.root / f"{number}.jpg").unlink()
        bench.draw(f"{number}.jpg", 300 + number)
    assert scan(bench) == []
    assert len(bench.photos()) == 12


# --- identity -------------------------------------------------------------------------------------------


def replace_keeping_time(path: Path, content: bytes) -> None:
    status = path.stat()
    assert len(content) == status.st_size
    fresh = path.with_suffix(".new")
    fresh.write_bytes(content)
    os.utime(fresh, ns=(status.st_atime_ns, status.st_mtime_ns))
    fresh.replace(path)


def bmp(seed: int) -> bytes:
    return encoded(scene(64, 48, seed=seed), "BMP")


@pytest.mark.parametrize("in_place", [False, True])
def test_replaced_content_of_the_same_size_and_time_is_read_again(bench: Bench, in_place: bool) -> None:
    bench.root.mkdir(exist_ok=True)
    path = bench.root / "a.bmp"
    path.write_bytes(bmp(1))
    bench.index()
    (before,) = bench.photos()
    if in_place:
        status = path.stat()
        with path.open("r+b") as file:
            file.write(bmp(2))
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    else:
        replace_keeping_time(path, bmp(2))
    bench.index()
    (after,) = bench.photos()
    assert after.id != before.id


def test_a_change_of_rights_reads_nothing_again(bench: Bench) -> None:
    path = bench.draw("a.jpg", 1)
    bench.index()
    read = bench.encoder.images_encoded
    path.chmod(0o640)
    report = bench.index()
    assert (report.added, report.updated, bench.encoder.images_encoded) == (0, 0, read)
    with bench.store.read() as db:
        (row,) = files.in_folder(db, 1)
    assert row.ctime_ns == path.stat().st_ctime_ns


def test_a_reused_inode_inherits_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another BMP of the same size and time was given the inode of a deleted one, and its marks."""
    bench.root.mkdir(exist_ok=True)
    old = bench.root / "old.bmp"
    old.write_bytes(bmp(1))
    bench.index()
    with bench.store.write() as db:
        marks.set_favourite(db, photos.ids(db), True)
    status = old.stat()
    # The same inode: the file is renamed and overwritten, which no scan can tell from a reused one.
    new = old.rename(bench.root / "new.bmp")
    with new.open("r+b") as file:
        file.write(bmp(2))
    os.utime(new, ns=(status.st_atime_ns, status.st_mtime_ns))
    report = bench.index()
    assert report.moved == 0
    (photo,) = bench.photos()
    assert not photo.favourite


def test_a_reused_inode_whose_samples_agree_inherits_nothing(bench: Bench) -> None:
    bench.root.mkdir(exist_ok=True)
    content = encoded(scene(200, 150, seed=1), "BMP")
    (bench.root / "old.bmp").write_bytes(content)
    bench.index()
    status = (bench.root / "old.bmp").stat()
    new = (bench.root / "old.bmp").rename(bench.root / "new.bmp")
    place = len(content) // 4  # between the first and the middle block
    with new.open("r+b") as file:
        file.seek(place)
        file.write(bytes([content[place] ^ 255]) * 64)
    os.utime(new, ns=(status.st_atime_ns, status.st_mtime_ns))
    (before,) = bench.photos()
    assert bench.index().moved == 0
    (after,) = bench.photos()
    assert after.id != before.id


def test_a_moved_file_is_not_read_into_the_model_again(bench: Bench) -> None:
    bench.draw("a.jpg", 1)
    bench.index()
    read = bench.encoder.images_encoded
    (bench.root / "b").mkdir()
    (bench.root / "a.jpg").rename(bench.root / "b" / "c.jpg")
    report = bench.index()
    assert (report.moved, report.added, bench.encoder.images_encoded) == (1, 0, read)


def test_a_file_that_was_filled_later_is_tried_again(bench: Bench) -> None:
    """A copy that allocates first and keeps times: size and mtime never change, only the bytes."""
    bench.root.mkdir(exist_ok=True)
    content = encoded(scene(seed=3), "JPEG")
    path = bench.root / "a.jpg"
    path.write_bytes(bytes(len(content)))
    os.utime(path, ns=(10**18, 10**18))
    bench.index()
    assert [failure.path for failure in bench.failures()] == [str(path)]
    with path.open("r+b") as file:
        file.write(content)
    os.utime(path, ns=(10**18, 10**18))
    bench.index()
    assert bench.failures() == []
    assert len(bench.photos()) == 1


# --- nothing is left out in silence -----------------------------------------------------------------------


def deep_folder(root: Path) -> int:
    """A photo below a path of more than 4,096 bytes; returns how many folders lead there."""
    before = os.open(".", os.O_RDONLY)
    levels = 0
    try:
        os.chdir(root)
        while levels < 25:
            name = f"{levels:02}" + "x" * 200
            os.mkdir(name)
            os.chdir(name)
            levels += 1
        Path("deep.jpg").write_bytes(encoded(scene(seed=50), "JPEG"))
    finally:
        os.fchdir(before)
        os.close(before)
    return levels


@pytest.mark.skipif(os.name != "posix", reason="limits of POSIX paths")
def test_paths_beyond_the_systems_limit_are_listed_as_a_problem(bench: Bench) -> None:
    bench.draw("a.jpg", 1)
    deep_folder(bench.root)
    try:
        report = bench.index()
        assert report.unlisted == 1
        (problem,) = bench.failures()
        assert "could not be listed" in str(problem.reason)
        assert problem.path.startswith(str(bench.root) + "/00x")
    finally:
        subprocess.run(["rm", "-r", str(bench.root / ("00" + "x" * 200))], check=True)
    assert bench.index().unlisted == 0
    assert bench.failures() == []


def test_files_seen_are_indexed_listed_or_skipped(bench: Bench) -> None:
    """Every picture file below the root is accounted for; nothing is left out without a word."""
    for number in range(5):
        bench.draw(f"sub/{number}.jpg", number)
    bench.draw(".hidden/a.jpg", 10)
    bench.draw("@eaDir/a.jpg", 11)
    bench.draw("lost+found/a.jpg", 12)
    (bench.root / "sub" / "broken.jpg").write_bytes(b"\xff\xd8\xff broken")
    (bench.root / "sub" / "empty.png").touch()
    (bench.root / "sub" / "._0.jpg").write_bytes(b"attributes")
    (bench.root / "sub" / "link.jpg").symlink_to("0.jpg")
    os.mkfifo(bench.root / "sub" / "pipe.jpg")
    (bench.root / "sub" / "folder.jpg").mkdir()
    shutil.copy(bench.root / "sub" / "0.jpg", bench.root / "sub" / "CAPITAL.JPG")
    bench.index()
    seen = {
        Path(place) / name
        for place, _, names in os.walk(bench.root)
        for name in names
        if name.lower().endswith((".jpg", ".png"))
    }
    indexed, listed = bench.paths(), {Path(failure.path) for failure in bench.failures()}
    left_out = {
        path
        for path in seen
        if path.is_symlink()
        or not path.is_file()
        or not is_photo_name(path.name)
        or any(is_never_scanned(os.fsencode(part)) for part in path.relative_to(bench.root).parts[:-1])
    }
    assert indexed | listed | left_out == seen
    assert not indexed & listed
    assert not (indexed | listed) & left_out
    assert (len(indexed), len(listed), len(left_out)) == (6, 2, 6)
