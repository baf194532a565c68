"""A damaged library is noticed, restored or rebuilt, and keeps what the person made."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from safelight.core.errors import LibraryDamagedError
from safelight.services import doctor
from safelight.store import marks, photos
from safelight.store.connect import PAGE_SIZE
from safelight.store.library import FILE_NAME, LibraryStore
from safelight.store.recovery import backups
from safelight.store.recovery.backups import Contents
from support.fake_encoder import FakeEncoder
from support.reliable import add_root, assert_equals_disk, assert_sound, draw, index, opened

PHOTOS = 80


class Template:
    """A library with a backup of today, and with changes that are only in the WAL."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.directory = place / "library"
        self.crashed = place / "crashed"
        draw(place / "Pictures", range(PHOTOS))
        with opened(self.directory) as library:
            add_root(library, place / "Pictures")
            index(library)
            with library.store.write() as db:
                everything = photos.ids(db)
                marks.set_favourite(db, everything[::2], True)
                marks.set_rating(db, everything[::3], 5)
                marks.add_tag(db, everything[::4], "kept")
            with library.store.read() as db:
                backups.make(db, self.directory, 1_800_000_000)
                self.made = backups.contents(db)
        with opened(self.directory) as library:
            with library.store.write() as db:
                marks.set_favourite(db, everything, True)
            # As after a crash: the files as they are while the library is open.
            shutil.copytree(self.directory, self.crashed)
            with library.store.write() as db:
                marks.set_favourite(db, everything[1::2], False)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return Template(tmp_path_factory.mktemp("template"))


Damage = Callable[[bytearray, random.Random], None]


def no_header(data: bytearray, chance: random.Random) -> None:
    length = chance.choice((16, 100, 4096))
    data[:length] = chance.randbytes(length)


def garbled_page(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data) // PAGE_SIZE) * PAGE_SIZE
    data[start : start + PAGE_SIZE] = chance.randbytes(PAGE_SIZE)


def zeroed_pages(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data) // PAGE_SIZE) * PAGE_SIZE
    length = PAGE_SIZE * chance.randint(1, 3)
    data[start : start + length] = bytes(len(data[start : start + length]))


def flipped_bits(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 10, 500))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def cut_short(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(len(data)) :]


def swapped_pages(data: bytearray, chance: random.Random) -> None:
    first, second = (chance.randrange(len(data) // PAGE_SIZE) * PAGE_SIZE for _ in range(2))
    one, two = data[first : first + PAGE_SIZE], data[second : second + PAGE_SIZE]
    data[first : first + PAGE_SIZE], data[second : second + PAGE_SIZE] = two, one


DAMAGES: tuple[Damage, ...] = (
    no_header,
    garbled_page,
    zeroed_pages,
    flipped_bits,
    cut_short,
    swapped_pages,
)


def test_damage_is_noticed_and_mended(template: Template, tmp_path: Path, nightly: bool) -> None:
    noticed = 0
    rounds = 500 if nightly else 20
    for number in range(rounds):
        directory = tmp_path / "library"
        shutil.copytree(template.directory, directory)
        damage_file(directory / FILE_NAME, DAMAGES[number % len(DAMAGES)], number)
        noticed += look_and_mend(directory, template, number)
        scattered = DAMAGES[number % len(DAMAGES)] is flipped_bits
        go_on(directory, template.made, part=0.9 if scattered else 1.0)
        shutil.rmtree(directory)
    assert noticed > rounds // 2


def test_a_damaged_or_missing_wal(template: Template, tmp_path: Path, nightly: bool) -> None:
    """What it held and nothing else may be lost: the database under it is whole."""
    for number in range(50 if nightly else 6):
        directory = tmp_path / "library"
        shutil.copytree(template.crashed, directory)
        wal = directory / f"{FILE_NAME}-wal"
        assert wal.stat().st_size > 0
        if number % 3 == 2:
            wal.unlink()
        else:
            damage_file(wal, (flipped_bits, cut_short)[number % 3], number)
        with LibraryStore.create_or_open(directory) as store, store.read() as db:
            now = backups.contents(db)
        assert len(now.photos) == PHOTOS
        # Either the last change is there or it is not.
        assert now.marks == template.made.marks or len(now.marks) > len(template.made.marks)
        assert now.tags == template.made.tags
        go_on(directory, template.made)
        shutil.rmtree(directory)


def damage_file(path: Path, damage: Damage, seed: int) -> None:
    data = bytearray(path.read_bytes())
    damage(data, random.Random(seed))
    path.write_bytes(data)


def look_and_mend(directory: Path, template: Template, number: int) -> bool:
    """Returns whether the doctor found anything."""
    found = doctor.examine(directory, template.place / "models")
    if found.sound:  # what was hit is not used, or is a value that could be another
        return False
    assert all(finding.problem and "\n" not in finding.problem for finding in found.findings)
    doctor.mend(directory, template.place / "models")
    assert doctor.examine(directory, template.place / "models").findings == (), number
    return True


def go_on(directory: Path, made: Contents, part: float = 1.0) -> None:
    """Everything that the person made is there, and indexing brings the rest back.

    SQLite keeps no checksums: of bits that flip inside values, a few may go unnoticed.
    """
    encoder = FakeEncoder()
    with opened(directory, encoder) as library:
        index(library)
        assert_sound(library, encoder)
        assert_equals_disk(library)
        with library.store.read() as db:
            now = backups.contents(db)
    assert len(now.photos & made.photos) >= part * len(made.photos)
    assert len(now.tags & made.tags) >= part * len(made.tags)
    marked = {mark[0] for mark in made.marks}
    assert len(marked & {mark[0] for mark in now.marks}) >= part * len(marked)


def test_without_the_doctor_a_damaged_library_is_refused_with_advice(
    template: Template, tmp_path: Path
) -> None:
    from safelight.services.library import Library

    directory = tmp_path / "library"
    shutil.copytree(template.directory, directory)
    damage_file(directory / FILE_NAME, no_header, 1)
    with pytest.raises(LibraryDamagedError, match=r"safelight restore puts it back.*doctor --mend"):
        Library.open(directory, template.place / "models")
