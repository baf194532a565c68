"""Finds pairs of duplicates among photos that were not compared before, and stores them.

Hashes and vectors propose candidates for each photo. The pixels of proposed pairs are compared, on all cores
where there are many, and the results are stored. So a start costs nothing, a new photo costs its own
comparisons, and another model costs only the pairs that its vectors propose.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from safelight.core.duplicates import DuplicateKind
from safelight.core.errors import ImageError
from safelight.core.grouping import (
    Link,
    complete_groups,
    links_between_representatives,
    links_connected_to,
    missing_links,
    missing_star_links,
)
from safelight.core.hamming import codes_of, hash_search_for, orientations
from safelight.core.jobs import JobControl
from safelight.core.stages import StageFailure
from safelight.services.duplicates.candidates import CachedVectors, CandidateFinder, Neighbour
from safelight.services.duplicates.centring import Centring
from safelight.services.duplicates.connected import connected_pairs
from safelight.services.duplicates.hashes import HashCache
from safelight.services.duplicates.pair_tasks import (
    CompareHashed,
    CompareNeighbours,
    CompareParts,
    CompareWholes,
    MakeFingerprints,
    PairTask,
    split_in_half,
)
from safelight.services.duplicates.pair_workers import PairWorkers, collect
from safelight.services.duplicates.video_parts import VideoParts
from safelight.services.stages.declarations import COMPARISON
from safelight.services.stages.fingerprint import FingerprintStage
from safelight.store import likeness, stage_states, vectors, videos
from safelight.store.library import Connection, LibraryStore
from safelight.store.likeness import FingerprintChecksum, Pair

FINGERPRINT_VERSION = FingerprintStage.declaration.version
"""Photos with fingerprints of another version get new ones and are compared again."""

_HASH_NEIGHBOURS = 48
"""The number of photos with the most similar hashes that each photo is compared with."""

_MIN_TEXTURE = 5.0
"""Photos with less texture are not compared by hash, because their hashes are noise."""

_CHUNK = 128
"""Photos that are compared and committed together."""

_NEAR_CHUNK = 512
"""Pairs proposed by vectors that are compared and committed together."""

_CHUNKS_AHEAD = 2
"""Chunks that are compared at the same time, so that no process waits while one is committed."""

_TASKS_PER_PROCESS = 2
"""Tasks per process into which a chunk is divided. With more, processes would read more thumbnails twice."""


def model_for_comparing(db: Connection) -> int | None:
    """The model whose vectors propose duplicates; None if there are no vectors."""
    return vectors.most_used(db)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Progress of comparing, in photos. A photo that was compared in one of two ways counts half."""

    done: int
    total: int


Item = TypeVar("Item")

_Chunk = tuple[Sequence[int], Sequence[PairTask]]
"""Photos, and the tasks that compare them."""


@dataclass(frozen=True, slots=True)
class _Submitted:
    """A chunk that is being compared."""

    photos: Sequence[int]
    tasks: Sequence[PairTask]
    futures: Sequence[Future[list[Pair]]]


