"""Thumbnails on demand: newest first, bounded, off the GUI thread, and ended on request."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BytesIO

import pytest
from PIL import Image
from PySide6.QtCore import QThread
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from safelight.ui.library.thumbnail_cache import Fetcher, ThumbnailCache, decode
from support.waiting import PATIENCE


def jpeg(photo_id: int, width: int = 40, height: int = 30) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (width, height), (photo_id % 256, 120, 40)).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


class Shelf:
    """Thumbnails by id, and a gate that holds the reading thread at a chosen moment."""

    def __init__(self, ids: Sequence[int]) -> None:
        self.pictures = {photo_id: jpeg(photo_id) for photo_id in ids}
        self.batches: list[list[int]] = []
        self.threads: set[threading.Thread] = set()
        self.error: Exception | None = None
        self.entered = threading.Semaphore(0)
        self.gate = threading.Event()
        self.gate.set()

    def open(self) -> Fetcher:
        self.threads.add(threading.current_thread())
        return self.fetch

    def fetch(self, ids: Sequence[int]) -> dict[int, bytes]:
        self.batches.append(list(ids))
        self.threads.add(threading.current_thread())
        self.entered.release()
        self.gate.wait(20)
        if self.error is not None:
            raise self.error
        return {photo_id: self.pictures[photo_id] for photo_id in ids if photo_id in self.pictures}

    @property
    def asked(self) -> list[int]:
        return [photo_id for batch in self.batches for photo_id in batch]


MakeCache = Callable[..., ThumbnailCache]


@pytest.fixture
def make_cache(qtbot: QtBot) -> Iterator[MakeCache]:
    caches: list[ThumbnailCache] = []

    def make(shelf: Shelf, **options: object) -> ThumbnailCache:
        cache = ThumbnailCache(shelf.open, **options)  # type: ignore[arg-type]
        caches.append(cache)
        return cache

    yield make
    for cache in caches:
        assert cache.stop(PATIENCE)
        cache.deleteLater()


def load(qtbot: QtBot, cache: ThumbnailCache, photo_id: int) -> None:
    with qtbot.waitSignal(cache.thumbnail_ready, check_params_cb=lambda ready: ready == photo_id):
        assert cache.get(photo_id) is None


def test_a_thumbnail_arrives_and_stays(qtbot: QtBot, make_cache: MakeCache) -> None:
    shelf = Shelf([7])
    cache = make_cache(shelf)
    load(qtbot, cache, 7)
    pixmap = cache.get(7)
    assert pixmap is not None
    assert (pixmap.width(), pixmap.height()) == (40, 30)
    assert abs(pixmap.toImage().pixelColor(20, 15).green() - 120) < 4
    cache.get(7)
    assert shelf.asked == [7]


def test_reading_happens_on_one_other_thread_and_answers_on_this(qtbot: QtBot, make_cache: MakeCache) -> None:
    shelf = Shelf(range(20))
    cache = make_cache(shelf)
    heard_on: list[QThread] = []
    cache.thumbnail_ready.connect(lambda _: heard_on.append(QThread.currentThread()))
    for photo_id in range(20):
        cache.get(photo_id)
    qtbot.waitUntil(lambda: len(heard_on) == 20)
    assert set(heard_on) == {cache.thread()}
    assert len(shelf.threads) == 1
    assert threading.current_thread() not in shelf.threads


def test_newest_request_is_served_first_and_the_queue_is_bounded(qtbot: QtBot, make_cache: MakeCache) -> None:
    shelf = Shelf(range(1000))
    cache = make_cache(shelf, queue_length=20)
    shelf.gate.clear()
    cache.get(999)
    shelf.entered.acquire()  # the thread is busy: everything from here on waits
    for photo_id in range(100):
        cache.get(photo_id)
    with qtbot.waitSignal(cache.thumbnail_ready, check_params_cb=lambda ready: ready == 80):
        shelf.gate.set()
    assert shelf.asked[:9] == [999, 99, 98, 97, 96, 95, 94, 93, 92]
    assert set(range(80)).isdisjoint(shelf.asked)
    # What fell out of the queue can be asked for again.
    load(qtbot, cache, 0)


def test_asking_again_moves_to_the_front(qtbot: QtBot, make_cache: MakeCache) -> None:
    shelf = Shelf(range(100))
    cache = make_cache(shelf)
    shelf.gate.clear()
    cache.get(99)
    shelf.entered.acquire()
    for photo_id in (1, 2, 3, 1, 99):
        cache.get(photo_id)
    with qtbot.waitSignal(cache.thumbnail_ready, check_params_cb=lambda ready: ready == 2):
        shelf.gate.set()
    assert shelf.asked == [99, 1, 3, 2]


def test_least_recently_used_go_when_the_bytes_are_full(qtbot: QtBot, make_cache: MakeCache) -> None:
    one = 40 * 30 * 4
    shelf = Shelf(range(10))
    cache = make_cache(shelf, max_bytes=3 * one)
    for photo_id in (1, 2, 3):
        load(qtbot, cache, photo_id)
    assert cache.get(1) is not None  # used: 2 is now the oldest
    load(qtbot, cache, 4)
    assert cache.get(1) is not None
    assert cache.get(3) is not None
    load(qtbot, cache, 2)


@pytest.mark.qt_log_ignore("JPEG")
def test_what_is_missing_or_broken_is_asked_for_once(qtbot: QtBot, make_cache: MakeCache) -> None:
    shelf = Shelf([1])
    shelf.pictures[2] = b"not a picture"
    cache = make_cache(shelf)
    for photo_id in (2, 3):
        load(qtbot, cache, photo_id)
        assert cache.is_absent(photo_id)
        assert cache.get(photo_id) is None
    load(qtbot, cache, 1)
    assert not cache.is_absent(1)
    assert shelf.asked == [2, 3, 1]


def test_invalidated_ones_are_read_again(qtbot: QtBot, make_cache: MakeCache) -> None:
    shelf = Shelf([1])
    cache = make_cache(shelf)
    load(qtbot, cache, 1)
    load(qtbot, cache, 2)
    shelf.pictures = {1: jpeg(1, 16, 16), 2: jpeg(2)}
    with qtbot.waitSignal(cache.invalidated) as caught:
        cache.invalidate([1, 2])
    assert caught.args == [[1, 2]]
    load(qtbot, cache, 1)
    load(qtbot, cache, 2)
    pixmap = cache.get(1)
    assert pixmap is not None
    assert pixmap.width() == 16


def test_an_answer_to_what_was_invalidated_is_not_taken(qtbot: QtBot, make_cache: MakeCache) -> None:
    shelf = Shelf([1])
    cache = make_cache(shelf)
    shelf.gate.clear()
    cache.get(1)
    shelf.entered.acquire()
    cache.invalidate([1])
    shelf.pictures = {1: jpeg(1, 16, 16)}
    ready: list[int] = []
    cache.thumbnail_ready.connect(ready.append)
    cache.get(1)
    shelf.gate.set()
    qtbot.waitUntil(lambda: bool(ready))
    pixmap = cache.get(1)
    assert pixmap is not None
    assert pixmap.width() == 16
    assert ready == [1]


def test_a_reading_that_fails_is_no_absence(qtbot: QtBot, make_cache: MakeCache) -> None:
    shelf = Shelf([1])
    shelf.error = OSError("the library is only being made")
    cache = make_cache(shelf)
    # Asked for by every repaint, as the view does.
    qtbot.waitUntil(lambda: cache.get(1) is None and len(shelf.batches) >= 2)
    shelf.error = None
    qtbot.waitUntil(lambda: cache.get(1) is not None)
    assert not cache.is_absent(1)


def test_colours_of_everything_that_waits_come_before_the_pictures(
    qtbot: QtBot, make_cache: MakeCache
) -> None:
    shelf = Shelf(range(100))
    asked: list[list[int]] = []

    def colours(ids: Sequence[int]) -> Mapping[int, int]:
        asked.append(sorted(ids))
        return {photo_id: 0x102030 + photo_id for photo_id in ids if photo_id != 5}

    cache = make_cache(shelf, colour_fetcher=lambda: colours)
    shelf.gate.clear()
    cache.get(99)
    shelf.entered.acquire()
    for photo_id in range(30):
        cache.get(photo_id)
    shelf.gate.set()
    with qtbot.waitSignal(cache.thumbnail_ready, check_params_cb=lambda ready: ready == 29):
        pass
    assert cache.colour(0) == QColor(0x10, 0x20, 0x30)
    assert cache.colour(5) is None
    qtbot.waitUntil(lambda: cache.get(0) is not None)
    assert asked[:2] == [[99], list(range(30))]
    assert all(ids == [5] for ids in asked[2:])


def test_stop_ends_the_thread_even_with_a_full_queue(make_cache: MakeCache) -> None:
    shelf = Shelf(range(500))
    cache = make_cache(shelf)
    for photo_id in range(500):
        cache.get(photo_id)
    assert cache.stop(PATIENCE)
    assert not any(thread.is_alive() for thread in shelf.threads)
    assert cache.stop(PATIENCE)
    before = len(shelf.batches)
    assert cache.get(499) is None
    assert len(shelf.batches) == before


def test_factory_objects_are_released_on_their_own_thread(make_cache: MakeCache, qtbot: QtBot) -> None:
    let_go_on: list[threading.Thread] = []

    class Connection:
        def __call__(self, ids: Sequence[int]) -> Mapping[int, bytes]:
            return {}

        def __del__(self) -> None:
            let_go_on.append(threading.current_thread())

    cache = ThumbnailCache(Connection)
    load(qtbot, cache, 1)
    assert cache.stop(PATIENCE)
    assert len(let_go_on) == 1
    assert let_go_on[0] is not threading.current_thread()


@pytest.fixture
def no_forced_switch() -> Iterator[None]:
    """A thread gets Python's lock only after another one releases it."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(3600)
    yield
    sys.setswitchinterval(before)


