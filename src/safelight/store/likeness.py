"""Results of comparing similar pictures: fingerprints, pairs with their evidence, quality of each picture.

All of it is derived, and stored so that a photo is compared once. Rows are deleted with their photos. An
orphan keeps its rows, so that a file that comes back is not compared again.
"""

# ruff: noqa: S608 (statements are put together from conditions of this module; values are bound)

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import apsw
import numpy as np
import numpy.typing as npt

from safelight.core.duplicates import DuplicateKind
from safelight.store.rows import ids_of, json_ids

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two photos, the smaller id first, and the most certain kind of duplicate that they are."""

    first: int
    second: int
    kind: DuplicateKind
    likeness: float
    """0 to 1."""
    detail: str = ""
    """Details for the reason that a group gives; may be empty."""
    model_id: int | None = None
    """The model whose vectors are part of the evidence."""


@dataclass(frozen=True, slots=True)
class Shot:
    """When and with what settings a photo was taken."""

    date: str
    """``YYYY-MM-DDTHH:MM:SS``."""
    taken: bool
    """Whether the date is the time of the exposure."""
    camera: str | None
    width: int
    height: int
    settings: tuple[float | None, ...] = ()
    """Exposure time, ISO speed and aperture."""


@dataclass(frozen=True, slots=True)
class Quality:
    sharpness: float | None
    jpeg_quality: int | None


# --- fingerprints -------------------------------------------------------------------------------------------


def without_fingerprint(db: apsw.Connection, rules: int) -> list[int]:
    """Visible pictures with a thumbnail that have no fingerprint of the present version.

    Videos have no fingerprint, since one frame does not tell whether two videos are the same.
    """
    return ids_of(
        db.execute(
            # Subtracting one sorted list of ids from another takes half as long as looking up each id.
            "SELECT p.id FROM (SELECT id FROM photo WHERE orphaned_at IS NULL AND duration IS NULL "
            "EXCEPT SELECT photo_id FROM sketch WHERE rules = ?) AS p "
            "WHERE EXISTS (SELECT 1 FROM thumbs.thumbnail AS t WHERE t.photo_id = p.id) ORDER BY p.id",
            (rules,),
        )
    )


def put_fingerprints(db: apsw.Connection, rules: int, rows: Iterable[tuple[int, int, float]]) -> None:
    """Store (photo, hash, texture) of each photo. Results of a photo's earlier fingerprint are deleted."""
    for photo_id, code, texture in rows:
        before = db.execute("SELECT 1 FROM sketch WHERE photo_id = ?", (photo_id,)).get
        if before:
            db.execute("DELETE FROM likeness WHERE first = ?1 OR second = ?1", (photo_id,))
        db.execute(
            "INSERT OR REPLACE INTO sketch (photo_id, rules, hash, texture) "
            "SELECT id, ?, ?, ? FROM photo WHERE id = ?",
            (rules, code, texture, photo_id),
        )


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Photos with a fingerprint, row by row."""

    ids: Ids
    hashes: Ids
    """Signed."""
    texture: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FingerprintChecksum:
    """A checksum of fingerprints, which SQL computes without returning each of them."""

    photos: int
    ids: int
    halves: int
    """The sum of the low and high halves of the hashes: for a million hashes it stays below 2^63."""

    @classmethod
    def of(cls, known: Fingerprints) -> FingerprintChecksum:
        halves = (known.hashes & 0xFFFFFFFF) + (known.hashes >> 32)
        return cls(len(known.ids), int(known.ids.sum()), int(halves.sum()))


_SKETCH = np.dtype([("id", np.int64), ("hash", np.int64), ("texture", np.float64)])


def compared_fingerprints(db: apsw.Connection, rules: int) -> Fingerprints:
    """Photos that have been compared by their hashes."""
    return _fingerprints(
        db.execute(
            "SELECT photo_id, hash, texture FROM sketch WHERE rules = ? AND hashed = 1 ORDER BY photo_id",
            (rules,),
        )
    )


def uncompared_fingerprints(db: apsw.Connection, rules: int, photo_ids: Collection[int]) -> Fingerprints:
    """Those of these photos that have a fingerprint and have not been compared by it."""
    return _fingerprints(
        db.execute(
            "SELECT s.photo_id, s.hash, s.texture FROM json_each(?2) AS a CROSS JOIN sketch AS s "
            "ON s.photo_id = a.value WHERE s.rules = ?1 AND s.hashed = 0 ORDER BY s.photo_id",
            (rules, json_ids(photo_ids)),
        )
    )


def _fingerprints(found: Iterable[tuple[Any, ...]]) -> Fingerprints:
    rows = np.fromiter(found, _SKETCH)
    return Fingerprints(*(np.ascontiguousarray(rows[name]) for name in ("id", "hash", "texture")))


@dataclass(frozen=True, slots=True)
class PendingComparisons:
    """Photos with a fingerprint that have not been compared yet, sorted."""

    by_hash: list[int]
    by_vector: list[int]
    """Some of these photos have no vector yet."""
    compared: FingerprintChecksum
    """The checksum of the fingerprints that have been compared by their hashes."""


def pending_comparisons(db: apsw.Connection, rules: int, model_id: int | None) -> PendingComparisons:
    """The photos still to compare, in one pass over all fingerprints.

    ``model_id`` is the model whose vectors are compared.
    """
    count, ids, halves, by_hash, by_vector = db.execute(
        "SELECT count(*) FILTER (WHERE hashed), ifnull(sum(photo_id) FILTER (WHERE hashed), 0), "
        "ifnull(sum((hash & 0xffffffff) + (hash >> 32)) FILTER (WHERE hashed), 0), "
        "json_group_array(photo_id) FILTER (WHERE NOT hashed), "
        "json_group_array(photo_id) FILTER (WHERE model_id IS NOT ?2) FROM sketch WHERE rules = ?1",
        (rules, model_id),
    ).get
    by_model = [] if model_id is None else sorted(json.loads(by_vector))
    return PendingComparisons(sorted(json.loads(by_hash)), by_model, FingerprintChecksum(count, ids, halves))


def hashes_of(db: apsw.Connection, photo_ids: Collection[int]) -> dict[int, int]:
    """Signed, of photos with a fingerprint."""
    return dict(
        db.execute(
            "SELECT s.photo_id, s.hash FROM json_each(?) AS a CROSS JOIN sketch AS s ON s.photo_id = a.value",
            (json_ids(photo_ids),),
        )
    )


def set_compared_by_hash(db: apsw.Connection, photo_ids: Collection[int]) -> None:
    """Record that these photos were compared with all photos that have a fingerprint."""
    db.execute(
        "UPDATE sketch SET hashed = 1 WHERE photo_id IN (SELECT value FROM json_each(?))",
        (json_ids(photo_ids),),
    )


def uncompared_by_vector(db: apsw.Connection, model_id: int, photo_ids: Collection[int]) -> list[int]:
    """Those of these photos, visible and with a fingerprint and a vector of the model, that have not been
    compared with their neighbours by that model; sorted.
    """
    return ids_of(
        db.execute(
            "SELECT s.photo_id FROM json_each(?2) AS a CROSS JOIN sketch AS s ON s.photo_id = a.value "
            "JOIN photo AS p ON p.id = s.photo_id "
            "JOIN embedding AS e ON e.model_id = ?1 AND e.photo_id = s.photo_id "
            "WHERE s.model_id IS NOT ?1 AND p.orphaned_at IS NULL ORDER BY s.photo_id",
            (model_id, json_ids(photo_ids)),
        )
    )


def with_vector(db: apsw.Connection, model_id: int, photo_ids: Collection[int]) -> list[int]:
    """Those of these photos that are visible and have a vector of the model."""
    return ids_of(
        db.execute(
            "SELECT p.id FROM json_each(?2) AS a CROSS JOIN photo AS p ON p.id = a.value "
            "JOIN embedding AS e ON e.model_id = ?1 AND e.photo_id = p.id WHERE p.orphaned_at IS NULL",
            (model_id, json_ids(photo_ids)),
        )
    )


def set_compared_by_vector(db: apsw.Connection, model_id: int, photo_ids: Collection[int]) -> None:
    """Record that these photos were compared with their neighbours by the model."""
    db.execute(
        "UPDATE sketch SET model_id = ? WHERE photo_id IN (SELECT value FROM json_each(?))",
        (model_id, json_ids(photo_ids)),
    )


def shots(db: apsw.Connection, photo_ids: Collection[int]) -> dict[int, Shot]:
    """The shots of those of these photos that exist."""
    rows = db.execute(
        "SELECT p.id, p.date, p.date_is_taken, p.camera, p.width, p.height, "
        "p.exposure, p.iso, p.aperture FROM json_each(?) AS a CROSS JOIN photo AS p ON p.id = a.value",
        (json_ids(photo_ids),),
    )
    return {
        photo_id: Shot(date, bool(taken), camera, width, height, tuple(settings))
        for photo_id, date, taken, camera, width, height, *settings in rows
    }


_EXPOSURE = "orphaned_at IS NULL AND date_is_taken AND camera IS NOT NULL"


def exposures(db: apsw.Connection, photo_ids: Collection[int] | None = None) -> list[tuple[int, str, str]]:
    """(photo, camera, date) of visible photos (of these, if given) that have both, by camera and date."""
    among = "" if photo_ids is None else " AND id IN (SELECT value FROM json_each(?))"
    rows = db.execute(
        f"SELECT id, camera, date FROM photo WHERE {_EXPOSURE}{among} ORDER BY camera, date, id",
        () if photo_ids is None else (json_ids(photo_ids),),
    )
    return [(photo_id, camera, date) for photo_id, camera, date in rows]


def exposures_after(
    db: apsw.Connection, of: tuple[int, str, str], until: str, most: int
) -> list[tuple[int, str, str]]:
    """The photos of the same camera that follow one in the order of dates and ids, up to a date, in that
    order.
    """
    photo_id, camera, date = of
    rows = db.execute(
        "SELECT id, camera, date FROM photo WHERE orphaned_at IS NULL AND (date, id) > (?, ?) AND date <= ? "
        "AND date_is_taken AND camera = ? ORDER BY date, id LIMIT ?",
        (date, photo_id, until, camera, most),
    )
    return [(other, its_camera, moment) for other, its_camera, moment in rows]


def exposures_before(
    db: apsw.Connection, of: tuple[int, str, str], since: str, most: int
) -> list[tuple[int, str, str]]:
    """Exposures as in :func:`exposures_after`, in reverse order."""
    photo_id, camera, date = of
    rows = db.execute(
        "SELECT id, camera, date FROM photo WHERE orphaned_at IS NULL AND (date, id) < (?, ?) AND date >= ? "
        "AND date_is_taken AND camera = ? ORDER BY date DESC, id DESC LIMIT ?",
        (date, photo_id, since, camera, most),
    )
    return [(other, its_camera, moment) for other, its_camera, moment in rows]


# --- pairs ----------------------------------------------------------------------------------------------

_CERTAINTY = {kind.value: number for number, kind in enumerate(DuplicateKind)}


def put_pairs(db: apsw.Connection, pairs: Iterable[Pair]) -> None:
    """Store pairs. If two photos already are a pair, the more certain kind is kept. Photos that are gone are
    skipped.
    """
    for pair in pairs:
        known = db.execute(
            "SELECT kind FROM likeness WHERE first = ? AND second = ?", (pair.first, pair.second)
        ).get
        if known is not None and _CERTAINTY.get(known, len(_CERTAINTY)) <= _CERTAINTY[pair.kind.value]:
            continue
        db.execute(
            "INSERT OR REPLACE INTO likeness (first, second, kind, likeness, detail, model_id) "
            "SELECT a.id, b.id, ?, ?, ?, ? FROM photo AS a JOIN photo AS b WHERE a.id = ? AND b.id = ?",
            (pair.kind.value, pair.likeness, pair.detail, pair.model_id, pair.first, pair.second),
        )


_PAIRS = (
    "SELECT l.first, l.second, l.kind, l.likeness, l.detail, l.model_id FROM likeness AS l "
    "JOIN photo AS a ON a.id = l.first JOIN photo AS b ON b.id = l.second "
    "WHERE a.orphaned_at IS NULL AND b.orphaned_at IS NULL"
)


def pairs(db: apsw.Connection) -> list[Pair]:
    """All pairs of visible photos, by their ids."""
    return _pairs(db.execute(f"{_PAIRS} ORDER BY l.first, l.second"))


def pairs_of(db: apsw.Connection, photo_ids: Collection[int]) -> list[Pair]:
    """All pairs of visible photos that contain one of these photos, by their ids."""
    some = "SELECT value FROM json_each(?1)"
    return _pairs(
        db.execute(
            f"{_PAIRS} AND l.first IN ({some}) UNION {_PAIRS} AND l.second IN ({some}) ORDER BY 1, 2",
            (json_ids(photo_ids),),
        )
    )


def _pairs(rows: Iterable[tuple[Any, ...]]) -> list[Pair]:
    return [
        Pair(first, second, DuplicateKind(kind), likeness, detail, model_id)
        for first, second, kind, likeness, detail, model_id in rows
        if kind in _CERTAINTY
    ]


def known_kinds(db: apsw.Connection, photo_ids: Collection[int]) -> dict[tuple[int, int], str]:
    """The kinds of the known pairs among these photos, by (first, second)."""
    wanted = json_ids(photo_ids)
    rows = db.execute(
        "SELECT l.first, l.second, l.kind FROM json_each(?1) AS a CROSS JOIN likeness AS l "
        "ON l.first = a.value WHERE l.second IN (SELECT value FROM json_each(?1))",
        (wanted,),
    )
    return {(first, second): kind for first, second, kind in rows}


def pixel_hashes(db: apsw.Connection, photo_ids: Collection[int]) -> dict[int, bytes]:
    rows = db.execute(
        "SELECT p.id, p.pixel_hash FROM json_each(?) AS a CROSS JOIN photo AS p ON p.id = a.value",
        (json_ids(photo_ids),),
    )
    return dict(rows)


def forget_other_models(db: apsw.Connection, model_id: int) -> None:
    """Drop the pairs whose evidence is another model's vectors. Pairs found by their pixels stay."""
    db.execute("DELETE FROM likeness WHERE model_id IS NOT NULL AND model_id <> ?", (model_id,))


