"""The services of the main window: created together, not yet started, and ended together."""

from __future__ import annotations

import time
from dataclasses import dataclass

from safelight.ui.appearance.theme import ThemeWatcher
from safelight.ui.library.engine_bridge import EngineBridge
from safelight.ui.library.large_thumbnails import LargeThumbnails
from safelight.ui.library.moments import Moments
from safelight.ui.library.picture_loader import PictureLoader
from safelight.ui.library.reader import LibraryReader
from safelight.ui.library.thumbnail_cache import ThumbnailCache
from safelight.ui.window_state import WindowState

_STOP_TIMEOUT = 20.0
"""Seconds in which all services together have to end."""


@dataclass(frozen=True, slots=True)
class WindowServices:
    """The window's background workers and its saved state."""

    bridge: EngineBridge
    reader: LibraryReader
    background_reader: LibraryReader
    """For long reads, which must not delay those of the visible photos."""
    loader: PictureLoader
    cache: ThumbnailCache
    large: LargeThumbnails
    moments: Moments
    state: WindowState
    themes: ThemeWatcher

    def stop(self) -> bool:
        """End everything; True if nothing still runs after :data:`_STOP_TIMEOUT` seconds. Idempotent."""
        deadline = time.monotonic() + _STOP_TIMEOUT
        # All begin to end before any is waited for; the engine takes longest.
        self.bridge.request_stop()
        self.reader.request_stop()
        self.background_reader.request_stop()
        self.loader.close()
        ended = True
        for worker in (self.cache, self.large, self.reader, self.background_reader, self.bridge):
            ended = worker.stop(max(0.1, deadline - time.monotonic())) and ended
        return ended
