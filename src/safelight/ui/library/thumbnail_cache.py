"""Thumbnails and colours of the photos on screen, loaded and decoded on a separate thread."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QImage, QPixmap

from safelight.ui.library.turning import turned_image

_log = logging.getLogger(__name__)

Fetcher = Callable[[Sequence[int]], Mapping[int, bytes]]
"""Returns JPEG bytes of thumbnails by photo id. Missing thumbnails are left out."""
TurnFetcher = Callable[[Sequence[int]], Mapping[int, int]]
"""Returns the clockwise quarter turns by photo id of those photos that the user turned."""
ColourFetcher = Callable[[Sequence[int]], Mapping[int, int]]
"""Returns mean colours, 0xRRGGBB, by photo id."""

THUMBNAIL_SIDE = 384
"""The long side in pixels of the thumbnail of a picture that is not smaller."""
_BATCH = 8
"""Thumbnails read per step. Few, so that newly visible cells wait only milliseconds."""
_MAX_COLOURS = 50_000


@dataclass(slots=True)
class _Answer:
    """Results of the thread. Serial numbers distinguish current answers from cancelled ones."""

    colours: Mapping[int, int] = field(default_factory=dict)
    thumbnails: list[tuple[int, int, QImage | None]] = field(default_factory=list)
    """Photo id, serial, and the picture or None if there is none."""
    turns: Mapping[int, int] = field(default_factory=dict)
    """The quarter turns of those thumbnails that are turned."""
    failed: list[tuple[int, int]] = field(default_factory=list)
    """Photo id and serial of a request that failed and may be repeated."""


class ThumbnailCache(QObject):
    """Used on the GUI thread. Missing thumbnails are loaded, newest request first.

    The request queue is bounded: scrolling quickly through thousands of cells leaves only the last ones to
    load. A photo without a thumbnail is remembered as such until :meth:`invalidate`.
    """

    thumbnail_ready = Signal(int)
    colours_ready = Signal()
    """Some of the requested colours arrived."""
    invalidated = Signal(object)
    """Ids whose cached pictures are out of date."""

    _answered = Signal(object)

    def __init__(
        self,
        fetcher: Callable[[], Fetcher],
        colour_fetcher: Callable[[], ColourFetcher] | None = None,
        turn_fetcher: Callable[[], TurnFetcher] | None = None,
        *,
        max_bytes: int = 192 * 1024 * 1024,
        queue_length: int = 200,
        parent: QObject | None = None,
    ) -> None:
        """The factories are called on the cache's thread, which also uses and releases what they return.

        A factory or fetcher may raise. The request is then repeated when it is next needed, and the factory
        called again.
        """
        super().__init__(parent)
        self._pixmaps: OrderedDict[int, QPixmap] = OrderedDict()
        self._turns: dict[int, int] = {}
        """The quarter turns of the thumbnails that are turned."""
        self._bytes = 0
        self._max_bytes = max_bytes
        self._colours: OrderedDict[int, int] = OrderedDict()
        self._absent: set[int] = set()
        self._requested: dict[int, int] = {}
        """Photo id to serial of each unanswered request."""
        self._serials = count()
        self._queue: OrderedDict[int, int] = OrderedDict()
        """Requests the thread has not taken yet, newest last. Guarded by the condition."""
        self._queue_length = queue_length
        self._wake = threading.Condition()
        self._ending = False
        self._answered.connect(self._on_answer, Qt.ConnectionType.QueuedConnection)
        self._worker = _Worker(fetcher, colour_fetcher, turn_fetcher, self._next_batch, self._answered.emit)
        self._thread = threading.Thread(target=self._worker.run, name="thumbnails", daemon=True)
        self._thread.start()

    # --- asking -------------------------------------------------------------------------------

    def get(self, photo_id: int) -> QPixmap | None:
        """The thumbnail as the user turned it, at most 384 px. None while it loads (``thumbnail_ready``
        follows) or if it does not exist.
        """
        pixmap = self._pixmaps.get(photo_id)
        if pixmap is not None:
            self._pixmaps.move_to_end(photo_id)
        elif photo_id not in self._absent:
            self._request(photo_id)
        return pixmap

    def upright(self, photo_id: int) -> QPixmap | None:
        """The thumbnail as the file states it, without the user's turns; otherwise as :meth:`get`."""
        pixmap = self.get(photo_id)
        turns = self._turns.get(photo_id, 0)
        if pixmap is None or not turns:
            return pixmap
        return QPixmap.fromImage(turned_image(pixmap.toImage(), 4 - turns))

    def colour(self, photo_id: int) -> QColor | None:
        """The photo's mean colour if it is known. Loaded together with the thumbnail."""
        value = self._colours.get(photo_id)
        return QColor.fromRgb(value) if value is not None else None

    def is_absent(self, photo_id: int) -> bool:
        """Whether the photo is known to have no thumbnail."""
        return photo_id in self._absent

    def invalidate(self, ids: Collection[int]) -> None:
        """Drop these photos' thumbnails; they are loaded again on request.

        Colours stay: a photo is one content, so its colour never changes.
        """
        for photo_id in ids:
            self._forget(photo_id)
            self._absent.discard(photo_id)
            self._requested.pop(photo_id, None)
        with self._wake:
            for photo_id in ids:
                self._queue.pop(photo_id, None)
        self.invalidated.emit(list(ids))

    def stop(self, timeout: float) -> bool:
        """Stop the thread. Returns whether it ended within ``timeout`` seconds. Idempotent."""
        with self._wake:
            self._ending = True
            self._queue.clear()
            self._wake.notify()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _request(self, photo_id: int) -> None:
        with self._wake:
            if self._ending:
                return
            if photo_id in self._queue:
                self._queue.move_to_end(photo_id)
                return
            if photo_id in self._requested:
                return  # the thread is loading it
            self._queue[photo_id] = self._requested[photo_id] = next(self._serials)
            if len(self._queue) > self._queue_length:
                dropped, _ = self._queue.popitem(last=False)
                del self._requested[dropped]
            self._wake.notify()

    # --- answers ------------------------------------------------------------------------------

    @Slot(object)
    def _on_answer(self, answer: _Answer) -> None:
        if self._ending:
            return
        if answer.colours:
            self._colours.update(answer.colours)
            while len(self._colours) > _MAX_COLOURS:
                self._colours.popitem(last=False)
            self.colours_ready.emit()
        for photo_id, serial in answer.failed:
            if self._requested.get(photo_id) == serial:
                del self._requested[photo_id]
        for photo_id, serial, image in answer.thumbnails:
            if self._requested.get(photo_id) != serial:
                continue  # invalidated in the meantime
            del self._requested[photo_id]
            if image is None:
                self._absent.add(photo_id)
            else:
                self._keep(photo_id, QPixmap.fromImage(image))
                if photo_id in answer.turns:
                    self._turns[photo_id] = answer.turns[photo_id]
            self.thumbnail_ready.emit(photo_id)

    def _keep(self, photo_id: int, pixmap: QPixmap) -> None:
        self._forget(photo_id)
        self._pixmaps[photo_id] = pixmap
        self._bytes += _size(pixmap)
        while self._bytes > self._max_bytes and len(self._pixmaps) > 1:
            self._forget(next(iter(self._pixmaps)))

    def _forget(self, photo_id: int) -> None:
        self._turns.pop(photo_id, None)
        pixmap = self._pixmaps.pop(photo_id, None)
        if pixmap is not None:
            self._bytes -= _size(pixmap)

    # --- on the thread ------------------------------------------------------------------------

    def _next_batch(self) -> tuple[list[tuple[int, int]], list[int]] | None:
        """Wait for requests. Returns the newest few with their serials and all waiting ids, or None at the
        end.
        """
        with self._wake:
            self._wake.wait_for(lambda: self._ending or bool(self._queue))
            if self._ending:
                return None
            waiting = list(reversed(self._queue))
            return [self._queue.popitem() for _ in range(min(_BATCH, len(self._queue)))], waiting


