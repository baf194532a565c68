"""The time an empty Qt window takes, for comparison."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtWidgets import QApplication, QWidget

from safelight.services.bench.memory import resident
from safelight.ui.window.first_paint import FirstPaint

SIZE = 1280, 820
"""The size of every measured window."""

_TIMEOUT = 60.0


def empty_window(since: float) -> dict[str, float]:
    """An empty window. Loads nothing of the program."""
    app = QApplication(["safelight"])
    widget = QWidget()
    widget.resize(*SIZE)
    paint = FirstPaint(widget)
    widget.show()
    wait_for(app, lambda: paint.seen)
    return {
        "first paint": time.monotonic() - since,
        "processor": time.process_time(),
        "window": float(resident() or 0),
    }


def wait_for(app: QApplication, condition: Callable[[], bool]) -> None:
    """Run the event loop until a condition is true. Raises TimeoutError after a minute."""
    deadline = time.monotonic() + _TIMEOUT
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing came within {_TIMEOUT:.0f} seconds")
        app.processEvents()
        time.sleep(0.0005)
