"""What is looked after now and then: models that nobody uses leave memory, and work waits for the mains."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable

from safelight.core.preferences import Preferences
from safelight.engine.events import Event, ModelRested, PreferencesRead
from safelight.services import preferences
from safelight.services.indexing.live import LiveIndexer
from safelight.services.library import Library
from safelight.services.power import on_battery

log = logging.getLogger(__name__)

ON_BATTERY = "on battery"
_EVERY = 5.0


class Maintenance:
    """Looks every few seconds, on a thread of its own."""

    def __init__(
        self,
        library: Library,
        live: LiveIndexer,
        send: Callable[[Event], None],
        *,
        battery: Callable[[], bool] = on_battery,
    ) -> None:
        self._library = library
        self._live = live
        self._send = send
        self._battery = battery
        self._preferences = library.preferences
        self._waited = False
        """Whether it was on battery, and to wait for the mains, when last looked."""
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def read(self, generation: int) -> None:
        """Tell the window what is set."""
        self._send(PreferencesRead(generation, self._preferences))

    def change(self, generation: int, name: str, text: str) -> None:
        """Set one preference. All hold at once but the share of the machine and the size of pictures, which
        hold from the next start of the engine. Raises UsageError."""
        self._preferences = preferences.change(self._library.store, name, text)
        self.read(generation)
        self.look()

    def look(self) -> None:
        """Do what is due."""
        now: Preferences = self._preferences
        waits = now.pause_on_battery and self._battery()
        if waits and not self._waited:
            self._live.pause(ON_BATTERY)
        elif self._waited and not waits:
            self._live.resume_from(ON_BATTERY)
        self._waited = waits
        if now.idle_minutes:
            self._let_go(60.0 * now.idle_minutes)

    def _let_go(self, seconds: float) -> None:
        rested = self._library.answering.rest(seconds)
        if rested:
            gc.collect()
        for info in rested:
            log.info("a model was not used for %.0f minutes and left memory", seconds / 60)
            if info.key == self._library.model.key:  # the window shows that one, not what answers meanwhile
                self._send(ModelRested(info))

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                self.look()
            except Exception:
                log.exception("looking after the engine failed by a fault of Safelight's own")
            self._closing.wait(_EVERY)
