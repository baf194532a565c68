"""The tasks into which comparing photos is divided, and their execution in a process."""

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

BURST_COSINE = 0.70
"""Two photos that one camera took within seconds belong to a burst if their centred cosine is at least
this."""

LOOKALIKE_COSINE = 0.87
"""Photos from this cosine on count as similar, even if their pixels prove nothing."""

_MAX_PART_COMPARISONS = 8
"""The most neighbours by hash for which a photo is tested as a crop. Without a limit, a thousand pages that
differ only in their words would each be tested against many others in vain."""


@dataclass(frozen=True, slots=True)
class MakeFingerprints:
    """Fingerprints of photos from their thumbnails. The answer is (photo, hash, texture) of each."""

    photos: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CompareHashed:
    """Pairs proposed by their hashes, with the orientation of the second photo. All pairs with the same
    second photo are in one task. The answer is the pairs that are duplicates of some kind.
    """

    proposed: tuple[tuple[Link, int], ...]


@dataclass(frozen=True, slots=True)
class CompareNeighbours:
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


PairTask = CompareHashed | CompareNeighbours | CompareWholes | CompareParts
Fingerprints = list[tuple[int, int, float]]


def split_in_half(task: PairTask) -> tuple[PairTask, ...]:
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
                self._load([pair for pair, _ in proposed])
                return self._compare_hashed(proposed)
            case CompareNeighbours(near, model_id):
                self._load([pair for pair, _ in near])
                found = [self._compare_neighbours(pair, cosine, model_id) for pair, cosine in near]
            case CompareWholes(links):
                found = self._compare_wholes(links)
            case CompareParts(links):
                self._load(links)
                found = [self._comparison.match_part(first, second) for first, second in links]
        return [pair for pair in found if pair is not None]

    def _load(self, links: Sequence[Link]) -> set[int]:
        photo_ids = {photo for pair in links for photo in pair}
        self._comparison.load(photo_ids)
        return photo_ids

    def _compare_hashed(self, proposed: Sequence[tuple[Link, int]]) -> list[Pair]:
        found = []
        tries: Counter[int] = Counter()
        for (first, second), orientation in proposed:
            if self._comparison.have_equal_pixels(first, second):
                continue
            pair = self._comparison.match_whole(first, second, orientation)
            if pair is None and orientation == 0 and tries[second] < _MAX_PART_COMPARISONS:
                tries[second] += 1
                pair = self._comparison.match_part(first, second)
            if pair is not None:
                found.append(pair)
        return found

    def _compare_neighbours(self, link: Link, cosine: float, model_id: int) -> Pair | None:
        first, second = link
        if self._comparison.have_equal_pixels(first, second):
            return None
        pair = self._comparison.match_part(first, second)
        if pair is None and cosine >= BURST_COSINE and self._comparison.are_burst(first, second):
            pair = Pair(first, second, DuplicateKind.BURST, cosine, "", model_id)
        elif pair is None and cosine >= LOOKALIKE_COSINE:
            pair = Pair(first, second, DuplicateKind.LOOKALIKE, cosine, "", model_id)
        return pair

    def _compare_wholes(self, links: Sequence[Link]) -> list[Pair | None]:
        photo_ids = self._load(links)
        with self._store.read() as db:
            codes = {photo: codes_of([code]) for photo, code in likeness.hashes_of(db, photo_ids).items()}
        found = []
        for first, second in links:
            if first in codes and second in codes:
                orientation = best_orientation(codes[first], codes[second])
                pair = self._comparison.match_whole(first, second, orientation)
                if pair is not None and pair.kind is DuplicateKind.RESAVED:
                    found.append(pair)
        return list(found)


def run(directory: Path, connection: Connection, limits: Limits) -> None:
    """Serve tasks on the library in ``directory`` until the connection closes or the parent is gone."""
    runners: list[TaskRunner] = []

    def open_library() -> None:
        runners.append(TaskRunner(LibraryStore.open_read_only(directory)))

    serve(connection, limits, open_library, partial(_run_task, runners))


def _run_task(runners: Sequence[TaskRunner], task: MakeFingerprints | PairTask) -> Fingerprints | list[Pair]:
    (runner,) = runners
    return runner.make_fingerprints(task) if isinstance(task, MakeFingerprints) else runner.compare(task)
