"""A long day of everything at once: memory, open files and threads stay level, and at the end the library is
what the disk and a model of all operations say."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from safelight.core.changes import LibraryChanged
from safelight.core.jobs import Phase
from safelight.core.operations import (
    AddFolder,
    AddTag,
    CreateAlbum,
    DeleteAlbum,
    Operation,
    RemoveTag,
    SaveSearch,
    SetFavourite,
    SetHidden,
    SetLabel,
    SetRating,
    SetTitle,
    TrashPhotos,
    Undo,
)
from safelight.engine.events import (
    IndexProgress,
    OperationDone,
    OperationFailed,
    RequestFailed,
    SearchResults,
)
from safelight.engine.requests import (
    ConfirmRemovals,
    FindSimilar,
    Rescan,
    RunOperation,
    Search,
)
from safelight.services.duplicates.grouping import identical_files
from safelight.store import albums, files, folders, labels, photos, saved_searches
from safelight.store.library import LibraryStore
from safelight.store.recovery import health
from support.engine_talk import EngineTalk
from support.processes import family, open_files, resident_bytes, threads
from support.reliable import draw, small_picture

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")]

PHOTOS = 150
ORGANISED = 20
"""Photos on which operations are carried out."""
KEPT, DRIVE = "kept", "drive"
GROWTH = 48 << 20
"""Bytes of memory within which an engine's day may vary: allocators keep what they had."""


def test_a_day_of_everything(tmp_path: Path, nightly: bool) -> None:
    root = (tmp_path / "Pictures").resolve()
    draw(root, range(PHOTOS))
    draw(root / KEPT, range(1000, 1000 + ORGANISED))
    draw(tmp_path / "drive", range(2000, 2010))
    drive = Drive(tmp_path / "drive", root / DRIVE)
    with contextlib.ExitStack() as ending:
        ending.callback(drive.unmount)
        talk = ending.enter_context(EngineTalk(tmp_path))
        talk.client.send(RunOperation(901, AddFolder(str(root))))
        known = PHOTOS + ORGANISED + 10 * drive.usable
        talk.hear(LibraryChanged, lambda _: len(photo_ids(talk.library)) == known)
        day = Day(talk, root, drive)
        # The caches of SQLite and the allocator fill up first: up to 16 MB a connection.
        day.live(600 if nightly else 8)
        before = level(talk.pid)
        day.live(6600 if nightly else 20)
        after = level(talk.pid)
        assert talk.restarts == 0
        assert day.failed == []
        grown = after[0] - before[0]
        assert grown < GROWTH, f"{grown / 1e6:.0f} MB more memory"
        assert after[1] <= before[1] + 4, "open files"
        assert after[2] <= before[2] + 2, "threads"
        assert len(family(talk.pid)) <= 3, "processes"
        assert day.turns > 20
        drive.mount()
        day.settle()
        day.organiser.check()
    with LibraryStore.open_read_only(talk.library) as store, store.read() as db:
        assert [finding.problem for finding in health.examine(db)] == []


class Organised(NamedTuple):
    """What the user made of some photos. Photos are numbered by their files."""

    marks: dict[int, tuple[int, str, str, bool]]
    """Rating, label, title and hidden."""
    tags: dict[int, frozenset[str]]
    albums: dict[str, tuple[int, ...]]
    searches: dict[str, str]
    trashed: frozenset[int]


