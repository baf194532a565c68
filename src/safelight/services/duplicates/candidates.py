"""Proposes pairs to compare: photos with similar vectors, and photos that one camera took within seconds."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from safelight.core.encoder import Vectors
from safelight.core.grouping import Link, link
from safelight.core.neighbours import Half, Near, near_neighbours, nearest_of
from safelight.services.duplicates.bursts import all_bursts, bursts_of
from safelight.services.duplicates.centring import MIN_DISTANCE, Centre
from safelight.store import vectors
from safelight.store.library import Connection
from safelight.store.likeness import Ids

MIN_COSINE = 0.70
"""Pairs of photos from this centred cosine on are compared by their pixels. Nearly all crops, borders and
screenshots are above it, and nearly all unrelated photos below (docs/duplicates.md)."""

MAX_NEIGHBOURS = 8
"""The number of nearest photos that each photo is compared with."""

_MAX_COMPARED_IN_MEMORY = 128
"""Up to this many photos, each is compared separately with the vectors in memory. For more, it is faster to
read all vectors from the disk and compute one matrix product."""

_QUERIES_PER_PASS = 16
"""Photos compared in one pass over the vectors in memory. With a million photos, a pass needs 64 MB for the
cosines."""

_MAX_COMPARED_WITH_ALL = 1024
"""Up to this many photos are each compared with all others. More are compared only with those in nearby
cells."""

_BLOCK_ROWS = 8192

_MAX_COSINE_ERROR = 0.01
"""Upper bound on the error of a cosine computed from the vectors in memory, which may be compressed."""

_MAX_READ_PER_PHOTO = 256
"""The most vectors that are read from the database for one photo to find its neighbours exactly."""

_Scores = npt.NDArray[np.float32]


class CachedVectors(Protocol):
    """Vectors in memory, as :class:`safelight.services.searching.vector_cache.VectorCache` provides them."""

    def scores(self, db: Connection, model_id: int, queries: Vectors) -> tuple[Ids, _Scores] | None:
        """The ids of all visible photos with a vector of the model (n,), as this read transaction sees them,
        and their cosine similarities to queries (q, dim) as (q, n); None if they are not in memory."""
        ...


@dataclass(frozen=True, slots=True)
class Neighbour:
    photos: Link
    cosine: float
    """Cosine of their vectors relative to the library's mean."""


class CandidateFinder:
    """The neighbours of some photos, in the library as one read transaction sees it."""

    def __init__(
        self,
        db: Connection,
        centre: Centre,
        photo_ids: Sequence[int],
        cached: CachedVectors | None = None,
    ) -> None:
        """The photos must have a vector. The neighbours of few photos are found here, with the ``cached``
        vectors if there are any. For many photos all vectors are read, at two bytes per number, and compared
        in :meth:`parts`."""
        self._near: Iterator[tuple[Ids, Near]]
        self._ids: Ids
        self._rows: Vectors | Half
        if len(photo_ids) <= _MAX_COMPARED_WITH_ALL:
            self._bursts = bursts_of(db, photo_ids)
            self._find_for_few(db, centre, photo_ids, cached)
        else:
            self._bursts = all_bursts(db, set(photo_ids))
            self._find_for_many(db, centre, photo_ids)

    def _find_for_few(
        self, db: Connection, centre: Centre, photo_ids: Sequence[int], cached: CachedVectors | None
    ) -> None:
        wanted = {*photo_ids, *(other for others in self._bursts.values() for other in others)}
        ids, rows = _read_directions(db, centre, wanted)
        order = np.argsort(ids)
        self._ids, self._rows = ids, rows = ids[order], rows[order]
        asked = np.isin(ids, photo_ids)
        asking, queries = ids[asked], rows[asked]
        near = None
        if cached is not None and len(asking) <= _MAX_COMPARED_IN_MEMORY:
            near = _in_memory(db, centre, asking, queries, cached)
        if near is None:
            near = nearest_of(queries, asking, _blocks(db, centre), MIN_COSINE, MAX_NEIGHBOURS)
        self._near = iter([(asking, near)])

    def _find_for_many(self, db: Connection, centre: Centre, photo_ids: Sequence[int]) -> None:
        ids, rows = _all_directions(db, centre)
        order = np.argsort(ids)
        self._ids, self._rows = ids, rows = ids[order], rows[order]
        asking = np.flatnonzero(np.isin(ids, photo_ids))
        self._near = (
            (ids[part], (ids[some], ids[others], cosines))
            for part, (some, others, cosines) in near_neighbours(rows, asking, MIN_COSINE, MAX_NEIGHBOURS)
        )

    def parts(self) -> Iterator[tuple[list[int], list[Neighbour]]]:
        """Yield some photos whose neighbours were found, and the pairs. Each pair is yielded only once."""
        proposed: set[Link] = set()
        for asked, (some, others, cosines) in self._near:
            photo_ids = asked.tolist()
            pairs = map(link, some.tolist(), others.tolist())
            found = dict(zip(pairs, cosines.tolist(), strict=True))
            self._add_bursts(photo_ids, found)
            fresh = sorted(pair for pair in found if pair not in proposed)
            proposed.update(fresh)
            yield photo_ids, [Neighbour(pair, round(min(1.0, found[pair]), 4)) for pair in fresh]

    def _add_bursts(self, photo_ids: Sequence[int], found: dict[Link, float]) -> None:
        for photo_id in photo_ids:
            for other in self._bursts.get(photo_id, ()):
                cosine = self._cosine(photo_id, other)
                if cosine is not None:
                    found.setdefault(link(photo_id, other), cosine)

    def _cosine(self, first: int, second: int) -> float | None:
        places = np.searchsorted(self._ids, [first, second])
        if places.max() >= len(self._ids) or self._ids[places].tolist() != [first, second]:
            return None
        one, two = self._rows[places].astype(np.float32)
        return float(one @ two)


