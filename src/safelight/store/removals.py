"""Removals that wait for a person: how many files of a folder were gone, and what was said to it."""

from __future__ import annotations

import apsw


def hold(db: apsw.Connection, folder_id: int, missing: int, now: float) -> None:
    """Note that so many files of a folder are gone and nobody has said yet what that means."""
    db.execute(
        "INSERT INTO held_removal (folder_id, missing, noticed_at) VALUES (?, ?, ?) "
        "ON CONFLICT (folder_id) DO UPDATE SET missing = excluded.missing, kept = 0",
        (folder_id, missing, now),
    )


def keep(db: apsw.Connection, folder_id: int) -> None:
    """The person wants the photos kept though their files are gone: ask no more until there are more."""
    db.execute("UPDATE held_removal SET kept = 1 WHERE folder_id = ?", (folder_id,))


def kept(db: apsw.Connection, folder_id: int) -> int:
    """How many missing files the person wants kept; 0 where nothing was said."""
    found = db.execute("SELECT missing FROM held_removal WHERE folder_id = ? AND kept = 1", (folder_id,)).get
    return 0 if found is None else int(found)


def settle(db: apsw.Connection, folder_id: int) -> None:
    """Nothing waits any more: the files came back, or were confirmed to be gone."""
    db.execute("DELETE FROM held_removal WHERE folder_id = ?", (folder_id,))


def waiting(db: apsw.Connection) -> list[tuple[int, int]]:
    """(folder, missing files) of the removals that nobody has answered."""
    rows = db.execute("SELECT folder_id, missing FROM held_removal WHERE kept = 0 ORDER BY folder_id")
    return [(folder_id, missing) for folder_id, missing in rows]
