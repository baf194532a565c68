"""A damaged ``thumbs.db`` costs thumbnails only: the library opens, and the thumbnails are made again."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from safelight.core.errors import LibraryDamagedError, LibraryTooNewError
from safelight.services.library import Library
from safelight.store import photos, stored_thumbnails
from safelight.store.connect import PAGE_SIZE
from safelight.store.library import LibraryStore
from support.reliable import add_root, draw, index, opened

pytestmark = [pytest.mark.slow, pytest.mark.expected_log("thumbnails are damaged")]

Files = dict[str, bytes]


def contents(directory: Path) -> Files:
    return {path.name: path.read_bytes() for path in directory.iterdir() if path.is_file()}


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> list[Files]:
    """The files of a library that was closed, and of one as a crash leaves it, with a WAL."""
    place = tmp_path_factory.mktemp("thumbnails")
    draw(place / "Pictures", range(30))
    with opened(place / "library") as library:
        add_root(library, place / "Pictures")
        index(library)
    closed = contents(place / "library")
    draw(place / "Pictures", range(30, 40))
    with opened(place / "library") as library:
        index(library)
        crashed = contents(place / "library")
    return [closed, crashed]


def flip(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 5, 200))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def spoil_header(data: bytearray, chance: random.Random) -> None:
    data[chance.randrange(min(len(data), 100))] = chance.randrange(256)


def cut(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(len(data)) :]


def erase(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data))
    end = min(len(data), start + chance.choice((16, 512, PAGE_SIZE)))
    data[start:end] = bytes(end - start)


def swap_pages(data: bytearray, chance: random.Random) -> None:
    first, second = (slice(n * PAGE_SIZE, (n + 1) * PAGE_SIZE) for n in chance.sample(range(4), 2))
    if len(data) >= 4 * PAGE_SIZE:
        data[first], data[second] = data[second], data[first]


def append(data: bytearray, chance: random.Random) -> None:
    data += chance.randbytes(chance.choice((1, 100, 20_000)))


def replace(data: bytearray, chance: random.Random) -> None:
    data[:] = chance.randbytes(chance.choice((0, 1, 100, 40_000)))


DAMAGE: tuple[Callable[[bytearray, random.Random], None], ...] = (
    *(flip, spoil_header, cut, erase, swap_pages, append, replace),
)


def test_any_damage_to_the_thumbnails_is_mended(states: list[Files], tmp_path: Path, nightly: bool) -> None:
    chance = random.Random("thumbnails")
    directory = tmp_path / "library"
    for number in range(2_000 if nightly else 60):
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir()
        files = chance.choice(states)
        name = chance.choice([name for name in files if name.startswith("thumbs.db") and files[name]])
        damage = chance.choice((*DAMAGE, None))
        for each, data in files.items():
            content = bytearray(data)
            if each == name and damage is None:
                continue  # this file is missing
            if each == name and damage is not None:
                damage(content, chance)
            (directory / each).write_bytes(content)
        mended(directory, f"{number}: {name}, {damage}")


def test_a_number_that_makes_sqlite_write_nothing(states: list[Files], tmp_path: Path) -> None:
    """The header names a version of the format that does not exist, and the file counts as read-only."""
    files = states[0]
    for name, data in files.items():
        (tmp_path / name).write_bytes(data[:18] + b"\x09" + data[19:] if name == "thumbs.db" else data)
    with LibraryStore.create_or_open(tmp_path) as store, store.read() as db:
        assert sorted(stored_thumbnails.missing(db)) == sorted(photos.ids(db))


@pytest.mark.parametrize(("start", "number"), [(56, 2), (60, 13_172_737)], ids=["text encoding", "version"])
def test_a_header_with_another(states: list[Files], tmp_path: Path, start: int, number: int) -> None:
    for name, data in states[0].items():
        changed = data[:start] + number.to_bytes(4, "big") + data[start + 4 :]
        (tmp_path / name).write_bytes(changed if name == "thumbs.db" else data)
    mended(tmp_path, f"{number} at {start}")


def indexed(library: Library) -> str:
    """Index, and return what was reported."""
    try:
        index(library)
    except LibraryDamagedError as error:
        return str(error)
    return ""


def delete_as_told(directory: Path, what: str) -> None:
    """A version that damage raised a little looks like a newer program's, and the user deletes the file."""
    thumbs = directory / "thumbs.db"
    if thumbs.exists() and int.from_bytes(thumbs.read_bytes()[60:64]) in range(2, 1001):
        told = ""
        try:
            LibraryStore.create_or_open(directory).close()
        except LibraryTooNewError as error:
            told = str(error)
            thumbs.unlink()
        assert told == "" or "or delete the file, and it is made again" in told, what


def mended(directory: Path, what: str) -> None:
    """The second start at the latest has every thumbnail, and nothing but thumbnails was reported."""
    delete_as_told(directory, what)
    for _ in range(2):
        with opened(directory) as library:
            said = indexed(library)
            assert said == "" or "thumbnails are damaged; start Safelight again" in said, what
    with opened(directory) as library, library.store.read() as db:
        ids = photos.ids(db)
        assert ids, what
        assert set(stored_thumbnails.get_many(db, ids)) == set(ids), what