def _in_memory(
    db: Connection, centre: Centre, asking: Ids, queries: Vectors, cached: CachedVectors
) -> Near | None:
    """The neighbours of each photo, or None if the vectors are not in memory.

    For a unit vector x, the mean m and the direction q of a photo, the centred cosine is
    (xq - mq) / |x - m|, where |x - m|² = 1 - 2xm + |m|². So one pass over memory for m, and one for each q,
    give all cosines with enough accuracy to decide which vectors to read.
    """
    ids, distances = np.empty(0, np.int64), np.empty(0, np.float32)
    likely: set[int] = set()
    for start in range(0, len(queries), _QUERIES_PER_PASS):
        some = queries[start : start + _QUERIES_PER_PASS]
        scored = cached.scores(db, centre.model_id, some)
        if scored is None:
            return None
        if not np.array_equal(scored[0], ids):
            ids = scored[0]
            known = _distances(db, centre, ids, cached)
            if known is None:
                return None
            distances = known
        for photo_id, query, scores in zip(asking[start:].tolist(), some, scored[1], strict=False):
            cosines = (scores * np.linalg.norm(query) - query @ centre.mean) / distances
            likely.update(_possible_neighbours(ids, cosines, photo_id))
    # Read in one call, because rows of one chunk of the table are read together.
    return nearest_of(queries, asking, [_read_directions(db, centre, likely)], MIN_COSINE, MAX_NEIGHBOURS)


def _distances(db: Connection, centre: Centre, ids: Ids, cached: CachedVectors) -> _Scores | None:
    """The distance of each photo from the mean; None if the vectors are not in memory any more."""
    length = float(np.linalg.norm(centre.mean))
    if not length:
        return np.ones(len(ids), np.float32)
    scored = cached.scores(db, centre.model_id, centre.mean[np.newaxis])
    if scored is None or not np.array_equal(scored[0], ids):
        return None
    squares = 1 - 2 * length * scored[1][0] + length**2
    return np.asarray(np.sqrt(np.maximum(squares, MIN_DISTANCE**2)), np.float32)


def _possible_neighbours(ids: Ids, cosines: _Scores, excluded: int) -> list[int]:
    """The ids of the photos that may be among the nearest, given the error of the cosines."""
    places = np.flatnonzero(cosines >= MIN_COSINE - _MAX_COSINE_ERROR)
    places = places[ids[places] != excluded]
    near = cosines[places]
    if len(places) > MAX_NEIGHBOURS:
        last = np.partition(near, len(near) - MAX_NEIGHBOURS)[len(near) - MAX_NEIGHBOURS]
        places = places[near >= last - 2 * _MAX_COSINE_ERROR]
    order = np.lexsort((ids[places], -cosines[places]))[:_MAX_READ_PER_PHOTO]
    likely: list[int] = ids[places[order]].tolist()
    return likely


def _read_directions(db: Connection, centre: Centre, photo_ids: Collection[int]) -> tuple[Ids, Vectors]:
    """Directions of the vectors of these photos, without those that are not visible or have none."""
    ids, rows = vectors.of_visible(db, centre.model_id, photo_ids)
    return ids, centre.directions(rows.reshape(-1, len(centre.mean)))


def _blocks(db: Connection, centre: Centre) -> Iterator[tuple[Ids, Vectors]]:
    """Yield visible photos and the directions of their vectors, some thousands at a time.

    The blocks are large because each matrix product waits for all cores, so that a few large products wait
    less than many small ones.
    """
    ids: list[Ids] = []
    rows: list[Vectors] = []
    for some, chunk in vectors.all_vectors(db, centre.model_id):
        ids.append(some)
        rows.append(centre.directions(chunk))
        if sum(map(len, ids)) >= _BLOCK_ROWS:
            yield np.concatenate(ids), np.concatenate(rows)
            ids, rows = [], []
    if ids:
        yield np.concatenate(ids), np.concatenate(rows)


def _all_directions(db: Connection, centre: Centre) -> tuple[Ids, Half]:
    """Visible photos and the directions of their vectors."""
    ids, rows = [np.empty(0, np.int64)], [np.empty((0, len(centre.mean)), np.float16)]
    for some, chunk in vectors.all_vectors(db, centre.model_id):
        ids.append(some)
        rows.append(centre.directions(chunk).astype(np.float16))
    return np.concatenate(ids), np.concatenate(rows)
