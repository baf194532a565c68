"""How many videos a scan left out because the extra that reads them is not installed."""

from __future__ import annotations

from collections.abc import Collection

import apsw

from safelight.store.rows import json_ids


def note(db: apsw.Connection, folder_id: int, files: int) -> None:
    """Record how many videos a scan of a whole root left out."""
    db.execute("DELETE FROM skipped_videos WHERE folder_id = ?", (folder_id,))
    if files:
        db.execute("INSERT INTO skipped_videos (folder_id, files) VALUES (?, ?)", (folder_id, files))


def count(db: apsw.Connection, folder_ids: Collection[int]) -> int:
    """The number of videos that were left out in these roots."""
    found: int = db.execute(
        "SELECT ifnull(sum(files), 0) FROM skipped_videos "
        "WHERE folder_id IN (SELECT value FROM json_each(?))",
        (json_ids(folder_ids),),
    ).get
    return found
