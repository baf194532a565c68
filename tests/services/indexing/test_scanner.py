"""Walking and comparing: what is there, what is new, changed, moved or gone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from safelight.core.photo import FileStat
from safelight.imaging.formats import is_photo_name
from safelight.services.indexing.found_files import FoundFile, UnreadableFolder
from safelight.services.indexing.scanner import compare, file_stat, split_moves, walk
from safelight.store.files import FileRow, FileState


def make(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(name.encode())


def found(root: Path, below: bytes = b"") -> set[bytes]:
    items = list(walk(os.fsencode(root), is_photo_name, below))
    assert not [item for item in items if isinstance(item, UnreadableFolder)]
    return {item.path for item in items}


def row(number: int, path: bytes, stat: FileStat, folder_id: int = 1) -> FileRow:
    return FileRow(number, folder_id, path, stat, FileState.INDEXED, number)


def test_finds_pictures_and_passes_over_the_rest(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg", "b/c.HEIC", "notes.txt", ".hidden.jpg", ".cache/d.jpg", "@eaDir/e.jpg")
    assert found(tmp_path) == {b"a.jpg", os.path.join(b"b", b"c.HEIC")}


def test_can_look_at_a_folder_a_file_or_something_gone(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg", "b/c.jpg", "b/d/e.jpg", ".cache/x/f.jpg")
    assert found(tmp_path, b"b") == {b"b/c.jpg", b"b/d/e.jpg"}
    assert found(tmp_path, b"b/c.jpg") == {b"b/c.jpg"}
    assert found(tmp_path, b"gone") == set()
    assert found(tmp_path, b".cache/x") == set()


def test_links_and_pipes_are_not_followed(tmp_path: Path) -> None:
    make(tmp_path, "real/a.jpg")
    (tmp_path / "real" / "loop").symlink_to(tmp_path)
    (tmp_path / "link.jpg").symlink_to(tmp_path / "real" / "a.jpg")
    os.mkfifo(tmp_path / "pipe.jpg")
    assert found(tmp_path) == {b"real/a.jpg"}


@pytest.mark.parametrize("below", ["link", "link/deep", "link/a.jpg", "link/deep/b.jpg", "own", "own/c.jpg"])
def test_nothing_is_found_behind_a_link_that_an_event_names(tmp_path: Path, below: str) -> None:
    make(tmp_path / "root", "real/c.jpg")
    make(tmp_path / "outside", "a.jpg", "deep/b.jpg")
    (tmp_path / "root" / "link").symlink_to(tmp_path / "outside")
    (tmp_path / "root" / "own").symlink_to(tmp_path / "root" / "real")
    assert found(tmp_path / "root", os.fsencode(below)) == set()


def test_a_root_may_be_a_link(tmp_path: Path) -> None:
    make(tmp_path / "real", "a.jpg", "deep/b.jpg")
    (tmp_path / "root").symlink_to(tmp_path / "real")
    assert found(tmp_path / "root") == {b"a.jpg", b"deep/b.jpg"}
    assert found(tmp_path / "root", b"deep") == {b"deep/b.jpg"}


@pytest.mark.parametrize("exchanged", ["deep", "deep/er"])
def test_a_link_that_takes_the_place_of_a_folder_during_the_walk(tmp_path: Path, exchanged: str) -> None:
    make(tmp_path / "root", "deep/a.jpg", "deep/er/b.jpg")
    make(tmp_path / "outside", "er/x.jpg", "y.jpg")
    walked = walk(os.fsencode(tmp_path / "root"), is_photo_name)
    names = [next(walked).path]  # “deep” was listed, and “deep/er” not yet
    assert names == [b"deep/a.jpg"]
    (tmp_path / "root" / exchanged).rename(tmp_path / "away")
    (tmp_path / "root" / exchanged).symlink_to(tmp_path / "outside")
    assert list(walked) == []


def test_names_that_are_not_utf8_are_found(tmp_path: Path) -> None:
    name = b"caf\xe9.jpg"
    with open(os.path.join(os.fsencode(tmp_path), name), "wb"):
        pass
    assert found(tmp_path) == {name}


def test_new_changed_missing_and_unchanged(tmp_path: Path) -> None:
    make(tmp_path, "same.jpg", "new.jpg", "edited.jpg")
    same = file_stat((tmp_path / "same.jpg").stat())
    other = FileStat(1, 1, 1)
    changes = compare(
        [row(1, b"same.jpg", same), row(2, b"edited.jpg", other), row(3, b"gone.jpg", other)],
        walk(os.fsencode(tmp_path), is_photo_name),
    )
    assert [item.path for item in changes.added] == [b"new.jpg"]
    assert [changed.id for changed, _ in changes.changed] == [2]
    assert [missing.id for missing in changes.missing] == [3]
    assert changes.seen == 3


def test_nothing_below_an_unreadable_folder_counts_as_gone() -> None:
    stat = FileStat(1, 1, 1)
    changes = compare(
        [row(1, b"locked/a.jpg", stat), row(2, b"lockedout.jpg", stat)],
        [UnreadableFolder(b"locked", "denied")],
    )
    assert [missing.id for missing in changes.missing] == [2]


def test_only_what_is_below_is_swept() -> None:
    stat = FileStat(1, 1, 1)
    changes = compare([row(1, b"a/x.jpg", stat), row(2, b"ab.jpg", stat)], [], b"a")
    assert [missing.id for missing in changes.missing] == [1]


def test_the_same_inode_elsewhere_is_a_move_even_into_another_root() -> None:
    stat, other = FileStat(5, 6, 7), FileStat(5, 6, 8)
    left = compare([row(1, b"a.jpg", stat), row(2, b"b.jpg", other)], [])
    right = compare([], [FoundFile(b"z.jpg", stat), FoundFile(b"new.jpg", FileStat(5, 6, 9))])
    moves = split_moves({1: [left], 2: [right]})
    assert [(moved.id, folder, place.path) for moved, folder, place in moves] == [(1, 2, b"z.jpg")]
    assert [missing.id for missing in left.missing] == [2]
    assert [item.path for item in right.added] == [b"new.jpg"]


@pytest.mark.parametrize("inode", [2**63, 2**64 - 1])
def test_huge_inode_numbers_fit_into_sqlite(inode: int) -> None:
    status = os.stat_result((0o100644, inode, 1, 1, 0, 0, 9, 0, 0, 0, 0.0, 0.0, 0.0, 0, 0, 0))
    assert -(2**63) <= file_stat(status).inode < 2**63


@pytest.mark.parametrize(
    "folder",
    [
        *(
            "@Recycle",
            "#recycle",
            "RECYCLER",
            "Recycled",
            "$RECYCLE.BIN",
            ".Trash-1000",
            ".Trashes",
            "@eaDir",
        ),
        *("lost+found", ".stversions", ".snapshots", "@Recently-Snapshot", "__MACOSX", "A Previews.lrdata"),
        *("Mine.photoslibrary/resources", "Library/Caches", "CaptureOne/Cache"),
    ],
)
def test_recycle_bins_and_caches_are_skipped(tmp_path: Path, folder: str) -> None:
    for place in (tmp_path, tmp_path / folder / "deep"):
        place.mkdir(parents=True, exist_ok=True)
        (place / "a.jpg").write_bytes(b"x")
    root = os.fsencode(tmp_path)
    assert [each.path for each in walk(root, lambda _: True)] == [b"a.jpg"]
    assert list(walk(root, lambda _: True, os.fsencode(folder))) == []


def test_folders_of_similar_names_are_scanned(tmp_path: Path) -> None:
    names = ["Cache", "Mine.photoslibrary/originals", "Recycle", "resources", "Trash"]
    for name in names:
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "a.jpg").write_bytes(b"x")
    found = sorted(os.fsdecode(each.path) for each in walk(os.fsencode(tmp_path), lambda _: True))
    assert found == sorted(f"{name}/a.jpg" for name in names)


def test_a_folder_with_the_tag_of_a_cache_is_skipped(tmp_path: Path) -> None:
    for name, tag in (
        ("cache", b"Signature: 8a477f597d28d172789f06886806bc55\n"),
        ("not", b"something else"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.jpg").write_bytes(b"x")
        (tmp_path / name / "CACHEDIR.TAG").write_bytes(tag)
    found = [each.path for each in walk(os.fsencode(tmp_path), lambda name: name.endswith(b".jpg"))]
    assert found == [b"not/a.jpg"]
