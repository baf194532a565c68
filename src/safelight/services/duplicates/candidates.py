"""Candidate pairs by vectors: near neighbours, and photos that one camera took within seconds."""

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
from safelight.services.duplicates.centring import LEAST, Centre
from safelight.store import vectors
from safelight.store.library import Connection
from safelight.store.likeness import Ids

PROPOSE = 0.70
"""Cosine, of vectors about their mean, from which pixels are compared. Nearly all crops, borders and
screenshots are above it, nearly all unrelated photos below (docs/duplicates.md)."""

NEIGHBOURS = 8
"""Number of nearest photos that are compared."""

_SINGLE = 128
"""Up to this many photos, each is compared separately with the vectors in memory. For more, it is faster to
read all vectors from the disk and compute one matrix product."""

_PER_LOOK = 16
"""How many of these are compared together: 64 MB of cosines in a library of a million photos."""

_AT_ONCE = 1024
"""Up to this many photos, each is compared with all others; beyond, with those in nearby cells."""

_BLOCK = 8192

_SLACK = 0.01
"""Upper bound on the error of a cosine computed in memory, where vectors may be coded."""

_MOST_READ = 256
"""Vectors that are read for one photo to find its nearest exactly."""

_Scores = npt.NDArray[np.float32]


class HeldVectors(Protocol):
    """Vectors in memory."""

    def scores(self, db: Connection, model_id: int, queries: Vectors) -> tuple[Ids, _Scores] | None:
        """All visible photos with a vector of the model (n,), as this read sees them, and their cosine
        similarities to queries (q, dim), as (q, n); None where they are not in memory."""
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
        held: HeldVectors | None = None,
    ) -> None:
        """The photos must have a vector. For few photos everything is computed here, with the vectors in
        memory if there are any. For more, all vectors are read, at two bytes per number, and compared in
        :meth:`parts`."""
        self._near: Iterator[tuple[Ids, Near]]
        self._ids: Ids
        self._rows: Vectors | Half
        if len(photo_ids) <= _AT_ONCE:
            self._bursts = bursts_of(db, photo_ids)
            self._of_few(db, centre, photo_ids, held)
        else:
            self._bursts = all_bursts(db, set(photo_ids))
            self._of_many(db, centre, photo_ids)

    def _of_few(
        self, db: Connection, centre: Centre, photo_ids: Sequence[int], held: HeldVectors | None
    ) -> None:
        wanted = {*photo_ids, *(other for others in self._bursts.values() for other in others)}
        ids, rows = _read(db, centre, wanted)
        order = np.argsort(ids)
        self._ids, self._rows = ids, rows = ids[order], rows[order]
        asked = np.isin(ids, photo_ids)
        asking, queries = ids[asked], rows[asked]
        near = None
        if held is not None and len(asking) <= _SINGLE:
            near = _in_memory(db, centre, asking, queries, held)
        if near is None:
            near = nearest_of(queries, asking, _blocks(db, centre), PROPOSE, NEIGHBOURS)
        self._near = iter([(asking, near)])

    def _of_many(self, db: Connection, centre: Centre, photo_ids: Sequence[int]) -> None:
        ids, rows = _gathered(db, centre)
        order = np.argsort(ids)
        self._ids, self._rows = ids, rows = ids[order], rows[order]
        asking = np.flatnonzero(np.isin(ids, photo_ids))
        self._near = (
            (ids[part], (ids[some], ids[others], cosines))
            for part, (some, others, cosines) in near_neighbours(rows, asking, PROPOSE, NEIGHBOURS)
        )

    def parts(self) -> Iterator[tuple[list[int], list[Neighbour]]]:
        """Photos whose neighbours were found, and their pairs. Each pair is yielded only once."""
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
    db: Connection, centre: Centre, asking: Ids, queries: Vectors, held: HeldVectors
) -> Near | None:
    """The nearest of each photo, or None if the vectors are not in memory.

    With x of unit length, m the mean and q the direction asked for, the cosine about the mean is
    (xq - mq) / |x - m|, and |x - m|² = 1 - 2xm + |m|². So one pass over memory for m, and one for each q,
    give all cosines with enough accuracy to decide whose vectors to read.
    """
    ids, distances = np.empty(0, np.int64), np.empty(0, np.float32)
    likely: set[int] = set()
    for start in range(0, len(queries), _PER_LOOK):
        some = queries[start : start + _PER_LOOK]
        scored = held.scores(db, centre.model_id, some)
        if scored is None:
            return None
        if not np.array_equal(scored[0], ids):
            ids = scored[0]
            known = _distances(db, centre, ids, held)
            if known is None:
                return None
            distances = known
        for photo_id, query, scores in zip(asking[start:].tolist(), some, scored[1], strict=False):
            cosines = (scores * np.linalg.norm(query) - query @ centre.mean) / distances
            likely.update(_likely(ids, cosines, photo_id))
    # Read together: seeking to a row within its chunk takes longer than reading the rows beside it.
    return nearest_of(queries, asking, [_read(db, centre, likely)], PROPOSE, NEIGHBOURS)


