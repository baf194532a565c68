"""GUI thread use of the grid while scrolling and when photos arrive."""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from safelight.ui.appearance import theme
from safelight.ui.bench.empty import SIZE
from safelight.ui.grid.model import PhotoGridModel
from safelight.ui.grid.view import PhotoGridView
from safelight.ui.library.grid_content import Section
from safelight.ui.library.thumbnail_cache import ThumbnailCache
from safelight.ui.window.gui_gc import GuiGarbageCollector

_KINDS = 24
_APPENDED = 64
_IN_A_SECTION = 300
_TIMES = 9
_SHAPES = np.array([4 / 3, 3 / 4, 3 / 2, 4 / 3, 16 / 9, 2 / 3, 4 / 3, 9 / 16, 2.5], np.float32)


def measure(rows: int, frames: int) -> dict[str, float]:
    """Seconds that a view of this many rows takes for each kind of change, with square cells and with rows of
    whole photos.
    """
    app = QApplication(["safelight"])
    pictures = [_thumbnail(number) for number in range(_KINDS)]

    def fetch(ids: Sequence[int]) -> Mapping[int, bytes]:
        return {photo: pictures[photo % _KINDS] for photo in ids}

    cache = ThumbnailCache(lambda: fetch)
    model = PhotoGridModel()
    view = PhotoGridView(model, cache, theme.system_theme(app))
    view.resize(*SIZE)
    view.show()
    with GuiGarbageCollector():
        measured = _Measured(app, model, view, rows).all(frames)
        view.set_shapes(_shapes)
        in_rows = _Measured(app, model, view, rows).all(frames)
    cache.stop(timeout=3.0)
    return measured | {f"rows of whole photos, {name}": value for name, value in in_rows.items()}


def _shapes(ids: array[int]) -> npt.NDArray[np.float32]:
    """Shapes of photos of phones and cameras, by id."""
    return _SHAPES.take(np.frombuffer(ids, np.int64) % len(_SHAPES))


class _Measured:
    def __init__(self, app: QApplication, model: PhotoGridModel, view: PhotoGridView, rows: int) -> None:
        self._app = app
        self._model = model
        self._view = view
        self._ids = array("q", range(1, rows + 1))

    def all(self, frames: int) -> dict[str, float]:
        ids = self._ids
        # The last of an odd number of listings is in the order that the updates extend.
        arrive = self._often(lambda number: self._model.set_photos(*_listing(ids, number + 1)))
        steps, busy = self._fling(frames)
        append = self._often(self._append)
        return {
            "frame p50": float(np.percentile(steps, 50)),
            "frame p99": float(np.percentile(steps, 99)),
            "frame p99, the thread's own time": float(np.percentile(busy, 99)),
            "results to painted": arrive,
            "append": append,
            "update, 64 new in front": self._often(self._update),
            "resize": self._often(self._resize),
            "select all": self._often(self._select_all),
        }

    def _fling(self, frames: int) -> tuple[list[float], list[float]]:
        """Repeated decelerating scrolls over the whole grid.

        Returns for each frame the elapsed seconds and the seconds that the thread was running: if other
        programs use the cores, the elapsed time says more about them than about the grid.
        """
        bar = self._view.verticalScrollBar()
        seconds, busy = [], []
        place, speed = 0.0, 0.0
        for number in range(frames):
            if number % 90 == 0:
                place = bar.maximum() * ((number // 90 * 37) % 100) / 100
                speed = 900.0
            place = min(place + speed, bar.maximum())
            speed *= 0.97
            start, running = time.perf_counter(), time.thread_time()
            bar.setValue(round(place))
            self._app.processEvents()
            seconds.append(time.perf_counter() - start)
            busy.append(time.thread_time() - running)
            # The decoding thread gets the rest of a sixtieth of a second.
            time.sleep(max(0.0, 1 / 60 - seconds[-1]))
        return seconds, busy

    def _often(self, work: Callable[[int], None]) -> float:
        """Median seconds until the result of ``work`` is painted."""
        seconds = []
        for number in range(_TIMES):
            self._app.processEvents()
            start = time.perf_counter()
            work(number)
            self._app.processEvents()
            seconds.append(time.perf_counter() - start)
        return float(np.median(seconds))

    def _append(self, number: int) -> None:
        self._ids.extend(range(2_000_000 + number * _APPENDED, 2_000_000 + (number + 1) * _APPENDED))
        self._model.update_photos(*_listing(self._ids, 1))

    def _update(self, number: int) -> None:
        new = range(3_000_000 + number * _APPENDED, 3_000_000 + (number + 1) * _APPENDED)
        self._ids[:0] = array("q", new)
        self._model.update_photos(*_listing(self._ids, 1))

    def _resize(self, number: int) -> None:
        width, height = SIZE
        self._view.resize(width - 40 * (number % 2), height)

    def _select_all(self, number: int) -> None:
        if number % 2:
            self._view.clearSelection()
        self._view.selectAll()


def _listing(ids: array[int], number: int) -> tuple[array[int], list[Section]]:
    """Photos by month, as in the library, in one of two orders."""
    ordered = ids if number % 2 else ids[::-1]
    sections = [
        Section(f"Month {start}", start, min(_IN_A_SECTION, len(ids) - start))
        for start in range(0, len(ids), _IN_A_SECTION)
    ]
    return ordered, sections


def _thumbnail(number: int) -> bytes:
    """A JPEG with the size and about the detail of a stored thumbnail."""
    image = QImage(384, 288, QImage.Format.Format_RGB32)
    image.fill(QColor.fromHsv(number * 360 // _KINDS, 120, 160))
    painter = QPainter(image)
    for step in range(0, 384, 6):
        painter.setPen(QColor.fromHsv((number * 15 + step) % 360, 150, (step * 7) % 256))
        painter.drawLine(step, 0, 384 - step, 288)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "JPEG", 82)  # type: ignore[call-overload]
    return bytes(buffer.data().data())
