"""Records verdicts on duplicates, and protects files from the trash."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import astuple

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.operations import Json, JudgeDuplicates, ProtectPath
from safelight.core.plain_text import without_surrogates
from safelight.services.operations.handler import Applied, Handler, Reverted
from safelight.store import decisions
from safelight.store.decisions import ReplacedDecision
from safelight.store.library import Connection

_CHANGED = LibraryChanged(ChangeKind.DECISIONS)


def _judge(db: Connection, operation: JudgeDuplicates, now: float) -> Applied:
    changed = decisions.store_verdict(db, operation.photo_ids, operation.verdict, now)
    if not changed:
        return Applied(_CHANGED)
    params = {"photos": len(set(operation.photo_ids)), "verdict": operation.verdict.value}
    return Applied(_CHANGED, [_as_json(each) for each in changed], params)


def _undo(db: Connection, undo: Json, _: float) -> Reverted:
    count = decisions.undo_verdicts(db, [_from_json(each) for each in undo])
    return Reverted(_CHANGED, count) if count else Reverted()


def _protect(db: Connection, operation: ProtectPath, now: float) -> Applied:
    path = os.fsencode(operation.path)
    if not decisions.protect(db, path, operation.protected, now):
        return Applied(_CHANGED)
    undo = {"path": path.hex(), "protected": operation.protected}
    return Applied(_CHANGED, undo, {"path": without_surrogates(os.fsdecode(path))})


def _undo_protect(db: Connection, undo: Json, now: float) -> Reverted:
    changed = decisions.protect(db, bytes.fromhex(undo["path"]), not undo["protected"], now)
    return Reverted(_CHANGED, 1) if changed else Reverted()


def _as_json(judgement: ReplacedDecision) -> list[object]:
    first, second, *rest = astuple(judgement)
    return [first.hex(), second.hex(), *rest]


def _from_json(stored: Sequence[object]) -> ReplacedDecision:
    first, second, now, before, decided_at, before_decided_at = stored
    return ReplacedDecision(
        bytes.fromhex(str(first)),
        bytes.fromhex(str(second)),
        str(now),
        None if before is None else str(before),
        float(str(decided_at)),
        None if before_decided_at is None else float(str(before_decided_at)),
    )


HANDLERS = (
    Handler(JudgeDuplicates, _judge, _undo),
    Handler(ProtectPath, _protect, _undo_protect),
)
