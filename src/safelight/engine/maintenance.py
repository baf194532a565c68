"""Periodic work: unloads unused models, and pauses indexing on battery if the user wants that."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable

from safelight.core.jobs import JobControl
from safelight.core.message import Message
from safelight.core.settings import IDLE_MINUTES, PAUSE_ON_BATTERY, Settings
from safelight.engine.events import ModelUnloaded, SettingsRead
from safelight.engine.worker import Job, Send, Worker
from safelight.services import settings as stored_settings
from safelight.services.indexing.live import LiveIndexer
from safelight.services.library import Library
from safelight.services.power import on_battery

log = logging.getLogger(__name__)

ON_BATTERY = Message("on battery")
_CHECK_INTERVAL = 5.0
"""Seconds between two checks."""


class Maintenance(Worker):
    """Does the work that is due every few seconds, and owns the present settings."""

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
        self._is_waiting_for_power = False
        """Whether indexing was paused by the last check, because the computer runs on battery."""

    def start(self) -> None:
        self.post(self._run_periodically)
        super().start()

    @property
    def settings(self) -> Settings:
        """The present settings."""
        return self._settings

    def send_settings(self, generation: int) -> None:
        """Send the present settings to the window."""
        self._send(SettingsRead(generation, self._settings))

    def change_setting(self, generation: int, name: str, text: str) -> None:
        """Change one setting and send all to the window. Raises UsageError for an unknown name or value."""
        self._settings = stored_settings.change(self._library.store, name, text)
        self.send_settings(generation)
        self.do_due_work()

    def do_due_work(self) -> None:
        """Pause or resume by the power supply, and unload models that were not used for long."""
        settings = self._settings
        must_wait = settings[PAUSE_ON_BATTERY] and self._battery()
        if must_wait and not self._is_waiting_for_power:
            self._live.activity.pause(ON_BATTERY)
        elif self._is_waiting_for_power and not must_wait:
            self._live.activity.resume_from(ON_BATTERY)
        self._is_waiting_for_power = must_wait
        if settings[IDLE_MINUTES]:
            self._unload_models(60.0 * settings[IDLE_MINUTES])

    def _unload_models(self, seconds: float) -> None:
        unloaded = self._library.answering.unload_if_idle(seconds)
        stages_unloaded = self._library.stages.unload_idle_models(seconds)
        if unloaded or stages_unloaded:
            gc.collect()
        for info in unloaded:
            log.info("a model was not used for %.0f minutes and was unloaded", seconds / 60)
            if info.key == self._library.model.key:  # the window shows only the chosen model
                self._send(ModelUnloaded(info))

    # --- the worker's thread --------------------------------------------------------------------------

    def _run_periodically(self, _: JobControl) -> None:
        self.post(self._run_periodically, delay=_CHECK_INTERVAL)
        self.do_due_work()

    def _report(self, job: Job, error: Exception) -> None:
        """Do nothing: the failure was logged, and no request waits for this work."""
