"""Pictures for cells that are larger than the thumbnails: large cells, and screens of 200 %."""

from __future__ import annotations

import logging
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QImage, QPixmap

from safelight.ui.library.moments import Moments
from safelight.ui.library.picture_loader import PictureLoader
from safelight.ui.library.thumbnail_cache import decode
from safelight.ui.library.turning import turned_image

if TYPE_CHECKING:
    from safelight.store.large_thumbnails import LargeThumbnails as Files
    from safelight.store.library import LibraryStore

_log = logging.getLogger(__name__)

LARGE_SIDE = 1024
"""Maximum long side in pixels of the files."""
SHARP_SHARE = 0.87
"""A picture of this share of the wanted size still looks sharp."""
_CACHE_BYTES = 160 * 1024 * 1024
_MAX_DECODING = 2
"""Files that are decoded at the same time. The viewer uses the same processes."""


@dataclass(slots=True)
class _PictureRequest:
    """The photos on the screen, with the long side in pixels that each needs."""

    number: int
    sides: Mapping[int, int]


@dataclass(slots=True)
class _SaveRequest:
    """A picture that was decoded."""

    content: bytes
    image: QImage


@dataclass(slots=True)
class _LimitRequest:
    size: int


@dataclass(slots=True)
class _FetchedPicture:
    """A picture from the files on the disk, or the photo's file to decode."""

    request: int
    """The number of the request that this answers."""
    photo_id: int
    side: int
    image: QImage | None = None
    content: bytes = b""
    path: bytes = b""
    turns: int = 0


