"""Spaces: the vectors that one model made of units of one kind.

The photos of a model are a space of their own, with the photo's id as the row of its ``vec0`` table; see
:mod:`safelight.store.vectors`. Every other space has a table ``unit_vec_<space>_<generation>`` whose rows are
ids of ``unit``. Nothing outside the store depends on this layout.
"""

# ruff: noqa: S608 (statements are put together from names of this module; values are bound)

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import apsw
import numpy as np
import numpy.typing as npt

from safelight.core.encoder import Vectors
from safelight.core.errors import ModelError
from safelight.core.photo_units import STAGE_OF_UNIT_KIND, Match, PhotoUnit, UnitKind
from safelight.store import revisions, vector_tables
from safelight.store.revisions import Revision
from safelight.store.rows import ids_of, json_ids
from safelight.store.vector_tables import KNN_LIMIT, Ids

_GROWTH = 4
"""Factor by which a search widens until it has met enough photos."""

_NO_PHOTO = 0

_STATE = "FROM stage_state WHERE stage_id = (SELECT id FROM stage WHERE name = ? AND variant = ?)"


@dataclass(frozen=True, slots=True)
class Space:
    """A space of units smaller than a photo."""

    id: int
    model_id: int
    kind: UnitKind
    dim: int
    generation: int
    """Another one whenever all vectors were written again."""

    @property
    def table(self) -> str:
        """The ``vec0`` table of its vectors."""
        return f"unit_vec_{self.id}_{self.generation}"


@dataclass(frozen=True, slots=True)
class UnitVectors:
    """Units with their vectors, row by row."""

    units: Ids
    photos: Ids
    """The photo of each unit."""
    vectors: Vectors
    """Float32 (n, dim)."""


def register(db: apsw.Connection, model_id: int, kind: UnitKind) -> Space:
    """The space of a model and a kind of unit other than the photo, created if it is new.

    Raises ValueError for the kind photo, ModelError for a model that is not registered.
    """
    if kind is UnitKind.PHOTO:
        raise ValueError("photos have a space of their own; see safelight.store.vectors")
    known = [space for space in of_model(db, model_id) if space.kind is kind]
    if known:
        return known[0]
    if not db.execute("SELECT 1 FROM model WHERE id = ?", (model_id,)).get:
        raise ModelError("The library holds no vectors of that model; index with it first.")
    db.execute("INSERT INTO space (model_id, kind) VALUES (?, ?)", (model_id, kind.value))
    (made,) = (space for space in of_model(db, model_id) if space.kind is kind)
    vector_tables.create(db, made.table, made.dim)
    return made


def of_model(db: apsw.Connection, model_id: int) -> list[Space]:
    """The spaces of a model besides that of its photos, oldest first."""
    rows = db.execute(
        "SELECT s.id, s.model_id, s.kind, m.dim, s.generation FROM space AS s "
        "JOIN model AS m ON m.id = s.model_id WHERE s.model_id = ? ORDER BY s.id",
        (model_id,),
    )
    return [
        Space(space_id, model, UnitKind(kind), dim, generation)
        for space_id, model, kind, dim, generation in rows
    ]


def put(
    db: apsw.Connection,
    space: Space,
    units: Sequence[tuple[int, Sequence[Mapping[str, float]]]],
    vectors: Vectors,
) -> None:
    """Replace the units of photos: for each photo the places of its units, and a vector for each place.

    ``vectors`` are float32 (n, dim), in the order of the places. Photos without places lose their units.
    Raises ValueError, storing nothing, for vectors of another shape or type and for those that are not finite
    and of unit length. Photos must exist.
    """
    total = sum(len(places) for _, places in units)
    vector_tables.check(vectors, total, space.dim)
    ids: list[int] = []
    for photo_id, places in units:
        ids += _units(db, space.kind, photo_id, [json.dumps(dict(place), sort_keys=True) for place in places])
    vector_tables.put(db, space.table, ids, vectors)
    revisions.note(db, [photo_id for photo_id, _ in units])


def remove(db: apsw.Connection, photo_ids: Collection[int]) -> None:
    """Drop the units of photos in every space."""
    for kind in UnitKind:
        _drop(db, kind, photo_ids)


def delete_model(db: apsw.Connection, model_id: int) -> None:
    """Drop the spaces of a model. Units without a vector in any other space go too."""
    for space in of_model(db, model_id):
        db.execute(f"DROP TABLE {space.table}")
        db.execute("DELETE FROM space WHERE id = ?", (space.id,))
        if not db.execute("SELECT EXISTS (SELECT 1 FROM space WHERE kind = ?)", (space.kind.value,)).get:
            db.execute("DELETE FROM unit WHERE kind = ?", (space.kind.value,))


