"""``vec0`` tables: vectors by row id, as sqlite-vec 0.1 stores them.

A table is ``embedding float[dim] distance_metric=cosine``. It cannot be renamed, so one that is written again
gets another name and the old one is dropped.
"""

# ruff: noqa: S608 (statements are put together from names of the store; values are bound)

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import apsw
import numpy as np
import numpy.typing as npt

from safelight.core.encoder import Vectors
from safelight.store.rows import json_ids

_log = logging.getLogger(__name__)

Ids = npt.NDArray[np.int64]

KNN_LIMIT = 4096
"""The largest k that sqlite-vec accepts."""

NORM_TOLERANCE = 1e-3
"""How far from 1 the length of a vector may be."""


def create(db: apsw.Connection, table: str, dim: int) -> None:
    """An empty table for vectors of ``dim`` numbers."""
    db.execute(f"CREATE VIRTUAL TABLE {table} USING vec0 (embedding float[{dim}] distance_metric=cosine)")


def check(vectors: Vectors, count: int, dim: int) -> None:
    """Raise ValueError unless these are float32 (count, dim), finite and of unit length.

    Other vectors would give meaningless similarities.
    """
    if vectors.dtype != np.float32 or vectors.shape != (count, dim):
        raise ValueError(
            f"expected float32 vectors of shape {(count, dim)}, got {vectors.dtype} {vectors.shape}"
        )
    bad = int(np.count_nonzero(~of_unit_length(vectors)))
    if bad:
        raise ValueError(f"{bad} of {count} vectors are not finite and of unit length")


def put(db: apsw.Connection, table: str, ids: Sequence[int], vectors: Vectors) -> None:
    """Store row i of ``vectors`` under ``ids[i]``, replacing any. The vectors must have been checked."""
    remove(db, table, ids)  # vec0 has no upsert
    db.executemany(
        f"INSERT INTO {table} (rowid, embedding) VALUES (?, ?)",
        ((int(each), row.tobytes()) for each, row in zip(ids, vectors, strict=True)),
    )


def remove(db: apsw.Connection, table: str, ids: Iterable[int]) -> None:
    """Remove rows; those that are not there are ignored."""
    db.executemany(f"DELETE FROM {table} WHERE rowid = ?", ((int(each),) for each in ids))


def knn(db: apsw.Connection, table: str, query: Vectors, k: int, allowed: Ids) -> list[tuple[int, float]]:
    """The ``k`` (at most :data:`KNN_LIMIT`) rows among ``allowed`` nearest to a unit query.

    Returns (row id, cosine similarity) in no order.
    """
    rows = db.execute(
        f"SELECT rowid, distance FROM {table} WHERE embedding MATCH ? AND k = ? "
        "AND rowid IN (SELECT value FROM json_each(?))",
        (query.tobytes(), k, json_ids(allowed.tolist())),
    )
    return [(each, 1.0 - distance) for each, distance in rows]


def normalised_query(query: Vectors, dim: int) -> Vectors:
    """A query at unit length. Raises ValueError for another shape than (dim,), not finite, or zero."""
    length = float(np.linalg.norm(query.astype(np.float64)))
    if query.shape != (dim,) or not np.isfinite(length) or length == 0.0:
        raise ValueError(f"expected a finite, non-zero query of shape {(dim,)}, got {query.shape}")
    return np.ascontiguousarray(query / length, np.float32)


def read_chunks(db: apsw.Connection, table: str, dim: int) -> Iterator[tuple[Ids, Vectors]]:
    """All rows of a table, read from the shadow tables in which sqlite-vec 0.1 keeps them.

    A chunk has 1024 slots: a bitmap of those in use (lowest bit first), their row ids as int64 and their
    vectors as float32. Raises apsw.CorruptError for any other chunk.
    Reading chunks is 50 times as fast as selecting rows from the table (17 against 900 ms
    for 50,000 x 512). A test checks that both give the same.
    """
    chunks = db.execute(f"SELECT chunk_id, size, validity, rowids FROM {table}_chunks ORDER BY chunk_id")
    for chunk_id, size, validity, rowids in chunks:
        blob = db.execute(f"SELECT vectors FROM {table}_vector_chunks00 WHERE rowid = ?", (chunk_id,)).get
        try:
            used = np.unpackbits(np.frombuffer(validity, np.uint8), bitorder="little")[:size].astype(bool)
            ids = np.frombuffer(rowids, np.int64)[used]
            vectors = np.frombuffer(blob, np.float32).reshape(size, dim)[used]
        except (ValueError, TypeError, IndexError) as error:
            # SQLite has no checksums, so a damaged value looks like any other until it is read.
            raise apsw.CorruptError(f"a chunk of {table} is damaged") from error
        yield ids, vectors


def vectors_by_id(db: apsw.Connection, table: str, dim: int, ids: Iterable[int]) -> dict[int, bytes]:
    """The float32 bytes of some rows by id, without those that the table lacks.

    Read directly from the chunks (see :func:`read_chunks`), because the table reads a whole chunk of a
    thousand vectors for each row: 4,096 of 10,000 x 512 took a tenth of the time.
    """
    places: list[tuple[Any, ...]] = db.execute(
        f"SELECT r.rowid, r.chunk_id, r.chunk_offset FROM json_each(?) AS a "
        f"CROSS JOIN {table}_rowids AS r ON r.rowid = a.value ORDER BY r.chunk_id, r.chunk_offset",
        (json_ids(ids),),
    ).fetchall()
    if not places:
        return {}
    size = 4 * dim
    found: dict[int, bytes] = {}
    with db.blob_open("main", f"{table}_vector_chunks00", "vectors", places[0][1], False) as blob:
        here = places[0][1]
        for each, chunk_id, offset in places:
            if chunk_id != here:
                blob.reopen(chunk_id)
                here = chunk_id
            blob.seek(offset * size)
            found[each] = blob.read(size)
    return found


def filter_chunks(chunks: Iterator[tuple[Ids, Vectors]], wanted: Ids) -> Iterator[tuple[Ids, Vectors]]:
    """The rows of chunks whose ids are wanted."""
    if not len(wanted):
        return
    wanted = np.sort(wanted)
    for ids, vectors in chunks:
        keep = wanted[np.minimum(np.searchsorted(wanted, ids), len(wanted) - 1)] == ids
        if keep.any():
            yield ids[keep], vectors[keep]


def of_unit_length(rows: Vectors) -> npt.NDArray[np.bool_]:
    """Which rows are finite and of unit length."""
    # A comparison with NaN is false, so that NaN does not count. Numbers too large to square are expected.
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.linalg.norm(rows.astype(np.float64), axis=1)
        fit: npt.NDArray[np.bool_] = np.abs(lengths - 1.0) <= NORM_TOLERANCE
        return fit


def sound_chunks(db: apsw.Connection, table: str, dim: int, known: Ids) -> Iterator[tuple[Ids, Vectors]]:
    """The rows whose ids are known and whose vectors are sound, as far as a table can be read.

    Logs a warning where it cannot be read to its end: its vectors are computed again.
    """
    try:
        for ids, vectors in filter_chunks(read_chunks(db, table, dim), known):
            good = of_unit_length(vectors)
            yield ids[good], vectors[good]
    except (apsw.CorruptError, apsw.SQLError, ValueError):
        _log.warning("A vector table could not be read to its end; its photos are embedded again.")
