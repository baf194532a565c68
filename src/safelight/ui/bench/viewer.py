"""Time until a photo is sharp in the viewer."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QApplication

from safelight.imaging.thumbnail import decode_thumbnail
from safelight.services.bench.viewer import COLD, COLD_WORST, COMPLETE, PREFETCHED, PREFETCHED_WORST
from safelight.store import stored_thumbnails
from safelight.store.library import LibraryStore
from safelight.ui.appearance import theme
from safelight.ui.bench.empty import SIZE, wait_for
from safelight.ui.library.picture_loader import LazyDecoder, PictureLoader
from safelight.ui.library.reader import LibraryReader
from safelight.ui.viewer.viewer import Viewer
from safelight.ui.widgets.zoom_view import ZoomView
from safelight.ui.window.gui_gc import GuiGarbageCollector
from safelight.ui.window.run import decode_pool

_TIMEOUT = 5.0
"""Seconds for the reader to end."""


def measure(library: Path, kinds: Mapping[str, Sequence[int]], rounds: int) -> dict[str, float]:
    """Open photos and step to the next ones, in the window's viewer with its decode processes.

    ``kinds`` are photos of the library by kind. The kinds take turns, so that other load on the machine
    affects all of them. The files have been read before, so they are in the system's cache. Returns seconds.
    """
    app = QApplication(["safelight"])
    theme.apply(app, theme.system_theme(app))
    reader = LibraryReader(library)
    loader = PictureLoader(LazyDecoder(decode_pool))
    viewer = Viewer(loader, reader, _thumbnails(library, kinds).get)
    viewer.resize(*SIZE)
    reader.start()
    viewer.show()
    bench = _Measured(app, viewer)
    seconds: dict[str, list[float]] = {}
    with GuiGarbageCollector():
        for ids in kinds.values():  # starts the decode processes and loads all modules
            bench.open(ids, ids[0])
        for number in range(rounds):
            for kind, ids in kinds.items():
                at = number % (len(ids) - 1)
                cold, complete = bench.open(ids, ids[at])
                seconds.setdefault(f"{kind}: {COLD}", []).append(cold)
                seconds.setdefault(f"{kind}: {COMPLETE}", []).append(complete)
                seconds.setdefault(f"{kind}: {PREFETCHED}", []).append(bench.step(ids[at + 1]))
    viewer.close_viewer()
    loader.close()
    reader.stop(_TIMEOUT)
    figures: dict[str, float] = {}
    for name, values in seconds.items():
        figures[name] = statistics.median(values)
        if worst := {COLD: COLD_WORST, PREFETCHED: PREFETCHED_WORST}.get(name.partition(": ")[2]):
            figures[f"{name.partition(': ')[0]}: {worst}"] = max(values)
    return figures


def _thumbnails(library: Path, kinds: Mapping[str, Sequence[int]]) -> dict[int, QPixmap]:
    with LibraryStore.open_read_only(library) as store, store.read() as db:
        stored = stored_thumbnails.get_many(db, [photo for ids in kinds.values() for photo in ids])
    return {photo: _pixmap(jpeg) for photo, jpeg in stored.items()}


def _pixmap(jpeg: bytes) -> QPixmap:
    width, height, pixels = decode_thumbnail(jpeg)
    return QPixmap.fromImage(QImage(pixels, width, height, 3 * width, QImage.Format.Format_RGB888))


class _Painted(QObject):
    """Counts the paints of a view."""

    def __init__(self, view: ZoomView) -> None:
        super().__init__(view)
        self._view = view
        self.sharp: Callable[[], bool] = lambda: False
        self.seen = False
        view.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and self.sharp():
            self.seen = True
        return super().eventFilter(watched, event)

    def expect(self, sharp: Callable[[], bool]) -> None:
        """Set :attr:`seen` at the next paint for which ``sharp`` is true."""
        self.seen = False
        self.sharp = sharp


class _Measured:
    def __init__(self, app: QApplication, viewer: Viewer) -> None:
        self._app = app
        self._viewer = viewer
        self._painted = _Painted(viewer.view)

    def open(self, ids: Sequence[int], photo: int) -> tuple[float, float]:
        """Seconds until a photo whose picture is not loaded is sharp, and until it is complete."""
        viewer = self._viewer
        viewer.close_viewer()
        self._settle()
        start = self._expect(photo)
        viewer.open(ids, photo)
        wait_for(self._app, lambda: self._painted.seen)
        sharp = time.perf_counter() - start
        wait_for(self._app, lambda: not viewer.display.pictures.is_loading(photo))
        return sharp, max(sharp, time.perf_counter() - start)

    def step(self, following: int) -> float:
        """Seconds until the next photo, ``following``, whose picture is loaded, is sharp."""
        wait_for(self._app, lambda: self._viewer.display.is_ready(following))
        self._settle()
        start = self._expect(following)
        self._viewer.go(1)
        wait_for(self._app, lambda: self._painted.seen)
        return time.perf_counter() - start

    def _expect(self, photo: int) -> float:
        """The time now, from which the paint of a sharp photo is awaited."""
        viewer, view = self._viewer, self._viewer.view
        self._painted.expect(lambda: viewer.display.shown == photo and view.image_side >= view.wanted_side)
        return time.perf_counter()

    def _settle(self) -> None:
        """Let everything end that was started before, such as the decoding of further neighbours."""
        quiet = time.monotonic() + 1.0
        wait_for(self._app, lambda: time.monotonic() > quiet)