def longest_run_without_lock(decoder: Callable[[bytes], QImage], enough: float, attempts: int) -> float:
    """The most processor time, in seconds, that ``decoder`` used while this thread held Python's lock.

    A busy machine can give this thread no processor before ``decoder`` has finished. So the other thread
    decodes again until the time is ``enough``, or ``attempts`` times.
    """
    picture = jpeg(1, 2400, 1800)
    assert not decoder(picture).isNull()  # imports what it needs, so that no import releases the lock below
    decoding = finished = False
    clock = 0

    def decode_repeatedly() -> None:
        nonlocal clock, decoding
        clock = time.pthread_getcpuclockid(threading.get_ident())
        for _ in range(attempts):
            decoding = True
            decoder(picture)
            decoding = False
            if finished:
                return

    thread = threading.Thread(target=decode_repeatedly)
    thread.start()
    longest = 0.0
    while longest < enough and thread.is_alive():
        if decoding:
            before, until = time.clock_gettime(clock), time.monotonic() + 0.02
            while longest < enough and time.monotonic() < until:  # nothing here releases the lock
                longest = max(longest, time.clock_gettime(clock) - before)
        time.sleep(0)  # releases the lock
    finished = True
    thread.join()
    return longest


has_clocks = pytest.mark.skipif(
    not hasattr(time, "pthread_getcpuclockid"), reason="the processor time of a thread cannot be read here"
)


@has_clocks
@pytest.mark.usefixtures("no_forced_switch")
def test_the_window_continues_while_a_picture_is_decoded() -> None:
    def decoder(picture: bytes) -> QImage:
        image = decode(picture)
        assert image is not None
        return image

    assert longest_run_without_lock(decoder, enough=0.002, attempts=300) >= 0.002


@has_clocks
@pytest.mark.usefixtures("no_forced_switch")
def test_a_decoder_that_keeps_the_lock_would_be_noticed() -> None:
    """Qt's own decoding keeps the lock, so it shows that the test before this one can fail."""

    def decoder(picture: bytes) -> QImage:
        image = QImage()
        image.loadFromData(picture)
        return image

    # Some systems count processor time in ticks of 10 ms, one of which can be counted for the wrong thread.
    assert any(longest_run_without_lock(decoder, enough=0.002, attempts=20) < 0.002 for _ in range(3))
