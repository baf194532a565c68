"""Many cycles of moving to the trash and undoing it, at random, with everything going wrong that may.

What must hold, whatever happens: no file is lost (each is in its place or in the trash, once), no group of
duplicates loses its last copy, and an undo brings each file back or says why it does not.
"""

from __future__ import annotations

import importlib
import os
import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from safelight.core.errors import NoSpaceError
from safelight.core.jobs import JobControl
from safelight.core.message import Message
from safelight.services.review.trash_executor import TrashExecutor, TrashResult
from safelight.store import files
from safelight.store.recovery import health
from support.misfortunes import BEFORE, MEANWHILE, SINCE, nothing
from support.trash_world import Group, World
from support.trashing import FaultyTrash, recover, trashed_files, undo
from support.unprivileged import as_nobody, nobodys_place

pytestmark = pytest.mark.skipif(
    sys.platform in ("darwin", "win32"), reason="restores from the trash of freedesktop.org's specification"
)

_CYCLES, _NIGHTLY_CYCLES = 60, 500
_LAST_POINT = 60
"""More than a small step has, so that some are not killed at all."""


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with nobodys_place() as place:
        monkeypatch.setenv("HOME", str(place))
        monkeypatch.setenv("XDG_DATA_HOME", str(place / "data"))
        importlib.import_module("send2trash")
        with as_nobody():
            yield place


class Cycle:
    """One step and its undoing. ``story`` says what happened, for the report of a failure."""

    def __init__(self, world: World, counts: Counter[str]) -> None:
        self.world, self.rng, self.counts = world, world.rng, counts
        self.story: list[str] = []
        self.duplicates = self.rng.random() < 0.75

    def run(self) -> None:
        world = self.world
        world.fill(self.rng.randint(1, 2) if self.duplicates else 1)
        self.marks = world.marks()
        self._befall("before", self.rng.choice((nothing, nothing, *BEFORE)))
        self._act()
        if world.repairs:
            world.repair()
            recover(world.store)  # as at the next start
        self._check_action()
        self._befall("since", self.rng.choice((nothing, nothing, *SINCE)))
        self._undo()
        world.repair()
        world.empty()

    def _befall(self, when: str, mishap: object) -> None:
        name = getattr(mishap, "__name__", "?")
        self.story.append(f"{when}: {name}")
        self.counts[f"{when}: {name}"] += 1
        if callable(mishap):
            mishap(self.world)

    # --- the step -----------------------------------------------------------------------------------

    def _act(self) -> None:
        world = self.world
        how = self.rng.choice(("whole", "whole", "killed", "killed", "faulty"))
        self.settled: TrashResult | None = None
        if how == "killed":
            what: dict[str, object] = (
                {"do": "settle", "actions": [(a.key, a.keep, a.trash) for a in world.actions()]}
                if self.duplicates
                else {"do": "trash", "photos": self._photos()}
            )
            self._kill("step", what)
            return
        trash = FaultyTrash()
        if how == "faulty":
            fault = self.rng.choice(MEANWHILE)
            self.story.append(f"meanwhile: {fault.__name__}")
            self.counts[f"meanwhile: {fault.__name__}"] += 1
            trash = fault(world)
        trash_executor = TrashExecutor(world.store, trash)
        try:
            self.settled = (
                trash_executor.trash_duplicates(world.actions(), JobControl())
                if self.duplicates
                else trash_executor.trash_photos(self._photos(), JobControl())
            )
        except NoSpaceError:
            world.restart()
            recover(world.store)

    def _photos(self) -> list[int]:
        with self.world.store.read() as db:
            rows = files.with_absolute_paths(db, list(self.world.paths))
        return sorted({row.photo_id for row, _ in rows if row.photo_id is not None})

    def _kill(self, when: str, what: dict[str, object]) -> dict[str, str]:
        """Returns what recovering said of files that are not back."""
        point = self.rng.randint(1, _LAST_POINT)
        killed = self.world.killed(what, point)
        if killed and self.rng.random() < 0.2:
            # … and what puts it right is killed too.
            self.world.killed({"do": "recover"}, self.rng.randint(1, 20))
            self.counts["recovery killed"] += 1
        self.story.append(f"{when}: killed at {point}" if killed else f"{when}: outlived {point}")
        self.counts[f"{when}: {'killed' if killed else 'outlived'}"] += 1
        return _texts(recover(self.world.store).failed)

    def _check_action(self) -> None:
        world, moved = self.world, self._moved()
        assert world.in_place() == world.expected, "a file is lost, or there twice"
        assert not any(map(world.is_in_place, moved)), "a file is in its place, and the journal denies it"
        if self.duplicates:
            for group in world.groups:
                self._check_group({world.paths[each] for each in group.keep}, self._files(group), moved)
        if self.settled is not None:
            assert self.settled.trashed == len(moved)
            received = {Path(path) for path, reason in self.settled.spared if str(reason)}
            for group in world.groups:
                assert {world.paths[each] for each in group.going} <= moved | received, "no word of a file"
        known = world.library.known()
        assert not any(str(path.relative_to(world.root)) in known for path in moved)
        self.counts["files trashed"] += len(moved)

    def _check_group(self, keep: set[Path], everyone: set[Path], moved: set[Path]) -> None:
        # Keepers that went away at this moment leave the file that was about to go; it came back.
        fled = any("keepers_go" in chapter for chapter in self.story)
        assert not keep & moved
        if everyone & moved:
            assert any(map(self.world.is_in_place, everyone if fled else keep)), "a last copy is gone"

    def _files(self, group: Group) -> set[Path]:
        return {self.world.paths[file_id] for file_id in group.everyone}

    # --- the undo -----------------------------------------------------------------------------------

    def _undo(self) -> None:
        world = self.world
        step = world.last_step()
        if step is None:
            assert not trashed_files(world.data), "nothing to undo, yet there is something in the trash"
            return
        self.counts["steps undone"] += 1
        moved, failed = self._moved(), {}
        if self.rng.random() < 0.3:
            failed = self._kill("undo", {"do": "undo", "step": None})
        failed |= _texts(undo(world.store, step).failed)
        first = failed
        self._check_undo(moved, failed)
        if world.repairs:
            self.story.append("repaired")
            world.repair()
            failed = _texts(undo(world.store, step).failed)
            for path in moved:
                if world.expected[world.contents[path]] and str(path) in first:
                    self._check_undo({path}, failed)
        self.counts["files restored"] += sum(world.is_in_place(path) for path in moved)
        self.counts["files not restored, with a reason"] += sum(not world.is_in_place(path) for path in moved)
        if all(world.is_in_place(path) for path in moved):
            assert world.marks() == self.marks, "marks did not come back"

    def _moved(self) -> set[Path]:
        """What the journal says is in the trash."""
        with self.world.store.read() as db:
            rows = db.execute("SELECT path FROM journal_file WHERE state IN ('trashed', 'restoring')")
            return {Path(os.fsdecode(path)) for (path,) in rows}

    def _check_undo(self, moved: set[Path], failed: dict[str, str]) -> None:
        world = self.world
        assert world.in_place() == world.expected, "a file is lost, or there twice"
        known = world.library.known()
        for path in moved:
            # The other process's report of a file beside its place is lost.
            beside = any("undo: " in each for each in self.story) and is_beside(world, path)
            received = failed.get(str(path)) or beside
            assert world.is_in_place(path) or received, f"{path} is not back, and no word of why"
            if world.is_in_place(path) and path.suffix == ".jpg":
                assert str(path.relative_to(world.root)) in known


