"""Time from process start to the first paint, the first thumbnails and the first answer."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from safelight.services.bench.memory import resident
from safelight.ui.bench.empty import SIZE, wait_for
from safelight.ui.library.picture_loader import LazyDecoder
from safelight.ui.window.first_paint import FirstPaint
from safelight.ui.window.gui_gc import GuiGarbageCollector
from safelight.ui.window.run import decode_pool

if TYPE_CHECKING:
    from safelight.ui.library.engine_bridge import Client
    from safelight.ui.window.main_window import MainWindow

_IDLE_SECONDS = 2.0
"""Seconds of idle time before memory is measured."""


def whole_window(library: Path, since: float, *, engine: bool) -> dict[str, float]:
    """The window over a library. Without an ``engine``, waits for the thumbnails only."""
    app = QApplication(["safelight"])
    clients = []

    def connect() -> Client:
        from safelight.engine.client import EngineClient
        from safelight.engine.options import EngineOptions

        client = EngineClient(EngineOptions(library, library / "models"))
        clients.append(client)
        return client

    figures: dict[str, float] = {}

    def reached(what: str) -> None:
        figures.setdefault(what, time.monotonic() - since)

    with GuiGarbageCollector() as collector:
        from safelight.ui.window.build import build_window

        window = build_window(app, library, connect, LazyDecoder(decode_pool))
        window.resize(*SIZE)  # independent of the screen
        collector.keep()
        bridge = window.services.bridge
        paint = FirstPaint(window.grid.viewport())
        bridge.model_ready.connect(lambda _: reached("model ready"))
        bridge.results_arrived.connect(lambda _: reached("first answer"))
        window.show()
        wait_for(app, lambda: paint.seen)
        reached("first paint")
        figures["processor"] = time.process_time()
        window.start_staged_startup()
        wait_for(app, lambda: window.model.rowCount() > 0)
        reached("rows")
        app.processEvents()
        wait_for(app, lambda: _all_there(window))
        reached("thumbnails")
        if engine:
            wait_for(app, lambda: window.started)  # the search box is connected only then
            window.search_bar.set_text("word")
            wait_for(app, lambda: "first answer" in figures)
            wait_for(app, lambda: "model ready" in figures)  # text queries are answered before that
            resting = time.monotonic()
            wait_for(app, lambda: time.monotonic() - resting > _IDLE_SECONDS)
            pid = clients[-1].pid
            figures["engine"] = _resident(pid) if pid is not None else 0.0
        figures["window"] = _resident()
        window.shutdown()
    return figures


def _all_there(window: MainWindow) -> bool:
    """Whether every visible cell has its picture."""
    ids = window.grid.ids_on_screen()
    return bool(ids) and all(window.services.cache.get(photo) is not None for photo in ids)


def _resident(pid: int | None = None) -> float:
    return float(resident(pid) or 0)
