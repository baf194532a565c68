"""A decoder on a thread, where a process for each would cost more than it tests."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

from safelight.core.encoder import Pixels
from safelight.core.photo import ImageMetadata
from safelight.imaging.read import load_image


class ThreadedDecoder:
    """Reads files as the decode processes do, and remembers which it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str | bytes, int | None]] = []
        self.closed = False
        self._executor = ThreadPoolExecutor(1, "decoder")

    def load(
        self, source: str | bytes, max_side: int | None = None, seconds: float | None = None
    ) -> Future[tuple[Pixels, ImageMetadata]]:
        del seconds
        self.asked.append((source, max_side))
        return self._executor.submit(load_image, source, max_side)

    def close(self) -> None:
        self.closed = True
        self._executor.shutdown(cancel_futures=True)
