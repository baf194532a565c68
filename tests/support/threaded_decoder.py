"""A decoder on a thread, where a process for each would cost more than it tests."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

from safelight.core.encoder import Pixels
from safelight.core.multi_frame import AnimationPart, Page
from safelight.core.photo import ImageMetadata
from safelight.imaging import multi_frame
from safelight.imaging.motion_photo import read_embedded_film, read_film_frames
from safelight.imaging.opening import MAX_PIXELS
from safelight.imaging.read import load_draft, load_image, picture_size


class ThreadedDecoder:
    """Reads files as the decode processes do, and remembers which it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str | bytes, int | None]] = []
        self.closed = False
        self._animations = multi_frame.AnimationReader()
        self._executor = ThreadPoolExecutor(1, "decoder")

    def load(
        self,
        source: str | bytes,
        max_side: int | None = None,
        seconds: float | None = None,
        *,
        developed: bool = False,
        checkered: bool = False,
    ) -> Future[tuple[Pixels, ImageMetadata]]:
        self.asked.append((source, max_side))
        return self._executor.submit(
            load_image, source, max_side, seconds, developed=developed, checkered=checkered
        )

    def draft(self, path: str, max_side: int) -> Future[tuple[Pixels, bool]]:
        self.asked.append((path, max_side))
        return self._executor.submit(load_draft, path, max_side)

    def warm_up(self) -> None:
        """Nothing has to be started."""

    def picture_size(self, path: str) -> Future[tuple[int, int]]:
        return self._executor.submit(picture_size, path)

    def pages(self, path: str) -> Future[tuple[Page, ...]]:
        return self._executor.submit(multi_frame.pages, path)

    def page(self, path: str, number: int, max_side: int | None) -> Future[tuple[Pixels, ImageMetadata]]:
        return self._executor.submit(multi_frame.load_page, path, number, max_side)

    def animation(self, path: str, first: int, max_side: int, max_bytes: int) -> Future[AnimationPart]:
        return self._executor.submit(self._animations.part, path, first, max_side, max_bytes)

    def film_inside(self, path: str) -> Future[bytes]:
        return self._executor.submit(read_embedded_film, path)

    def film_frames(self, path: str, count: int, max_side: int) -> Future[AnimationPart]:
        return self._executor.submit(read_film_frames, path, count, max_side, MAX_PIXELS)

    def close(self) -> None:
        self.closed = True
        self._executor.shutdown(cancel_futures=True)
