"""Finds the themes of the library when the window asks, and adds new photos to them."""

from __future__ import annotations

from collections.abc import Callable

from safelight.core.changes import LibraryChanged
from safelight.core.errors import CancelledError
from safelight.core.jobs import JobControl
from safelight.core.message import Message
from safelight.engine.events import ThemesAnswered, ThemesProgress
from safelight.engine.requests import FindThemes
from safelight.engine.worker import Job, Send, Worker
from safelight.services.understanding.themes import ThemeFinder

_ANSWER, _ADD_PHOTOS = "answer", "add-photos"

_COLLECT_SECONDS = 5.0
"""Seconds in which changes are collected before new photos are added to themes."""


class ThemeWorker(Worker):
    """A newer request replaces one that waits."""

    def __init__(self, finder: ThemeFinder, send: Send, on_change: Callable[[LibraryChanged], None]) -> None:
        super().__init__(
            "themes",
            send,
            fault=Message("Finding themes failed because of a fault in Safelight."),
            close_timeout=10.0,
        )
        self._finder = finder
        self._report_change = on_change

    def submit(self, request: FindThemes) -> None:
        """Returns at once."""

        def work(control: JobControl) -> None:
            self._answer(control, request)

        self.post(work, key=_ANSWER, generation=request.generation)

    def cancel(self) -> None:
        """Stop finding themes. The themes from before stay."""
        with self._changed:
            self.drop(_ANSWER)
            self.cancel_current(_ANSWER)

    def note_change(self) -> None:
        """Schedule a run that adds new photos to the themes, if there are any."""
        self.post(self._add_photos, key=_ADD_PHOTOS, delay=_COLLECT_SECONDS)

    # --- the worker's thread --------------------------------------------------------------------------

    def _answer(self, control: JobControl, request: FindThemes) -> None:
        def report(share: float) -> None:
            self._send(ThemesProgress(request.generation, share))

        cancelled = False
        try:
            change = self._finder.update(control, report, again=request.again)
        except CancelledError:
            cancelled = True
        else:
            if change:
                self._report_change(change)
        found = self._finder.status()
        self._send(ThemesAnswered(request.generation, found.state.value, found.photos, cancelled))

    def _add_photos(self, control: JobControl) -> None:
        change = self._finder.join(control)
        if change:
            self._report_change(change)

    def _report(self, job: Job, error: Exception) -> None:
        """Report only what the window requested. Other failures were logged."""
        if job.key == _ANSWER:
            super()._report(job, error)
