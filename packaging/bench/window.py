"""Measures the window while it indexes a folder: first paint, first thumbnail, first answer, stalls, closing.

    python packaging/bench/window.py PHOTOS [--json]

Starts the real window (on the display there is, else without a screen), the real engine and the built-in
model over an empty library, adds the folder PHOTOS, searches while it is indexed, and closes. Times are
seconds from the start of this process, after Python itself. A stall is the gap between two beats of a 5 ms
timer of the event loop, in milliseconds.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import time
from pathlib import Path

START = time.perf_counter()
if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")) and sys.platform == "linux":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from safelight.core.jobs import Phase, Progress
from safelight.services.indexing.decoding import DecodePool
from safelight.ui.appearance import theme
from safelight.ui.library.engine_bridge import Client
from safelight.ui.window.build import build_window
from safelight.ui.window.gui_gc import GuiGarbageCollector


def since_start() -> float:
    return round(time.perf_counter() - START, 3)


class FirstPaint(QObject):
    """Notes when a widget is first painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self.at: float | None = None
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and self.at is None:
            self.at = since_start()
        return super().eventFilter(watched, event)


def measure(app: QApplication, photos: str, scratch: Path) -> dict[str, float]:
    figures: dict[str, float] = {}
    library = scratch / "library"

    def connect() -> Client:
        from safelight.engine.client import EngineClient
        from safelight.engine.server import EngineOptions

        return EngineClient(EngineOptions(library, scratch / "models"))

    window = build_window(app, library, connect, DecodePool())
    paint = FirstPaint(window)
    bridge = window.services.bridge
    gaps: list[float] = []
    last = time.perf_counter()
    finished = False

    def beat() -> None:
        nonlocal last
        now = time.perf_counter()
        gaps.append((now - last) * 1000)
        last = now

    def told(progress: Progress) -> None:
        nonlocal finished
        if progress.phase is Phase.INDEXING and progress.done == progress.total > 0:
            figures["indexed"] = since_start()
        finished = finished or (progress.phase is Phase.IDLE and "indexed" in figures)

    heart = QTimer()
    heart.setTimerType(Qt.TimerType.PreciseTimer)
    heart.timeout.connect(beat)
    bridge.progress_changed.connect(told)
    window.services.cache.thumbnail_ready.connect(
        lambda _: figures.setdefault("first thumbnail", since_start())
    )
    bridge.model_ready.connect(lambda _: figures.setdefault("model loaded", since_start()))
    bridge.results_arrived.connect(lambda _: figures.setdefault("first answer", since_start()))
    window.show()
    window.start()
    while paint.at is None:
        app.processEvents()
    figures["first paint"] = paint.at
    window.open_paths([photos])
    last = time.perf_counter()
    heart.start(5)
    asked = False
    while not finished:
        app.processEvents()
        time.sleep(0.0005)
        if "first thumbnail" in figures and not asked:
            asked = True
            window.search_bar.field.setText("a dog on a beach")
    heart.stop()
    gaps.sort()
    figures["longest stall (ms)"] = round(gaps[-1], 1)
    figures["99th percentile (ms)"] = round(gaps[int(len(gaps) * 0.99)], 1)
    figures["stalls over 100 ms"] = sum(gap > 100 for gap in gaps)
    before = time.perf_counter()
    window.shutdown()
    figures["to close (s)"] = round(time.perf_counter() - before, 3)
    figures["processes left"] = len(multiprocessing.active_children())
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("photos")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    app = QApplication(["safelight"])
    empty = QWidget()
    blank = FirstPaint(empty)
    empty.show()
    while blank.at is None:
        app.processEvents()
    empty.close()
    theme.apply(app, theme.system_theme(app))
    with tempfile.TemporaryDirectory() as scratch, GuiGarbageCollector():
        figures = {"empty window's first paint": blank.at} | measure(app, arguments.photos, Path(scratch))
    if arguments.json:
        print(json.dumps(figures))
    else:
        print("| figure | value |\n|---|---|")
        for name, value in figures.items():
            print(f"| {name} | {value} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
