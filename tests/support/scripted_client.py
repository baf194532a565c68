"""An engine client that says what a test tells it to, and remembers what it was asked."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from safelight.engine.events import Event
from safelight.engine.requests import Request


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
