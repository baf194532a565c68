"""What a search keeps of the one before is dropped as soon as the library changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from safelight.services.searching.read_cache import ReadCache
from safelight.store import marks
from safelight.store.library import LibraryStore
from support.stored import add_folder, add_photo


class Asked:
    """Counts favourites, and how often it is asked to."""

    def __init__(self, store: LibraryStore) -> None:
        self.store = store
        self.times = 0
        self._remembered: ReadCache[str, int] = ReadCache(2)

    def get(self, key: str) -> int:
        with self.store.read() as db:

            def look_up() -> int:
                self.times += 1
                return int(db.execute("SELECT count(*) FROM mark WHERE favourite = 1").get)

            return self._remembered.get(db, key, look_up)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LibraryStore]:
    with LibraryStore.create_or_open(tmp_path / "library") as opened:
        yield opened


@pytest.fixture
def photo(store: LibraryStore) -> int:
    with store.write() as db:
        return add_photo(db, add_folder(db), "a.jpg")


def test_asked_once_while_nothing_changes(store: LibraryStore) -> None:
    asked = Asked(store)
    assert [asked.get("a"), asked.get("a"), asked.get("b"), asked.get("a")] == [0, 0, 0, 0]
    assert asked.times == 2


def test_the_one_added_first_goes_first(store: LibraryStore) -> None:
    asked = Asked(store)
    for key in ("a", "b", "c", "b", "c"):
        asked.get(key)
    assert asked.times == 3
    asked.get("a")
    assert asked.times == 4


def test_a_change_is_seen_at_once(store: LibraryStore, photo: int) -> None:
    asked = Asked(store)
    assert asked.get("a") == 0
    with store.write() as db:
        marks.set_favourite(db, [photo], True)
    assert asked.get("a") == 1


def test_within_one_look_at_the_library_it_stays_as_it_was(store: LibraryStore, photo: int) -> None:
    asked = Asked(store)
    with store.read():
        assert asked.get("a") == 0
        with store.write() as db:
            marks.set_favourite(db, [photo], True)
        assert asked.get("a") == asked.get("b") == 0
    assert asked.get("a") == 1
