"""Which photos are videos, and which of them are compared with each other because of their lengths."""

# ruff: noqa: S608 (conditions of this module, with its constants)

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import apsw

from safelight.core.videos import (
    LEAST_PART_SECONDS,
    LEAST_PART_SHARE,
    SAME_LENGTH_SECONDS,
    SAME_LENGTH_SHARE,
)
from safelight.store.rows import ids_of, json_ids


def equally_long(one: str, two: str) -> str:
    """The condition that the row ``one`` of ``photo`` is a video about as long as the row ``two``.

    It is a range of ``one.duration``, which the index photo_duration finds.
    """
    tolerance = f"({SAME_LENGTH_SECONDS} + {SAME_LENGTH_SHARE} * {two}.duration)"
    return f"{one}.duration BETWEEN {two}.duration - {tolerance} AND {two}.duration + {tolerance}"


PART_OR_WHOLE = (
    f"duration >= {LEAST_PART_SECONDS} AND NOT EXISTS (SELECT 1 FROM pair AS h WHERE h.photo_id = photo.id) "
    "AND EXISTS (SELECT 1 FROM photo AS other WHERE other.orphaned_at IS NULL AND other.id <> photo.id "
    f"AND other.duration BETWEEN max({LEAST_PART_SECONDS}, {LEAST_PART_SHARE} * photo.duration) "
    f"AND photo.duration / {LEAST_PART_SHARE} AND NOT {equally_long('other', 'photo')})"
)
"""The condition that a row of ``photo`` is a video that may be a part of another, or contain one, by their
lengths. The videos of Live Photos are neither."""


def videos_among(db: apsw.Connection, photo_ids: Collection[int]) -> set[int]:
    """Those of these photos that are videos."""
    return set(
        ids_of(
            db.execute(
                "SELECT p.id FROM json_each(?) AS a CROSS JOIN photo AS p ON p.id = a.value "
                "WHERE p.duration IS NOT NULL",
                (json_ids(photo_ids),),
            )
        )
    )


def as_long_as(db: apsw.Connection, photo_id: int) -> list[int]:
    """The other visible videos that are about as long as this one."""
    return ids_of(
        db.execute(
            "SELECT other.id FROM photo AS this JOIN photo AS other "
            f"ON {equally_long('other', 'this')} "
            "WHERE this.id = ? AND other.id <> this.id AND other.orphaned_at IS NULL ORDER BY other.id",
            (photo_id,),
        )
    )


@dataclass(frozen=True, slots=True)
class VideoMeasures:
    """Length and shape of a video."""

    duration: float
    """Seconds."""
    width: int
    height: int


def measures(db: apsw.Connection, photo_ids: Collection[int]) -> dict[int, VideoMeasures]:
    """The measures of those of these photos that are visible videos."""
    rows = db.execute(
        "SELECT p.id, p.duration, p.width, p.height FROM json_each(?) AS a CROSS JOIN photo AS p "
        "ON p.id = a.value WHERE p.orphaned_at IS NULL AND p.duration IS NOT NULL",
        (json_ids(photo_ids),),
    )
    return {photo_id: VideoMeasures(duration, width, height) for photo_id, duration, width, height in rows}
