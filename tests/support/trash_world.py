"""A library under misfortune, with an account of what must be left of its files."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safelight.core.duplicates import DuplicateKind, GroupAction
from safelight.store import decisions, files, journal, marks, orphans
from safelight.store.library import LibraryStore
from support.trashing import Reviewed, png, trashed_files
from support.unprivileged import as_before

TESTS = Path(__file__).parents[1]


@dataclass
class Group:
    kind: DuplicateKind
    keep: list[int]
    going: list[int]
    """File ids."""

    @property
    def everyone(self) -> list[int]:
        return [*self.keep, *self.going]


class World:
    """Files in groups. Whatever destroys or makes a file does so through here, so that ``expected`` is
    always what must lie somewhere: in its place or in the trash."""

    def __init__(self, place: Path, rng: random.Random) -> None:
        self.place, self.rng = place, rng
        self.library = Reviewed(place)
        self.root = self.library.folder
        self.data = place / "data"
        self.data.mkdir()
        self.groups: list[Group] = []
        self.paths: dict[int, Path] = {}
        self.contents: dict[Path, bytes] = {}
        """What was put where, when the library learnt of it."""
        self.expected: Counter[bytes] = Counter()
        self.repairs: list[Callable[[], object]] = []
        self._number = 0

    @property
    def store(self) -> LibraryStore:
        return self.library.store

    # --- making and unmaking files ------------------------------------------------------------------

    def fill(self, count: int) -> None:
        """Groups of two to six files in a folder of their own, some with companions and marks."""
        self._number += 1
        self.folder = self.root / f"{self._number}"
        for number in range(count):
            identical = self.rng.random() < 0.5
            content = png(self.rng.randrange(256), self.rng.randbytes(self.rng.randint(10, 90)).hex())
            group = Group(DuplicateKind.IDENTICAL if identical else DuplicateKind.RESAVED, [], [])
            companions = self.rng.random() < 0.3
            for member in range(self.rng.randint(2, 6)):
                file = content if identical else content + bytes([member])
                name = f"{self._number}/{number}-{member}.jpg"
                file_id = self.library.add(name, file, pixels=content)
                path = self.root / name
                self.paths[file_id] = path
                self._put(path, file)
                if companions:
                    self._put(path.with_suffix(".xmp"), b"companion of " + content)
                (group.keep if member == 0 or self.rng.random() < 0.2 else group.going).append(file_id)
            if not group.going:
                group.going.append(group.keep.pop())
            self.groups.append(group)
        with self.store.write() as db:
            for file_id in self.paths:
                if self.rng.random() < 0.6:
                    marks.set_rating(db, [self.library.photo(file_id)], self.rng.randint(1, 5))
                if self.rng.random() < 0.2:
                    marks.add_tag(db, [self.library.photo(file_id)], self.rng.choice(["sea", "sun"]))

    def empty(self) -> None:
        """Forget the groups and all their files."""
        with self.store.write() as db:
            files.remove(db, [row.id for row in list(files.in_folder(db, self.library.folder_id))])
            for table in ("protected", "journal", "mark", "photo_tag"):
                db.execute(f"DELETE FROM {table}")
            orphans.prune(db, 1e12)
        for place in (self.folder, self.data / "Trash"):
            shutil.rmtree(place, ignore_errors=True)
        self.groups, self.paths, self.contents = [], {}, {}
        self.expected.clear()

    def destroy(self, path: Path) -> None:
        if path.is_symlink():
            path.unlink()
        elif path.is_file():
            content = path.read_bytes()
            path.unlink()
            self._count_out(content)

    def write(self, path: Path, content: bytes) -> None:
        """Put other content into a file, or make one."""
        self.destroy(path)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        self.expected[content] += 1

    def _put(self, path: Path, content: bytes) -> None:
        path.write_bytes(content)
        self.contents[path] = content
        self.expected[content] += 1

    def _count_out(self, content: bytes) -> None:
        self.expected[content] -= 1
        self.expected += Counter()

    # --- what is where --------------------------------------------------------------------------------

    def in_place(self) -> Counter[bytes]:
        """Every content, in its place (be the drive connected or not) or in the trash."""
        roots = (self.root, self.place / "unplugged")
        placed = [path.read_bytes() for root in roots for path in root.rglob("*") if _is_file(path)]
        return Counter(placed) + Counter(trashed_files(self.data))

    def is_in_place(self, path: Path) -> bool:
        return _is_file(path) and path.read_bytes() == self.contents[path]

    def marks(self) -> dict[bytes, tuple[object, ...]]:
        """What photos bear that bear anything, by their contents."""
        with self.store.read() as db:
            rows = db.execute(
                "SELECT p.content_hash, ifnull(m.favourite, 0), ifnull(m.rating, 0), "
                "(SELECT json_group_array(tag_id) FROM (SELECT tag_id FROM photo_tag WHERE photo_id = p.id "
                "ORDER BY tag_id)) AS tags FROM photo AS p LEFT JOIN mark AS m ON m.photo_id = p.id"
            )
            return {row[0]: row[1:] for row in rows if row[1] or row[2] or row[3] != "[]"}

    def protect(self, path: Path) -> None:
        with self.store.write() as db:
            decisions.protect(db, os.fsencode(path), True, 1.0)

    def forget_unseen_photos(self) -> None:
        with self.store.write() as db:
            orphans.prune(db, 1e12)

    def last_step(self) -> int | None:
        with self.store.read() as db:
            step = journal.last_undoable(db)
        return None if step is None else step.id

    # --- acting ---------------------------------------------------------------------------------------

    def actions(self) -> list[GroupAction]:
        return [
            GroupAction(f"{group.kind}-{number}", tuple(group.keep), tuple(group.going))
            for number, group in enumerate(self.groups)
        ]

    def restart(self) -> None:
        self.store.close()
        self.library.store = LibraryStore.create_or_open(self.place / "library")

    def killed(self, what: dict[str, Any], point: int) -> bool:
        """Let another process do something and die at this point; whether it came so far."""
        self.store.close()
        with as_before():
            done = subprocess.run(
                [sys.executable, "-m", "support.killed_trash", str(self.place), str(point), json.dumps(what)],
                cwd=TESTS,
                capture_output=True,
                text=True,
                check=False,
            )
        self.library.store = LibraryStore.create_or_open(self.place / "library")
        assert done.returncode in (0, -9), done.stderr
        return done.returncode == -9

    def repair(self) -> None:
        """Put right what can be: permissions, drives, the trash's folder."""
        while self.repairs:
            self.repairs.pop()()


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()
