"""Which stage has processed which photo, by which version, and where it failed.

A photo *lacks* a stage if it has neither a result nor a failure of the stage's present version. Photos that
are not visible never lack anything.
"""

# ruff: noqa: S608 (statements are put together from conditions of this module; values are bound)

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import apsw

from safelight.core.stages import Coverage, Input, StageDeclaration, StageFailure, Subset
from safelight.store import videos
from safelight.store.rows import ids_of, json_ids

_CONDITIONS = {
    Input.BYTES: "EXISTS (SELECT 1 FROM file AS f JOIN folder AS r ON r.id = f.folder_id "
    "WHERE f.photo_id = p.id AND r.state <> 'offline')",
    Input.THUMBNAIL: "EXISTS (SELECT 1 FROM thumbs.thumbnail AS t WHERE t.photo_id = p.id)",
    Input.VECTOR: "EXISTS (SELECT 1 FROM embedding AS e WHERE e.model_id = :model AND e.photo_id = p.id)",
}
for _same in (Input.METADATA, Input.PIXELS, Input.UNITS, Input.FILM, Input.FINE_FILM):
    _CONDITIONS[_same] = _CONDITIONS[Input.BYTES]
"""When each input of a photo is available."""

_SUBSETS = {
    Subset.ALL: "1",
    Subset.PICTURES: "duration IS NULL",
    Subset.VIDEOS: "duration IS NOT NULL",
    Subset.VIDEOS_OF_EQUAL_LENGTH: "duration IS NOT NULL AND EXISTS (SELECT 1 FROM photo AS other "
    f"WHERE other.orphaned_at IS NULL AND other.id <> photo.id AND {videos.equally_long('other', 'photo')})",
    Subset.VIDEOS_OF_OTHER_LENGTH: videos.PART_OR_WHOLE,
    # As in the index photo_elongated, which serves only this very expression.
    Subset.ELONGATED: "(5 * width > 9 * height OR 5 * height > 9 * width) AND duration IS NULL",
}
"""Conditions on rows of ``photo``."""

_ORDER = (
    "ORDER BY (SELECT v.times FROM viewed AS v WHERE v.photo_id = p.id) DESC NULLS LAST, "
    "p.date DESC, p.id DESC"
)
"""Most viewed first, then the newest."""


@dataclass(frozen=True, slots=True)
class FailedPhoto:
    """A photo that a stage could not process."""

    photo_id: int
    failure: StageFailure
    when: float
    """Seconds since the epoch."""


def lacking(
    db: apsw.Connection, stage: StageDeclaration, model_id: int | None, limit: int | None = None
) -> list[int]:
    """Visible photos that lack a stage and whose inputs are available: the most viewed first, then the
    newest.

    ``model_id`` is the model in use, None if the library has no vectors of it.
    """
    conditions = [_CONDITIONS[each] for each in sorted(stage.inputs)]
    rows = db.execute(
        f"SELECT p.id FROM (SELECT id FROM photo WHERE orphaned_at IS NULL AND {_SUBSETS[stage.subset]} "
        # Subtracting one sorted list of ids from another costs half as much as looking up each id.
        "EXCEPT SELECT photo_id FROM stage_state WHERE stage_id = :stage AND version = :version) AS m "
        f"CROSS JOIN photo AS p ON p.id = m.id WHERE {' AND '.join(conditions) or '1'} {_ORDER} LIMIT :limit",
        {
            "stage": _id(db, stage, model_id),
            "version": stage.version,
            "model": model_id,
            "limit": -1 if limit is None else limit,
        },
    )
    return ids_of(rows)


def set_done(
    db: apsw.Connection, stage: StageDeclaration, model_id: int | None, photo_ids: Collection[int]
) -> None:
    """Record that a stage processed these photos. Photos that are gone are ignored."""
    db.execute(
        "INSERT INTO stage_state (stage_id, photo_id, version) "
        "SELECT ?, p.id, ? FROM json_each(?) AS a CROSS JOIN photo AS p ON p.id = a.value WHERE true "
        "ON CONFLICT (stage_id, photo_id) DO UPDATE SET version = excluded.version, code = NULL, "
        "parameters = NULL, failed_at = NULL",
        (register(db, stage, model_id), stage.version, json_ids(photo_ids)),
    )


def put_results(
    db: apsw.Connection, stage: StageDeclaration, model_id: int | None, results: Iterable[tuple[int, Any]]
) -> None:
    """Store results (photo, value) of a stage without a table of its own, each as JSON.

    SQL reads them from ``stage_state.result``. Photos that are gone are ignored.
    """
    stage_id = register(db, stage, model_id)
    db.executemany(
        "INSERT OR REPLACE INTO stage_state (stage_id, photo_id, version, result) "
        "SELECT ?, id, ?, ? FROM photo WHERE id = ?",
        ((stage_id, stage.version, json.dumps(value), photo_id) for photo_id, value in results),
    )


def set_failed(
    db: apsw.Connection,
    stage: StageDeclaration,
    model_id: int | None,
    failures: Iterable[tuple[int, StageFailure]],
    now: float,
) -> None:
    """Record why a stage failed at photos (id, failure). Photos that are gone are ignored."""
    stage_id = register(db, stage, model_id)
    db.executemany(
        "INSERT OR REPLACE INTO stage_state (stage_id, photo_id, version, code, parameters, failed_at) "
        "SELECT ?, id, ?, ?, ?, ? FROM photo WHERE id = ?",
        (
            (stage_id, stage.version, failure.code, json.dumps(dict(failure.parameters)), now, photo_id)
            for photo_id, failure in failures
        ),
    )