class Comparer:
    """Brings the stored pairs up to date. For one thread."""

    def __init__(
        self, store: LibraryStore, cached_vectors: CachedVectors | None = None, *, processes: int = 1
    ) -> None:
        """``cached_vectors`` are vectors in memory: with them, new photos are compared without reading all
        vectors from the disk. Many photos are compared by up to ``processes`` processes.
        """
        self._store = store
        self._cached_vectors = cached_vectors
        self._processes = processes
        self._centring = Centring()
        self._hashes = HashCache(FINGERPRINT_VERSION)
        self._video_parts = VideoParts(store)

    def run(self, model_id: int | None, control: JobControl) -> Iterator[Comparison]:
        """Compare the photos that were not compared yet, with the vectors of a model if ``model_id`` is
        given.

        Commits each part of the work before it yields progress. Yields nothing if there is nothing to do.
        Raises CancelledError; what was committed remains, and the next run continues from there.
        """
        with self._store.read() as db:
            without_fingerprint = likeness.without_fingerprint(db, FINGERPRINT_VERSION)
            waiting = likeness.pending_comparisons(db, FINGERPRINT_VERSION, model_id)
            by_hash = {*waiting.by_hash, *without_fingerprint}
            by_vector = {*waiting.by_vector, *without_fingerprint}
            with_vector = [] if model_id is None else likeness.with_vector(db, model_id, by_vector)
            films = self._video_parts.waiting(db)
        photos = len(by_hash.union(with_vector, films))
        steps_total = len(without_fingerprint) + len(by_hash) + len(with_vector) + len(films)
        steps_done = 0
        with PairWorkers(self._store, self._processes, max(len(by_hash), len(with_vector))) as workers:
            run = _Run(self._store, workers, model_id, control)
            steps = [run.fingerprints(without_fingerprint), self._by_hash(run, by_hash, waiting.compared)]
            if model_id is not None:
                steps.append(self._by_vector(run, by_vector, model_id))
            steps += [run.compare_connected(), self._video_parts.compare(films)]
            for step in steps:
                for count in step:
                    steps_done = min(steps_done + count, steps_total)
                    yield Comparison(photos * steps_done // max(1, steps_total), photos)
                    control.checkpoint()

    def _by_hash(self, run: _Run, photo_ids: Collection[int], before: FingerprintChecksum) -> Iterator[int]:
        """Compare photos with their neighbours by hash."""
        if not photo_ids:
            return
        with self._store.read() as db:
            known, new_ids = self._hashes.read(db, photo_ids, before)
        compared = ~np.isin(known.ids, new_ids)
        new = np.flatnonzero(~compared)
        codes = codes_of(known.hashes)
        with_texture = np.flatnonzero(known.texture >= _MIN_TEXTURE)
        index = hash_search_for(codes[with_texture], 8 * len(new))

        def chunks() -> Iterator[_Chunk]:
            for start in range(0, len(new), _CHUNK):
                part = new[start : start + _CHUNK]
                asking = part[known.texture[part] >= _MIN_TEXTURE]
                queries, places, _ = index.near(orientations(codes[asking]).ravel(), _HASH_NEIGHBOURS)
                rows, others = asking[queries // 8], with_texture[places]
                # Of two new photos the later one proposes the pair.
                kept = (rows != others) & (compared[others] | (others < rows))
                proposed: dict[Link, int] = {}
                for other, row, orientation in zip(
                    known.ids[others[kept]].tolist(),
                    known.ids[rows[kept]].tolist(),
                    (queries[kept] % 8).tolist(),
                    strict=True,
                ):
                    proposed.setdefault((other, row), orientation)
                pieces = _split_by_second_photo(list(proposed.items()), run.tasks_per_chunk)
                yield known.ids[part].tolist(), [CompareHashed(piece) for piece in pieces]

        for submitted, found in run.compare(chunks()):
            run.store_results(found, hashed=submitted.photos)
            yield len(submitted.photos)

    def _by_vector(self, run: _Run, photo_ids: Collection[int], model_id: int) -> Iterator[int]:
        """Compare photos with their neighbours by vector."""
        with self._store.read() as db:
            new = likeness.uncompared_by_vector(db, model_id, photo_ids)
            if not new:
                return
            candidate_finder = CandidateFinder(
                db, self._centring.centre(db, model_id), new, self._cached_vectors
            )
        with self._store.write() as db:
            likeness.forget_other_models(db, model_id)

        def chunks(near: Sequence[Neighbour]) -> Iterator[_Chunk]:
            for start in range(0, len(near), _NEAR_CHUNK):
                undecided = _connected_first(self._undecided(near[start : start + _NEAR_CHUNK]))
                yield (
                    [],
                    [CompareNeighbours(piece, model_id) for piece in _split(undecided, run.tasks_per_chunk)],
                )

        for photo_ids, near in candidate_finder.parts():
            for _, found in run.compare(chunks(near)):
                run.store_results(found)
                yield 0
            with self._store.write() as db:
                likeness.set_compared_by_vector(db, model_id, photo_ids)
            yield len(photo_ids)

    def _undecided(self, near: Sequence[Neighbour]) -> list[tuple[Link, float]]:
        """Pairs of pictures that are not yet known to be duplicates by their pixels."""
        everyone = {photo for each in near for photo in each.photos}
        with self._store.read() as db:
            known = likeness.known_kinds(db, everyone)
            films = videos.videos_among(db, everyone)
        proved = (DuplicateKind.RESAVED, DuplicateKind.CROP)
        return [
            (each.photos, each.cosine)
            for each in near
            if known.get(each.photos) not in proved and films.isdisjoint(each.photos)
        ]


class _Run:
    """One run of a :class:`Comparer`: what it found so far, and the processes that compare."""

    def __init__(
        self, store: LibraryStore, workers: PairWorkers, model_id: int | None, control: JobControl
    ) -> None:
        self._store = store
        self._workers = workers
        self._control = control
        self._model_id = model_id
        self._changed: set[int] = set()
        """Photos of pairs that were found."""

    @property
    def tasks_per_chunk(self) -> int:
        """Tasks that a chunk is divided into."""
        return 1 if self._workers.processes == 1 else _TASKS_PER_PROCESS * self._workers.processes

    def fingerprints(self, photo_ids: Sequence[int]) -> Iterator[int]:
        """Make and store the fingerprints that are missing."""
        parts = [photo_ids[start : start + _CHUNK] for start in range(0, len(photo_ids), _CHUNK)]
        waiting = deque(parts)
        submitted: deque[tuple[Sequence[int], Future[list[tuple[int, int, float]]]]] = deque()
        while waiting or submitted:
            while waiting and len(submitted) < _TASKS_PER_PROCESS * self._workers.processes:
                part = waiting.popleft()
                submitted.append((part, self._workers.make_fingerprints(MakeFingerprints(tuple(part)))))
            part, future = submitted.popleft()
            found, failed = collect([future], self._control)
            if failed:
                found = [(photo_id, 0, 0.0) for photo_id in part]  # similar to nothing
            with self._store.write() as db:
                likeness.put_fingerprints(db, FINGERPRINT_VERSION, found)
            self._record_failures([(part, error) for _, error in failed])
            yield len(part)

    def compare(self, chunks: Iterable[_Chunk]) -> Iterator[tuple[_Submitted, list[Pair]]]:
        """The results of chunks of tasks, in their order; the next ones are compared meanwhile."""
        ahead = 1 if self._workers.processes == 1 else _CHUNKS_AHEAD
        submitted: deque[_Submitted] = deque()
        for photos, tasks in chunks:
            futures = [self._workers.compare(task) for task in tasks]
            submitted.append(_Submitted(photos, tasks, futures))
            if len(submitted) >= ahead:
                yield self._collect_results(submitted.popleft())
        while submitted:
            yield self._collect_results(submitted.popleft())

    def store_results(self, pairs: Sequence[Pair], hashed: Sequence[int] = ()) -> None:
        """Store pairs, and that photos were compared by their hashes."""
        if pairs or hashed:
            with self._store.write() as db:
                likeness.put_pairs(db, pairs)
                likeness.set_compared_by_hash(db, hashed)
        self._changed.update(photo for pair in pairs for photo in (pair.first, pair.second))

    def compare_connected(self) -> Iterator[int]:
        """Compare photos that no candidate search has paired, but that are both duplicates of a third
        photo."""
        if not self._changed:
            return
        with self._store.read() as db:
            pairs, equals = connected_pairs(db, self._changed)
        representatives = {photo_id: group[0] for group in equals for photo_id in group}

        def links_of(kind: DuplicateKind) -> dict[Link, float]:
            found = {(pair.first, pair.second): pair.likeness for pair in pairs if pair.kind is kind}
            links = links_between_representatives(found, lambda photo: representatives.get(photo, photo))
            return links_connected_to(links, {representatives.get(photo, photo) for photo in self._changed})

        resaved = links_of(DuplicateKind.RESAVED)
        wholes: Iterable[_Chunk] = (
            ([], [CompareWholes(piece) for piece in _split(part, self.tasks_per_chunk)])
            for part in _chunks(missing_links(resaved))
        )
        for _, found in self.compare(wholes):
            self._store_pairs(found)
            resaved |= {(pair.first, pair.second): pair.likeness for pair in found}
            yield 0
        equal = dict(representatives)
        for group in complete_groups(resaved):
            representatives |= dict.fromkeys(group, group[0])
        representatives |= {photo: representatives.get(other, other) for photo, other in equal.items()}
        parts: Iterable[_Chunk] = (
            ([], [CompareParts(piece) for piece in _split(part, self.tasks_per_chunk)])
            for part in _chunks(missing_star_links(links_of(DuplicateKind.CROP)))
        )
        for _, found in self.compare(parts):
            self._store_pairs(found)
            yield 0

    def _collect_results(self, submitted: _Submitted) -> tuple[_Submitted, list[Pair]]:
        pairs, failed = collect(submitted.futures, self._control)
        crashed = deque((submitted.tasks[place], error) for place, error in failed)
        alone: list[tuple[Sequence[int], ImageError]] = []
        while crashed:  # halve the tasks until the pairs that crash a process are tasks of their own
            task, error = crashed.popleft()
            smaller = split_in_half(task)
            if not smaller:
                alone.append((_second_photos(task), error))
            found, failed = collect([self._workers.compare(each) for each in smaller], self._control)
            pairs += found
            crashed += [(smaller[place], again) for place, again in failed]
        self._record_failures(alone)
        return submitted, pairs

    def _record_failures(self, failed: Sequence[tuple[Sequence[int], ImageError]]) -> None:
        """Record photos whose comparison crashed a process. They are not compared any more."""
        if not failed:
            return
        failures = [
            (photo_id, StageFailure(error.kind.value))
            for photo_ids, error in failed
            for photo_id in photo_ids
        ]
        with self._store.write() as db:
            stage_states.set_failed(db, COMPARISON, self._model_id, failures, time.time())

    def _store_pairs(self, pairs: Sequence[Pair]) -> None:
        if pairs:
            with self._store.write() as db:
                likeness.put_pairs(db, pairs)


def _second_photos(task: PairTask) -> list[int]:
    """The later photo of each pair of a task."""
    match task:
        case CompareHashed(proposed):
            links = [link for link, _ in proposed]
        case CompareNeighbours(near):
            links = [link for link, _ in near]
        case CompareWholes(links) | CompareParts(links):
            links = list(links)
    return sorted({second for _, second in links})


def _split(items: Sequence[Item], count: int) -> list[tuple[Item, ...]]:
    """Split items into this many parts of about the same length, in order."""
    size = max(1, -(-len(items) // count))
    return [tuple(items[start : start + size]) for start in range(0, len(items), size)]


def _connected_first(pairs: Sequence[tuple[Link, float]]) -> list[tuple[Link, float]]:
    """The pairs, sorted so that those connected by common photos follow each other.

    Most photos are then needed by one process only, and their features are computed once.
    """
    root: dict[int, int] = {}

    def find(photo: int) -> int:
        while (above := root.setdefault(photo, photo)) != photo:
            root[photo] = root[above]
            photo = above
        return photo

    for (first, second), _ in pairs:
        root[find(second)] = find(first)
    return sorted(pairs, key=lambda pair: (find(pair[0][0]), pair[0]))


def _split_by_second_photo(
    proposed: Sequence[tuple[Link, int]], count: int
) -> list[tuple[tuple[Link, int], ...]]:
    """Split as :func:`_split`, but keep all pairs with the same second photo, which follow each other, in one
    part."""
    size = max(1, -(-len(proposed) // count))
    pieces: list[list[tuple[Link, int]]] = []
    for each in proposed:
        (_, second), _ = each
        if not pieces or (len(pieces[-1]) >= size and pieces[-1][-1][0][1] != second):
            pieces.append([])
        pieces[-1].append(each)
    return [tuple(piece) for piece in pieces]


def _chunks(pairs: Sequence[Link]) -> Iterator[Sequence[Link]]:
    for start in range(0, len(pairs), _CHUNK):
        yield pairs[start : start + _CHUNK]