def equal_pixels(db: apsw.Connection, photo_ids: Collection[int] | None = None) -> list[list[int]]:
    """Visible photos of equal pixels, in groups of two and more, each sorted; only groups with one of
    ``photo_ids``, if given.
    """
    if photo_ids is None:
        among = (
            "SELECT pixel_hash FROM photo WHERE orphaned_at IS NULL GROUP BY pixel_hash HAVING count(*) > 1"
        )
    else:
        among = "SELECT pixel_hash FROM photo WHERE id IN (SELECT value FROM json_each(?))"
    rows = db.execute(
        f"SELECT pixel_hash, id FROM photo WHERE orphaned_at IS NULL AND pixel_hash IN ({among}) "
        "ORDER BY pixel_hash, id",
        () if photo_ids is None else (json_ids(photo_ids),),
    )
    found: dict[bytes, list[int]] = {}
    for pixel_hash, photo_id in rows:
        found.setdefault(pixel_hash, []).append(photo_id)
    return [group for group in found.values() if len(group) > 1]


# --- quality ------------------------------------------------------------------------------------------


def qualities(db: apsw.Connection, photo_ids: Collection[int]) -> dict[int, Quality]:
    """The quality of those of these photos that were measured."""
    rows = db.execute(
        "SELECT q.photo_id, q.sharpness, q.jpeg_quality FROM json_each(?) AS a "
        "CROSS JOIN quality AS q ON q.photo_id = a.value",
        (json_ids(photo_ids),),
    )
    return {photo_id: Quality(sharpness, jpeg_quality) for photo_id, sharpness, jpeg_quality in rows}


def put_qualities(db: apsw.Connection, found: Sequence[tuple[int, Quality]]) -> None:
    """Store the quality of photos. Photos that are gone are skipped."""
    db.executemany(
        "INSERT OR REPLACE INTO quality (photo_id, sharpness, jpeg_quality) "
        "SELECT id, ?, ? FROM photo WHERE id = ?",
        ((each.sharpness, each.jpeg_quality, photo_id) for photo_id, each in found),
    )
