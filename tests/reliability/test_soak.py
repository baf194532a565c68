"""A long day of everything at once: memory, open files and threads stay level."""

from __future__ import annotations

import random
import shutil
import sys
import time
from pathlib import Path

import pytest

from safelight.core.changes import LibraryChanged
from safelight.core.jobs import Phase
from safelight.core.operations import AddFolder, SetFavourite
from safelight.engine.events import IndexProgress, RequestFailed, SearchResults
from safelight.engine.requests import (
    ConfirmRemovals,
    FindSimilar,
    Rescan,
    RunOperation,
    Search,
)
from safelight.services.duplicates.grouping import identical_files
from safelight.store import files, folders, health, photos
from safelight.store.library import LibraryStore
from support.engine_talk import EngineTalk
from support.processes import family, open_files, resident_bytes, threads
from support.reliable import draw, small_picture

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

PHOTOS = 150
GROWTH = 48 << 20
"""Bytes of memory within which an engine's day may vary: allocators keep what they had."""


def test_a_day_of_everything(tmp_path: Path, nightly: bool) -> None:
    root = (tmp_path / "Pictures").resolve()
    draw(root, range(PHOTOS))
    with EngineTalk(tmp_path) as talk:
        talk.client.send(RunOperation(901, AddFolder(str(root))))
        talk.hear(LibraryChanged, lambda change: bool(change.added))
        day = Day(talk, root)
        # The caches of SQLite and the allocator fill up first: up to 16 MB a connection.
        day.live(600 if nightly else 8)
        before = level(talk.pid)
        day.live(3000 if nightly else 20)
        after = level(talk.pid)
        assert talk.restarts == 0
        assert day.failed == []
        grown = after[0] - before[0]
        assert grown < GROWTH, f"{grown / 1e6:.0f} MB more memory"
        assert after[1] <= before[1] + 4, "open files"
        assert after[2] <= before[2] + 2, "threads"
        assert len(family(talk.pid)) <= 3, "processes"
        assert day.turns > 20
        day.settle()
    with LibraryStore.open_read_only(talk.library) as store, store.read() as db:
        assert [finding.problem for finding in health.examine(db)] == []


def level(pid: int) -> tuple[int, int, int]:
    """Memory, open files and threads of an engine."""
    return resident_bytes(pid), open_files(pid), threads(pid)


class Day:
    def __init__(self, talk: EngineTalk, root: Path) -> None:
        self.talk = talk
        self.root = root
        self.turns = 0
        self.failed: list[RequestFailed] = []
        self._chance = random.Random(7)
        self._next = 10_000

    def live(self, seconds: float) -> None:
        """Random doings for so long, each followed by a search that must be answered."""
        acts = (self.add, self.add, self.change, self.remove, self.rename, self.mark, self.group, self.rescan)
        ending = time.monotonic() + seconds
        while time.monotonic() < ending:
            self._chance.choice(acts)()
            self.search()
            self.turns += 1
            self.failed += [event for event in self.talk.heard if isinstance(event, RequestFailed)]
            self.talk.heard.clear()

    def settle(self) -> None:
        """So much went in so short a time that it was asked about: it was meant."""
        with LibraryStore.open_read_only(self.talk.library) as store, store.read() as db:
            (folder,) = folders.all_folders(db)
        deadline = time.monotonic() + 120
        while self._known() != self._there() and time.monotonic() < deadline:
            # A scan that began before may end first, and then asks again.
            self.talk.client.send(ConfirmRemovals(folder.id))
            self.talk.hear(IndexProgress, lambda told: told.progress.phase is Phase.SCANNING)
            self.talk.hear(IndexProgress, lambda told: told.progress.phase is Phase.IDLE)
        assert self._known() == self._there()

    def _known(self) -> set[str]:
        with LibraryStore.open_read_only(self.talk.library) as store, store.read() as db:
            (folder,) = folders.all_folders(db)
            return {row.path.decode() for row in files.known(db, folder.id)}

    def _there(self) -> set[str]:
        return {str(path.relative_to(self.root)) for path in self.root.rglob("*.jpg")}

    def add(self) -> None:
        draw(self.root / f"{self._chance.randrange(5)}", range(self._next, self._next + 5))
        self._next += 5

    def change(self) -> None:
        self._next += 1
        path = self._some()
        part = path.with_suffix(".part")
        part.write_bytes(small_picture(self._next))
        part.replace(path)

    def remove(self) -> None:
        """As many as came, so that the library at the end is as large as at the beginning."""
        for _ in range(len(list(self.root.rglob("*.jpg"))) - PHOTOS):
            self._some().unlink()

    def rename(self) -> None:
        path = self._some()
        path.rename(path.with_name(f"renamed {self._next} {path.name[-9:]}"))
        self._next += 1

    def group(self) -> None:
        path = self._some()
        shutil.copy2(path, path.with_name(f"copy {self._next} of {path.name[-9:]}"))
        with LibraryStore.open_read_only(self.talk.library) as store, store.read() as db:
            identical_files(db)

    def mark(self) -> None:
        with LibraryStore.open_read_only(self.talk.library) as store, store.read() as db:
            ids = photos.ids(db)
        mark = SetFavourite((self._chance.choice(ids),), self._chance.random() < 0.5)
        self.talk.client.send(RunOperation(1, mark))

    def rescan(self) -> None:
        self.talk.client.send(Rescan())

    def search(self) -> None:
        self._next += 1
        number = self._next
        if number % 3:
            words = self._chance.choice(("red", "blue", "green -red", "white", "kind:jpeg grey"))
            self.talk.client.send(Search(number, words))
        else:
            self.talk.client.send(FindSimilar(number, image=small_picture(number)))
        self.talk.hear(SearchResults, lambda results: results.generation == number)

    def _some(self) -> Path:
        return self._chance.choice(sorted(self.root.rglob("*.jpg")))
