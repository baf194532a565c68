"""Applies the user's choices between values that were changed both in the library and in a file."""

from __future__ import annotations

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.operations import Json, ResolveConflicts
from safelight.services.operations.handler import Applied, Handler, Reverted
from safelight.store import marks
from safelight.store.library import Connection


def _resolve(db: Connection, operation: ResolveConflicts, _: float) -> Applied:
    values: list[Json] = []
    for photo_id, column, value in operation.values:
        before = marks.values(db, [photo_id], column).get(photo_id, marks.UNSET[column])
        if marks.set_value(db, [photo_id], column, value):
            values.append([photo_id, column, before, value])
    if not values:
        return Applied()
    changed = tuple(sorted({photo_id for photo_id, *_ in values}))
    return Applied(
        LibraryChanged(ChangeKind.MARKS, updated=changed), {"values": values}, {"photos": len(changed)}
    )


def _undo(db: Connection, undo: Json, _: float) -> Reverted:
    """Set the values that were not chosen, unless the user has changed them since."""
    changed: set[int] = set()
    for photo_id, column, lost, kept in undo["values"]:
        now = marks.values(db, [photo_id], column).get(photo_id, marks.UNSET[column])
        if now == kept:
            changed.update(marks.set_value(db, [photo_id], column, lost))
    if not changed:
        return Reverted()
    return Reverted(LibraryChanged(ChangeKind.MARKS, updated=tuple(sorted(changed))), len(changed))


HANDLERS = (Handler(ResolveConflicts, _resolve, _undo),)
