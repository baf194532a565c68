"""One side of a conversation with a real engine process."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from safelight.engine.client import EngineClient
from safelight.engine.events import EngineReady, EngineStopped, Event
from safelight.engine.server import EngineOptions
from support.fake_engine import open_with_fake_model

E = TypeVar("E")


class EngineTalk:
    """A library in ``place``/library, served by an engine with the arithmetic model. Ends with its block."""

    def __init__(self, place: Path, client: EngineClient | None = None) -> None:
        self.library = place / "library"
        options = EngineOptions(self.library, place / "models")
        self.client = client or EngineClient(options, open_with_fake_model)
        self.heard: list[Event] = []
        self.restarts = 0
        self.client.start()
        self.hear(EngineReady)

    def __enter__(self) -> EngineTalk:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    @property
    def pid(self) -> int:
        pid = self.client.pid
        assert pid is not None
        return pid

    def hear(self, kind: type[E], where: Callable[[E], bool] = lambda _: True, *, timeout: float = 120) -> E:
        """The next event of a kind; what is met on the way is kept in ``heard``."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            event = self.client.receive(0.5)
            if event is None:
                continue
            self.heard.append(event)
            self.restarts += isinstance(event, EngineStopped)
            if isinstance(event, kind) and where(event):
                return event
        raise AssertionError(f"no {kind.__name__}; heard {[type(e).__name__ for e in self.heard[-20:]]}")
