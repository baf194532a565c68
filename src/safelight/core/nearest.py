"""Exact nearest neighbours among many unit vectors in memory, in bounded space.

Rows are stored in segments. A *plain* segment holds float32. A *coded* segment holds 16 bits per number: the
range of each dimension of the segment is divided evenly (uniform scalar quantisation), and the high and the
low bytes of the codes are separate arrays. A search first reads only the high bytes, a quarter of the size of
float32. It keeps every row that could be among the best, given the error of the high bytes, and scores those
with all 16 bits. So nothing that belongs in the answer is lost, and scores are within 1e-5 of float32 at the
hundreds of dimensions that models have. SimSIMD multiplies bytes exactly and at the speed of memory, with the
instructions of each processor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt
import simsimd

from safelight.core.encoder import Vectors

Ids = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.int8]
Map = Callable[[Callable[[int], None], Sequence[int]], Iterable[None]]
"""Calls a function with each number, perhaps on several threads. Finished when it has been iterated."""

SEGMENT = 8192
"""Rows of a segment: 16 MB of float32 at 512 dimensions. A full segment is coded, and one thread compares it:
segments are small enough for the threads to finish together."""

CODED, PLAIN = 2, 4
"""Bytes per number of a vector."""

_BLOCK = 512
"""Rows that are coded together: 1 MB at 512 dimensions, which stays in a core's cache."""

_GREATEST = 32_512
"""The greatest code: its high byte is 127 after rounding."""

_SURE = 3.0
"""Bound on the sum of the rounding errors of independent dimensions, as a multiple of the root of the summed
squares of their ranges. By Hoeffding's inequality (1963), 4 of 100 million rows exceed it, only slightly."""

_FLOAT_ROUNDING = 4e-6
"""Two ways of adding 1024 float32 products of unit vectors differ by less than this."""

_GROUP = 64

_ABSENT = np.float32(-np.inf)


class _Segment(Protocol):
    def approximate(self, queries: Vectors, out: Scores) -> None:
        """Write the scores of each row to ``out`` (queries, rows)."""

    def uncertainty(self, query: Vectors) -> float:
        """How far from the truth an approximate score may be."""
        ...

    def exact(self, rows: Ids, query: Vectors) -> Scores:
        """Scores of some rows. A row's score does not depend on the other rows."""
        ...


class _Plain:
    """Float32, filled from the front."""

    def __init__(self, dim: int) -> None:
        self._rows = np.empty((SEGMENT, dim), np.float32)
        self.count = 0

    def append(self, vectors: Vectors) -> None:
        end = self.count + len(vectors)
        self._rows[self.count : end] = vectors
        self.count = end

    def clear(self) -> None:
        self.count = 0

    @property
    def rows(self) -> Vectors:
        return self._rows[: self.count]

    def approximate(self, queries: Vectors, out: Scores) -> None:
        # Not a matrix product: BLAS would use threads of its own for each, and on busy cores these wait for
        # each other much longer than the work takes.
        for query, scores in zip(queries, out, strict=True):
            np.vecdot(self.rows, query, out=scores)

    def uncertainty(self, query: Vectors) -> float:
        del query
        return _FLOAT_ROUNDING

    def exact(self, rows: Ids, query: Vectors) -> Scores:
        return np.asarray(np.vecdot(self._rows[rows], query), np.float32)


