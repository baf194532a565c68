"""Full-size pictures for the window, decoded in another process."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QImage

from safelight.core.errors import SafelightError
from safelight.ui.lazy_page import LazyPage
from safelight.ui.translation import translate

if TYPE_CHECKING:
    from safelight.core.encoder import Pixels
    from safelight.core.photo import ImageMetadata

    Loaded = tuple[Pixels, ImageMetadata]

_log = logging.getLogger(__name__)


class Decoder(Protocol):
    """Decodes files into pixels, in a pool of processes so that a hostile file cannot crash the window."""

    def load(
        self, source: str | bytes, max_side: int | None = None, seconds: float | None = None
    ) -> Future[Loaded]: ...

    def close(self) -> None: ...


class LateDecoder:
    """A decoder that is created on the first request."""

    def __init__(self, make: Callable[[], Decoder]) -> None:
        self._decoder = LazyPage(make)

    def load(
        self, source: str | bytes, max_side: int | None = None, seconds: float | None = None
    ) -> Future[Loaded]:
        return self._decoder.get().load(source, max_side, seconds)

    def close(self) -> None:
        if self._decoder.made is not None:
            self._decoder.made.close()


class PictureLoader(QObject):
    """Delivers a decoder's results as signals on the GUI thread.

    Each request has a key chosen by the caller. Results of keys dropped with :meth:`forget` are never
    delivered.
    """

    picture_loaded = Signal(object, QImage)  # key, picture
    picture_failed = Signal(object, str)  # key, one-line message

    _finished = Signal(object, object, object)

    def __init__(self, decoder: Decoder, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._decoder = decoder
        self._open: dict[Hashable, Future[Loaded]] = {}
        self._closed = False
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def load(
        self, key: Hashable, source: str | bytes, max_side: int | None, seconds: float | None = None
    ) -> None:
        """Request a picture with a long side of at most ``max_side`` pixels; of a video the frame at
        ``seconds``, or the poster.

        Does nothing if the key is already being loaded.
        """
        if self._closed or key in self._open:
            return
        future = self._decoder.load(source, max_side, seconds)
        self._open[key] = future
        future.add_done_callback(lambda done: self._announce(key, done))

    def forget(self, *keys: Hashable) -> None:
        """Cancel requests. Pictures whose decoding has not started are not read."""
        for key in keys:
            future = self._open.pop(key, None)
            if future is not None:
                future.cancel()

    def close(self) -> None:
        """Cancel everything and close the decoder. Idempotent."""
        if self._closed:
            return
        self._closed = True
        self.forget(*list(self._open))
        self._decoder.close()

    def _announce(self, key: Hashable, future: Future[Loaded]) -> None:
        """Called on the decoder's thread, where the costly conversion also runs."""
        if self._closed or future.cancelled():
            return
        error = future.exception()
        answer: QImage | str
        if error is None:
            answer = to_image(future.result()[0])
        elif isinstance(error, SafelightError):
            answer = str(error)
        else:
            _log.error("A picture could not be loaded", exc_info=error)
            answer = translate("PictureLoader", "This picture could not be read.")
        with contextlib.suppress(RuntimeError):  # the window was destroyed at this moment
            self._finished.emit(key, future, answer)

    @Slot(object, object, object)
    def _deliver(self, key: Hashable, future: Future[Loaded], answer: QImage | str) -> None:
        if self._closed or self._open.get(key) is not future:
            return
        del self._open[key]
        if isinstance(answer, str):
            self.picture_failed.emit(key, answer)
        else:
            self.picture_loaded.emit(key, answer)


def to_image(pixels: Pixels) -> QImage:
    """RGB pixels, shape (h, w, 3), as an image that owns its memory, in the fastest format to paint."""
    height, width, _ = pixels.shape
    packed = pixels if pixels.flags.c_contiguous else pixels.copy()
    image = QImage(packed.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return image.convertToFormat(QImage.Format.Format_RGB32)
