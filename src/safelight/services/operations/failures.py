"""Hides failures that the user no longer wants to see."""

from __future__ import annotations

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.operations import IgnoreFailures, Json
from safelight.services.operations.handler import Applied, Handler, Reverted
from safelight.store import ignored_failures
from safelight.store.library import Connection

_CHANGED = LibraryChanged(ChangeKind.FAILURES)


def _ignore(db: Connection, operation: IgnoreFailures, _: float) -> Applied:
    ignored = ignored_failures.ignore(db, operation.file_ids)
    if not ignored:
        return Applied()
    return Applied(_CHANGED, {"files": ignored}, {"failures": len(ignored)})


def _list_again(db: Connection, undo: Json, _: float) -> Reverted:
    count = ignored_failures.list_again(db, undo["files"])
    return Reverted(_CHANGED, count) if count else Reverted()


HANDLERS = (Handler(IgnoreFailures, _ignore, _list_again),)
