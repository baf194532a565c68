"""Exact nearest neighbours among many unit vectors held in memory, in bounded space.

Rows lie in segments. A *plain* segment keeps float32. A *coded* one keeps 16 bits a number: each
dimension of the segment is cut evenly between its least and its greatest value (uniform scalar
quantisation), and the code's high byte and low byte lie in arrays of their own. A search reads the high
bytes alone, a quarter of what float32 would be, keeps every row that could still be among the best given
how coarse they are, and scores those by all 16 bits. So nothing that belongs in the answer is lost, and
scores are within 1e-5 of float32 at the hundreds of dimensions that models have. Bytes are multiplied as
bytes, exactly and at the speed of memory, by SimSIMD, which uses what each processor has for that.
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
"""Calls a function with each number, perhaps on several threads; done when it is read to its end."""

SEGMENT = 8192
"""Rows of a segment: 16 MB of float32 at 512 dimensions, coded as one when it is full, and compared as one
by a thread: few enough that the threads end together."""

CODED, PLAIN = 2, 4
"""Bytes that a number of a vector takes."""

_BLOCK = 512
"""Rows that are coded at a time: 1 MB at 512 dimensions, which stays in a core's cache."""

_GREATEST = 32_512
"""The greatest code: its high byte is 127 after rounding."""

_SURE = 3.0
"""Rounding errors of independent dimensions: by Hoeffding's inequality (1963) their sum exceeds this many
times the root of the summed squares of their ranges in 4 of 100 million rows, and those only by a hair."""

_FLOAT_ROUNDING = 4e-6
"""More than two ways of adding up 1024 float32 products of unit vectors differ by."""

_GROUP = 64

_ABSENT = np.float32(-np.inf)


class _Segment(Protocol):
    def approximate(self, queries: Vectors, out: Scores) -> None:
        """Write the scores of each row to ``out`` (queries, rows)."""

    def uncertainty(self, query: Vectors) -> float:
        """How far from the truth an approximate score may be."""
        ...

    def exact(self, rows: Ids, query: Vectors) -> Scores:
        """Scores of some rows. A row's does not depend on what else is asked."""
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
        # Not a product of matrices: BLAS would put threads of its own on each, and where the cores are busy
        # they wait for each other many times longer than the work takes.
        for query, scores in zip(queries, out, strict=True):
            np.vecdot(self.rows, query, out=scores)

    def uncertainty(self, query: Vectors) -> float:
        del query
        return _FLOAT_ROUNDING

    def exact(self, rows: Ids, query: Vectors) -> Scores:
        return np.asarray(np.vecdot(self._rows[rows], query), np.float32)


class _Coded:
    """16 bits a number in two planes of 8; never changed once made."""

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
        # The queries as 16 bits a number too, relative to its greatest: next to the rows' high bytes that is
        # as good as exact, and it makes a product of bytes with bytes.
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
    """The high and the low bytes of 16-bit codes: ``high * 256 + low`` is what they were."""
    whole = np.clip(codes, -_GREATEST, _GREATEST).astype(np.int16)
    high = (whole + 128) >> 8
    return high.astype(np.int8), (whole - (high << 8)).astype(np.int8)


class Matrix:
    """Unit vectors by photo id, and the nearest of them. For one thread at a time.

    Holds ``dim`` times :data:`PLAIN` or, with ``coded``, :data:`CODED` bytes a vector, and 16 more. A
    vector that is replaced or removed leaves its row empty; see :attr:`empty_rows`.
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
        """Rows that take space and time for nothing until the matrix is made anew."""
        return self._rows_used - self._held

    def put(self, ids: Ids, vectors: Vectors) -> None:
        """Hold float32 ``vectors`` (n, dim) for ``ids`` (n,), distinct and positive, replacing any."""
        self.remove(ids)
        # Stored vectors may be a thousandth off unit length, and what is compared is the cosine.
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
        """Forget photos; those that are not held do not matter."""
        rows = self._rows(ids)
        self._ids[rows] = 0
        self._row_of[ids[(ids > 0) & (ids < len(self._row_of))]] = -1
        self._held -= len(rows)

    def nearest(self, query: Vectors, k: int, allowed: Ids | None = None) -> tuple[Ids, Scores]:
        """The ``k`` photos (of ``allowed``, if given) nearest to a unit ``query`` (dim,).

        Returns their ids and cosine similarities, best first, equal ones by id. In a coded matrix scores
        differ by up to 1e-5 from float32, so that photos which are closer to each other than that, even
        of one vector, may stand in either order.
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
        """All photos (n,), in no order, with their cosine similarities to unit queries (q, dim), as (q, n);
        of a coded matrix those are off by a thousandth or so, as only the high bytes are read."""
        scores = self._approximate(queries)
        held = self._ids[: self._rows_used] > 0
        return self._ids[: self._rows_used][held], scores if held.all() else scores[:, held]

    # --- inside -------------------------------------------------------------------------------------

    def _note(self, ids: Ids) -> None:
        """Remember whose the next rows are. Both tables grow by a quarter more than is needed."""
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
            self._last.clear()  # its space is filled again: many as large in turn would leave holes
        else:
            self._full.append(self._last)
            self._last = _Plain(self._dim)

    def _rows(self, ids: Ids) -> Ids:
        """The rows of those that are held."""
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
        """The rows of all that may be among the ``k`` best."""
        # The k-th best of the greatest of each group is at most the k-th best of all: a bar that most rows
        # do not pass, for a fifth of what selecting among all would cost.
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
