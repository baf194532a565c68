"""Which photos are videos, and which of them are equally long."""

from __future__ import annotations

from collections.abc import Collection

import apsw

from safelight.core.videos import SAME_LENGTH_SECONDS, SAME_LENGTH_SHARE
from safelight.store.rows import ids_of, json_ids


def equally_long(one: str, two: str) -> str:
    """The condition that the row ``one`` of ``photo`` is a video about as long as the row ``two``.

    It is a range of ``one.duration``, which the index photo_duration finds.
    """
    tolerance = f"({SAME_LENGTH_SECONDS} + {SAME_LENGTH_SHARE} * {two}.duration)"
    return f"{one}.duration BETWEEN {two}.duration - {tolerance} AND {two}.duration + {tolerance}"


def among(db: apsw.Connection, photo_ids: Collection[int]) -> set[int]:
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
            "SELECT other.id FROM photo AS this JOIN photo AS other "  # noqa: S608 - a fixed condition
            f"ON {equally_long('other', 'this')} "
            "WHERE this.id = ? AND other.id <> this.id AND other.orphaned_at IS NULL ORDER BY other.id",
            (photo_id,),
        )
    )
