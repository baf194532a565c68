"""Repairs damaged files, and undoes that by restoring the damaged bytes."""

from __future__ import annotations

import time
from collections.abc import Sequence

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.errors import SafelightError
from safelight.core.message import Message
from safelight.core.operations import RepairFiles, RepairOutcome, UndoOutcome
from safelight.services.repairing import Repairer
from safelight.store import journal, repairs
from safelight.store.library import Connection, LibraryStore
from safelight.store.rows import display_text

_CHANGED = LibraryChanged(ChangeKind.FAILURES)


def apply(store: LibraryStore, operation: RepairFiles) -> RepairOutcome:
    """Repair files as one step, which is in the journal before the first file is replaced."""
    steps: list[int] = []
    repair_ids: list[int] = []

    def note(db: Connection, repair_id: int) -> None:
        repair_ids.append(repair_id)
        detail = {"params": {"files": len(repair_ids)}, "undo": repair_ids}
        if steps:
            journal.set_detail(db, steps[0], detail)
        else:
            steps.append(journal.begin(db, RepairFiles.code, detail, time.time()))

    done = Repairer(store).repair(operation.file_ids, note)
    change = _CHANGED if done.done else LibraryChanged()
    return RepairOutcome(
        steps[0] if steps else None, change, repaired=tuple(done.done), left=tuple(done.failed)
    )


def undo(store: LibraryStore, step_id: int, repair_ids: Sequence[int]) -> UndoOutcome:
    """Restore the damaged bytes of a step, the last file first, except files that were changed since."""
    with store.write() as db:
        journal.begin_undo(db, step_id, time.time())
    with store.read() as db:
        waiting = [each for each in (repairs.get(db, repair_id) for repair_id in repair_ids) if each]
    restored, failed = 0, list[tuple[str, Message]]()
    for repair in reversed(waiting):
        if repair.undone_at is not None:
            continue
        try:
            Repairer(store).put_back(repair)
            restored += 1
        except SafelightError as error:
            failed.append((display_text(repair.path), error.message))
    return UndoOutcome(
        change=_CHANGED if restored else LibraryChanged(),
        undone=step_id,
        code=RepairFiles.code,
        params={"files": len(repair_ids)},
        reverted=restored,
        failed=tuple(failed),
    )
