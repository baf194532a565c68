"""Two pictures aligned on each other, and their difference, computed on a thread."""

from __future__ import annotations

import contextlib
import logging
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QImage

from safelight.core.encoder import Pixels
from safelight.imaging.local_difference import local_difference
from safelight.imaging.overlay import Overlay, overlay
from safelight.imaging.resaved import MIN_FILE_DIFFERENCE_SCORE
from safelight.ui.library.picture_loader import to_image
from safelight.ui.translation import error_text, translate

_log = logging.getLogger(__name__)

_OVERLAY_SIDE = 1400
"""Maximum long side in pixels of the aligned pictures."""


@dataclass(frozen=True, slots=True)
class AlignedPair:
    """Two pictures on the frame of the first, and their difference."""

    first: QImage
    second: QImage
    difference: QImage
    description: str
    """The result of the comparison in one line."""


class OverlayMaker(QObject):
    """Aligns pictures on its own thread. Only the newest requested pair is emitted."""

    aligned = Signal(object, object)  # the pair's file ids, AlignedPair

    _finished = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._executor = ThreadPoolExecutor(1, "overlay")
        self._pending: tuple[tuple[int, int], Future[AlignedPair]] | None = None
        self._closed = False
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def ask(self, pair: tuple[int, int], first: QImage, second: QImage) -> None:
        """Align a pair, unless it is being aligned already."""
        if self._closed or (self._pending is not None and self._pending[0] == pair):
            return
        self.forget()
        future = self._executor.submit(align_pair, first, second)
        self._pending = (pair, future)
        future.add_done_callback(lambda done: self._announce(pair, done))

    def forget(self) -> None:
        """The pair is not needed any more."""
        if self._pending is not None:
            self._pending[1].cancel()
            self._pending = None

    def close(self) -> None:
        """End the thread after the current pair. Idempotent."""
        self._closed = True
        self.forget()
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _announce(self, pair: tuple[int, int], future: Future[AlignedPair]) -> None:
        """Emit the result. Runs on the thread of the aligner."""
        if self._closed or future.cancelled():
            return
        if (error := future.exception()) is not None:
            _log.error("Two pictures could not be compared", exc_info=error)
            return
        with contextlib.suppress(RuntimeError):  # the window was destroyed at this moment
            self._finished.emit(pair, future)

    @Slot(object, object)
    def _deliver(self, pair: tuple[int, int], future: Future[AlignedPair]) -> None:
        if self._pending is not None and self._pending[1] is future:
            self._pending = None
            self.aligned.emit(pair, future.result())


_MIN_SIDE = 32
"""Short side in pixels below which there are too few tiles to compare."""

_MIN_SHARED = 0.98
"""Share of the first picture that both must show."""


def align_pair(first: QImage, second: QImage) -> AlignedPair:
    """Align ``second`` with ``first``. Both are scaled down to what a screen can show; safe on any thread."""
    one, two = _pixels(first), _pixels(second)
    found = overlay(one, two)
    if not found.fits:
        description = translate(
            "Pictures", "These could not be aligned; the second was only scaled to the size of the first"
        )
    elif found.largest == 0:
        description = translate("Pictures", "No difference: every pixel is equal at this size")
    else:
        text = (
            translate(
                "Pictures", "{share} of the pixels differ visibly; the difference is amplified {gain} times"
            )
            if found.gain > 1
            else translate(
                "Pictures", "{share} of the pixels differ visibly; the difference is shown as it is"
            )
        )
        description = text.format(share=_share(found.differing), gain=found.gain)
        place = _worst_place(one, found)
        if place:
            description += translate("Pictures", " · they differ most {place}").format(place=place)
    if found.fits and found.turned:
        description += translate("Pictures", " · the second was turned to match")
    if found.fits and found.shared < _MIN_SHARED:
        description += translate("Pictures", " · both show {share} of the first").format(
            share=_share(found.shared)
        )
    return AlignedPair(to_image(one), to_image(found.second), to_image(found.difference), description)


def _worst_place(first: Pixels, found: Overlay) -> str:
    """Where the pictures differ by more than saving again explains, in words; empty if nowhere."""
    if min(first.shape[:2]) < _MIN_SIDE or found.shared < _MIN_SHARED:
        return ""
    weights = np.array([0.299, 0.587, 0.114], np.float32)
    difference = local_difference(
        np.asarray(first @ weights, np.float32), np.asarray(found.second @ weights, np.float32)
    )
    return error_text(difference.place) if difference.score > MIN_FILE_DIFFERENCE_SCORE else ""


def _pixels(image: QImage) -> Pixels:
    """The pixels of a picture at most :data:`_OVERLAY_SIDE` long, at least 2 along each side."""
    longest = max(image.width(), image.height())
    scale = min(1.0, _OVERLAY_SIDE / longest)
    width, height = max(2, round(image.width() * scale)), max(2, round(image.height() * scale))
    if (width, height) != (image.width(), image.height()):
        image = image.scaled(
            width, height, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
    packed = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(packed.constBits(), np.uint8).reshape(height, packed.bytesPerLine())
    return rows[:, : 3 * width].reshape(height, width, 3).copy()


def _share(part: float) -> str:
    """A share from 0 to 1 in words."""
    percent = 100 * part
    if percent == 0:
        return translate("Pictures", "None")
    if percent < 0.1:
        return translate("Pictures", "less than 0.1 %")
    return f"{percent:.1f} %" if percent < 10 else f"{percent:.0f} %"
