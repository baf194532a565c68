"""Reads of the library for the window: on a thread, read-only. The newest read of each key is answered."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot
from shiboken6 import isValid

from safelight.core.errors import SafelightError
from safelight.ui.library.reads import Read
from safelight.ui.translation import error_text, translate
from safelight.ui.view_request import ViewRequest

if TYPE_CHECKING:
    from safelight.store.library import LibraryStore

_log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(slots=True)
class _PendingRead:
    question: Read[Any]
    answered: Callable[[Any], object]
    key: Hashable
    generation: int
    scope: ViewRequest


class LibraryReader(QObject):
    """Asynchronous reads: :meth:`read` returns at once, and the answer arrives on the GUI thread.

    Questions that are asked before the engine has created the library are kept and answered after
    :meth:`open_library`.
    """

    failed = Signal(str)

    _answered = Signal(object)

    def __init__(self, library: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._pending: dict[Hashable, _PendingRead] = {}
        self._newest: dict[Hashable, int] = {}
        """The generation of the newest unanswered question of each key."""
        self._generation = 0
        self._wake = threading.Condition()
        self._ending = False
        self._library_missing = False
        """Whether there is no library yet: questions wait until :meth:`open_library`."""
        self._store: LibraryStore | None = None
        self._thread: threading.Thread | None = None
        self._scope = ViewRequest()
        self._answered.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        if self._thread is None and not self._ending:
            self._thread = threading.Thread(target=self._run, name="library-reader", daemon=True)
            self._thread.start()

    def open_library(self) -> None:
        """The engine reported that the library exists: answer the questions that were kept."""
        with self._wake:
            self._library_missing = False
            self._wake.notify()

    def set_scope(self, scope: ViewRequest | None) -> None:
        """Set the part of the library that is open: of several copies of a photo, the one in an open folder
        comes first in later answers. None, for a search, changes nothing.
        """
        if scope is not None:
            self._scope = scope

    def read(
        self, question: Read[T], answered: Callable[[T], object], *, key: Hashable | None = None
    ) -> None:
        """Call ``answered`` with the answer, on the GUI thread. Call on the GUI thread.

        Of questions with the same key only the newest is answered; without a key, those of one class with
        the same receiver replace each other. A receiver (the object of a bound method) that Qt has deleted
        meanwhile gets no answer. Failures are emitted as :attr:`failed`.
        """
        if key is None:
            key = (type(question), answered)
        self._generation += 1
        self._newest[key] = self._generation
        with self._wake:
            if not self._ending:
                self._pending[key] = _PendingRead(question, answered, key, self._generation, self._scope)
                self._wake.notify()

    def request_stop(self) -> None:
        with self._wake:
            self._ending = True
            self._pending.clear()
            self._wake.notify()

    def stop(self, timeout: float) -> bool:
        """End the thread; True when it ended within ``timeout`` seconds. Idempotent."""
        self.request_stop()
        if self._thread is not None:
            self._thread.join(timeout)
        return self._thread is None or not self._thread.is_alive()

    # --- the reader's thread ------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while True:
                with self._wake:
                    self._wake.wait_for(lambda: self._ending or (self._pending and not self._library_missing))
                    if self._ending:
                        return
                    asked = self._pending.pop(next(iter(self._pending)))
                self._answer(asked)
        finally:
            if self._store is not None:
                self._store.close()

    def _answer(self, asked: _PendingRead) -> None:
        # On this thread: the first paint does not need the library, and loading it takes longer than that.
        from safelight.store.library import LibraryStore
        from safelight.ui.library import queries as library_queries

        try:
            if self._store is None:
                self._store = LibraryStore.open_read_only(self._library)
            with self._store.read() as db:
                result = library_queries.answer(db, asked.question, asked.scope)
        except SafelightError as error:
            if self._store is None:
                _log.debug("The library cannot be read yet: %s", error)
                with self._wake:
                    self._pending.setdefault(asked.key, asked)
                    self._library_missing = True
                return
            message = error_text(error)
            self._emit(lambda: self.failed.emit(message))
        except Exception:  # noqa: BLE001 - a bug on this thread must be told, not lost
            _log.exception("Reading the library failed")
            self._emit(
                lambda: self.failed.emit(
                    translate("LibraryReader", "Reading the library failed; the log says why.")
                )
            )
        else:
            self._emit(lambda: self._call_receiver(asked, result))

    def _emit(self, deliver: Callable[[], None]) -> None:
        if not self._ending:
            self._answered.emit(deliver)

    def _call_receiver(self, asked: _PendingRead, result: Any) -> None:
        if self._newest.get(asked.key) != asked.generation:
            return  # a newer question is waiting
        del self._newest[asked.key]
        receiver = getattr(asked.answered, "__self__", None)
        if not isinstance(receiver, QObject) or isValid(receiver):
            asked.answered(result)

    @Slot(object)
    def _deliver(self, deliver: Callable[[], None]) -> None:
        if not self._ending:
            deliver()