class LargeThumbnails(QObject):
    """Used on the GUI thread. A thread of its own reads and writes the files; other processes decode.

    Only what is on the screen is made: asking for other photos drops those that are not decoded yet.
    """

    thumbnail_ready = Signal(int)

    _answered = Signal(object)

    def __init__(
        self,
        library: Path,
        loader: PictureLoader,
        moments: Moments | None = None,
        parent: QObject | None = None,
    ) -> None:
        """There are no larger pictures of ``moments``, since the files hold posters."""
        super().__init__(parent)
        self._loader = loader
        self._moments = moments or Moments()
        self._limit = 0
        self._pixmaps: OrderedDict[int, tuple[QPixmap, int]] = OrderedDict()
        """Pictures with the side that they were made for."""
        self._bytes = 0
        self._wanted: Mapping[int, int] = {}
        self._failed: set[int] = set()
        self._request_count = 0
        self._unanswered: set[int] = set()
        """The photos of the newest request that the thread has not answered. Other answers are discarded."""
        self._waiting: OrderedDict[int, _FetchedPicture] = OrderedDict()
        self._decoding: dict[int, _FetchedPicture] = {}
        self._worker = _Worker(library, self._answered.emit)
        self._answered.connect(self._on_fetched, Qt.ConnectionType.QueuedConnection)
        loader.picture_loaded.connect(self._on_picture_loaded)
        loader.picture_failed.connect(self._on_failed)

    def get(self, photo_id: int) -> QPixmap | None:
        """The best picture there is; never decodes."""
        found = self._pixmaps.get(photo_id)
        if found is None or self._moments.get(photo_id) is not None:
            return None
        self._pixmaps.move_to_end(photo_id)
        return found[0]

    def request(self, sides: Mapping[int, int]) -> None:
        """Make pictures of these photos, in this order, each with a long side of this many pixels."""
        if not self._limit:
            return
        self._wanted = {
            photo_id: min(side, LARGE_SIDE)
            for photo_id, side in sides.items()
            if photo_id not in self._failed
            and self._moments.get(photo_id) is None
            and not self._is_sharp_enough(photo_id, min(side, LARGE_SIDE))
        }
        for photo_id in [each for each in self._waiting if each not in self._wanted]:
            del self._waiting[photo_id]
        new = {
            photo_id: side
            for photo_id, side in self._wanted.items()
            if photo_id not in self._waiting and photo_id not in self._decoding
        }
        self._request_count += 1
        self._unanswered = set(new)
        self._worker.put(_PictureRequest(self._request_count, new))

    def set_limit(self, megabytes: int) -> None:
        """The space for files on the disk; 0 for none, and no larger pictures."""
        if megabytes * 1_000_000 != self._limit:
            self._limit = megabytes * 1_000_000
            self._worker.put(_LimitRequest(self._limit))

    def invalidate(self, ids: Sequence[int]) -> None:
        """These photos have changed."""
        for photo_id in ids:
            self._forget(photo_id)
            self._failed.discard(photo_id)
        self._drop_requests(ids)

    def retry(self) -> None:
        """Try again what could not be read, since folders may be connected again."""
        self._failed.clear()
        self._drop_requests((*self._unanswered, *self._waiting, *self._decoding))

    def stop(self, timeout: float) -> bool:
        """End the thread; True when it ended within ``timeout`` seconds. Idempotent."""
        self._waiting.clear()
        return self._worker.stop(timeout)

    # --- answers ------------------------------------------------------------------------------

    def _drop_requests(self, ids: Iterable[int]) -> None:
        """Discard what is being read of these photos: it may be out of date when it arrives."""
        for photo_id in ids:
            self._unanswered.discard(photo_id)
            self._waiting.pop(photo_id, None)
            if self._decoding.pop(photo_id, None) is not None:
                self._loader.forget(("large", photo_id))
        self._decode_next()

    def _is_sharp_enough(self, photo_id: int, side: int) -> bool:
        found = self._pixmaps.get(photo_id)
        return found is not None and found[1] >= side * SHARP_SHARE

    @Slot(object)
    def _on_fetched(self, found: _FetchedPicture) -> None:
        if found.request != self._request_count or found.photo_id not in self._unanswered:
            return
        self._unanswered.discard(found.photo_id)
        if found.image is not None:
            self._keep(found, found.image, found.side)
        elif not found.path:
            self._failed.add(found.photo_id)
        elif found.photo_id in self._wanted:
            self._waiting[found.photo_id] = found
            self._decode_next()

    def _decode_next(self) -> None:
        while self._waiting and len(self._decoding) < _MAX_DECODING:
            photo_id, found = self._waiting.popitem(last=False)
            self._decoding[photo_id] = found
            self._loader.load(("large", photo_id), os.fsdecode(found.path), LARGE_SIDE)

    def _on_picture_loaded(self, key: object, image: QImage) -> None:
        found = self._take_decoding(key)
        if found is not None:
            self._worker.put(_SaveRequest(found.content, image))
            self._keep(found, image, max(image.width(), image.height()))
            self._decode_next()

    def _on_failed(self, key: object, _: str) -> None:
        found = self._take_decoding(key)
        if found is not None:
            self._failed.add(found.photo_id)
            self._decode_next()

    def _take_decoding(self, key: object) -> _FetchedPicture | None:
        if not isinstance(key, tuple) or key[0] != "large":
            return None
        return self._decoding.pop(key[1], None)

    def _keep(self, found: _FetchedPicture, image: QImage, side: int) -> None:
        """Keep a picture, turned as the user turned the photo. Files hold it as it is."""
        photo_id = found.photo_id
        self._forget(photo_id)
        pixmap = QPixmap.fromImage(turned_image(image, found.turns))
        # A photo that is smaller than what was asked for is as sharp as it gets.
        self._pixmaps[photo_id] = pixmap, max(side, self._wanted.get(photo_id, side))
        self._bytes += _size(pixmap)
        while self._bytes > _CACHE_BYTES and len(self._pixmaps) > 1:
            self._forget(next(iter(self._pixmaps)))
        self.thumbnail_ready.emit(photo_id)

    def _forget(self, photo_id: int) -> None:
        found = self._pixmaps.pop(photo_id, None)
        if found is not None:
            self._bytes -= _size(found[0])