class _Coded:
    """16 bits per number in two arrays of 8 bits. Immutable."""

    def __init__(self, rows: Vectors) -> None:
        low, high = rows.min(0), rows.max(0)
        self._centre = (low + high) / 2
        self._step = np.maximum((high - low) / 2, np.float32(1e-9)) / np.float32(_GREATEST)
        self._high = np.empty(rows.shape, np.int8)
        self._low = np.empty(rows.shape, np.int8)
        for start in range(0, len(rows), _BLOCK):
            part = slice(start, start + _BLOCK)
            self._high[part], self._low[part] = _split(np.rint((rows[part] - self._centre) / self._step))

    def approximate(self, queries: Vectors, out: Scores) -> None:
        # The queries are coded with 16 bits too, relative to their largest number. Compared with the error of
        # the rows' high bytes this is exact, and it makes a product of bytes with bytes.
        scaled = queries * self._step
        units = np.maximum(np.abs(scaled).max(1, keepdims=True), 1e-30) / np.float32(_GREATEST)
        planes = np.concatenate(_split(np.rint(scaled / units)))
        high, low = np.split(np.asarray(simsimd.cdist(planes, self._high, "inner")), 2)
        out[:] = (high * 256 + low) * (units * 256) + (queries @ self._centre)[:, np.newaxis]

    def uncertainty(self, query: Vectors) -> float:
        return _SURE * 256 * float(np.linalg.norm(query * self._step)) + _FLOAT_ROUNDING

    def exact(self, rows: Ids, query: Vectors) -> Scores:
        codes = self._high[rows].astype(np.float32) * np.float32(256) + self._low[rows]
        return np.asarray(np.vecdot(codes, query * self._step) + query @ self._centre, np.float32)


def _split(codes: Vectors) -> tuple[Bytes, Bytes]:
    """The high and the low bytes of 16-bit codes: the code is ``high * 256 + low``."""
    whole = np.clip(codes, -_GREATEST, _GREATEST).astype(np.int16)
    high = (whole + 128) >> 8
    return high.astype(np.int8), (whole - (high << 8)).astype(np.int8)