class Organiser:
    """Carries out operations on photos that nothing else touches, undoes some, and knows what must result."""

    def __init__(self, talk: EngineTalk, folder: Path, chance: random.Random) -> None:
        self.talk = talk
        self.folder = folder
        self._chance = chance
        self._generation = 100_000
        self._ids = self._known_ids()
        numbers = list(self._ids)
        self.state = Organised(
            dict.fromkeys(numbers, (0, "", "", False)),
            dict.fromkeys(numbers, frozenset()),
            {},
            {},
            frozenset(),
        )
        self._steps: list[tuple[int, Organised]] = []
        """Steps of the journal, each with the state before it."""
        self._trash_steps: dict[int, int] = {}
        """The step that moved a photo to the trash."""

    def act(self) -> None:
        if self._steps and self._chance.random() < 0.3:
            self._undo()
            return
        if len(self.state.trashed) > ORGANISED // 2:
            self._put_back()
            return
        operation, after = self._chance.choice(
            (self._mark, self._mark, self._tag, self._collect, self._save_search, self._trash)
        )()
        done = self._run(operation)
        if done.outcome.step is not None:
            self._steps.append((done.outcome.step, self.state))
            self._trash_steps |= dict.fromkeys(after.trashed - self.state.trashed, done.outcome.step)
            del self._steps[:-30]
            self.state = after

    def check(self) -> None:
        """The library has exactly what the model says."""
        with LibraryStore.open_read_only(self.talk.library) as store, store.read() as db:
            numbers = {photo_id: number for number, photo_id in self._ids.items()}
            rows = photos.get_many(db, list(numbers))
            found = Organised(
                {numbers[row.id]: (row.rating, row.label, row.title, row.hidden) for row in rows},
                {
                    numbers[photo]: frozenset(each.tags)
                    for photo, each in labels.of_photos(db, list(numbers)).items()
                },
                {
                    each.album.name: tuple(numbers[photo] for photo in albums.photo_ids(db, each.album.id))
                    for each in albums.all_albums(db)
                },
                {each.name: each.query for each in saved_searches.all_searches(db)},
                frozenset(number for number in self._ids if not self._file(number).exists()),
            )
        assert found == self.state

    def _file(self, number: int) -> Path:
        return self.folder / f"{number:05d}.jpg"

    def _known_ids(self) -> dict[int, int]:
        with LibraryStore.open_read_only(self.talk.library) as store, store.read() as db:
            found = {
                Path(file.path).name: row.id
                for row in photos.get_many(db, photos.ids(db))
                for file in row.files
            }
        return {int(path.stem): found[path.name] for path in self.folder.glob("*.jpg")}

    def _run(self, operation: Operation[Any]) -> OperationDone:
        self._generation += 1
        number = self._generation
        self.talk.client.send(RunOperation(number, operation))
        return self.talk.hear(OperationDone, lambda done: done.generation == number)

    def _undo(self) -> None:
        step, before = self._steps.pop()
        self._run(Undo(step))
        self.state = before

    def _put_back(self) -> None:
        """Undo a step that trashed a photo, whatever was done after it."""
        number = self._chance.choice(sorted(self.state.trashed))
        step = self._trash_steps[number]
        self._run(Undo(step))
        self._steps = [
            (each, before._replace(trashed=before.trashed - {number}))
            for each, before in self._steps
            if each != step
        ]
        self.state = self.state._replace(trashed=self.state.trashed - {number})

    def _some(self) -> list[int]:
        """Photos whose files are there."""
        there = sorted(self._ids.keys() - self.state.trashed)
        return self._chance.sample(there, min(3, len(there)))

    def _photos(self, numbers: list[int]) -> tuple[int, ...]:
        return tuple(self._ids[number] for number in numbers)

    def _mark(self) -> tuple[Operation[Any], Organised]:
        chosen = self._some()
        place = self._chance.randrange(4)
        value: Any = self._chance.choice(((-1, 0, 3), ("", "red"), ("", "Summer"), (False, True))[place])
        kind: Any = (SetRating, SetLabel, SetTitle, SetHidden)[place]
        changed = {
            number: (*marks[:place], value, *marks[place + 1 :])
            for number, marks in self.state.marks.items()
            if number in chosen
        }
        return kind(self._photos(chosen), value), self.state._replace(marks=self.state.marks | changed)

    def _tag(self) -> tuple[Operation[Any], Organised]:
        chosen, name = self._some(), self._chance.choice(("sea", "animals/dog", "work"))
        add = self._chance.random() < 0.6
        changed = {
            number: self.state.tags[number] | {name} if add else self.state.tags[number] - {name}
            for number in chosen
        }
        kind: Any = AddTag if add else RemoveTag
        return kind(self._photos(chosen), name), self.state._replace(tags=self.state.tags | changed)

    def _collect(self) -> tuple[Operation[Any], Organised]:
        if len(self.state.albums) > 10:
            name = self._chance.choice(sorted(self.state.albums))
            left = {each: members for each, members in self.state.albums.items() if each != name}
            with LibraryStore.open_read_only(self.talk.library) as store, store.read() as db:
                album_id = albums.find_child(db, name, None)
            assert album_id is not None
            return DeleteAlbum(album_id), self.state._replace(albums=left)
        self._generation += 1
        name, chosen = f"Album {self._generation}", self._some()
        made = self.state.albums | {name: tuple(chosen)}
        return CreateAlbum(name, None, self._photos(chosen)), self.state._replace(albums=made)

    def _save_search(self) -> tuple[Operation[Any], Organised]:
        name, query = self._chance.choice("abc"), self._chance.choice(("red", "blue -green", "rating:>2"))
        return SaveSearch(name, query), self.state._replace(searches=self.state.searches | {name: query})

    def _trash(self) -> tuple[Operation[Any], Organised]:
        chosen = self._some()[:1]
        gone = self.state.trashed | set(chosen)
        return TrashPhotos(self._photos(chosen)), self.state._replace(trashed=gone)


