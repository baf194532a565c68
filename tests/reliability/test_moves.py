"""Whatever is renamed, swapped, nested or moved: nothing is read twice by the model, and marks stay."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from safelight.services.library import Library
from safelight.store import marks, photos
from support.fake_encoder import FakeEncoder
from support.pictures import encoded, scene
from support.reliable import add_root, assert_equals_disk, assert_sound, draw, index, opened

FOLDERS = 200


class Moving:
    """A library whose photos carry their own names as tags, to tell which is which after a move."""

    def __init__(self, place: Path, library: Library, encoder: FakeEncoder) -> None:
        self.place = place
        self.library = library
        self.encoder = encoder
        self.root = place / "Pictures"

    def fill(self, folders: int, each: int) -> None:
        self.root.mkdir(exist_ok=True)
        for number in range(folders):
            draw(self.root / f"folder {number:03d}", range(number * each, (number + 1) * each))
        add_root(self.library, self.root)
        assert index(self.library).added == folders * each
        self.mark()

    def mark(self) -> None:
        with self.library.store.write() as db:
            everything = photos.ids(db)
            marks.set_favourite(db, everything[::2], True)
            marks.set_rating(db, everything[::3], 4)
        self.marked = self.contents()

    def contents(self) -> dict[bytes, tuple[bool, int]]:
        """What the person said of each content."""
        with self.library.store.read() as db:
            shown = photos.get_many(db, photos.ids(db))
            hashes = photos.content_hashes(db, [photo.id for photo in shown])
            return {hashes[photo.id]: (photo.favourite, photo.rating) for photo in shown}

    def settle(self) -> None:
        """Index, and check that no photo was embedded again and no user data is lost."""
        before = self.encoder.images_encoded
        index(self.library, confirm=True)
        assert self.encoder.images_encoded == before
        assert_sound(self.library, self.encoder)
        assert_equals_disk(self.library)
        assert self.contents() == self.marked


@pytest.fixture
def moving(tmp_path: Path) -> Iterator[Moving]:
    encoder = FakeEncoder(batch_size=64)
    with opened(tmp_path / "library", encoder) as library:
        yield Moving(tmp_path, library, encoder)


def test_many_folders_are_renamed_at_once(moving: Moving, nightly: bool) -> None:
    moving.fill(FOLDERS, 100 if nightly else 5)
    for turn in range(10 if nightly else 1):
        for number in range(FOLDERS):
            last = moving.root / (f"folder {number:03d}" if not turn else f"turn {turn - 1} {number:03d}")
            last.rename(moving.root / f"turn {turn} {number:03d}")
        moving.settle()


def test_files_folders_and_names_change_places(moving: Moving) -> None:
    moving.fill(20, 20)
    root = moving.root
    # Single files, each to another name in another folder.
    for number in range(0, 400, 4):
        old = root / f"folder {number // 20:03d}" / f"{number:05d}.jpg"
        old.rename(root / f"folder {(number // 20 + 7) % 20:03d}" / f"moved {number}.jpg")
    moving.settle()
    # Two folders swap their names, and files within one do.
    swap(root / "folder 001", root / "folder 002")
    swap(root / "folder 003" / "00061.jpg", root / "folder 003" / "00062.jpg")
    moving.settle()
    # A ring of three, a folder into another, and one that takes the name of one that went.
    for last, new in (("004", "x"), ("005", "004"), ("006", "005"), ("x", "006")):
        (root / f"folder {last}").rename(root / f"folder {new}")
    (root / "folder 007").rename(root / "folder 008" / "inside")
    (root / "folder 009").rename(root / "folder 007")
    moving.settle()


def test_copies_to_another_disk_that_lose_the_original(moving: Moving) -> None:
    """As moving across file systems is: another inode, another device, the same bytes."""
    moving.fill(5, 10)
    for number in range(5):
        shutil.copytree(moving.root / f"folder {number:03d}", moving.root / f"copy {number}")
        shutil.rmtree(moving.root / f"folder {number:03d}")
    moving.settle()


def test_between_two_roots_and_up_and_down(moving: Moving) -> None:
    moving.fill(10, 10)
    other = moving.place / "Other"
    draw(other, range(5000, 5010))
    add_root(moving.library, other)
    index(moving.library)
    moving.mark()
    for number in range(5):
        (moving.root / f"folder {number:03d}").rename(other / f"came {number}")
    moving.settle()
    (other / "came 0").rename(moving.root / "back")
    moving.settle()


def test_a_name_that_changes_only_in_its_case(moving: Moving) -> None:
    moving.fill(3, 5)
    (moving.root / "folder 000").rename(moving.root / "FOLDER 000")
    (moving.root / "folder 001" / "00005.jpg").rename(moving.root / "folder 001" / "00005.JPG")
    moving.settle()


def test_files_of_one_size_and_time_that_swap_names(moving: Moving) -> None:
    """Bitmaps have equal sizes, and copying gives them equal times."""
    moving.root.mkdir()
    first, second = moving.root / "a.bmp", moving.root / "b.bmp"
    for path, seed in ((first, 1), (second, 2)):
        path.write_bytes(encoded(scene(24, 18, seed=seed), "BMP"))
        os.utime(path, ns=(10**18, 10**18))
    add_root(moving.library, moving.root)
    index(moving.library)
    with moving.library.store.write() as db:
        (chosen,) = [p.id for p in photos.get_many(db, photos.ids(db)) if p.files[0].path == str(first)]
        marks.set_favourite(db, [chosen], True)
    moving.marked = moving.contents()
    swap(first, second)
    moving.settle()
    with moving.library.store.read() as db:
        (favourite,) = photos.get_many(db, [chosen])
        assert [file.path for file in favourite.files] == [str(second)]


def swap(first: Path, second: Path) -> None:
    aside = first.with_name("aside")
    first.rename(aside)
    second.rename(first)
    aside.rename(second)
