"""The vectors of photos: one ``vec0`` table per model, keyed by photo, and the search for the nearest.

The tables are ``vec_<model>_<generation>``; one that is written again gets the next generation. Units smaller
than a photo have tables of their own; see :mod:`safelight.store.spaces`.
"""

# ruff: noqa: S608 (statements are put together from names and conditions of this module; values are bound)

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import apsw
import numpy as np
import numpy.typing as npt

from safelight.core.encoder import ModelInfo, Vectors
from safelight.core.errors import ModelError
from safelight.store import revisions, spaces, vector_tables
from safelight.store.rows import ids_of, is_limited, json_ids
from safelight.store.vector_tables import KNN_LIMIT as KNN_LIMIT
from safelight.store.vector_tables import NORM_TOLERANCE as NORM_TOLERANCE
from safelight.store.vector_tables import normalised_query as normalised_query

Ids = npt.NDArray[np.int64]


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
                "The model {name} gives vectors of {dim} numbers but the library has {known} under its "
                "name; install the model again.",
                name=info.name,
                dim=info.dim,
                known=known[1],
            )
        return int(known[0])
    model_id = int(
        db.execute(
            "INSERT INTO model (key, name, dim, added_at) VALUES (?, ?, ?, ?) RETURNING id",
            (info.key, info.name, info.dim, now),
        ).get
    )
    vector_tables.create(db, _name(model_id, 1), info.dim)
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

    Raises ValueError, storing nothing, for another shape or type and for a row that is not finite or not of
    unit length.
    """
    table, dim = _table(db, model_id)
    vector_tables.check(vectors, len(photo_ids), dim)
    vector_tables.put(db, table, photo_ids, vectors)
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
    """Copy the vectors of ``old_photo`` to ``new_photo``, except of models that have one of it already."""
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
    """Drop the vectors of photos and of their units, of every model."""
    for model in models(db):
        table, _ = _table(db, model.id)
        vector_tables.remove(db, table, photo_ids)
    db.executemany("DELETE FROM embedding WHERE photo_id = ?", ((photo,) for photo in photo_ids))
    spaces.remove(db, photo_ids)
    revisions.note(db, photo_ids)


def nearest(
    db: apsw.Connection, model_id: int, query: Vectors, k: int, allowed: Ids | Sequence[int] | None = None
) -> list[tuple[int, float]]:
    """The ``k`` visible photos (of ``allowed``, if given) nearest to ``query``, float32 (dim,).

    Returns (photo id, cosine similarity), best first, equal ones by id. ``allowed`` narrows the search
    itself, so that no photo is missed. Up to k = 4096 sqlite-vec answers. For a larger k every vector is
    compared here, chunk by chunk, which is as exact and reads the same bytes. Raises ValueError for a query
    of another shape, not finite, or zero.
    """
    table, dim = _table(db, model_id)
    query = normalised_query(query, dim)
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
    elif (
        is_limited(db) or db.execute("SELECT EXISTS (SELECT 1 FROM photo WHERE orphaned_at IS NOT NULL)").get
    ):
        among = " AND rowid IN (SELECT id FROM photo WHERE orphaned_at IS NULL)"
    else:
        among = ""
    rows = db.execute(
        f"SELECT rowid, distance FROM {table} WHERE embedding MATCH ? AND k = ?{among}", arguments
    )
    return sorted(((photo, 1.0 - distance) for photo, distance in rows), key=lambda hit: (-hit[1], hit[0]))


def count(db: apsw.Connection, model_id: int) -> int:
    """Photos with a vector of a model, orphans included."""
    found: int = db.execute("SELECT count(*) FROM embedding WHERE model_id = ?", (model_id,)).get
    return found


def dimensions(db: apsw.Connection, model_id: int) -> int:
    """How many numbers a vector of the model has."""
    return _table(db, model_id)[1]


def of_visible(db: apsw.Connection, model_id: int, photo_ids: Collection[int]) -> tuple[Ids, Vectors]:
    """The vectors of those of these photos that are visible and have one: ids (n,), float32 (n, dim)."""
    table, dim = _table(db, model_id)
    blobs = vector_tables.vectors_by_id(db, table, dim, visible(db, photo_ids))
    vectors = np.frombuffer(b"".join(blobs.values()), np.float32).reshape(-1, dim)
    return np.array(list(blobs), np.int64), vectors


def all_vectors(db: apsw.Connection, model_id: int) -> Iterator[tuple[Ids, Vectors]]:
    """The vectors of all visible photos in chunks: ids int64 (n,), vectors float32 (n, dim)."""
    yield from vector_tables.filter_chunks(_chunks(db, model_id), visible(db))


def delete_model(db: apsw.Connection, model_id: int) -> None:
    """Forget a model and all its vectors."""
    table, _ = _table(db, model_id)
    spaces.delete_model(db, model_id)
    db.execute(f"DROP TABLE {table}")
    db.execute("DELETE FROM embedding WHERE model_id = ?", (model_id,))
    db.execute("DELETE FROM model WHERE id = ?", (model_id,))


def rebuild(db: apsw.Connection, model_id: int) -> int:
    """Write a model's tables again from their own data and return how many photos have a vector.

    For tables from another platform, and to free the space of deleted rows. Vectors that belong to no known
    photo or are not of unit length are dropped, and so is what cannot be read: it is computed again.
    """
    old, dim = _table(db, model_id)
    generation = int(
        db.execute(
            "UPDATE model SET generation = generation + 1 WHERE id = ? RETURNING generation", (model_id,)
        ).get
    )
    vector_tables.create(db, _name(model_id, generation), dim)
    db.execute("DELETE FROM embedding WHERE model_id = ?", (model_id,))
    known = np.array(db.execute("SELECT id FROM photo").fetchall(), np.int64).reshape(-1)
    for ids, vectors in vector_tables.sound_chunks(db, old, dim, known):
        put(db, model_id, ids.tolist(), vectors)
    db.execute(f"DROP TABLE {old}")
    spaces.rebuild(db, model_id)
    return count(db, model_id)


def stored_ids(db: apsw.Connection, model_id: int) -> set[int]:
    """The photos that the vec0 table itself has rows for."""
    table, _ = _table(db, model_id)
    return set(ids_of(db.execute(f"SELECT rowid FROM {table}")))


def count_invalid(db: apsw.Connection, model_id: int) -> int:
    """How many stored vectors are not finite and of unit length. ValueError where their size is wrong."""
    return sum(
        int(np.count_nonzero(~vector_tables.of_unit_length(rows))) for _, rows in _chunks(db, model_id)
    )


def salvage(db: apsw.Connection, model_id: int, source: apsw.Connection) -> bool:
    """Add the vectors that ``source``, a damaged or older state of the same library, still holds.

    Adds only finite vectors of unit length, of photos of ``db`` that have none. The model's table is created
    if it is missing. Returns False where the source could not be read to its end.
    """
    table, dim = _table(db, model_id)
    if not db.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (table,)).get:
        vector_tables.create(db, table, dim)
    wanted = np.array(
        db.execute(
            "SELECT id FROM photo EXCEPT SELECT photo_id FROM embedding WHERE model_id = ?", (model_id,)
        ).fetchall(),
        np.int64,
    ).reshape(-1)
    try:
        chunks = vector_tables.read_chunks(source, *_foreign_table(source, model_id, dim))
        for ids, rows in vector_tables.filter_chunks(chunks, wanted):
            good = vector_tables.of_unit_length(rows)
            unique, first = np.unique(ids[good], return_index=True)
            put(db, model_id, unique.tolist(), rows[good][first])
    except (apsw.Error, ValueError, ModelError, TypeError, IndexError, OverflowError):
        return False
    return True


def _table(db: apsw.Connection, model_id: int) -> tuple[str, int]:
    row = db.execute("SELECT generation, dim FROM model WHERE id = ?", (model_id,)).fetchone()
    if row is None:
        raise ModelError("The library holds no vectors of that model; index with it first.")
    return _name(model_id, row[0]), row[1]


def _name(model_id: int, generation: int) -> str:
    return f"vec_{model_id}_{generation}"


def _foreign_table(source: apsw.Connection, model_id: int, dim: int) -> tuple[str, int]:
    """The table as in :func:`_table`, of a database whose values are not to be trusted: the name becomes part
    of a statement. Raises ValueError.
    """
    generation, theirs = source.execute(
        "SELECT generation, dim FROM model WHERE id = ?", (model_id,)
    ).fetchone() or (None, None)
    if type(generation) is not int or not 0 < generation < 2**31 or theirs != dim:
        raise ValueError("the model is described otherwise")
    return _name(model_id, generation), dim


def _chunks(db: apsw.Connection, model_id: int) -> Iterator[tuple[Ids, Vectors]]:
    return vector_tables.read_chunks(db, *_table(db, model_id))


def visible(db: apsw.Connection, allowed: Collection[int] | None = None) -> Ids:
    """The photos (of ``allowed``, if given) that searches may find, with or without a vector."""
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
    chunks = vector_tables.filter_chunks(_chunks(db, model_id), visible(db, allowed))
    found = [(ids, rows @ query) for ids, rows in chunks]
    if not found:
        return []
    ids = np.concatenate([chunk for chunk, _ in found])
    scores = np.concatenate([chunk for _, chunk in found])
    best = np.lexsort((ids, -scores))[:k]
    return list(zip(ids[best].tolist(), scores[best].tolist(), strict=True))
