"""What Qt itself takes for a window, as a measure for the program's own."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtWidgets import QApplication, QWidget

from safelight.services.bench.memory import resident
from safelight.ui.first_paint import FirstPaint

SIZE = 1280, 820
"""Of every window that is measured."""

_PATIENCE = 60.0


def empty_window(since: float) -> dict[str, float]:
    """A window with nothing in it; nothing of the program's own is loaded for it."""
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
    """Run the event loop until a condition holds. Raises TimeoutError after a minute."""
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing came within {_PATIENCE:.0f} seconds")
        app.processEvents()
        time.sleep(0.0005)
