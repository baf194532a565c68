"""An engine client that says what a test tells it to, and remembers what it was asked."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any

from safelight.core.errors import SafelightError
from safelight.core.operations import Operation, Outcome
from safelight.engine.events import Event, OperationDone, OperationFailed
from safelight.engine.requests import Request, RunOperation
from safelight.services.operations.runner import OperationRunner
from safelight.store.library import LibraryStore


class ScriptedClient:
    """Keeps to the contract of the real client: ``receive`` on one thread, the rest on any."""

    def __init__(self, fails_with: Exception | None = None) -> None:
        self.requests: list[Request] = []
        self.started = threading.Event()
        self.closed = threading.Event()
        self.answers: Callable[[Request], list[Event]] = lambda _: []
        """What each request is answered with, at once."""
        self._fails_with = fails_with
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()

    @property
    def operations(self) -> list[Operation[Any]]:
        """The operations it was asked to run."""
        return [each.operation for each in self.requests if isinstance(each, RunOperation)]

    def generation_of(self, operation: Operation[Any]) -> int:
        """The number of the latest request to run this operation."""
        asked = [each for each in self.requests if isinstance(each, RunOperation)]
        return next(each.generation for each in reversed(asked) if each.operation == operation)

    def finish(self, operation: Operation[Any], outcome: Outcome) -> None:
        """Say that an operation is done."""
        self.say(OperationDone(self.generation_of(operation), outcome))

    def start(self) -> None:
        if self._fails_with is not None:
            raise self._fails_with
        self.started.set()

    def send(self, request: Request) -> bool:
        self.requests.append(request)
        for event in self.answers(request):
            self.say(event)
        return True

    def receive(self, timeout: float | None = None) -> Event | None:
        try:
            return self._events.get(timeout=timeout)
        except queue.Empty:
            return None

    def close(self) -> None:
        self.closed.set()

    def say(self, event: Event) -> None:
        """Let the engine say something."""
        self._events.put(event)


class LibraryClient(ScriptedClient):
    """Applies operations to the library as the engine does, and answers nothing else."""

    def __init__(self, store: LibraryStore) -> None:
        super().__init__()
        self.store = store
        self.answers = self._run

    def _run(self, request: Request) -> list[Event]:
        if not isinstance(request, RunOperation):
            return []
        try:
            outcome = OperationRunner(self.store).run(request.operation)
        except SafelightError as error:
            return [OperationFailed(request.generation, error.code, error.message)]
        changes: list[Event] = [outcome.change] if outcome.change else []
        return [*changes, OperationDone(request.generation, outcome)]