class _Worker:
    """The thread's main loop. It knows only the request source and the result sink."""

    def __init__(
        self,
        fetcher: Callable[[], Fetcher],
        colour_fetcher: Callable[[], ColourFetcher] | None,
        turn_fetcher: Callable[[], TurnFetcher] | None,
        next_batch: Callable[[], tuple[list[tuple[int, int]], list[int]] | None],
        answer: Callable[[object], None],
    ) -> None:
        self._make_fetcher = fetcher
        self._make_colour_fetcher = colour_fetcher
        self._make_turn_fetcher = turn_fetcher
        self._next_batch = next_batch
        self._answer = answer
        self._fetch: Fetcher | None = None
        self._fetch_colours: ColourFetcher | None = None
        self._fetch_turns: TurnFetcher | None = None
        self._sent_colours: OrderedDict[int, None] = OrderedDict()
        """Ids whose colours were sent, so that waiting photos are looked up once."""

    def run(self) -> None:
        try:
            while (batch := self._next_batch()) is not None:
                requests, waiting = batch
                try:
                    self._answer_colours(waiting)
                    turns = self._turns([photo_id for photo_id, _ in requests])
                    answer = _Answer(thumbnails=self._thumbnails(requests, turns), turns=turns)
                except Exception as error:  # noqa: BLE001 - the thread outlives whatever a reading raises
                    # Also the normal state of a library that is being created.
                    _log.debug("Thumbnails cannot be read now: %s", error)
                    self._fetch = self._fetch_colours = self._fetch_turns = None
                    answer = _Answer(failed=requests)
                self._answer(answer)
        except RuntimeError:
            _log.debug("The thumbnail cache was deleted before it was stopped")
        finally:
            # Connections are released on the thread that created them.
            self._fetch = self._fetch_colours = self._fetch_turns = None

    def _answer_colours(self, waiting: Sequence[int]) -> None:
        unknown = [photo_id for photo_id in waiting if photo_id not in self._sent_colours]
        if self._make_colour_fetcher is None or not unknown:
            return
        if self._fetch_colours is None:
            self._fetch_colours = self._make_colour_fetcher()
        found = self._fetch_colours(unknown)
        self._sent_colours.update(dict.fromkeys(found))
        while len(self._sent_colours) > _MAX_COLOURS // 2:
            self._sent_colours.popitem(last=False)
        self._answer(_Answer(colours=found))

    def _turns(self, ids: Sequence[int]) -> Mapping[int, int]:
        if self._make_turn_fetcher is None:
            return {}
        if self._fetch_turns is None:
            self._fetch_turns = self._make_turn_fetcher()
        return self._fetch_turns(ids)

    def _thumbnails(
        self, requests: Sequence[tuple[int, int]], turns: Mapping[int, int]
    ) -> list[tuple[int, int, QImage | None]]:
        if self._fetch is None:
            self._fetch = self._make_fetcher()
        found = self._fetch([photo_id for photo_id, _ in requests])
        answers: list[tuple[int, int, QImage | None]] = []
        for photo_id, serial in requests:
            image = decode(found.get(photo_id))
            if image is not None:
                image = turned_image(image, turns.get(photo_id, 0))
            answers.append((photo_id, serial, image))
        return answers


def decode(data: bytes | None) -> QImage | None:
    """A picture that converts to a pixmap without copying, or None if the bytes are not a picture.

    Decoded by Pillow rather than Qt. QImage.loadFromData holds Python's lock while it decodes, so the window
    freezes while pictures load. QImageReader releases the lock but takes it again for its device while it
    holds an internal Qt lock, which can deadlock with the GUI thread.
    """
    from safelight.imaging.thumbnail import decode_thumbnail  # on this thread, after the first paint

    if not data:
        return None
    try:
        width, height, pixels = decode_thumbnail(data)
    except (OSError, ValueError, SyntaxError):
        return None
    image = QImage(pixels, width, height, 3 * width, QImage.Format.Format_RGB888)
    return image.convertToFormat(QImage.Format.Format_RGB32)


def _size(pixmap: QPixmap) -> int:
    return pixmap.width() * pixmap.height() * pixmap.depth() // 8