def rebuild(db: apsw.Connection, model_id: int) -> int:
    """Write the tables of a model's spaces again from their own data; return how many vectors were kept.

    Photos that lost a unit are processed again by the stage that made it.
    """
    kept = 0
    for old in of_model(db, model_id):
        db.execute("UPDATE space SET generation = generation + 1 WHERE id = ?", (old.id,))
        (new,) = (space for space in of_model(db, model_id) if space.id == old.id)
        vector_tables.create(db, new.table, new.dim)
        units = db.execute("SELECT id FROM unit WHERE kind = ?", (old.kind.value,)).fetchall()
        known = np.array(units, np.int64).reshape(-1)
        for ids, vectors in vector_tables.sound_chunks(db, old.table, old.dim, known):
            vector_tables.put(db, new.table, ids.tolist(), vectors)
            kept += len(ids)
        db.execute(f"DROP TABLE {old.table}")
        _process_again(db, new, _incomplete(db, new))
    return kept


def incomplete(db: apsw.Connection, space: Space) -> int:
    """Photos whose units in the space do not agree with the rows of ``unit`` and the state of the stage.

    Raises apsw.Error where the table cannot be read.
    """
    return len(_incomplete(db, space))


def count_invalid(db: apsw.Connection, space: Space) -> int:
    """Stored vectors that are not finite and of unit length. Raises ValueError where their size is wrong."""
    return sum(
        int(np.count_nonzero(~vector_tables.of_unit_length(rows)))
        for _, rows in vector_tables.read_chunks(db, space.table, space.dim)
    )


def _incomplete(db: apsw.Connection, space: Space) -> set[int]:
    """Photos that the stage of a space has processed and that lack a vector of a unit; and 0 if there are
    vectors that belong to no unit.
    """
    stored = set(ids_of(db.execute(f"SELECT rowid FROM {space.table}")))
    units = dict(db.execute("SELECT id, photo_id FROM unit WHERE kind = ?", (space.kind.value,)))
    processed = set(ids_of(db.execute(f"SELECT photo_id {_STATE} AND code IS NULL", _stage_of(space))))
    lacking = {photo for unit, photo in units.items() if unit not in stored and photo in processed}
    return lacking | ({_NO_PHOTO} if stored - units.keys() else set())


def _process_again(db: apsw.Connection, space: Space, photo_ids: Collection[int]) -> None:
    db.execute(
        f"DELETE {_STATE} AND photo_id IN (SELECT value FROM json_each(?))",
        (*_stage_of(space), json_ids(photo_ids)),
    )


def _stage_of(space: Space) -> tuple[str, int]:
    """The name and the variant of the stage that fills a space."""
    return STAGE_OF_UNIT_KIND.get(space.kind, ""), space.model_id


def revision(db: apsw.Connection, space: Space) -> Revision:
    """The revision of a space that this connection sees. Its change number is shared by all spaces."""
    return Revision(space.model_id, space.generation, revisions.current(db, space.model_id).change)


def count(db: apsw.Connection, space: Space) -> int:
    """Units with a vector in the space, those of orphaned photos included."""
    return int(db.execute(f"SELECT count(*) FROM {space.table}_rowids").get)


def of_photos(db: apsw.Connection, space: Space, photo_ids: Collection[int]) -> UnitVectors:
    """The units of those of these photos that are visible."""
    owners = dict(
        db.execute(
            "SELECT u.id, u.photo_id FROM json_each(?) AS a CROSS JOIN photo AS p ON p.id = a.value "
            "CROSS JOIN unit AS u ON u.photo_id = p.id AND u.kind = ? WHERE p.orphaned_at IS NULL",
            (json_ids(photo_ids), space.kind.value),
        )
    )
    blobs = vector_tables.vectors_by_id(db, space.table, space.dim, owners)
    rows = np.frombuffer(b"".join(blobs.values()), np.float32).reshape(-1, space.dim)
    units = np.array(list(blobs), np.int64)
    return UnitVectors(units, np.array([owners[unit] for unit in blobs], np.int64), rows)


def all_units(db: apsw.Connection, space: Space) -> Iterator[UnitVectors]:
    """The units of all visible photos, in chunks."""
    units, photos = _owners(db, space)
    for ids, rows in vector_tables.filter_chunks(
        vector_tables.read_chunks(db, space.table, space.dim), units
    ):
        yield UnitVectors(ids, photos[np.searchsorted(units, ids)], rows)


