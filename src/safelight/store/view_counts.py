"""How often photos were viewed. Background work takes the most viewed photos first.

Stored in the library only: never logged, exported or included in user data backups.
"""

from __future__ import annotations

import apsw


def count(db: apsw.Connection, photo_id: int) -> None:
    """Count a view of a photo. Unknown ids are ignored."""
    db.execute(
        """
        INSERT INTO viewed (photo_id, times) SELECT id, 1 FROM photo WHERE id = ?
        ON CONFLICT (photo_id) DO UPDATE SET times = times + 1
        """,
        (photo_id,),
    )
