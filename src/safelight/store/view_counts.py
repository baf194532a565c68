"""How often photos were looked at, so that what a person cares for is read first by a new model.

Kept in the library only, and in no log, export or backup of what the person made.
"""

from __future__ import annotations

import apsw


def count(db: apsw.Connection, photo_id: int) -> None:
    """A photo was looked at once more. One that is not there is ignored."""
    db.execute(
        """
        INSERT INTO viewed (photo_id, times) SELECT id, 1 FROM photo WHERE id = ?
        ON CONFLICT (photo_id) DO UPDATE SET times = times + 1
        """,
        (photo_id,),
    )
