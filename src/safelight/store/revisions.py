"""Changes to the vectors that searches see, for caches that keep them in memory.

``vector_change`` lists, in order, the photos whose vectors were written or removed, or that became visible
or invisible (through a trigger of schema 2). It is short: a cache that missed more than it holds reloads
everything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import apsw

from safelight.core.errors import ModelError
from safelight.store.rows import ids_of

MAX_KEPT_CHANGES = 65_536
"""Number of changes kept."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A state of one model's vectors. Equal revisions mean the same vectors of the same photos."""

    model_id: int
    generation: int
    """Identity of the table, which changes when all vectors were rewritten."""
    change: int
    """Number of the last change."""


def note(db: apsw.Connection, photo_ids: Iterable[int]) -> None:
    """Record that vectors of these photos were written or removed."""
    db.executemany("INSERT INTO vector_change (photo_id) VALUES (?)", ((int(photo),) for photo in photo_ids))
    # The newest change always stays, because it identifies the revision.
    db.execute(
        "DELETE FROM vector_change WHERE id <= (SELECT max(id) FROM vector_change) - ?", (MAX_KEPT_CHANGES,)
    )


def current(db: apsw.Connection, model_id: int) -> Revision:
    """The revision that this connection sees. Raises ModelError for a model that is not registered."""
    generation = db.execute("SELECT generation FROM model WHERE id = ?", (model_id,)).get
    if generation is None:
        raise ModelError("The library holds no vectors of that model; index with it first.")
    return Revision(model_id, generation, db.execute("SELECT ifnull(max(id), 0) FROM vector_change").get)


def newest_change(db: apsw.Connection) -> int:
    """The number of the last change of the whole library, also for a connection that sees only some photos.
    Use it to compare states, never to tell a program that something changed."""
    newest: int = db.execute("SELECT ifnull(max(id), 0) FROM main.vector_change").get
    return newest


def changed_photos(db: apsw.Connection, since: Revision, now: Revision) -> list[int] | None:
    """The sorted photos whose vectors may differ between ``since`` and ``now``, or None if everything
    must be reloaded.
    """
    if (since.model_id, since.generation) != (now.model_id, now.generation):
        return None
    if not 0 <= now.change - since.change <= MAX_KEPT_CHANGES:
        return None
    rows = db.execute(
        "SELECT DISTINCT photo_id FROM vector_change WHERE id > ? AND id <= ? ORDER BY photo_id",
        (since.change, now.change),
    )
    return ids_of(rows)
