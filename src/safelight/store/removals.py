"""Removals that wait for the user: the number of missing files per folder, and the user's answer."""

from __future__ import annotations

import apsw


def hold(db: apsw.Connection, folder_id: int, missing: int, now: float) -> None:
    """Record that this many files of a folder are missing and the user has not answered yet."""
    db.execute(
        "INSERT INTO held_removal (folder_id, missing, noticed_at) VALUES (?, ?, ?) "
        "ON CONFLICT (folder_id) DO UPDATE SET missing = excluded.missing, kept = 0",
        (folder_id, missing, now),
    )


def keep(db: apsw.Connection, folder_id: int) -> None:
    """Keep the photos of the missing files, and ask again only if more files go missing."""
    db.execute("UPDATE held_removal SET kept = 1 WHERE folder_id = ?", (folder_id,))


def kept(db: apsw.Connection, folder_id: int) -> int:
    """Number of missing files whose photos the user wants to keep; 0 without an answer."""
    found = db.execute("SELECT missing FROM held_removal WHERE folder_id = ? AND kept = 1", (folder_id,)).get
    return 0 if found is None else int(found)


def lower(db: apsw.Connection, folder_id: int, missing: int) -> None:
    """Record that only this many files are still missing. The user's answer stays as it is."""
    db.execute("UPDATE held_removal SET missing = ? WHERE folder_id = ?", (missing, folder_id))


def clear(db: apsw.Connection, folder_id: int) -> None:
    """Forget the missing files: they came back, or their removal was confirmed."""
    db.execute("DELETE FROM held_removal WHERE folder_id = ?", (folder_id,))


def waiting(db: apsw.Connection) -> list[tuple[int, int]]:
    """(folder, missing files) of unanswered removals."""
    rows = db.execute("SELECT folder_id, missing FROM held_removal WHERE kept = 0 ORDER BY folder_id")
    return [(folder_id, missing) for folder_id, missing in rows]
