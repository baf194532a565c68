"""Files and folders are renamed at random while the library is scanned and watched."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from safelight.services.library import Library
from safelight.store import files, marks, photos
from safelight.store.library import Connection
from support.fake_encoder import FakeEncoder
from support.listening import failures_into
from support.reliable import add_root, assert_equals_disk, assert_sound, draw, index, opened
from support.waiting import wait_until

pytestmark = pytest.mark.slow


class Renamer:
    """Renames one file or folder, or exchanges two files, at each call."""

    def __init__(self, root: Path, seed: str) -> None:
        self._root = root
        self._chance = random.Random(seed)
        self._number = 0
        self.renamed = 0

    def __call__(self) -> None:
        chance = self._chance
        self._number += 1
        places = [path for path in self._root.rglob("*") if path.is_dir()]
        pictures = list(self._root.rglob("*.jpg"))
        kind = chance.random()
        with suppress(OSError):  # a folder cannot be moved into itself
            if kind < 0.45:
                target = chance.choice([self._root, *places]) / f"folder {self._number}"
                chance.choice(places).rename(target)
            elif kind < 0.9:
                picture = chance.choice(pictures)
                name = picture.name if chance.random() < 0.5 else f"{self._number}.jpg"
                target = chance.choice([self._root, *places]) / name
                if target.exists():
                    return
                picture.rename(target)
            else:
                one, other = chance.sample(pictures, 2)
                aside = self._root / "aside"
                one.rename(aside)
                other.rename(one)
                aside.rename(other)
            self.renamed += 1


@contextmanager
def meanwhile(renamer: Renamer) -> Iterator[None]:
    stop = threading.Event()

    def rename() -> None:
        while not stop.is_set():
            renamer()
            stop.wait(0.002)

    thread = threading.Thread(target=rename)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def marked(library: Library) -> dict[bytes, tuple[int, str]]:
    """A rating and a tag for each content."""
    with library.store.write() as db:
        for photo in photos.ids(db):
            marks.set_rating(db, [photo], 1 + photo % 5)
            marks.add_tag(db, [photo], f"photo {photo}")
    with library.store.read() as db:
        return marks_by_content(db)


def marks_by_content(db: Connection) -> dict[bytes, tuple[int, str]]:
    """The rating and the tags of each photo that is shown, by its content hash."""
    return {
        content: (rating, tags)
        for content, rating, tags in db.execute(
            "SELECT p.content_hash, m.rating, group_concat(t.name) FROM photo AS p "
            "JOIN mark AS m ON m.photo_id = p.id JOIN photo_tag AS x ON x.photo_id = p.id "
            "JOIN tag AS t ON t.id = x.tag_id WHERE p.orphaned_at IS NULL GROUP BY p.id"
        )
    }


def equals_disk(library: Library) -> bool:
    """Whether every file is known by its place, size, times and inode, and has been read."""
    with suppress(AssertionError):
        assert_equals_disk(library)
        with library.store.read() as db:
            return not files.pending_ids(db)
    return False


def renamed(renamer: Renamer, count: int) -> None:
    """Wait until so many things were renamed in all."""
    wait_until(lambda: renamer.renamed >= count, "the renames")


def test_renames_while_scanning_and_watching(tmp_path: Path, nightly: bool) -> None:
    root = (tmp_path / "Pictures").resolve()
    for number in range(10):
        draw(root / f"{number}" / "sub", range(number * 12, number * 12 + 12))
    encoder = FakeEncoder()
    renamer = Renamer(root, "renames")
    with opened(tmp_path / "library", encoder) as library:
        add_root(library, root)
        index(library)
        expected = marked(library)
        assert len(expected) == 120

        def check() -> None:
            assert_equals_disk(library)
            assert_sound(library, encoder)
            with library.store.read() as db:
                assert marks_by_content(db) == expected
                assert files.failures(db) == []

        for turn in range(30 if nightly else 2):
            before = renamer.renamed
            with meanwhile(renamer):
                index(library, confirm=turn % 2 == 0)
                index(library)
                renamed(renamer, before + 1)
            index(library, confirm=True)
            check()

        failed: list[str] = []
        live = library.live(failures_into(failed))
        live.start()
        try:
            assert live.wait_until_idle(60)
            for _ in range(30 if nightly else 3):
                before = renamer.renamed
                with meanwhile(renamer):
                    renamed(renamer, before + 40)
                wait_until(lambda: equals_disk(library), "the library to equal the disk", 120)
                assert live.wait_until_idle(60)
                check()
        finally:
            live.close()
        assert failed == []
