"""Vectors: one ``vec0`` table per model, keyed by photo, and the search for the nearest.

The tables are ``vec_<model>_<generation>`` with ``float[dim] distance_metric=cosine``. A ``vec0`` table
cannot be renamed, so one that must be written anew gets the next generation and the old one is dropped.
"""

# ruff: noqa: S608 (statements are put together from names and conditions of this module; values are bound)

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import apsw
import numpy as np
import numpy.typing as npt

from safelight.core.encoder import ModelInfo, Vectors
from safelight.core.errors import ModelError
from safelight.store import revisions
from safelight.store.rows import ids_of, json_ids

_log = logging.getLogger(__name__)

Ids = npt.NDArray[np.int64]

KNN_LIMIT = 4096
"""The largest k that sqlite-vec accepts."""

NORM_TOLERANCE = 1e-3
"""How far from 1 the length of a vector may be."""


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model that has, or had, vectors in the library."""

    id: int
    key: str
    name: str
    dim: int
    photos: int
    """Photos with a vector of it, orphans included."""


def register(db: apsw.Connection, info: ModelInfo, now: float) -> int:
    """The id of the model with ``info.key``, its table made if it is new.

    Raises ModelError if the library holds vectors of that key with another dimension.
    """
    known = db.execute("SELECT id, dim FROM model WHERE key = ?", (info.key,)).fetchone()
    if known is not None:
        if known[1] != info.dim:
            raise ModelError(
                f"The model {info.name} gives vectors of {info.dim} numbers but the library has {known[1]} "
                "under its name; install the model again."
            )
        return int(known[0])
    model_id = int(
        db.execute(
            "INSERT INTO model (key, name, dim, added_at) VALUES (?, ?, ?, ?) RETURNING id",
            (info.key, info.name, info.dim, now),
        ).get
    )
    _create(db, model_id, 1, info.dim)
    return model_id


def models(db: apsw.Connection) -> list[StoredModel]:
    """Every model with a table, oldest first."""
    rows = db.execute(
        "SELECT id, key, name, dim, (SELECT count(*) FROM embedding WHERE model_id = model.id) "
        "FROM model ORDER BY id"
    )
    return [StoredModel(*row) for row in rows]


def most_used(db: apsw.Connection) -> int | None:
    """The model whose vectors cover most photos, of several the newest; None where no model has any.

    A model that has only begun to read the library does not replace the one before it yet.
    """
    known = [model for model in models(db) if model.photos]
    return max(known, key=lambda model: (model.photos, model.id)).id if known else None


def model_id(db: apsw.Connection, key: str) -> int | None:
    """The id of a registered model."""
    found = db.execute("SELECT id FROM model WHERE key = ?", (key,)).get
    return None if found is None else int(found)


def put(db: apsw.Connection, model_id: int, photo_ids: Sequence[int], vectors: Vectors) -> None:
    """Store row i of ``vectors``, float32 (n, dim), as the vector of ``photo_ids[i]``, replacing any.

    Raises ValueError, storing nothing, for another shape or type and for a row that is not finite or
    not of unit length: such a row would be nearest to nothing or to everything.
    """
    table, dim = _table(db, model_id)
    if vectors.dtype != np.float32 or vectors.shape != (len(photo_ids), dim):
        raise ValueError(
            f"expected float32 vectors of shape {(len(photo_ids), dim)}, got {vectors.dtype} {vectors.shape}"
        )
    norms = np.linalg.norm(vectors.astype(np.float64), axis=1)
    # Written so that NaN is bad too.
    bad = np.flatnonzero(~(np.abs(norms - 1.0) <= NORM_TOLERANCE))
    if bad.size:
        raise ValueError(f"{bad.size} of {len(photo_ids)} vectors are not finite and of unit length")
    # vec0 has no upsert.
    db.executemany(f"DELETE FROM {table} WHERE rowid = ?", ((int(photo),) for photo in photo_ids))
    db.executemany(
        f"INSERT INTO {table} (rowid, embedding) VALUES (?, ?)",
        ((int(photo), row.tobytes()) for photo, row in zip(photo_ids, vectors, strict=True)),
    )
    db.executemany(
        "INSERT OR IGNORE INTO embedding (model_id, photo_id) VALUES (?, ?)",
        ((model_id, int(photo)) for photo in photo_ids),
    )
    revisions.note(db, photo_ids)


def get(db: apsw.Connection, model_id: int, photo_id: int) -> Vectors | None:
    """The vector of a photo, float32 (dim,), or None."""
    table, _ = _table(db, model_id)
    blob = db.execute(f"SELECT embedding FROM {table} WHERE rowid = ?", (photo_id,)).get
    return None if blob is None else np.frombuffer(blob, np.float32).copy()


def copy(db: apsw.Connection, old_photo: int, new_photo: int) -> None:
    """Give ``new_photo`` the vectors of ``old_photo`` by every model that has not seen it itself."""
    missing = db.execute(
        "SELECT model_id FROM embedding WHERE photo_id = ? AND model_id NOT IN "
        "(SELECT model_id FROM embedding WHERE photo_id = ?)",
        (old_photo, new_photo),
    )
    for model in ids_of(missing):
        vector = get(db, model, old_photo)
        if vector is not None:
            put(db, model, [new_photo], vector[np.newaxis])


def remove(db: apsw.Connection, photo_ids: Collection[int]) -> None:
    """Drop the vectors of photos, of every model."""
    for model in models(db):
        table, _ = _table(db, model.id)
        db.executemany(f"DELETE FROM {table} WHERE rowid = ?", ((photo,) for photo in photo_ids))
    db.executemany("DELETE FROM embedding WHERE photo_id = ?", ((photo,) for photo in photo_ids))
    revisions.note(db, photo_ids)


def nearest(
    db: apsw.Connection, model_id: int, query: Vectors, k: int, allowed: Ids | Sequence[int] | None = None
) -> list[tuple[int, float]]:
    """The ``k`` visible photos (of ``allowed``, if given) nearest to ``query``, float32 (dim,).

    Returns (photo id, cosine similarity), best first, equal ones by id. ``allowed`` narrows the search
    itself, so it never comes back short of photos that qualify. Up to 4096 sqlite-vec answers; for a
    larger k every vector is compared here, chunk by chunk, which is as exact and reads the same bytes.
    Raises ValueError for a query of another shape, not finite, or zero.
    """
    table, dim = _table(db, model_id)
    query = unit(query, dim)
    wanted = None if allowed is None else np.asarray(allowed, np.int64).tolist()
    if k <= 0 or wanted == []:
        return []
    if k > KNN_LIMIT:
        return _scan(db, model_id, query, k, wanted)
    arguments: tuple[bytes | int | str, ...] = (query.tobytes(), k)
    if wanted is not None:
        among = (
            " AND rowid IN (SELECT p.id FROM json_each(?) AS a CROSS JOIN photo AS p ON p.id = a.value "
            "WHERE p.orphaned_at IS NULL)"
        )
        arguments += (json_ids(wanted),)
    elif db.execute("SELECT EXISTS (SELECT 1 FROM photo WHERE orphaned_at IS NOT NULL)").get:
        among = " AND rowid IN (SELECT id FROM photo WHERE orphaned_at IS NULL)"
    else:
        among = ""
    rows = db.execute(
        f"SELECT rowid, distance FROM {table} WHERE embedding MATCH ? AND k = ?{among}", arguments
    )
    return sorted(((photo, 1.0 - distance) for photo, distance in rows), key=lambda hit: (-hit[1], hit[0]))


def unit(query: Vectors, dim: int) -> Vectors:
    """A query at unit length. Raises ValueError for another shape than (dim,), not finite, or zero."""
    length = float(np.linalg.norm(query.astype(np.float64)))
    if query.shape != (dim,) or not np.isfinite(length) or length == 0.0:
        raise ValueError(f"expected a finite, non-zero query of shape {(dim,)}, got {query.shape}")
    return np.ascontiguousarray(query / length, np.float32)


def count(db: apsw.Connection, model_id: int) -> int:
    """Photos with a vector of a model, orphans included."""
    found: int = db.execute("SELECT count(*) FROM embedding WHERE model_id = ?", (model_id,)).get
    return found


def dimensions(db: apsw.Connection, model_id: int) -> int:
    """How many numbers a vector of the model has."""
    return _table(db, model_id)[1]


def shown(db: apsw.Connection, model_id: int, photo_ids: Collection[int]) -> tuple[Ids, Vectors]:
    """The vectors of those of these photos that are visible and have one: ids (n,), float32 (n, dim)."""
    table, dim = _table(db, model_id)
    blobs = _picked(db, table, dim, _visible(db, photo_ids))
    vectors = np.frombuffer(b"".join(blobs.values()), np.float32).reshape(-1, dim)
    return np.array(list(blobs), np.int64), vectors


def all_vectors(db: apsw.Connection, model_id: int) -> Iterator[tuple[Ids, Vectors]]:
    """The vectors of all visible photos in chunks: ids int64 (n,), vectors float32 (n, dim)."""
    yield from _among(_chunks(db, model_id), _visible(db))


def delete_model(db: apsw.Connection, model_id: int) -> None:
    """Forget a model and all its vectors."""
    table, _ = _table(db, model_id)
    db.execute(f"DROP TABLE {table}")
    db.execute("DELETE FROM embedding WHERE model_id = ?", (model_id,))
    db.execute("DELETE FROM model WHERE id = ?", (model_id,))


def rebuild(db: apsw.Connection, model_id: int) -> int:
    """Write a model's table anew from its own data and return how many vectors it has.

    For a table from another platform, and to give back the space that deletes leave. Vectors that do not
    belong to a known photo or are not of unit length are left behind and their photos count as without
    one; a table that cannot be read at all is made anew empty. Nothing is lost that cannot be computed.
    """
    old, dim = _table(db, model_id)
    generation = int(
        db.execute(
            "UPDATE model SET generation = generation + 1 WHERE id = ? RETURNING generation", (model_id,)
        ).get
    )
    _create(db, model_id, generation, dim)
    db.execute("DELETE FROM embedding WHERE model_id = ?", (model_id,))
    known = np.array(db.execute("SELECT id FROM photo").fetchall(), np.int64).reshape(-1)
    try:
        for ids, vectors in _among(_read_chunks(db, old, dim), known):
            lengths = np.linalg.norm(vectors.astype(np.float64), axis=1)
            good = np.abs(lengths - 1.0) <= NORM_TOLERANCE
            put(db, model_id, ids[good].tolist(), vectors[good])
    except (apsw.CorruptError, apsw.SQLError, ValueError):
        _log.warning("A vector table could not be read to its end; its photos are embedded again.")
    db.execute(f"DROP TABLE {old}")
    return int(db.execute("SELECT count(*) FROM embedding WHERE model_id = ?", (model_id,)).get)


def stored_ids(db: apsw.Connection, model_id: int) -> set[int]:
    """The photos that the vec0 table itself has rows for."""
    table, _ = _table(db, model_id)
    return set(ids_of(db.execute(f"SELECT rowid FROM {table}")))


def unfit(db: apsw.Connection, model_id: int) -> int:
    """How many stored vectors are not finite and of unit length. ValueError where their size is wrong."""
    return sum(int(np.count_nonzero(~_of_unit_length(rows))) for _, rows in _chunks(db, model_id))


def salvage(db: apsw.Connection, model_id: int, source: apsw.Connection) -> bool:
    """Add the vectors that ``source``, a damaged or older state of the same library, still holds.

    Only those of photos of ``db`` without one, finite and of unit length. The model's table is made if it
    is missing. False where the source could not be read to its end.
    """
    table, dim = _table(db, model_id)
    if not db.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (table,)).get:
        generation = int(table.rpartition("_")[2])
        _create(db, model_id, generation, dim)
    wanted = np.array(
        db.execute(
            "SELECT id FROM photo EXCEPT SELECT photo_id FROM embedding WHERE model_id = ?", (model_id,)
        ).fetchall(),
        np.int64,
    ).reshape(-1)
    try:
        for ids, rows in _among(_read_chunks(source, *_foreign_table(source, model_id, dim)), wanted):
            good = _of_unit_length(rows)
            unique, first = np.unique(ids[good], return_index=True)
            put(db, model_id, unique.tolist(), rows[good][first])
    except (apsw.Error, ValueError, ModelError, TypeError, IndexError, OverflowError):
        return False
    return True


def _of_unit_length(rows: Vectors) -> npt.NDArray[np.bool_]:
    # Written so that NaN is bad too; numbers too large for a square are no news here.
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.linalg.norm(rows.astype(np.float64), axis=1)
        fit: npt.NDArray[np.bool_] = np.abs(lengths - 1.0) <= NORM_TOLERANCE
        return fit


def _table(db: apsw.Connection, model_id: int) -> tuple[str, int]:
    row = db.execute("SELECT generation, dim FROM model WHERE id = ?", (model_id,)).fetchone()
    if row is None:
        raise ModelError("The library holds no vectors of that model; index with it first.")
    return f"vec_{model_id}_{row[0]}", row[1]


def _foreign_table(source: apsw.Connection, model_id: int, dim: int) -> tuple[str, int]:
    """As :func:`_table`, of a database whose values are not to be trusted: the name becomes part of a
    statement. Raises ValueError."""
    generation, theirs = source.execute(
        "SELECT generation, dim FROM model WHERE id = ?", (model_id,)
    ).fetchone() or (None, None)
    if type(generation) is not int or not 0 < generation < 2**31 or theirs != dim:
        raise ValueError("the model is described otherwise")
    return f"vec_{model_id}_{generation}", dim


def _create(db: apsw.Connection, model_id: int, generation: int, dim: int) -> None:
    db.execute(
        f"CREATE VIRTUAL TABLE vec_{model_id}_{generation} "
        f"USING vec0 (embedding float[{dim}] distance_metric=cosine)"
    )


def _chunks(db: apsw.Connection, model_id: int) -> Iterator[tuple[Ids, Vectors]]:
    return _read_chunks(db, *_table(db, model_id))


def _read_chunks(db: apsw.Connection, table: str, dim: int) -> Iterator[tuple[Ids, Vectors]]:
    """All rows of a vec0 table, from the shadow tables in which sqlite-vec 0.1 keeps them.

    A chunk is 1024 places: a bitmap of those in use (lowest bit first), their rowids as int64 and their
    vectors as float32. 50 times as fast as selecting rows from the table (17 against 900 ms at
    50,000 x 512); a test holds the two equal.
    """
    chunks = db.execute(f"SELECT chunk_id, size, validity, rowids FROM {table}_chunks ORDER BY chunk_id")
    for chunk_id, size, validity, rowids in chunks:
        blob = db.execute(f"SELECT vectors FROM {table}_vector_chunks00 WHERE rowid = ?", (chunk_id,)).get
        used = np.unpackbits(np.frombuffer(validity, np.uint8), bitorder="little")[:size].astype(bool)
        yield np.frombuffer(rowids, np.int64)[used], np.frombuffer(blob, np.float32).reshape(size, dim)[used]


def _picked(db: apsw.Connection, table: str, dim: int, ids: Iterable[int]) -> dict[int, bytes]:
    """The float32 of some rows of a vec0 table, by id; those that it lacks are left out.

    Read from where they lie in their chunks (see :func:`_read_chunks`): asking the table for one row reads
    a chunk of a thousand. 4,096 of 10,000 x 512 took a tenth of the time.
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
        for photo_id, chunk_id, offset in places:
            if chunk_id != here:
                blob.reopen(chunk_id)
                here = chunk_id
            blob.seek(offset * size)
            found[photo_id] = blob.read(size)
    return found


