"""Periodic work: unloads unused models, and pauses indexing on battery if the user wants that."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable

from safelight.core.jobs import JobControl
from safelight.core.message import Message
from safelight.core.settings import IDLE_MINUTES, PAUSE_ON_BATTERY, Settings
from safelight.engine.events import ModelRested, PreferencesRead
from safelight.engine.worker import Job, Send, Worker
from safelight.services import settings
from safelight.services.indexing.live import LiveIndexer
from safelight.services.library import Library
from safelight.services.power import on_battery

log = logging.getLogger(__name__)

ON_BATTERY = Message("on battery")
_EVERY = 5.0
"""Seconds between two checks."""


class Maintenance(Worker):
    """Checks every few seconds."""

    def __init__(
        self,
        library: Library,
        live: LiveIndexer,
        send: Send,
        *,
        battery: Callable[[], bool] = on_battery,
    ) -> None:
        super().__init__(
            "maintenance", send, fault=Message("Maintenance failed because of a fault in Safelight.")
        )
        self._library = library
        self._live = live
        self._battery = battery
        self._settings = library.settings
        self._waited = False
        """Whether it was on battery, and set to wait for mains power, at the last check."""

    def start(self) -> None:
        self.post(self._run_periodically)
        super().start()

    @property
    def settings(self) -> Settings:
        """The present settings."""
        return self._settings

    def read(self, generation: int) -> None:
        """Send the window the present settings."""
        self._send(PreferencesRead(generation, self._settings))

    def change(self, generation: int, name: str, text: str) -> None:
        """Change one setting. Those of this engine take effect at once, others when their declaration says.
        Raises UsageError."""
        self._settings = settings.change(self._library.store, name, text)
        self.read(generation)
        self.do_due_work()

    def do_due_work(self) -> None:
        """Pause or resume by the power supply, and unload models that were not used for long."""
        now = self._settings
        waits = now[PAUSE_ON_BATTERY] and self._battery()
        if waits and not self._waited:
            self._live.activity.pause(ON_BATTERY)
        elif self._waited and not waits:
            self._live.activity.resume_from(ON_BATTERY)
        self._waited = waits
        if now[IDLE_MINUTES]:
            self._unload_models(60.0 * now[IDLE_MINUTES])

    def _unload_models(self, seconds: float) -> None:
        rested = self._library.answering.rest(seconds)
        stages_rested = self._library.stages.rest_models(seconds)
        if rested or stages_rested:
            gc.collect()
        for info in rested:
            log.info("a model was not used for %.0f minutes and was unloaded", seconds / 60)
            if info.key == self._library.model.key:  # the window shows that one, not what answers meanwhile
                self._send(ModelRested(info))

    # --- the worker's thread --------------------------------------------------------------------------

    def _run_periodically(self, _: JobControl) -> None:
        self.post(self._run_periodically, delay=_EVERY)
        self.do_due_work()

    def _report(self, job: Job, error: Exception) -> None:
        """No request waits for this work, so a failure is only logged."""