def nearest(
    db: apsw.Connection,
    space: Space,
    query: Vectors,
    k: int,
    allowed: Ids | Sequence[int] | None = None,
) -> list[Match]:
    """The ``k`` visible photos (of ``allowed``, if given) whose best unit is nearest to ``query`` (dim,).

    Highest similarity first, equal ones by photo. Raises ValueError for a query of another shape, not finite
    or zero.
    """
    query = vector_tables.normalised_query(query, space.dim)
    if k <= 0 or (allowed is not None and not len(allowed)):
        return []
    units, photos = _owners(db, space)
    if allowed is not None:
        kept = np.isin(photos, np.asarray(allowed, np.int64))
        units, photos = units[kept], photos[kept]
    if not len(units):
        return []
    # sqlite-vec finds units. As several may belong to one photo, look further until there are enough photos.
    ask = k
    while ask <= KNN_LIMIT and ask < len(units):
        near = vector_tables.knn(db, space.table, query, ask, units)
        ids = np.array([unit for unit, _ in near], np.int64)
        scores = np.array([score for _, score in near], np.float32)
        found = best_units(photos[np.searchsorted(units, ids)], ids, scores, k)
        if len(found) == k:
            return found
        ask *= _GROWTH
    scored = [
        (ids, rows @ query)
        for ids, rows in vector_tables.filter_chunks(
            vector_tables.read_chunks(db, space.table, space.dim), units
        )
    ]
    ids = np.concatenate([each for each, _ in scored])
    scores = np.concatenate([each for _, each in scored])
    return best_units(photos[np.searchsorted(units, ids)], ids, scores, k)


def best_units(photos: Ids, units: Ids, scores: npt.NDArray[np.float32], count: int) -> list[Match]:
    """The ``count`` photos with the best units: highest score first, equal ones by photo.

    The arrays (n,) give for each unit its photo, its id and its score. Of equal units of a photo the one
    with the smaller id counts.
    """
    order = np.lexsort((units, photos, -scores))
    _, first = np.unique(photos[order], return_index=True)
    best = order[np.sort(first)[:count]]
    return [
        Match(*each)
        for each in zip(photos[best].tolist(), scores[best].tolist(), units[best].tolist(), strict=True)
    ]


def units_by_id(db: apsw.Connection, unit_ids: Collection[int]) -> dict[int, PhotoUnit]:
    """The units with these ids, without those that are gone."""
    rows = db.execute(
        "SELECT u.id, u.kind, u.number, u.place FROM json_each(?) AS a "
        "CROSS JOIN unit AS u ON u.id = a.value",
        (json_ids(unit_ids),),
    )
    return {unit: PhotoUnit(UnitKind(kind), number, json.loads(place)) for unit, kind, number, place in rows}


def _owners(db: apsw.Connection, space: Space) -> tuple[Ids, Ids]:
    """Units of visible photos, sorted, and the photo of each."""
    rows = db.execute(
        "SELECT u.id, u.photo_id FROM unit AS u CROSS JOIN photo AS p ON p.id = u.photo_id "
        "WHERE u.kind = ? AND p.orphaned_at IS NULL ORDER BY u.id",
        (space.kind.value,),
    ).fetchall()
    found = np.array(rows, np.int64).reshape(-1, 2)
    return np.ascontiguousarray(found[:, 0]), np.ascontiguousarray(found[:, 1])


def _units(db: apsw.Connection, kind: UnitKind, photo_id: int, places: Sequence[str]) -> list[int]:
    """The units of a photo at these places, which may have vectors in the spaces of other models.

    Units of other places lose their vectors in all spaces.
    """
    known: list[tuple[int, str]] = [
        (unit_id, place)
        for unit_id, place in db.execute(
            "SELECT id, place FROM unit WHERE photo_id = ? AND kind = ? ORDER BY number",
            (photo_id, kind.value),
        )
    ]
    if [place for _, place in known] == list(places):
        return [unit_id for unit_id, _ in known]
    _drop(db, kind, [photo_id])
    made = db.executemany(
        "INSERT INTO unit (photo_id, kind, number, place) VALUES (?, ?, ?, ?) RETURNING id",
        ((photo_id, kind.value, number, place) for number, place in enumerate(places)),
    )
    return ids_of(made)


def _drop(db: apsw.Connection, kind: UnitKind, photo_ids: Collection[int]) -> None:
    """Drop units of photos with their vectors. The stages of all models make them again."""
    wanted = json_ids(photo_ids)
    db.execute(
        "DELETE FROM stage_state WHERE photo_id IN (SELECT value FROM json_each(?)) "
        "AND stage_id IN (SELECT id FROM stage WHERE name = ?)",
        (wanted, STAGE_OF_UNIT_KIND.get(kind, "")),
    )
    gone = ids_of(
        db.execute(
            "SELECT u.id FROM json_each(?) AS a CROSS JOIN unit AS u ON u.photo_id = a.value "
            "WHERE u.kind = ?",
            (wanted, kind.value),
        )
    )
    if not gone:
        return
    models = ids_of(db.execute("SELECT DISTINCT model_id FROM space WHERE kind = ?", (kind.value,)))
    for model in models:
        for space in of_model(db, model):
            if space.kind is kind:
                vector_tables.remove(db, space.table, gone)
    db.execute("DELETE FROM unit WHERE id IN (SELECT value FROM json_each(?))", (json_ids(gone),))
