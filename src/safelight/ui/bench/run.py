"""The process started by ``safelight bench``: one measurement, printed as JSON."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from safelight.services.bench.inside import EMPTY, GRID, IMPORTS, VIEWER, WINDOW, Order


def run(text: str) -> int:
    """Run an :class:`Order` (as JSON) and print the result."""
    order = Order(**json.loads(text))
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    print(json.dumps(_carried_out(order)))  # noqa: T201 - its parent reads it
    sys.stdout.flush()
    # What Qt and torch do at exit is not part of the measurement and may take seconds.
    os._exit(0)


def _carried_out(order: Order) -> dict[str, float]:
    if order.what == IMPORTS:
        return _import_seconds(order.module)
    if order.what == EMPTY:
        from safelight.ui.bench import empty

        return empty.empty_window(order.since)
    if order.what == GRID:
        from safelight.ui.bench import grid

        return grid.measure(order.rows, order.frames)
    if order.what == VIEWER:
        from safelight.ui.bench import viewer

        return viewer.measure(Path(order.library), order.kinds, order.frames)
    assert order.what == WINDOW
    from safelight.ui.bench import start

    return start.whole_window(Path(order.library), order.since, engine=order.engine)


def _import_seconds(module: str) -> dict[str, float]:
    before = time.perf_counter()
    __import__(module)
    return {"seconds": time.perf_counter() - before}
