"""What a person decides of duplicates, and what goes to the trash or comes back, on a thread of its own."""

from __future__ import annotations

import logging
import os
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path

from safelight.core.changes import LibraryChanged
from safelight.core.errors import CancelledError, SafelightError
from safelight.core.jobs import JobControl
from safelight.engine.events import ActionUndone, DuplicatesSettled, Event, RequestFailed
from safelight.engine.requests import (
    JudgeDuplicates,
    ProtectPath,
    SettleDuplicates,
    TrashPhotos,
    UndoAction,
)
from safelight.services.review.trash import Trash
from safelight.services.review.trash_executor import Settled, TrashExecutor
from safelight.services.review.undo import Journal, Undone
from safelight.store import decisions
from safelight.store.library import LibraryStore

log = logging.getLogger(__name__)

ReviewRequest = SettleDuplicates | JudgeDuplicates | TrashPhotos | ProtectPath | UndoAction


class ReviewWorker:
    """Carries out one request after the other, in the order in which they came: reading files again before
    they go may take long, and an undo must follow what it undoes.

    What an earlier run of the program left unfinished is brought to an end before the first of them.
    """

    def __init__(
        self,
        store: LibraryStore,
        send: Callable[[Event], None],
        changed: Callable[[LibraryChanged], None],
        trash: Trash | None = None,
    ) -> None:
        """``changed`` is told, on the desk's thread and ahead of the answer, what became of the library;
        a change that is empty is one of verdicts or locks."""
        self._store = store
        self._send = send
        self._changed = changed
        self._trash_executor = TrashExecutor(store, trash, on_change=changed)
        self._journal = Journal(store, trash)
        self._waiting: queue.SimpleQueue[ReviewRequest | None] = queue.SimpleQueue()
        self._control = JobControl()
        self._thread = threading.Thread(target=self._run, name="review", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def submit(self, request: ReviewRequest) -> None:
        """Returns at once."""
        self._waiting.put(request)

    def close(self) -> None:
        """End after the group under way; what then still waits is not begun."""
        self._control.cancel()
        self._waiting.put(None)
        self._thread.join()

    # --- the thread ---------------------------------------------------------------------------------

    def _run(self) -> None:
        self._guarded(self._recover, None)
        while (request := self._waiting.get()) is not None and not self._control.cancelled:
            self._take(request)

    def _take(self, request: ReviewRequest) -> None:
        generation = None if isinstance(request, ProtectPath) else request.generation
        if not self._guarded(lambda: self._carry_out(request), generation):
            # It broke off in the middle, as where the disk is full: what did happen is to be seen.
            self._guarded(self._recover, None)

    def _guarded(self, act: Callable[[], None], generation: int | None) -> bool:
        """Whether it went well; else the person has been told."""
        try:
            act()
        except CancelledError:
            return True  # the program ends
        except SafelightError as error:
            self._send(RequestFailed(str(error), generation))
        except Exception:
            log.exception("a step of the duplicate review ended by a fault of Safelight's own")
            self._send(RequestFailed("That could not be done because of a fault in Safelight.", generation))
        else:
            return True
        return False

    def _recover(self) -> None:
        recovered = self._journal.recover()
        if recovered.changed:
            self._changed(recovered.changed)
        for path, reason in recovered.failed:
            self._send(RequestFailed(f"{Path(path).name} could not be put back: {reason}."))

    def _carry_out(self, request: ReviewRequest) -> None:
        match request:
            case SettleDuplicates(generation, actions):
                self._answer(generation, self._trash_executor.settle(actions, self._control))
            case TrashPhotos(generation, photo_ids):
                self._answer(generation, self._trash_executor.trash_photos(photo_ids, self._control))
            case JudgeDuplicates(generation, photo_ids, verdict):
                step = self._journal.judge(photo_ids, verdict)
                self._changed(LibraryChanged())
                self._send(DuplicatesSettled(generation, step, trashed=0, freed=0))
            case ProtectPath(path, protected):
                with self._store.write() as db:
                    decisions.protect(db, os.fsencode(path), protected, time.time())
                self._changed(LibraryChanged())
            case UndoAction(generation, journal_id):
                self._answer_undo(generation, self._journal.undo(journal_id))

    def _answer(self, generation: int, settled: Settled) -> None:
        self._send(
            DuplicatesSettled(
                generation, settled.journal_id, settled.trashed, settled.freed, tuple(settled.spared)
            )
        )

    def _answer_undo(self, generation: int, undone: Undone) -> None:
        if undone.changed or undone.judgements:
            self._changed(undone.changed)
        self._send(
            ActionUndone(
                generation, undone.journal_id, undone.restored, tuple(undone.failed), undone.judgements
            )
        )
