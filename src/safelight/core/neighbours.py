"""Finds the near neighbours of many vectors at once, in time that grows little faster than their number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from safelight.core.encoder import Vectors

Rows = npt.NDArray[np.int64]
Half = npt.NDArray[np.float16]
Cosines = npt.NDArray[np.float32]
Near = tuple[Rows, Rows, Cosines]
"""Row, its neighbour's row, cosine."""

_PER_CELL = 384
"""Average number of vectors in a cell."""

_PROBES = 6
"""Cells that are searched for neighbours, including a vector's own. What this misses: docs/duplicates.md."""

_ROUNDS = 6
_SAMPLE = 64
"""Vectors per cell from which the centroids are learnt."""

_BLOCK = 1024
_FEW = 4096

_CROWDED = 4
"""A block may yield this many times as many neighbours as are wanted before only the nearest are kept."""


def near_neighbours(vectors: Half, rows: Rows, least: float, most: int) -> Iterator[tuple[Rows, Near]]:
    """The ``most`` nearest neighbours with a cosine of at least ``least``, for each of some ``rows``.

    ``vectors`` are unit vectors, float16 (n, dim). Yields parts, each with the rows that it answers. With few
    rows or few vectors all are compared; otherwise only those in nearby cells.
    """
    if len(vectors) <= _FEW or len(rows) <= _BLOCK:
        return _among_all(vectors, rows, least, most)
    return _Cells(vectors).near(rows, least, most)


def nearest_of(
    queries: Vectors, ids: Rows, blocks: Iterable[tuple[Rows, Vectors]], least: float, most: int
) -> Near:
    """Find neighbours as :func:`near_neighbours`, comparing with every vector of some blocks.

    A block is ids (n,) and unit vectors, float32 (n, dim). ``queries``, float32 (q, dim), are the vectors of
    ``ids``. The answer consists of such ids.
    """
    found = [_best(ids, others, queries @ rows.T, least, most) for others, rows in blocks]
    return _strongest([_nothing(), *found], most)


def _nothing() -> Near:
    return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32)


def _among_all(vectors: Half, rows: Rows, least: float, most: int) -> Iterator[tuple[Rows, Near]]:
    for start in range(0, len(rows), _BLOCK):
        part = rows[start : start + _BLOCK]
        blocks = (
            (
                np.arange(first, min(first + _FEW, len(vectors))),
                vectors[first : first + _FEW].astype(np.float32),
            )
            for first in range(0, len(vectors), _FEW)
        )
        yield part, nearest_of(vectors[part].astype(np.float32), part, blocks, least, most)


def _best(part: Rows, others: Rows, cosines: Cosines, least: float, most: int) -> Near:
    cosines[part[:, np.newaxis] == others[np.newaxis, :]] = -2
    row, column = np.nonzero(cosines >= least)
    if len(row) <= _CROWDED * most * len(part):
        return part[row], others[column], cosines[row, column]
    # If nearly all are near, keep only the nearest.
    places = np.argpartition(cosines, max(0, len(others) - most), axis=1)[:, -most:]
    best = np.take_along_axis(cosines, places, 1)
    row, column = np.nonzero(best >= least)
    return part[row], others[places[row, column]], best[row, column]


def _strongest(found: list[Near], most: int) -> Near:
    rows, others, cosines = (np.concatenate(each) for each in zip(*found, strict=True))
    order = np.lexsort((others, -cosines, rows))
    rows, others, cosines = rows[order], others[order], cosines[order]
    kept = np.arange(len(rows)) - np.searchsorted(rows, rows) < most
    return rows[kept], others[kept], cosines[kept]


class _Cells:
    """Vectors sorted into cells around learnt centroids (k-means; the inverted file of Jégou, Douze and
    Schmid, "Product Quantization for Nearest Neighbor Search", PAMI 2011, without their compression).

    All queries of a cell are compared in one matrix product. The same vectors in the same order give the same
    answer.
    """

    def __init__(self, vectors: Half) -> None:
        self._vectors = vectors
        self._middles = self._learn(-(-len(vectors) // _PER_CELL))
        of = np.concatenate([each[:, 0] for each in self._closest_cells(np.arange(len(vectors)), 1)])
        self._order = np.argsort(of, kind="stable")
        self._starts = np.searchsorted(of[self._order], np.arange(len(self._middles) + 1))
        self._of = of

    def near(self, rows: Rows, least: float, most: int) -> Iterator[tuple[Rows, Near]]:
        # Vectors of one cell search mostly the same other cells.
        rows = rows[np.argsort(self._of[rows], kind="stable")]
        for start in range(0, len(rows), _FEW):
            part = rows[start : start + _FEW]
            looks = np.concatenate(list(self._closest_cells(part, _PROBES)))
            order = np.argsort(looks, axis=None, kind="stable")
            asking, cells = part[order // _PROBES], looks.ravel()[order]
            used, first = np.unique(cells, return_index=True)
            found = []
            for cell, mine in zip(used.tolist(), np.split(asking, first[1:]), strict=True):
                others = self._order[self._starts[cell] : self._starts[cell + 1]]
                if len(others):
                    there = self._vectors[others].astype(np.float32)
                    cosines = self._vectors[mine].astype(np.float32) @ there.T
                    found.append(_best(mine, others, cosines, least, most))
            yield part, _strongest(found, most)

    def _closest_cells(self, rows: Rows, count: int) -> Iterator[Rows]:
        """The cells with the nearest centroids, (n, count) in no order, for one block of rows at a time."""
        for start in range(0, len(rows), _BLOCK):
            likeness = self._vectors[rows[start : start + _BLOCK]].astype(np.float32) @ self._middles.T
            # A copy, because a view would keep the whole partition in memory.
            yield np.argpartition(-likeness, count - 1, axis=1)[:, :count].copy()

    def _learn(self, count: int) -> Vectors:
        random = np.random.default_rng(0)
        chosen = random.permutation(len(self._vectors))[: _SAMPLE * count]
        sample = self._vectors[np.sort(chosen)].astype(np.float32)
        middles = sample[random.permutation(len(sample))[:count]]
        for _ in range(_ROUNDS):
            of = _closest(sample, middles)
            order = np.argsort(of, kind="stable")
            used, first = np.unique(of[order], return_index=True)
            middles[used] = np.add.reduceat(sample[order], first, axis=0)
            middles /= np.maximum(np.linalg.norm(middles, axis=1, keepdims=True), 1e-9)
        return middles


def _closest(vectors: Vectors, middles: Vectors) -> Rows:
    found = [
        (vectors[start : start + _BLOCK] @ middles.T).argmax(1) for start in range(0, len(vectors), _BLOCK)
    ]
    return np.concatenate(found).astype(np.int64)