def _among(chunks: Iterator[tuple[Ids, Vectors]], wanted: Ids) -> Iterator[tuple[Ids, Vectors]]:
    if not len(wanted):
        return
    wanted = np.sort(wanted)
    for ids, vectors in chunks:
        keep = wanted[np.minimum(np.searchsorted(wanted, ids), len(wanted) - 1)] == ids
        if keep.any():
            yield ids[keep], vectors[keep]


def _visible(db: apsw.Connection, allowed: Collection[int] | None = None) -> Ids:
    if allowed is None:
        rows = db.execute("SELECT id FROM photo WHERE orphaned_at IS NULL")
    else:
        rows = db.execute(
            "SELECT p.id FROM json_each(?) AS a CROSS JOIN photo AS p ON p.id = a.value "
            "WHERE p.orphaned_at IS NULL",
            (json_ids(allowed),),
        )
    return np.array(rows.fetchall(), np.int64).reshape(-1)


def _scan(
    db: apsw.Connection, model_id: int, query: Vectors, k: int, allowed: Collection[int] | None
) -> list[tuple[int, float]]:
    found = [(ids, rows @ query) for ids, rows in _among(_chunks(db, model_id), _visible(db, allowed))]
    if not found:
        return []
    ids = np.concatenate([chunk for chunk, _ in found])
    scores = np.concatenate([chunk for _, chunk in found])
    best = np.lexsort((ids, -scores))[:k]
    return list(zip(ids[best].tolist(), scores[best].tolist(), strict=True))
