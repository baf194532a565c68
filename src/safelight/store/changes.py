"""What changed in a library, for programs that keep a copy of it."""

from __future__ import annotations

from dataclasses import dataclass

import apsw

from safelight.store.revisions import MAX_KEPT_CHANGES
from safelight.store.rows import ids_of


@dataclass(frozen=True, slots=True)
class State:
    """A state of a library. As text, ``12-5-1``."""

    change: int
    """Number of the last change to photos and their vectors."""
    step: int
    """The last step of the journal."""
    undone: int
    """Steps that have been undone."""

    def __str__(self) -> str:
        return f"{self.change}-{self.step}-{self.undone}"

    @classmethod
    def read(cls, text: str) -> State:
        """Raises ValueError."""
        change, step, undone = (int(number) for number in text.split("-"))
        return cls(change, step, undone)


def current(db: apsw.Connection) -> State:
    """The state that this connection sees."""
    row = db.execute(
        "SELECT (SELECT ifnull(max(id), 0) FROM vector_change), (SELECT ifnull(max(id), 0) FROM journal), "
        "(SELECT count(*) FROM journal WHERE undone_at IS NOT NULL)"
    ).fetchone()
    assert row is not None
    return State(*row)


def photos_between(db: apsw.Connection, before: State, now: State) -> list[int] | None:
    """The sorted photos that were added, removed or got other vectors; None if that was too long ago to
    know.
    """
    if not 0 <= now.change - before.change <= MAX_KEPT_CHANGES:
        return None
    return ids_of(
        db.execute(
            "SELECT DISTINCT photo_id FROM vector_change WHERE id > ? AND id <= ? ORDER BY photo_id",
            (before.change, now.change),
        )
    )


def edits_between(db: apsw.Connection, before: State, now: State) -> int:
    """How many edits were made or undone."""
    made: int = db.execute(
        "SELECT count(*) FROM journal WHERE id > ? AND id <= ?", (before.step, now.step)
    ).get
    return made + abs(now.undone - before.undone)