class Drive:
    """A folder of the library that is mounted and unmounted, where the tests may do that."""

    def __init__(self, content: Path, at: Path) -> None:
        self._content, self._at = content, at
        self.mounted = False
        at.mkdir(parents=True)
        self.usable = os.geteuid() == 0 and self.mount()

    def mount(self) -> bool:
        words = ["mount", "--bind", str(self._content), str(self._at)]
        if not self.mounted:
            self.mounted = subprocess.run(words, capture_output=True, check=False).returncode == 0
        return self.mounted

    def unmount(self) -> None:
        if self.mounted:
            subprocess.run(["umount", "--lazy", str(self._at)], check=True)
            self.mounted = False

    def turn(self) -> None:
        """Mount it if it is not, and the other way round."""
        if self.mounted:
            self.unmount()
        elif self.usable:
            self.mount()


def photo_ids(library: Path) -> list[int]:
    with LibraryStore.open_read_only(library) as store, store.read() as db:
        return photos.ids(db)


def level(pid: int) -> tuple[int, int, int]:
    """Memory, open files and threads of an engine."""
    return resident_bytes(pid), open_files(pid), threads(pid)


class Day:
    def __init__(self, talk: EngineTalk, root: Path, drive: Drive) -> None:
        self.talk = talk
        self.root = root
        self.drive = drive
        self.turns = 0
        self.failed: list[RequestFailed | OperationFailed] = []
        self._chance = random.Random(7)
        self._next = 10_000
        self.organiser = Organiser(talk, root / KEPT, self._chance)

    def live(self, seconds: float) -> None:
        """Random actions for this many seconds, each followed by a search that must be answered."""
        acts = [self.add, self.add, self.change, self.remove, self.rename, self.mark, self.group, self.rescan]
        acts += [self.organiser.act] * 4 + [self.drive.turn]
        ending = time.monotonic() + seconds
        while time.monotonic() < ending:
            self._chance.choice(acts)()
            self.search()
            self.turns += 1
            failed = (RequestFailed, OperationFailed)
            self.failed += [event for event in self.talk.heard if isinstance(event, failed)]
            self.talk.heard.clear()

    def settle(self) -> None:
        """Confirm removals, which this many at once need, until the library equals the disk."""
        with LibraryStore.open_read_only(self.talk.library) as store, store.read() as db:
            (folder,) = folders.all_folders(db)
        deadline = time.monotonic() + 120
        while self._known() != self._there() and time.monotonic() < deadline:
            # A scan that began before may end first, and then asks again.
            self.talk.client.send(ConfirmRemovals(folder.id))
            self.talk.hear(IndexProgress, lambda received: received.progress.phase is Phase.SCANNING)
            self.talk.hear(IndexProgress, lambda received: received.progress.phase is Phase.IDLE)
        assert self._known() == self._there()

    def _known(self) -> set[str]:
        with LibraryStore.open_read_only(self.talk.library) as store, store.read() as db:
            (folder,) = folders.all_folders(db)
            return {row.path.decode() for row in files.in_folder(db, folder.id)}

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
        for _ in range(len(self._changeable()) - PHOTOS):
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
            ids = [
                row.id
                for row in photos.get_many(db, photos.ids(db))
                if not any(KEPT in Path(file.path).parts for file in row.files)
            ]
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
        return self._chance.choice(self._changeable())

    def _changeable(self) -> list[Path]:
        """Files that neither the organiser has nor the drive holds."""
        return sorted(
            path
            for path in self.root.rglob("*.jpg")
            if path.relative_to(self.root).parts[0] not in (KEPT, DRIVE)
        )
