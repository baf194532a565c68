"""The tasks that comparing photos is divided into, and their execution in a process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from safelight.core.duplicates import DuplicateKind
from safelight.core.grouping import Link
from safelight.core.hamming import codes_of
from safelight.services.duplicates.pair_comparison import PairComparison, best_orientation
from safelight.services.indexing.worker_process import Limits, serve
from safelight.services.stages.fingerprint import fingerprint_of
from safelight.store import likeness, stored_thumbnails
from safelight.store.library import LibraryStore
from safelight.store.likeness import Pair

BURST = 0.70
"""Two photos that one camera took within seconds belong to a burst if their centred cosine is at least
this."""

LOOKALIKE = 0.87
"""Cosine from which photos are similar although their pixels prove nothing."""

_PART_TRIES = 8
"""How many neighbours by hash are compared as a part of a photo. Of a thousand pages that differ in their
words only, each has many such neighbours, and none is a part of it."""


@dataclass(frozen=True, slots=True)
class MakeFingerprints:
    """Fingerprints of photos from their thumbnails. The answer is (photo, hash, texture) of each."""

    photos: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CompareHashed:
    """Pairs proposed by their hashes, with the orientation of the second. All of one second photo are in one
    task. The answer is the pairs that are duplicates of some kind.
    """

    proposed: tuple[tuple[Link, int], ...]


@dataclass(frozen=True, slots=True)
class CompareNear:
    """Pairs proposed by their vectors, with their centred cosine. The same kind of answer."""

    near: tuple[tuple[Link, float], ...]
    model_id: int


@dataclass(frozen=True, slots=True)
class CompareWholes:
    """Pairs that may be one whole picture in any orientation. The answer is those that are."""

    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class CompareParts:
    """Pairs of which one may show a part of the other. The answer is those that do."""

    links: tuple[Link, ...]


PairTask = CompareHashed | CompareNear | CompareWholes | CompareParts
Fingerprints = list[tuple[int, int, float]]


def halves(task: PairTask) -> tuple[PairTask, ...]:
    """Two tasks with half of the pairs each; none for a task of one pair."""
    (name, pairs), *_ = ((each.name, getattr(task, each.name)) for each in fields(task))
    middle = len(pairs) // 2
    if not middle:
        return ()
    return replace(task, **{name: pairs[:middle]}), replace(task, **{name: pairs[middle:]})


class TaskRunner:
    """Carries out tasks with one :class:`PairComparison`. For one thread."""

    def __init__(self, store: LibraryStore) -> None:
        self._store = store
        self._comparison = PairComparison(store)

    def make_fingerprints(self, task: MakeFingerprints) -> Fingerprints:
        """The fingerprints of photos that have a thumbnail. A damaged thumbnail is similar to nothing."""
        with self._store.read() as db:
            thumbnails = stored_thumbnails.get_many(db, task.photos)
        made = [(photo_id, fingerprint_of(jpeg)) for photo_id, jpeg in thumbnails.items()]
        return [(photo_id, found.hash, found.texture) for photo_id, found in made]

    def compare(self, task: PairTask) -> list[Pair]:
        """The results of comparing the pixels of a task's pairs."""
        match task:
            case CompareHashed(proposed):
                self._learn([pair for pair, _ in proposed])
                return self._hashed(proposed)
            case CompareNear(near, model_id):
                self._learn([pair for pair, _ in near])
                found = [self._near(pair, cosine, model_id) for pair, cosine in near]
            case CompareWholes(links):
                found = self._wholes(links)
            case CompareParts(links):
                self._learn(links)
                found = [self._comparison.part(first, second) for first, second in links]
        return [pair for pair in found if pair is not None]

    def _learn(self, links: Sequence[Link]) -> set[int]:
        everyone = {photo for pair in links for photo in pair}
        self._comparison.learn(everyone)
        return everyone

    def _hashed(self, proposed: Sequence[tuple[Link, int]]) -> list[Pair]:
        found = []
        tries: Counter[int] = Counter()
        for (first, second), orientation in proposed:
            if self._comparison.equal(first, second):
                continue
            pair = self._comparison.whole(first, second, orientation)
            if pair is None and orientation == 0 and tries[second] < _PART_TRIES:
                tries[second] += 1
                pair = self._comparison.part(first, second)
            if pair is not None:
                found.append(pair)
        return found

    def _near(self, link: Link, cosine: float, model_id: int) -> Pair | None:
        first, second = link
        if self._comparison.equal(first, second):
            return None
        pair = self._comparison.part(first, second)
        if pair is None and cosine >= BURST and self._comparison.one_burst(first, second):
            pair = Pair(first, second, DuplicateKind.BURST, cosine, "", model_id)
        elif pair is None and cosine >= LOOKALIKE:
            pair = Pair(first, second, DuplicateKind.LOOKALIKE, cosine, "", model_id)
        return pair

    def _wholes(self, links: Sequence[Link]) -> list[Pair | None]:
        everyone = self._learn(links)
        with self._store.read() as db:
            codes = {photo: codes_of([code]) for photo, code in likeness.hashes_of(db, everyone).items()}
        found = []
        for first, second in links:
            if first in codes and second in codes:
                orientation = best_orientation(codes[first], codes[second])
                pair = self._comparison.whole(first, second, orientation)
                if pair is not None and pair.kind is DuplicateKind.RESAVED:
                    found.append(pair)
        return list(found)


def run(directory: Path, connection: Connection, limits: Limits) -> None:
    """Serve tasks on the library in ``directory`` until the connection closes or the parent is gone."""
    runners: list[TaskRunner] = []

    def open_library() -> None:
        runners.append(TaskRunner(LibraryStore.open_read_only(directory)))

    serve(connection, limits, open_library, partial(_carry_out, runners))


def _carry_out(runners: Sequence[TaskRunner], task: MakeFingerprints | PairTask) -> Fingerprints | list[Pair]:
    (runner,) = runners
    return runner.make_fingerprints(task) if isinstance(task, MakeFingerprints) else runner.compare(task)