class _Worker:
    """The thread, which starts with the first request. Of several requests only the newest is answered."""

    def __init__(self, library: Path, answer: Callable[[object], None]) -> None:
        self._library = library
        self._answer = answer
        self._wake = threading.Condition()
        self._wanted: _PictureRequest | None = None
        self._tasks: list[_SaveRequest | _LimitRequest] = []
        self._ending = False
        self._thread: threading.Thread | None = None
        self._limit = 0
        self._files: Files | None = None
        self._store: LibraryStore | None = None

    def put(self, task: _PictureRequest | _SaveRequest | _LimitRequest) -> None:
        with self._wake:
            if self._ending:
                return
            if isinstance(task, _PictureRequest):
                self._wanted = task
            else:
                self._tasks.append(task)
            if self._thread is None and (
                isinstance(task, _LimitRequest) or (self._wanted and self._wanted.sides)
            ):
                self._thread = threading.Thread(target=self._run, name="large-thumbnails", daemon=True)
                self._thread.start()
            self._wake.notify()

    def stop(self, timeout: float) -> bool:
        with self._wake:
            self._ending = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join(timeout)
        return self._thread is None or not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while (task := self._next()) is not None:
                try:
                    self._run_task(task)
                except Exception as error:  # noqa: BLE001 - the thread outlives whatever a reading raises
                    _log.debug("Larger thumbnails cannot be read now: %s", error)
                    self._close()
        except RuntimeError:
            _log.debug("The larger thumbnails were deleted before they were stopped")
        finally:
            self._close()

    def _next(self) -> _PictureRequest | _SaveRequest | _LimitRequest | None:
        with self._wake:
            self._wake.wait_for(lambda: self._ending or self._tasks or self._wanted is not None)
            if self._ending:
                return None
            if self._tasks:
                return self._tasks.pop(0)
            task, self._wanted = self._wanted, None
            return task

    def _run_task(self, task: _PictureRequest | _SaveRequest | _LimitRequest) -> None:
        match task:
            case _LimitRequest(size):
                self._limit = size
                if self._files is not None:
                    self._files.set_limit(size)
                elif not size:
                    self._open_files()  # which deletes what is there
            case _SaveRequest(content, image):
                self._open_files().put(content, _encode(image))
            case _PictureRequest():
                self._fetch(task)

    def _fetch(self, request: _PictureRequest) -> None:
        """Answer a request photo by photo, until there is a newer one."""
        from safelight.store import marks, photo_paths, photos
        from safelight.store.library import LibraryStore

        sides = request.sides
        if not sides:
            return
        files = self._open_files()
        if self._store is None:
            self._store = LibraryStore.open_read_only(self._library)
        with self._store.read() as db:
            located = {
                photo: (content, path) for photo, content, path in photo_paths.located(db, list(sides))
            }
            contents = photos.content_hashes(db, list(sides))
            turns = marks.turns(db, list(sides))
        for photo_id, side in sides.items():
            with self._wake:
                if self._ending or self._wanted is not None:
                    return  # other photos are on the screen now
            image = decode(files.get(contents[photo_id])) if photo_id in contents else None
            if image is not None:
                found = _FetchedPicture(request.number, photo_id, side, _scale_down(image, side))
            else:
                found = _FetchedPicture(
                    request.number, photo_id, side, None, *located.get(photo_id, (b"", b""))
                )
            found.turns = turns.get(photo_id, 0)
            self._answer(found)

    def _open_files(self) -> Files:
        # On this thread: the store is not for the first paint.
        from safelight.store.large_thumbnails import LargeThumbnails as Files

        if self._files is None:
            self._files = Files(self._library, self._limit)
        return self._files

    def _close(self) -> None:
        """Connections are released on the thread that created them."""
        if self._store is not None:
            self._store.close()
        self._store = self._files = None


def _scale_down(image: QImage, side: int) -> QImage:
    """No larger than needed: a screen full of large pictures takes much memory."""
    if max(image.width(), image.height()) <= side:
        return image
    return image.scaled(
        side, side, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    )


def _encode(image: QImage) -> bytes:
    from PIL import Image

    from safelight.imaging.thumbnail import encode_thumbnail

    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    size, stride = (plain.width(), plain.height()), plain.bytesPerLine()
    picture = Image.frombytes("RGB", size, bytes(plain.constBits()), "raw", "RGB", stride)
    return encode_thumbnail(picture, LARGE_SIDE)


def _size(pixmap: QPixmap) -> int:
    return pixmap.width() * pixmap.height() * pixmap.depth() // 8
