"""Searches for programs that may see only a part of the library: servers, assistants and the desktop.

The engine applies the limit: each :class:`Access` gets a view of the library in which other photos do not
exist. The views use the engine's model and its vectors in memory.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TypeVar

from safelight.core.jobs import JobControl
from safelight.core.message import Message
from safelight.engine.worker import Send, Worker
from safelight.services.library import Library
from safelight.services.program_access import Access
from safelight.services.searching.program_view import ProgramView
from safelight.services.searching.searcher import Searcher
from safelight.store.library import LibraryStore
from safelight.store.limits import Visible

T = TypeVar("T")

_MAX_VIEWS = 4
"""Open views. Each takes a few megabytes for the statistics of its searches."""

_IDLE_SECONDS = 300.0
"""Seconds without use after which a view is closed."""

MAX_WAIT_FOR_WINDOW = 1.0
"""Seconds that a program's search waits for the window's searches. A user who keeps typing must not block the
programs."""

Work = Callable[[ProgramView], T]


@dataclass(slots=True)
class _OpenView:
    """A view of one access, with its store."""

    store: LibraryStore
    view: ProgramView
    visible: Visible | None
    """The photos when it was last used; None where it sees all."""
    last_used: float = field(default_factory=time.monotonic)


class ProgramSearches(Worker):
    """Answers one search after the other, in the order in which they came, so that no program starves others.

    Its thread is not that of the window's searches, which never wait for a program. Searches of both at once
    would share the processor, so a program's search begins only when the window has no search left, or after
    :data:`MAX_WAIT_FOR_WINDOW`."""

    def __init__(self, library: Library, send: Send, let_window_go_first: Callable[[float], bool]) -> None:
        """``let_window_go_first`` waits while the window searches, for at most the given seconds."""
        # Do not wait on closing: a search may be waiting for a model that loads.
        super().__init__(
            "program searches",
            send,
            fault=Message("The search of a program failed because of a fault in Safelight."),
            close_timeout=0,
        )
        self._library = library
        self._let_window_go_first = let_window_go_first
        self._views: dict[Access, _OpenView] = {}
        """The one used last is at the end. Only the worker's thread touches it."""

    def close(self) -> None:
        super().close()
        for each in list(self._views.values()):
            each.store.close()

    def ask(self, access: Access, work: Work[T]) -> Future[T]:
        """Call ``work`` with the view that an access sees.

        The future raises what ``work`` raises, and what :meth:`Access.limit` raises.
        """
        future: Future[T] = Future()
        self._post(lambda: self._answer(access, work, future))
        return future

    # --- the worker's thread --------------------------------------------------------------------------

    def _post(self, work: Callable[[], None], *, key: str | None = None, delay: float = 0.0) -> None:
        def job(_: JobControl) -> None:
            work()

        self.post(job, key=key, delay=delay)

    def _answer(self, access: Access, work: Work[T], future: Future[T]) -> None:
        self._let_window_go_first(MAX_WAIT_FOR_WINDOW)
        try:
            found = work(self._view(access))
        except Exception as error:  # noqa: BLE001 - raised again on the thread that asked
            future.set_exception(error)
            return
        future.set_result(found)

    def _view(self, access: Access) -> ProgramView:
        """The view of an access, which is opened if necessary. Raises as :meth:`Access.limit`."""
        opened = self._views.pop(access, None) or self._open_view(access)
        visible = opened.store.visible()
        if opened.visible is not None and visible is not None and not opened.visible.only_grew_to(visible):
            # Statistics of photos that are no longer visible would reveal something about them.
            opened.view = self._new_view(access, opened.store)
        opened.visible = visible
        opened.last_used = time.monotonic()
        self._views[access] = opened
        if len(self._views) > _MAX_VIEWS:
            self._drop(next(iter(self._views)))
        return opened.view

    def _open_view(self, access: Access) -> _OpenView:
        directory = self._library.store.directory
        store = LibraryStore.open_read_only(directory, limit=access.limit(directory))
        self._post(self._close_idle_views, key="rest", delay=_IDLE_SECONDS)
        return _OpenView(store, self._new_view(access, store), store.visible())

    def _new_view(self, access: Access, store: LibraryStore) -> ProgramView:
        library = self._library
        answering = library.answering.for_store(store)
        return ProgramView(access, Searcher(store, library.pool, answering, library.vectors), store)

    def _close_idle_views(self) -> None:
        """Close the views that were not used for :data:`_IDLE_SECONDS`."""
        now = time.monotonic()
        for access in [key for key, opened in self._views.items() if now - opened.last_used >= _IDLE_SECONDS]:
            self._drop(access)
        if self._views:
            self._post(self._close_idle_views, key="rest", delay=_IDLE_SECONDS)

    def _drop(self, access: Access) -> None:
        self._views.pop(access).store.close()
