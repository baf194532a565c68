"""The real window over a library, driven by another benchmark through lines of standard input and output.

    python packaging/bench/driven_window.py LIBRARY

``index FOLDER`` adds a folder. ``search`` begins to type new queries, one after the other, until ``rest``.
``report`` prints a line of JSON with what was measured since the last report: ``stalls``, gaps in
milliseconds between two beats of a 5 ms timer of the event loop; ``searches``, milliseconds from a query to
its results; and besides whether the engine is ``idle`` and its process id. The window closes with its input.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any

_PAUSE_MS = 200
"""Milliseconds from the results of a query to the next query."""


class DrivenWindow:
    """The process of a driven window, as another benchmark uses it."""

    def __init__(self, library: Path) -> None:
        command = [sys.executable, str(Path(__file__)), str(library)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._orders: IO[str] = self._process.stdin
        self._answers: IO[str] = self._process.stdout
        self.stalls: list[float] = []
        """Milliseconds, since the last :meth:`forget`."""
        self.searches: list[float] = []
        """Milliseconds, since the last :meth:`forget`."""
        self.engine_pid = 0
        self.look()  # the window is ready

    def order(self, line: str) -> None:
        self._orders.write(line + "\n")
        self._orders.flush()

    def look(self) -> bool:
        """Read what was measured meanwhile. Returns whether nothing is indexed."""
        self.order("report")
        found: dict[str, Any] = json.loads(self._answers.readline())
        self.stalls += found["stalls"]
        self.searches += found["searches"]
        self.engine_pid = found["pid"]
        return bool(found["idle"])

    def forget(self) -> None:
        self.stalls, self.searches = [], []

    def wait_until_idle(self, seconds: float) -> bool:
        """Wait at most so many seconds until nothing is indexed."""
        until = time.monotonic() + seconds
        while not (idle := self.look()) and time.monotonic() < until:
            time.sleep(0.25)
        return idle

    def close(self) -> None:
        self._orders.close()
        self._process.wait(60)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("library", type=Path)
    library = parser.parse_args().library
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")) and sys.platform == "linux":
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    drive(library)


def drive(library: Path) -> None:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from PySide6.QtCore import QObject, Qt, QTimer, Signal
    from PySide6.QtWidgets import QApplication

    from bench.marking import queries
    from safelight import paths
    from safelight.core.jobs import Phase, Progress
    from safelight.engine.client import EngineClient
    from safelight.engine.options import EngineOptions
    from safelight.services.indexing.decoding import DecodePool
    from safelight.ui.appearance import theme
    from safelight.ui.window.build import build_window
    from safelight.ui.window.gui_gc import GuiGarbageCollector

    class Orders(QObject):
        received = Signal(str)

        def read(self) -> None:
            for line in sys.stdin:
                self.received.emit(line.rstrip("\n"))
            self.received.emit("end")

    app = QApplication(["safelight"])
    theme.apply(app, theme.system_theme(app))
    client = EngineClient(EngineOptions(library, paths.models_dir()))
    window = build_window(app, library, lambda: client, DecodePool())
    bridge, words = window.services.bridge, queries()
    stalls: list[float] = []
    searches: list[float] = []
    state = {"beat": time.perf_counter(), "asked": 0.0, "searching": 0.0, "idle": 1.0, "ready": 0.0}

    def beat() -> None:
        now = time.perf_counter()
        stalls.append(1000 * (now - state["beat"]))
        state["beat"] = now

    def ask() -> None:
        if state["searching"] and not state["asked"]:
            state["asked"] = time.perf_counter()
            window.search_bar.set_text(next(words))

    def answered(_: object) -> None:
        if state["asked"]:
            searches.append(1000 * (time.perf_counter() - state["asked"]))
            state["asked"] = 0.0
            QTimer.singleShot(_PAUSE_MS, ask)

    def note(progress: Progress) -> None:
        state["idle"] = float(progress.phase is Phase.IDLE)

    def report() -> None:
        if not (window.started and state["ready"]):
            QTimer.singleShot(50, report)
            return
        found = {"stalls": stalls[1:], "searches": searches, "idle": bool(state["idle"]), "pid": client.pid}
        print(json.dumps(found), flush=True)
        stalls.clear()
        searches.clear()

    def obey(order: str) -> None:
        match order.partition(" "):
            case ("index", _, folder):
                state["idle"] = 0.0
                window.open_paths([folder])
            case ("search" | "rest" as what, _, _):
                state["searching"] = float(what == "search")
                ask()
            case ("report", _, _):
                report()
            case _:
                app.quit()

    heart = QTimer()
    heart.setTimerType(Qt.TimerType.PreciseTimer)
    heart.timeout.connect(beat)
    bridge.results_arrived.connect(answered)
    bridge.progress_changed.connect(note)
    bridge.model_ready.connect(lambda _: state.update(ready=1.0))
    orders = Orders()
    orders.received.connect(obey)
    window.resize(1440, 900)
    window.show()
    window.start()
    heart.start(5)
    threading.Thread(target=orders.read, daemon=True).start()
    with GuiGarbageCollector():
        app.exec()
        window.shutdown()


if __name__ == "__main__":
    main()