def forget(
    db: apsw.Connection, stage: StageDeclaration, model_id: int | None, photo_ids: Collection[int]
) -> None:
    """Forget what a stage did with photos, whose results are gone."""
    db.execute(
        "DELETE FROM stage_state WHERE stage_id = ? AND photo_id IN (SELECT value FROM json_each(?))",
        (_id(db, stage, model_id), json_ids(photo_ids)),
    )


def retry(db: apsw.Connection, photo_ids: Collection[int] | None = None) -> int:
    """Let failed stages try these photos (or all) again; return how many failures were forgotten."""
    if photo_ids is None:
        db.execute("DELETE FROM stage_state WHERE code IS NOT NULL")
    else:
        db.execute(
            "DELETE FROM stage_state WHERE code IS NOT NULL AND stage_id IN (SELECT id FROM stage) "
            "AND photo_id IN (SELECT value FROM json_each(?))",
            (json_ids(photo_ids),),
        )
    return db.changes()


def results(db: apsw.Connection, stage: StageDeclaration, photo_ids: Collection[int]) -> dict[int, Any]:
    """What :func:`put_results` stored for these photos by the present version of a stage."""
    rows = db.execute(
        "SELECT s.photo_id, s.result FROM json_each(?3) AS a CROSS JOIN stage_state AS s "
        "ON s.photo_id = a.value WHERE s.stage_id = ?1 AND s.version = ?2 AND s.result IS NOT NULL",
        (_id(db, stage, None), stage.version, json_ids(photo_ids)),
    )
    return {photo_id: json.loads(result) for photo_id, result in rows}


def with_result(db: apsw.Connection, stage: StageDeclaration) -> list[int]:
    """Visible photos for which :func:`put_results` stored something by the present version of a stage."""
    return ids_of(
        db.execute(
            "SELECT s.photo_id FROM stage_state AS s JOIN photo AS p ON p.id = s.photo_id "
            "WHERE s.stage_id = ? AND s.version = ? AND s.result IS NOT NULL AND p.orphaned_at IS NULL "
            "ORDER BY s.photo_id",
            (_id(db, stage, None), stage.version),
        )
    )


def failures(db: apsw.Connection, stage: StageDeclaration, model_id: int | None) -> list[FailedPhoto]:
    """Photos at which the present version of a stage failed, the latest first."""
    rows = db.execute(
        "SELECT photo_id, code, ifnull(parameters, '{}'), ifnull(failed_at, 0) FROM stage_state "
        "WHERE stage_id = ? AND version = ? AND code IS NOT NULL ORDER BY failed_at DESC, photo_id DESC",
        (_id(db, stage, model_id), stage.version),
    )
    return [
        FailedPhoto(photo_id, StageFailure(code, json.loads(parameters)), when)
        for photo_id, code, parameters, when in rows
    ]


def coverage(db: apsw.Connection, stage: StageDeclaration, model_id: int | None) -> Coverage:
    """How far a stage has come. Counts visible photos only."""
    # Counting all and subtracting the few orphans avoids a look at each photo.
    photos, done, failed = db.execute(
        f"""
        WITH mine AS (
            SELECT photo_id, code FROM stage_state WHERE stage_id = :stage AND version = :version
        ), orphan AS (SELECT id FROM photo WHERE orphaned_at IS NOT NULL)
        SELECT
            (SELECT count(*) FROM photo WHERE {_SUBSETS[stage.subset]})
                - (SELECT count(*) FROM photo WHERE orphaned_at IS NOT NULL AND {_SUBSETS[stage.subset]}),
            (SELECT count(*) FROM mine WHERE code IS NULL)
                - (SELECT count(*) FROM orphan AS o JOIN mine AS m ON m.photo_id = o.id WHERE m.code IS NULL),
            (SELECT count(*) FROM mine WHERE code IS NOT NULL)
                - (SELECT count(*) FROM orphan AS o JOIN mine AS m ON m.photo_id = o.id
                    WHERE m.code IS NOT NULL)
        """,
        {"stage": _id(db, stage, model_id), "version": stage.version},
    ).get
    return Coverage(stage.name, stage.version, stage.cost, photos, done, failed)


def register(db: apsw.Connection, stage: StageDeclaration, model_id: int | None) -> int:
    """The id of a stage in the database, created if it is new."""
    variant = _variant(stage, model_id)
    db.execute("INSERT OR IGNORE INTO stage (name, variant) VALUES (?, ?)", (stage.name, variant))
    return _id(db, stage, model_id)


def _id(db: apsw.Connection, stage: StageDeclaration, model_id: int | None) -> int:
    """The id of a stage; 0, which no stage has, for one that has not run yet."""
    variant = _variant(stage, model_id)
    found = db.execute("SELECT id FROM stage WHERE name = ? AND variant = ?", (stage.name, variant)).get
    return int(found or 0)


def _variant(stage: StageDeclaration, model_id: int | None) -> int:
    return (model_id or 0) if stage.per_model else 0
