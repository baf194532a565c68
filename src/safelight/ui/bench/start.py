"""From the start of a process to the first paint, the first thumbnails and the first answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

from safelight.services.bench.figures import resident
from safelight.services.decoding import DecodePool
from safelight.ui.collector import GuiThreadCollector
from safelight.ui.engine_bridge import Client
from safelight.ui.main_window import MainWindow
from safelight.ui.window import build_window

_PATIENCE = 60.0
_REST = 2.0
"""Seconds that the window is left alone before its memory is read."""


class _FirstPaint(QObject):
    """Notes when a widget has been painted for the first time."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self.seen = False
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.seen = self.seen or event.type() == QEvent.Type.Paint
        return super().eventFilter(watched, event)


def empty_window(since: float) -> dict[str, float]:
    """What Qt itself takes."""
    app = QApplication(["safelight"])
    widget = QWidget()
    widget.resize(1280, 820)
    paint = _FirstPaint(widget)
    widget.show()
    _wait(app, lambda: paint.seen)
    return {"first paint": time.monotonic() - since, "window": _resident()}


def whole_window(library: Path, since: float, *, engine: bool) -> dict[str, float]:
    """The window over a library; without an ``engine``, until its thumbnails are there."""
    app = QApplication(["safelight"])
    clients = []

    def connect() -> Client:
        from safelight.engine.client import EngineClient
        from safelight.engine.server import EngineOptions

        client = EngineClient(EngineOptions(library, library / "models"))
        clients.append(client)
        return client

    figures: dict[str, float] = {}

    def reached(what: str) -> None:
        figures.setdefault(what, time.monotonic() - since)

    with GuiThreadCollector():
        window = build_window(app, library, connect, DecodePool())
        parts = window.parts
        paint = _FirstPaint(window.grid.viewport())
        parts.bridge.model_ready.connect(lambda _: reached("model ready"))
        parts.bridge.results_arrived.connect(lambda _: reached("first answer"))
        window.show()
        _wait(app, lambda: paint.seen)
        reached("first paint")
        window.start()
        _wait(app, lambda: window.model.rowCount() > 0)
        reached("rows")
        app.processEvents()
        _wait(app, lambda: _all_there(window))
        reached("thumbnails")
        if engine:
            window.search_bar.set_text("word")
            _wait(app, lambda: "first answer" in figures)
            resting = time.monotonic()
            _wait(app, lambda: time.monotonic() - resting > _REST)
            pid = clients[-1].pid
            figures["engine"] = _resident(pid) if pid is not None else 0.0
        figures["window"] = _resident()
        window.shutdown()
    return figures


def _all_there(window: MainWindow) -> bool:
    """Whether every cell on the screen has its picture."""
    ids = window.grid.ids_on_screen()
    return bool(ids) and all(window.parts.cache.get(photo) is not None for photo in ids)


def _resident(pid: int | None = None) -> float:
    return float(resident(pid) or 0)


def _wait(app: QApplication, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing came within {_PATIENCE:.0f} seconds")
        app.processEvents()
        time.sleep(0.0005)