def _texts(failed: Iterable[tuple[str, Message]]) -> dict[str, str]:
    return {path: str(reason) for path, reason in failed}


def is_beside(world: World, path: Path) -> bool:
    other = path.with_stem(f"{path.stem} (restored)")
    return other.is_file() and other.read_bytes() == world.contents[path]


@pytest.mark.timeout(3600)  # for a busy machine; 500 cycles take two minutes on a quiet one
@pytest.mark.slow
def test_no_last_copy_is_lost_and_every_undo_restores_or_says_why_not(place: Path, nightly: bool) -> None:
    counts: Counter[str] = Counter()
    seed = random.randrange(10**6) if nightly else 5
    world = World(place, random.Random(seed))
    for number in range(_NIGHTLY_CYCLES if nightly else _CYCLES):
        cycle = Cycle(world, counts)
        try:
            cycle.run()
        except Exception as error:
            raise AssertionError(f"seed {seed}, cycle {number}: {cycle.story}") from error
    with world.store.read() as db:
        assert health.check(db) == []
    world.store.close()
    sys.stdout.writelines(f"{count:6,} {what}\n" for what, count in sorted(counts.items()))
    # The test would prove nothing if little had happened.
    assert counts["step: killed"] >= 5
    assert counts["undo: killed"] >= 1
    assert counts["files trashed"] >= 60
    assert counts["files restored"] >= 40
