"""What a person decides of duplicates, and what goes to the trash or comes back, on a thread of its own."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.jobs import JobControl
from safelight.engine.events import ActionUndone, DuplicatesSettled, RequestFailed
from safelight.engine.requests import (
    JudgeDuplicates,
    ProtectPath,
    SettleDuplicates,
    TrashPhotos,
    UndoAction,
)
from safelight.engine.worker import Job, Send, Worker
from safelight.services.review.trash import Trash
from safelight.services.review.trash_executor import Settled, TrashExecutor
from safelight.services.review.undo import Journal, Undone
from safelight.store import decisions
from safelight.store.library import LibraryStore

ReviewRequest = SettleDuplicates | JudgeDuplicates | TrashPhotos | ProtectPath | UndoAction


class ReviewWorker(Worker):
    """Carries out one request after the other, in the order in which they came: reading files again before
    they go may take long, and an undo must follow what it undoes.

    What an earlier run of the program left unfinished is completed before the first of them.
    """

    def __init__(
        self,
        store: LibraryStore,
        send: Send,
        changed: Callable[[LibraryChanged], None],
        trash: Trash | None = None,
    ) -> None:
        """``changed`` is called on the worker's thread, ahead of the answer, with what changed in the
        library; an empty change is one of verdicts or protected files."""
        super().__init__("review", send, fault="That")
        self._store = store
        self._changed_library = changed
        self._trash_executor = TrashExecutor(store, trash, on_change=changed)
        self._journal = Journal(store, trash)

    def start(self) -> None:
        self.post(lambda _: self._recover(), priority=-1)
        super().start()

    def submit(self, request: ReviewRequest) -> None:
        """Returns at once."""
        generation = None if isinstance(request, ProtectPath) else request.generation
        self.post(lambda control: self._carry_out(request, control), generation=generation)

    # --- the thread ---------------------------------------------------------------------------------

    def _report(self, job: Job, error: Exception) -> None:
        super()._report(job, error)
        if job.priority == 0:
            # It stopped in the middle, for example because the disk is full: record what did happen.
            self.post(lambda _: self._recover(), priority=-1)

    def _recover(self) -> None:
        recovered = self._journal.recover()
        if recovered.changed:
            self._changed_library(recovered.changed)
        for path, reason in recovered.failed:
            self._send(RequestFailed(f"{Path(path).name} could not be put back: {reason}."))

    def _carry_out(self, request: ReviewRequest, control: JobControl) -> None:
        match request:
            case SettleDuplicates(generation, actions):
                self._answer(generation, self._trash_executor.settle(actions, control))
            case TrashPhotos(generation, photo_ids):
                self._answer(generation, self._trash_executor.trash_photos(photo_ids, control))
            case JudgeDuplicates(generation, photo_ids, verdict):
                step = self._journal.judge(photo_ids, verdict)
                self._changed_library(LibraryChanged(ChangeKind.DECISIONS))
                self._send(DuplicatesSettled(generation, step, trashed=0, freed=0))
            case ProtectPath(path, protected):
                with self._store.write() as db:
                    decisions.protect(db, os.fsencode(path), protected, time.time())
                self._changed_library(LibraryChanged(ChangeKind.DECISIONS))
            case UndoAction(generation, journal_id):
                self._answer_undo(generation, self._journal.undo(journal_id))

    def _answer(self, generation: int, settled: Settled) -> None:
        self._send(
            DuplicatesSettled(
                generation, settled.journal_id, settled.trashed, settled.freed, tuple(settled.spared)
            )
        )

    def _answer_undo(self, generation: int, undone: Undone) -> None:
        if undone.changed:
            self._changed_library(undone.changed)
        self._send(
            ActionUndone(
                generation, undone.journal_id, undone.restored, tuple(undone.failed), undone.judgements
            )
        )