class VectorMatrix:
    """Unit vectors by id, and the nearest of them. For one thread at a time.

    Takes ``dim`` times :data:`PLAIN` or, with ``coded``, :data:`CODED` bytes per vector, and 16 more. A
    vector that is replaced or removed leaves an empty row; see :attr:`empty_rows`.
    """

    def __init__(self, dim: int, *, coded: bool, spread: Map = map) -> None:
        self._dim = dim
        self._coded = coded
        self._spread = spread
        self._full: list[_Plain | _Coded] = []
        self._last = _Plain(dim)
        self._ids: Ids = np.empty(0, np.int64)
        self._rows_used = 0
        self._row_of: npt.NDArray[np.int32] = np.full(0, -1, np.int32)
        self._held = 0

    @property
    def dim(self) -> int:
        return self._dim

    def __len__(self) -> int:
        return self._held

    @property
    def empty_rows(self) -> int:
        """Unused rows, which take space and time until the matrix is built again."""
        return self._rows_used - self._held

    def put(self, ids: Ids, vectors: Vectors) -> None:
        """Hold float32 ``vectors`` (n, dim) for ``ids`` (n,), distinct and positive, replacing any."""
        self.remove(ids)
        # Stored vectors may deviate from unit length by a thousandth, and scores are cosines.
        vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        done = 0
        while done < len(ids):
            part = slice(done, done + SEGMENT - self._last.count)
            self._last.append(vectors[part])
            self._note(ids[part])
            done += len(ids[part])
            if self._last.count == SEGMENT:
                self._end_segment()

    def remove(self, ids: Ids) -> None:
        """Remove vectors by id. Unknown ids are ignored."""
        rows = self._rows(ids)
        self._ids[rows] = 0
        self._row_of[ids[(ids > 0) & (ids < len(self._row_of))]] = -1
        self._held -= len(rows)

    def nearest(self, query: Vectors, k: int, allowed: Ids | None = None) -> tuple[Ids, Scores]:
        """The ``k`` ids (of ``allowed``, if given) nearest to a unit ``query`` (dim,).

        Returns ids and cosine similarities, best first, equal ones by id. In a coded matrix scores differ by
        up to 1e-5 from float32, so that ids whose scores are closer than that may be in either order, even
        those of equal vectors.
        """
        if k <= 0:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        if allowed is not None and len(allowed) * 32 < self._rows_used:
            rows = np.unique(self._rows(allowed))
        else:
            scores = self._approximate(query[np.newaxis])[0]
            if allowed is not None:
                wanted = np.zeros(self._rows_used, np.bool_)
                wanted[self._rows(allowed)] = True
                scores[~wanted] = _ABSENT
            rows = self._candidates(scores, k, query)
        exact = self._exact(rows, query)
        ids = self._ids[rows]
        best = np.lexsort((ids, -exact))[:k]
        return ids[best], exact[best]

    def scores(self, queries: Vectors) -> tuple[Ids, Scores]:
        """All ids (n,), in no order, with their cosine similarities to unit queries (q, dim), as (q, n).

        Those of a coded matrix are off by a thousandth or so, because only the high bytes are read.
        """
        scores = self._approximate(queries)
        held = self._ids[: self._rows_used] > 0
        return self._ids[: self._rows_used][held], scores if held.all() else scores[:, held]

    # --- inside -------------------------------------------------------------------------------------

    def _note(self, ids: Ids) -> None:
        """Record the ids of the next rows. Both tables grow by a quarter more than is needed."""
        end = self._rows_used + len(ids)
        if end > len(self._ids):
            self._ids = np.concatenate([self._ids, np.zeros(end + end // 4 - len(self._ids), np.int64)])
        greatest = int(ids.max())
        if greatest >= len(self._row_of):
            more = greatest + greatest // 4 + 1 - len(self._row_of)
            self._row_of = np.concatenate([self._row_of, np.full(more, -1, np.int32)])
        self._ids[self._rows_used : end] = ids
        self._row_of[ids] = np.arange(self._rows_used, end, dtype=np.int32)
        self._rows_used = end
        self._held += len(ids)

    def _end_segment(self) -> None:
        if self._coded:
            self._full.append(_Coded(self._last.rows))
            self._last.clear()  # reused, because allocating one after another would fragment memory
        else:
            self._full.append(self._last)
            self._last = _Plain(self._dim)

    def _rows(self, ids: Ids) -> Ids:
        """The rows of the ids that are known."""
        known = ids[(ids > 0) & (ids < len(self._row_of))]
        rows = self._row_of[known]
        return np.asarray(rows[rows >= 0], np.int64)

    def _segments(self) -> list[_Segment]:
        return [*self._full, self._last]

    def _approximate(self, queries: Vectors) -> Scores:
        """Scores (q, rows in use); minus infinity for an empty row."""
        scores = np.empty((len(queries), self._rows_used), np.float32)
        segments = self._segments()

        def compare(number: int) -> None:
            part = scores[:, number * SEGMENT : (number + 1) * SEGMENT]
            segments[number].approximate(queries, part)

        for _ in self._spread(compare, range(-(-self._rows_used // SEGMENT))):
            pass
        if self.empty_rows:
            scores[:, self._ids[: self._rows_used] == 0] = _ABSENT
        return scores

    def _candidates(self, scores: Scores, k: int, query: Vectors) -> Ids:
        """The rows that may be among the ``k`` best."""
        # The k-th largest of the group maxima is at most the k-th largest score. Few rows reach this bar, and
        # finding it costs a fifth of selecting among all rows.
        groups = len(scores) // _GROUP
        margin = 2 * max(segment.uncertainty(query) for segment in self._segments())
        bar = _ABSENT
        if groups > k:
            tops = scores[: groups * _GROUP].reshape(groups, _GROUP).max(1)
            bar = np.partition(tops, groups - k)[groups - k]
        able = scores >= bar - margin if bar > _ABSENT else scores > _ABSENT
        found: Ids = np.flatnonzero(able)
        if len(found) <= k:
            return found
        near = scores[found]
        kth = np.partition(near, len(near) - k)[len(near) - k]
        return np.asarray(found[near >= kth - margin])

    def _exact(self, rows: Ids, query: Vectors) -> Scores:
        scores = np.empty(len(rows), np.float32)
        segments = self._segments()
        number = rows // SEGMENT
        for each in np.unique(number).tolist():
            mine = number == each
            scores[mine] = segments[each].exact(rows[mine] - each * SEGMENT, query)
        return scores
