"""Garbage collection on the GUI thread only.

Python runs its cycle collector on whichever thread happens to allocate. That thread would then destroy
cycles that hold Qt objects, which crashes (seen at start-up, on the thread that starts the engine). While
the window is open the automatic collector is therefore off, and a timer on the GUI thread runs it with the
collector's own thresholds.
"""

from __future__ import annotations

import gc
from types import TracebackType

from PySide6.QtCore import QObject, QTimer

_INTERVAL_MS = 500


class GuiGarbageCollector:
    """A context manager for the event loop, used on the GUI thread.

    Also wraps the imports before it: they create hardly any garbage, and collecting takes a tenth of their
    time.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        self._timer = QTimer(parent)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.timeout.connect(collect_if_due)
        self._was_enabled = gc.isenabled()

    def __enter__(self) -> GuiGarbageCollector:
        self._was_enabled = gc.isenabled()
        gc.disable()
        self._timer.start()
        return self

    def keep(self) -> None:
        """Exempt existing objects, mostly modules, from collection: scanning them repeatedly costs frames."""
        gc.freeze()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.stop()
        gc.unfreeze()
        if self._was_enabled:
            gc.enable()


def collect_if_due() -> int:
    """Collect the oldest generation above its threshold. Returns the number of unreachable objects."""
    counts, thresholds = gc.get_count(), gc.get_threshold()
    for generation in (2, 1, 0):
        if counts[generation] > thresholds[generation] > 0:
            return gc.collect(generation)
    return 0
