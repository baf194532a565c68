"""The shapes of all photos, which rows of whole photos need before any of them is visible."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.ui.library.engine_bridge import EngineBridge
from safelight.ui.library.reader import LibraryReader
from safelight.ui.library.reads import PhotoShapesRead, ReadShapes

if TYPE_CHECKING:
    from safelight.ui.grid.justified import Shapes

_BATCH = 50_000
"""Photos read together. With more, the window would respond slowly while they arrive."""
_DELAY = 300
"""Milliseconds that changes are collected before shapes are read again."""
_DEFAULT_SHAPE = 1.5
"""The shape of photos that are not known yet."""


class PhotoShapes(QObject):
    """Reads the shapes of all photos once they are wanted, and follows changes."""

    changed = Signal()

    def __init__(self, reader: LibraryReader, bridge: EngineBridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reader = reader
        self._by_id: Shapes | None = None
        """By photo id; the last value is that of all larger ids. None until everything was read once."""
        self._reading: Shapes | None = None
        self._needed = False
        self._stale = True
        """Whether there were changes after the last read began."""
        self._again = QTimer(self, singleShot=True, interval=_DELAY)
        self._again.timeout.connect(self._read)
        bridge.library_changed.connect(self._on_library_changed)
        bridge.engine_ready.connect(self._read_again)
        reader.failed.connect(self._on_read_failed)

    def set_needed(self, needed: bool) -> None:
        """Set whether shapes are needed. If they are, those that are not known are read."""
        self._needed = needed
        self._read()

    def of(self, ids: array[int]) -> Shapes | None:
        """One shape for each photo; None while they are read for the first time."""
        if self._by_id is None:
            return None
        import numpy as np  # loaded after the first paint

        rows = np.frombuffer(ids, np.int64) if ids else np.empty(0, np.int64)
        return self._by_id.take(rows, mode="clip")

    def _on_library_changed(self, change: LibraryChanged) -> None:
        if change.any_of(ChangeKind.PHOTOS | ChangeKind.PIXELS):
            self._stale = True
            if not self._again.isActive():
                self._again.start()

    def _read_again(self) -> None:
        self._stale = True
        self._read()

    def _read(self) -> None:
        if self._needed and self._stale and self._reading is None:
            import numpy as np

            self._stale = False
            self._reading = np.full(1, _DEFAULT_SHAPE, np.float32)
            self._reader.read(ReadShapes(0, _BATCH), self._on_shapes_read)

    def _on_read_failed(self, _: str) -> None:
        """A read failed, perhaps one of shapes: begin again after the next change."""
        self._reading = None
        self._stale = True

    def _on_shapes_read(self, found: PhotoShapesRead) -> None:
        import numpy as np

        if self._reading is None:  # another read failed
            return
        if found.ids:
            ids = np.frombuffer(found.ids, np.int64)
            known, size = self._reading, int(ids[-1]) + 2
            grown = np.full(max(size, len(known)), _DEFAULT_SHAPE, np.float32)
            grown[: len(known)] = known
            grown[ids] = np.frombuffer(found.shapes, np.float32)
            self._reading = grown
        if len(found.ids) == _BATCH:
            self._reader.read(ReadShapes(found.ids[-1], _BATCH), self._on_shapes_read)
            return
        before, self._by_id, self._reading = self._by_id, self._reading, None
        if before is None or not np.array_equal(before, self._by_id):
            self.changed.emit()
        if not self._again.isActive():
            self._read()  # what changed meanwhile
