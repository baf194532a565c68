"""Videos by their length."""

from __future__ import annotations

import apsw

from safelight.core.videos import SAME_LENGTH_SECONDS, SAME_LENGTH_SHARE
from safelight.store.rows import ids_of


def equally_long(one: str, two: str) -> str:
    """The condition that the row ``one`` of ``photo`` is a video about as long as the row ``two``.

    It is a range of ``one.duration``, which the index photo_duration finds.
    """
    tolerance = f"({SAME_LENGTH_SECONDS} + {SAME_LENGTH_SHARE} * {two}.duration)"
    return f"{one}.duration BETWEEN {two}.duration - {tolerance} AND {two}.duration + {tolerance}"


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
