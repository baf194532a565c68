"""Applies, journals and undoes operations, for the engine's writer and for the command line."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar, cast

from safelight.core.changes import LibraryChanged
from safelight.core.jobs import JobControl
from safelight.core.operations import (
    AddFolder,
    Json,
    Operation,
    Outcome,
    RepairFiles,
    RestoreFiles,
    TrashDuplicates,
    TrashOutcome,
    TrashPhotos,
    Undo,
    UndoOutcome,
)
from safelight.services.operations import (
    albums,
    concepts,
    conflicts,
    decisions,
    failures,
    folders,
    importing,
    marks,
    repairs,
    searches,
    several,
    stacks,
    tags,
    themes,
)
from safelight.services.operations.handler import Handler
from safelight.services.review.trash import Trash
from safelight.services.review.trash_executor import TrashExecutor, TrashResult
from safelight.services.review.undo import FileUndo, UndoResult
from safelight.store import journal
from safelight.store.journal import Step
from safelight.store.library import LibraryStore

T = TypeVar("T")
O = TypeVar("O", bound=Outcome)  # noqa: E741 - the letter that core.operations uses

_SINGLE_HANDLERS: tuple[Handler[Any], ...] = (
    *marks.HANDLERS,
    *tags.HANDLERS,
    *albums.HANDLERS,
    *stacks.HANDLERS,
    *conflicts.HANDLERS,
    *searches.HANDLERS,
    *themes.HANDLERS,
    *failures.HANDLERS,
    *decisions.HANDLERS,
    *concepts.HANDLERS,
    *folders.HANDLERS,
    *importing.HANDLERS,
)
_HANDLERS = (*_SINGLE_HANDLERS, several.handler_of(_SINGLE_HANDLERS))
_BY_CLASS = {handler.operation: handler for handler in _HANDLERS}
_BY_CODE = {handler.operation.code: handler for handler in _HANDLERS}


class OperationRunner:
    """Runs operations. One call at a time. Call :meth:`recover` first, which completes interrupted ones."""

    def __init__(
        self,
        store: LibraryStore,
        trash: Trash | None = None,
        *,
        on_change: Callable[[LibraryChanged], None] = lambda _: None,
        between_runs: Callable[[Callable[[], None]], None] = lambda work: work(),
    ) -> None:
        """``on_change`` is called after each commit, of which a slow operation has several. ``between_runs``
        calls its argument while no index run is running, and returns when the call has returned."""
        self._store = store
        self._on_change = on_change
        self._between_runs = between_runs
        self._trash = TrashExecutor(store, trash, on_change=on_change)
        self._files = FileUndo(store, trash)

    def run(self, operation: Operation[O], control: JobControl | None = None) -> O:
        """Apply an operation. Its transaction is committed when this returns.

        Raises SafelightError if the operation cannot be applied; it has then changed nothing. A slow
        operation raises CancelledError between two photos; what it has done until then can be undone.
        """
        asked: Operation[Any] = operation
        match asked:
            case Undo(step, asks_first):
                outcome: Outcome = self._undo(step, asks_first=asks_first)
            case RestoreFiles(trashed_ids):
                outcome = self._restore_outcome(self._files.restore(trashed_ids), RestoreFiles.code)
            case RepairFiles():
                outcome = self._report_change(repairs.apply(self._store, asked))
            case TrashDuplicates(actions):
                outcome = _trash_outcome(self._trash.trash_duplicates(actions, control or JobControl()))
            case TrashPhotos(_, only_files) if only_files:
                outcome = _trash_outcome(self._trash.trash_files(only_files, control or JobControl()))
            case TrashPhotos(photo_ids):
                outcome = _trash_outcome(self._trash.trash_photos(photo_ids, control or JobControl()))
            case _:
                outcome = self._apply(asked)
        return cast(O, outcome)

    def preview(self, operation: TrashDuplicates) -> TrashOutcome:
        """What :meth:`run` would do. Reads the same files, but moves none."""
        return _trash_outcome(self._trash.trash_duplicates(operation.actions, JobControl(), dry_run=True))

    def recover(self) -> UndoResult:
        """Complete the moves of files that the end of the program interrupted."""
        recovered = self._files.recover()
        if recovered.changed:
            self._on_change(recovered.changed)
        return recovered

    # --- applying -------------------------------------------------------------------------------------

    def _apply(self, operation: Operation[Outcome]) -> Outcome:
        handler = _BY_CLASS[type(operation)]
        if handler.prepare is not None:
            operation = handler.prepare(operation)

        def work() -> Outcome:
            now = time.time()
            step: int | None = None
            with self._store.write() as db:
                applied = handler.apply(db, operation, now)
                if applied.undo is not None:
                    detail = {"params": dict(applied.params), "undo": applied.undo}
                    step = journal.begin(db, operation.code, detail, now)
            return Outcome(step, applied.change, applied.notes, applied.created)

        outcome = self._run_between_index_runs(work) if handler.operation.pauses_indexing else work()
        if outcome.change:
            self._on_change(outcome.change)
        return outcome

    def _run_between_index_runs(self, work: Callable[[], T]) -> T:
        results: list[T] = []
        errors: list[Exception] = []

        def attempt() -> None:
            try:
                results.append(work())
            except Exception as error:  # noqa: BLE001 - raised again on the thread that asked
                errors.append(error)

        self._between_runs(attempt)
        if errors:
            raise errors[0]
        return results[0]

    # --- undoing --------------------------------------------------------------------------------------

    def _undo(self, step_id: int | None, *, asks_first: bool) -> UndoOutcome:
        with self._store.read() as db:
            step = journal.last_undoable(db) if step_id is None else journal.step(db, step_id)
        if step is None:
            return UndoOutcome()
        params, undo = _detail(step)
        if asks_first and step_id is None and step.action == AddFolder.code:
            return UndoOutcome(asked=step.id, code=step.action, params=params)
        if step.action == RepairFiles.code and isinstance(undo, list):
            return self._report_change(repairs.undo(self._store, step.id, [int(str(each)) for each in undo]))
        handler = _BY_CODE.get(step.action)
        if handler is None:
            return self._undo_files(step)
        if step.undone_at is not None:
            return UndoOutcome()

        def work() -> UndoOutcome:
            now = time.time()
            with self._store.write() as db:
                journal.begin_undo(db, step.id, now)
                reverted = handler.undo(db, undo, now)
            return UndoOutcome(
                change=reverted.change,
                undone=step.id,
                code=step.action,
                params=params,
                reverted=reverted.count,
            )

        outcome = self._run_between_index_runs(work) if handler.operation.pauses_indexing else work()
        if outcome.change:
            self._on_change(outcome.change)
        return outcome

    def _report_change(self, outcome: O) -> O:
        if outcome.change:
            self._on_change(outcome.change)
        return outcome

    def _undo_files(self, step: Step) -> UndoOutcome:
        return self._restore_outcome(self._files.undo(step.id), step.action)

    def _restore_outcome(self, undone: UndoResult, code: str) -> UndoOutcome:
        if undone.changed:
            self._on_change(undone.changed)
        return UndoOutcome(
            change=undone.changed,
            undone=undone.journal_id,
            code=code,
            params={"files": undone.restored},
            restored=undone.restored,
            failed=tuple(undone.failed),
        )


def params_of(step: Step) -> dict[str, Json]:
    """What :func:`safelight.core.operations.describe` needs of a step."""
    return _detail(step)[0]


def _detail(step: Step) -> tuple[dict[str, Json], Json]:
    """(params, undo). Verdicts journaled by schema 2 are the bare list that undoing them needs."""
    if isinstance(step.detail, list):
        return {}, step.detail
    return step.detail.get("params", {}), step.detail.get("undo")


def _trash_outcome(settled: TrashResult) -> TrashOutcome:
    return TrashOutcome(
        settled.journal_id,
        trashed=settled.trashed,
        moved=tuple(settled.moved),
        freed=settled.freed,
        spared=tuple(settled.spared),
    )
