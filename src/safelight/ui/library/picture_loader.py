"""Full-size pictures for the window, decoded in another process."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Collection, Hashable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QImage

from safelight.core.errors import SafelightError
from safelight.core.private_files import create_file
from safelight.ui.lazy_page import LazyPage
from safelight.ui.translation import error_text, translate

if TYPE_CHECKING:
    from safelight.core.encoder import Pixels
    from safelight.core.multi_frame import AnimationPart, Page
    from safelight.core.photo import ImageMetadata

    Loaded = tuple[Pixels, ImageMetadata]

_log = logging.getLogger(__name__)


class Decoder(Protocol):
    """Decodes files into pixels, in a pool of processes so that a hostile file cannot crash the window."""

    def load(
        self,
        source: str | bytes,
        max_side: int | None = None,
        seconds: float | None = None,
        *,
        developed: bool = False,
        checkered: bool = False,
    ) -> Future[Loaded]: ...

    def draft(self, path: str, max_side: int) -> Future[tuple[Pixels, bool]]:
        """The picture as soon as it is sharp, and whether it is complete."""

    def warm_up(self) -> None:
        """Make the first request as fast as the later ones. Returns at once."""

    def picture_size(self, path: str) -> Future[tuple[int, int]]: ...

    def pages(self, path: str) -> Future[tuple[Page, ...]]: ...

    def page(self, path: str, number: int, max_side: int | None) -> Future[Loaded]: ...

    def animation(self, path: str, first: int, max_side: int, max_bytes: int) -> Future[AnimationPart]: ...

    def film_inside(self, path: str) -> Future[bytes]: ...

    def film_frames(self, path: str, count: int, max_side: int) -> Future[AnimationPart]: ...

    def close(self) -> None: ...


class LazyDecoder:
    """A decoder that is created on the first request."""

    def __init__(self, make: Callable[[], Decoder]) -> None:
        self._decoder = LazyPage(make)

    def load(
        self,
        source: str | bytes,
        max_side: int | None = None,
        seconds: float | None = None,
        *,
        developed: bool = False,
        checkered: bool = False,
    ) -> Future[Loaded]:
        made = self._decoder.get()
        return made.load(source, max_side, seconds, developed=developed, checkered=checkered)

    def draft(self, path: str, max_side: int) -> Future[tuple[Pixels, bool]]:
        return self._decoder.get().draft(path, max_side)

    def warm_up(self) -> None:
        self._decoder.get().warm_up()

    def picture_size(self, path: str) -> Future[tuple[int, int]]:
        return self._decoder.get().picture_size(path)

    def pages(self, path: str) -> Future[tuple[Page, ...]]:
        return self._decoder.get().pages(path)

    def page(self, path: str, number: int, max_side: int | None) -> Future[Loaded]:
        return self._decoder.get().page(path, number, max_side)

    def animation(self, path: str, first: int, max_side: int, max_bytes: int) -> Future[AnimationPart]:
        return self._decoder.get().animation(path, first, max_side, max_bytes)

    def film_inside(self, path: str) -> Future[bytes]:
        return self._decoder.get().film_inside(path)

    def film_frames(self, path: str, count: int, max_side: int) -> Future[AnimationPart]:
        return self._decoder.get().film_frames(path, count, max_side)

    def close(self) -> None:
        if self._decoder.made is not None:
            self._decoder.made.close()


@dataclass(frozen=True, slots=True)
class AnimationFrames:
    """Successive frames of an animation, as :class:`safelight.core.multi_frame.AnimationPart`."""

    first: int
    total: int
    durations: tuple[int, ...]
    images: tuple[QImage, ...]


@dataclass(frozen=True, slots=True)
class FilmFile:
    """A film that was written to a file of its own."""

    path: str


@dataclass(frozen=True, slots=True)
class _Draft:
    image: QImage
    is_complete: bool
    start: Callable[[], Future[Loaded]]
    """Requests the complete picture."""


class PictureLoader(QObject):
    """Delivers a decoder's results as signals on the GUI thread.

    Each request has a key chosen by the caller. Results of keys dropped with :meth:`forget` are never
    delivered.
    """

    picture_loaded = Signal(object, QImage)  # key, picture
    draft_loaded = Signal(object, QImage)  # key, a less precise picture; the complete one follows
    picture_failed = Signal(object, str)  # key, one-line message
    size_read = Signal(object, QSize)  # key, pixels of the picture, upright
    pages_listed = Signal(object, object)  # key, a tuple of Page
    frames_loaded = Signal(object, object)  # key, AnimationFrames
    film_loaded = Signal(object, object)  # key, the bytes of an MP4 file, or FilmFile

    _finished = Signal(object, object, object)

    def __init__(self, decoder: Decoder, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._decoder = decoder
        self._pending: dict[Hashable, Future[Any]] = {}
        self._closed = self._is_warm = False
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def prepare_for(self, photos: Collection[object]) -> None:
        """Expect a request soon if there are any ``photos``: start what decodes pictures, once."""
        if photos and not (self._closed or self._is_warm):
            self._is_warm = True
            self._decoder.warm_up()

    # Each request does nothing if its key is already being loaded.

    def load(
        self,
        key: Hashable,
        source: str | bytes,
        max_side: int | None,
        seconds: float | None = None,
        *,
        developed: bool = False,
        checkered: bool = False,
        drafted: bool = False,
    ) -> None:
        """Request a picture with a long side of at most ``max_side`` pixels; of a video the frame at
        ``seconds``, or the poster; of a RAW file the camera's preview, or the picture ``developed`` from it.
        What is transparent is white, or ``checkered``. If ``drafted``, a less precise picture may come first,
        where that takes much less time.
        """

        def start() -> Future[Loaded]:
            decoder = self._decoder
            return decoder.load(source, max_side, seconds, developed=developed, checkered=checkered)

        if drafted and isinstance(source, str) and max_side is not None:
            path, side = source, max_side
            self._start(key, lambda: self._decoder.draft(path, side), lambda draft: _draft_of(draft, start))
        else:
            self._start(key, start, _picture_of)

    def read_size(self, key: Hashable, path: str) -> None:
        """Request the width and height of a picture or video."""
        self._start(key, lambda: self._decoder.picture_size(path), lambda size: QSize(*size))

    def list_pages(self, key: Hashable, path: str) -> None:
        """Request the pages of a file."""
        self._start(key, lambda: self._decoder.pages(path), tuple)

    def load_page(self, key: Hashable, path: str, number: int, max_side: int) -> None:
        """Request a page of a file as a picture."""
        self._start(key, lambda: self._decoder.page(path, number, max_side), _picture_of)

    def load_frames(self, key: Hashable, path: str, first: int, max_side: int, max_bytes: int) -> None:
        """Request frames of an animation from ``first`` on, at most ``max_bytes`` of pixels."""
        self._start(key, lambda: self._decoder.animation(path, first, max_side, max_bytes), _frames_of)

    def load_film(self, key: Hashable, path: str, target: str | None = None) -> None:
        """Request the film inside a motion photo: its bytes, or a file ``target`` that only the user can
        read, and that does not exist yet.
        """
        convert = bytes if target is None else partial(_write_film, target)
        self._start(key, lambda: self._decoder.film_inside(path), convert)

    def load_film_frames(self, key: Hashable, path: str, count: int, max_side: int) -> None:
        """Request at most ``count`` frames of the film inside a motion photo, at equal distances."""
        self._start(key, lambda: self._decoder.film_frames(path, count, max_side), _frames_of)

    def forget(self, *keys: Hashable) -> None:
        """Cancel requests. Pictures whose decoding has not started are not read."""
        for key in keys:
            future = self._pending.pop(key, None)
            if future is not None:
                future.cancel()

    def close(self) -> None:
        """Cancel everything and close the decoder. Idempotent."""
        if self._closed:
            return
        self._closed = True
        self.forget(*list(self._pending))
        self._decoder.close()

    def _start(
        self, key: Hashable, decode: Callable[[], Future[Any]], convert: Callable[[Any], object]
    ) -> None:
        if self._closed or key in self._pending:
            return
        future = decode()
        self._pending[key] = future
        future.add_done_callback(lambda done: self._on_done(key, done, convert))

    def _on_done(self, key: Hashable, future: Future[Any], convert: Callable[[Any], object]) -> None:
        """Called on the decoder's thread, where the costly conversion also runs."""
        if self._closed or future.cancelled():
            return
        error = future.exception()
        answer: object
        if error is None:
            answer = convert(future.result())
        elif isinstance(error, SafelightError):
            answer = error_text(error)
        else:
            _log.error("A picture could not be loaded", exc_info=error)
            answer = translate("PictureLoader", "This picture could not be read.")
        with contextlib.suppress(RuntimeError):  # the window was destroyed at this moment
            self._finished.emit(key, future, answer)

    @Slot(object, object, object)
    def _deliver(self, key: Hashable, future: Future[Any], answer: object) -> None:
        if self._closed or self._pending.get(key) is not future:
            return
        del self._pending[key]
        match answer:
            case str():
                self.picture_failed.emit(key, answer)
            case QSize():
                self.size_read.emit(key, answer)
            case QImage():
                self.picture_loaded.emit(key, answer)
            case _Draft(image, is_complete, start):
                if is_complete:
                    self.picture_loaded.emit(key, image)
                else:
                    self._start(key, start, _picture_of)
                    self.draft_loaded.emit(key, image)
            case bytes() | FilmFile():
                self.film_loaded.emit(key, answer)
            case AnimationFrames():
                self.frames_loaded.emit(key, answer)
            case _:
                self.pages_listed.emit(key, answer)


def _picture_of(loaded: Loaded) -> QImage:
    return to_image(loaded[0])


def _draft_of(draft: tuple[Pixels, bool], start: Callable[[], Future[Loaded]]) -> _Draft:
    pixels, is_complete = draft
    return _Draft(to_image(pixels), is_complete, start)


def _write_film(target: str, film: bytes) -> FilmFile | str:
    """Write a film to a new file. Returns the reason instead if that fails."""
    try:
        with open(create_file(Path(target)), "wb") as file:
            file.write(film)
    except OSError as error:
        return translate("PictureLoader", "The film could not be written to {path}: {reason}").format(
            path=target, reason=error.strerror or error
        )
    return FilmFile(target)


def _frames_of(part: AnimationPart) -> AnimationFrames:
    images = tuple(to_image(frame) for frame in part.frames)
    return AnimationFrames(part.first, part.total, part.durations, images)


def to_image(pixels: Pixels) -> QImage:
    """RGB pixels, shape (h, w, 3), as an image that owns its memory, in the fastest format to paint."""
    height, width, _ = pixels.shape
    packed = pixels if pixels.flags.c_contiguous else pixels.copy()
    image = QImage(packed.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return image.convertToFormat(QImage.Format.Format_RGB32)
