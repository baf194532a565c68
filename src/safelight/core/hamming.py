"""Finds 64-bit hashes that differ in few bits without comparing all with all."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int64]
Distances = npt.NDArray[np.uint8]

RADIUS = 7
"""Hashes that differ in at most this many bits are always found. Re-saved, rotated and lightly edited
pictures differed in up to 7 of 64 bits, different ones in 10 and more."""

_BANDS, _BITS = 4, 16
"""If two hashes differ in at most 7 bits, one of their four bands differs in at most one bit (pigeonhole)."""

_CROWD = 4096
"""A band value that more hashes share is skipped: that many share it by chance, not by similarity."""

_FEW = 256
"""Up to this many queries, comparing with every hash takes less time than building an index."""

_CHUNK = 2048
"""Queries processed together. Each is looked up 4 bands × 17 values."""


def codes_of(signed: npt.ArrayLike) -> Codes:
    """Hashes from the signed integers that are stored."""
    return np.asarray(signed, np.int64).view(np.uint64)


def orientations(codes: Codes) -> Codes:
    """(n, 8): the hashes of each picture in its eight orientations; column 0 is the picture as it is.

    For hashes of the signs of an 8 × 8 cosine transform, except the highest bit, which represents the mean.
    Bit 2 of the column number transposes the picture, then bit 1 flips its rows and bit 0 its columns.
    """
    bits = np.unpackbits(codes[:, np.newaxis].astype(">u8").view(np.uint8), axis=1).reshape(-1, 8, 8)
    odd = np.arange(8) % 2 == 1
    found = np.empty((len(codes), 8), np.uint64)
    for orientation in range(8):
        turned = bits.transpose(0, 2, 1) if orientation & 4 else bits
        flips = np.zeros((8, 8), np.uint8)
        if orientation & 2:
            flips[odd, :] ^= 1
        if orientation & 1:
            flips[:, odd] ^= 1
        packed = np.packbits((turned ^ flips).reshape(-1, 64), axis=1)
        found[:, orientation] = np.ascontiguousarray(packed).view(">u8")[:, 0]
    return found


def hash_search_for(codes: Codes, queries: int) -> HashScan | HashIndex:
    """The faster way to find near hashes for this number of queries."""
    return HashScan(codes) if queries <= _FEW else HashIndex(codes)


class HashScan:
    """Compares each query with every hash."""

    def __init__(self, codes: Codes) -> None:
        self._codes = codes

    def near(self, queries: Codes, most: int) -> tuple[Rows, Rows, Distances]:
        """Find near hashes as :meth:`HashIndex.near`, except that nothing is skipped."""
        found = [(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.uint8))]
        for row, query in enumerate(queries):
            bits = np.bitwise_count(self._codes ^ query)
            near = np.flatnonzero(bits <= RADIUS)
            near = near[np.argsort(bits[near], kind="stable")[:most]]
            found.append((np.full(len(near), row), near, bits[near]))
        rows, others, distances = (np.concatenate(each) for each in zip(*found, strict=True))
        return rows, others, distances


class HashIndex:
    """Multi-index hashing (Norouzi, Punjani and Fleet, "Fast Search in Hamming Space with Multi-Index
    Hashing", CVPR 2012): a table per band of 16 bits, looked up with each value that differs in one bit.

    Takes 16 bytes per hash plus 1 MB.
    """

    def __init__(self, codes: Codes) -> None:
        self._codes = codes
        self._order: list[npt.NDArray[np.int32]] = []
        self._starts: list[npt.NDArray[np.int64]] = []
        for band in range(_BANDS):
            values = self._band(codes, band)
            order = np.argsort(values, kind="stable")
            self._order.append(order.astype(np.int32))
            self._starts.append(np.searchsorted(values[order], np.arange(2**_BITS + 1)))

    def near(self, queries: Codes, most: int) -> tuple[Rows, Rows, Distances]:
        """Pairs (query row, index row, bits) that differ in at most :data:`RADIUS` bits.

        Sorted by query, then by bits, with the ``most`` nearest of each query.
        """
        parts = [
            self._near(queries[start : start + _CHUNK], start, most)
            for start in range(0, len(queries), _CHUNK)
        ]
        if not parts:
            return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.uint8)
        rows, found, bits = (np.concatenate(each) for each in zip(*parts, strict=True))
        return rows, found, bits

    @staticmethod
    def _band(codes: Codes, band: int) -> npt.NDArray[np.int64]:
        return ((codes >> np.uint64(_BITS * band)) & np.uint64(2**_BITS - 1)).astype(np.int64)

    def _near(self, queries: Codes, offset: int, most: int) -> tuple[Rows, Rows, Distances]:
        probes = np.concatenate([[0], 1 << np.arange(_BITS)])
        found: list[Rows] = []
        for band in range(_BANDS):
            values = self._band(queries, band)
            starts, order = self._starts[band], self._order[band]
            for probe in probes.tolist():
                first = starts[values ^ probe]
                count = starts[(values ^ probe) + 1] - first
                count[count > _CROWD] = 0
                rows = np.repeat(np.arange(len(queries)), count)
                within = np.arange(len(rows)) - np.repeat(np.cumsum(count) - count, count)
                candidates = order[np.repeat(first, count) + within]
                close = np.bitwise_count(queries[rows] ^ self._codes[candidates]) <= RADIUS
                found.append(rows[close] * len(self._codes) + candidates[close])
        pairs = np.unique(np.concatenate(found))
        rows, others = np.divmod(pairs, len(self._codes)) if len(pairs) else (pairs, pairs)
        bits = np.bitwise_count(queries[rows] ^ self._codes[others])
        order_ = np.lexsort((others, bits, rows))
        rows, others, bits = rows[order_], others[order_], bits[order_]
        rank = np.arange(len(rows)) - np.searchsorted(rows, rows)
        kept = rank < most
        return rows[kept] + offset, others[kept], bits[kept]