def _distances(db: Connection, centre: Centre, ids: Ids, held: HeldVectors) -> _Scores | None:
    """The distance of each photo from the mean; None if the vectors left memory meanwhile."""
    length = float(np.linalg.norm(centre.mean))
    if not length:
        return np.ones(len(ids), np.float32)
    scored = held.scores(db, centre.model_id, centre.mean[np.newaxis])
    if scored is None or not np.array_equal(scored[0], ids):
        return None
    squares = 1 - 2 * length * scored[1][0] + length**2
    return np.asarray(np.sqrt(np.maximum(squares, LEAST**2)), np.float32)


def _likely(ids: Ids, cosines: _Scores, but: int) -> list[int]:
    """The photos that may be among the nearest."""
    places = np.flatnonzero(cosines >= PROPOSE - _SLACK)
    places = places[ids[places] != but]
    near = cosines[places]
    if len(places) > NEIGHBOURS:
        last = np.partition(near, len(near) - NEIGHBOURS)[len(near) - NEIGHBOURS]
        places = places[near >= last - 2 * _SLACK]
    order = np.lexsort((ids[places], -cosines[places]))[:_MOST_READ]
    likely: list[int] = ids[places[order]].tolist()
    return likely


def _read(db: Connection, centre: Centre, photo_ids: Collection[int]) -> tuple[Ids, Vectors]:
    """Directions of the vectors of these photos, without those that are not visible or have none."""
    ids, rows = vectors.of_visible(db, centre.model_id, photo_ids)
    return ids, centre.directions(rows.reshape(-1, len(centre.mean)))


def _blocks(db: Connection, centre: Centre) -> Iterator[tuple[Ids, Vectors]]:
    """Visible photos and the directions of their vectors, some thousands at a time.

    Each matrix product waits for all cores, so that few large ones wait less than many small ones.
    """
    ids: list[Ids] = []
    rows: list[Vectors] = []
    for some, chunk in vectors.all_vectors(db, centre.model_id):
        ids.append(some)
        rows.append(centre.directions(chunk))
        if sum(map(len, ids)) >= _BLOCK:
            yield np.concatenate(ids), np.concatenate(rows)
            ids, rows = [], []
    if ids:
        yield np.concatenate(ids), np.concatenate(rows)


def _gathered(db: Connection, centre: Centre) -> tuple[Ids, Half]:
    """Visible photos and the directions of their vectors."""
    ids, rows = [np.empty(0, np.int64)], [np.empty((0, len(centre.mean)), np.float16)]
    for some, chunk in vectors.all_vectors(db, centre.model_id):
        ids.append(some)
        rows.append(centre.directions(chunk).astype(np.float16))
    return np.concatenate(ids), np.concatenate(rows)
