"""Applies and undoes several operations as one step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from safelight.core.changes import joined
from safelight.core.operations import CompositeOperation, Json
from safelight.services.operations.handler import Applied, Handler, Reverted
from safelight.store.library import Connection


def handler_of(handlers: Sequence[Handler[Any]]) -> Handler[CompositeOperation]:
    """The handler of :class:`CompositeOperation` for operations with these handlers."""
    by_class = {each.operation: each for each in handlers}
    by_code = {each.operation.code: each for each in handlers}

    def apply(db: Connection, operation: CompositeOperation, now: float) -> Applied:
        applied = [(each.code, by_class[type(each)].apply(db, each, now)) for each in operation.operations]
        done = [(code, found) for code, found in applied if found.undo is not None]
        if not done:
            return Applied()
        change = joined([found.change for _, found in done])
        notes = tuple(note for _, found in done for note in found.notes)
        undo = [[code, found.undo] for code, found in done]
        return Applied(change, undo, {"photos": len(change.updated)}, notes)

    def revert(db: Connection, undo: Json, now: float) -> Reverted:
        reverted = [by_code[code].undo(db, each, now) for code, each in reversed(undo)]
        return Reverted(joined([each.change for each in reverted]), sum(each.count for each in reverted))

    return Handler(CompositeOperation, apply, revert)
