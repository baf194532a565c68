"""Values that were changed both in the library and by another program, as the journal keeps them."""

from __future__ import annotations

import json
from dataclasses import dataclass

import apsw

from safelight.core.operations import ResolveConflicts
from safelight.store import photos

_MAX_VALUES = 1000
"""Values that are listed. They come from photos that were read together, so there are few."""


@dataclass(frozen=True, slots=True)
class ResolvedValue:
    """A value that was changed on both sides. 0 and empty text mean that there is none."""

    photo_id: int
    path: str
    """The path of the first file of the photo; empty if it is in none."""
    field: str
    """``rating``, ``label``, ``title`` or ``caption``."""
    kept: int | str
    lost: int | str


@dataclass(frozen=True, slots=True)
class ConflictResolution:
    """The conflicts that one step of the journal resolved. :class:`safelight.core.operations.Undo` reverses
    it.
    """

    step: int
    values: tuple[ResolvedValue, ...]


def latest(db: apsw.Connection) -> ConflictResolution | None:
    """The latest step that resolved conflicts; None if there is none, or if it was undone."""
    row = db.execute(
        "SELECT id, detail, undone_at FROM journal WHERE action = ? ORDER BY id DESC LIMIT 1",
        (ResolveConflicts.code,),
    ).fetchone()
    if row is None or row[2] is not None:
        return None
    values = json.loads(row[1])["undo"]["values"][:_MAX_VALUES]
    known = photos.get_many(db, [photo_id for photo_id, *_ in values])
    paths = {photo.id: photo.files[0].path for photo in known if photo.files}
    return ConflictResolution(
        row[0],
        tuple(
            ResolvedValue(photo_id, paths.get(photo_id, ""), field, kept, lost)
            for photo_id, field, lost, kept in values
        ),
    )
