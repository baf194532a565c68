"""Decides when the live index runs background and idle stages."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable

from safelight.core.changes import LibraryChanged
from safelight.core.errors import CancelledError, SafelightError
from safelight.core.jobs import JobControl, Progress
from safelight.core.stages import CostClass
from safelight.services.stages.runner import StageRunner

log = logging.getLogger(__name__)


class StageSchedule:
    """Background stages run after each index run, idle stages once nothing happened for a while.

    The index thread runs them; :meth:`note_activity` may be called on any thread.
    """

    def __init__(
        self,
        runner: StageRunner | None,
        report: Callable[[Progress], None],
        changed: Callable[[LibraryChanged], None],
        idle_seconds: float,
    ) -> None:
        self._runner = runner
        self._report = report
        self._changed = changed
        self._idle_seconds = idle_seconds
        self._last_active = time.monotonic()
        self._idle_stages_due = runner is not None

    def note_activity(self) -> None:
        """The user searches: idle stages stop after the batch under way and wait again."""
        self._last_active = time.monotonic()

    def note_run(self) -> None:
        """An index run ended, which may have left photos that lack a stage."""
        self._last_active = time.monotonic()
        self._idle_stages_due = self._runner is not None

    @property
    def idle_at(self) -> float:
        """The monotonic time from which idle stages may run; infinite if none waits."""
        return self._last_active + self._idle_seconds if self._idle_stages_due else math.inf

    def run_background(self, control: JobControl, interrupted: Callable[[], bool]) -> None:
        """Run the background stages until ``interrupted``. Raises as :meth:`StageRunner.run`."""
        if self._runner is not None:
            self._runner.run(
                control,
                {CostClass.BACKGROUND},
                report=self._report,
                changed=self._changed,
                interrupted=interrupted,
            )

    def run_idle(self, control: JobControl, interrupted: Callable[[], bool]) -> None:
        """Run the idle stages until ``interrupted``, or until the user searches. Failures are logged."""
        if self._runner is None:
            return
        begun = time.monotonic()
        finished = False
        try:
            finished = self._runner.run(
                control,
                {CostClass.IDLE},
                report=self._report,
                changed=self._changed,
                interrupted=lambda: self._last_active > begun or interrupted(),
            )
        except CancelledError:
            pass
        except SafelightError as error:
            log.info("idle stages stopped: %s", type(error).__name__)
        except Exception:
            log.exception("idle stages stopped because of an error in Safelight")
            finished = True  # until the next index run
        self._idle_stages_due = not finished
        if not finished:
            self._last_active = time.monotonic()
