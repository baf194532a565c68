"""Which damaged files were replaced by an intact copy, and where their damaged bytes are kept."""

from __future__ import annotations

from dataclasses import dataclass

import apsw


@dataclass(frozen=True, slots=True)
class Repair:
    id: int
    path: bytes
    """Absolute, of the file that was replaced."""
    kept_as: str
    """Name of the damaged file in the library's folder of damaged files."""
    content_hash: bytes
    """What the file holds since."""
    repaired_at: float
    undone_at: float | None


_SELECT = "SELECT id, path, kept_as, content_hash, repaired_at, undone_at FROM repair"


def begin(db: apsw.Connection, path: bytes, kept_as: str, content_hash: bytes, now: float) -> int:
    """Note a repair just before it is made; return its id."""
    row: int = db.execute(
        "INSERT INTO repair (path, kept_as, content_hash, repaired_at) VALUES (?, ?, ?, ?) RETURNING id",
        (path, kept_as, content_hash, now),
    ).get
    return row


def get(db: apsw.Connection, repair_id: int) -> Repair | None:
    row = db.execute(f"{_SELECT} WHERE id = ?", (repair_id,)).fetchone()
    return None if row is None else Repair(*row)


def latest(db: apsw.Connection) -> Repair | None:
    """The latest repair that was not undone."""
    row = db.execute(f"{_SELECT} WHERE undone_at IS NULL ORDER BY id DESC LIMIT 1").fetchone()
    return None if row is None else Repair(*row)


def set_undone(db: apsw.Connection, repair_id: int, now: float) -> None:
    db.execute("UPDATE repair SET undone_at = ? WHERE id = ?", (now, repair_id))
