"""Saves, renames and deletes saved searches."""

from __future__ import annotations

from dataclasses import astuple

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.errors import SafelightError
from safelight.core.operations import DeleteSearch, Json, RenameSearch, SaveSearch
from safelight.services.operations.handler import Applied, Handler, Reverted
from safelight.store import saved_searches
from safelight.store.library import Connection
from safelight.store.saved_searches import SavedSearch

_CHANGED = LibraryChanged(ChangeKind.SEARCHES)


def _save(db: Connection, operation: SaveSearch, now: float) -> Applied:
    before = saved_searches.by_name(db, operation.name)
    search_id = saved_searches.save(db, operation.name, operation.query, now)
    return _put(db, search_id, before)


def _rename(db: Connection, operation: RenameSearch, _: float) -> Applied:
    before = _get(db, operation.search_id)
    saved_searches.rename(db, operation.search_id, operation.name)
    return _put(db, operation.search_id, before)


def _put(db: Connection, search_id: int, before: SavedSearch | None) -> Applied:
    after = _get(db, search_id)
    if after == before:
        return Applied()
    undo = {"before": None if before is None else list(astuple(before)), "after": list(astuple(after))}
    params = {"name": after.name, "before": "" if before is None else before.name}
    return Applied(_CHANGED, undo, params)


def _undo_put(db: Connection, undo: Json, _: float) -> Reverted:
    after = SavedSearch(*undo["after"])
    if saved_searches.get(db, after.id) != after:
        return Reverted()  # changed or deleted since
    if undo["before"] is None:
        saved_searches.delete(db, after.id)
    else:
        saved_searches.restore(db, SavedSearch(*undo["before"]), 0.0)
    return Reverted(_CHANGED, 1)


def _delete(db: Connection, operation: DeleteSearch, _: float) -> Applied:
    before = _get(db, operation.search_id)
    created_at = saved_searches.delete(db, operation.search_id)
    return Applied(
        _CHANGED, {"before": list(astuple(before)), "created_at": created_at}, {"name": before.name}
    )


def _undo_delete(db: Connection, undo: Json, _: float) -> Reverted:
    saved_searches.restore(db, SavedSearch(*undo["before"]), undo["created_at"])
    return Reverted(_CHANGED, 1)


def _get(db: Connection, search_id: int) -> SavedSearch:
    found = saved_searches.get(db, search_id)
    if found is None:
        raise SafelightError("This saved search no longer exists.")
    return found


HANDLERS = (
    Handler(SaveSearch, _save, _undo_put),
    Handler(RenameSearch, _rename, _undo_put),
    Handler(DeleteSearch, _delete, _undo_delete),
)
