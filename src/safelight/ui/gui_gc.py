"""Garbage collection on the GUI thread only.

Python runs its cycle collector on whichever thread happens to allocate. A cycle that holds a Qt object
would then be destroyed on that thread, which Qt answers with a crash (seen at start-up, from the thread
that starts the engine). So the automatic collector is off while the window is open, and a timer of the
GUI thread does its work, with the collector's own thresholds.
"""

from __future__ import annotations

import gc
from types import TracebackType

from PySide6.QtCore import QObject, QTimer

_INTERVAL_MS = 500


class GuiGarbageCollector:
    """Use as a context around the event loop, on the GUI thread.

    Around what is loaded for it, too: hardly any of that is garbage, and looking for it takes a tenth of
    the time.
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
        """What is here now, modules above all, stays: to look through it again and again costs frames."""
        gc.freeze()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.stop()
        gc.unfreeze()
        if self._was_enabled:
            gc.enable()


def collect_if_due() -> int:
    """Collect the oldest generation whose threshold is passed; returns how many objects were unreachable."""
    counts, thresholds = gc.get_count(), gc.get_threshold()
    for generation in (2, 1, 0):
        if counts[generation] > thresholds[generation] > 0:
            return gc.collect(generation)
    return 0
