"""Groups the library's duplicates, reports what is known so far, and then follows changes."""

from __future__ import annotations

import time
from collections.abc import Callable

from safelight.core.duplicates import DuplicateGroup
from safelight.core.jobs import JobControl
from safelight.core.message import Message
from safelight.engine.events import DuplicatesFound
from safelight.engine.requests import FindDuplicates
from safelight.engine.worker import Job, Send, Worker
from safelight.services.duplicates.comparing import Comparer, Comparison, model_for_comparing
from safelight.services.duplicates.grouping import find_groups
from safelight.services.duplicates.qualities import Qualities
from safelight.store import likeness, photos
from safelight.store.library import LibraryStore

PARTIAL_ANSWER_INTERVAL = 2.0
"""Seconds between two partial answers, at least. Slow grouping makes it longer: see ``_MIN_RATIO``."""

RUN_INTERVAL = 1.0
"""Seconds between two runs while photos are being indexed, at least."""

_MIN_RATIO = 4
"""Comparing takes at least this many times as long as the grouping of partial answers in between."""

_CHANGE = "change"


class DuplicateWorker(Worker):
    """Compares nothing until someone asks for duplicates; from then on it follows every change.

    A newer request replaces the one before. Its answers contain every change that was committed before it.
    """

    def __init__(
        self,
        store: LibraryStore,
        comparer: Comparer,
        send: Send,
        *,
        on_comparison: Callable[[Comparison | None], None] = lambda _: None,
    ) -> None:
        """``on_comparison`` is called with the progress of comparing, and with None when it has ended."""
        super().__init__(
            "duplicates",
            send,
            fault=Message("Looking for duplicates failed because of a fault in Safelight."),
        )
        self._on_comparison = on_comparison
        self._paused = False
        self._store = store
        self._comparer = comparer
        self._qualities = Qualities()
        self._generation: int | None = None
        self._sent: DuplicatesFound | None = None
        self._grouping_seconds = 0.0
        """Duration of the last grouping."""
        self._collect_until = 0.0
        """Monotonic time until which changes are only collected, so that one run processes all of them."""

    def submit(self, request: FindDuplicates) -> None:
        """Returns at once."""
        with self._changed:
            self._generation = request.generation
            self.note_change()

    def note_change(self) -> None:
        """Schedule another run, because photos, vectors or decisions about them changed."""
        with self._changed:
            if self._generation is not None:
                delay = self._collect_until - time.monotonic()
                self.post(self._answer, key=_CHANGE, generation=self._generation, delay=delay)

    def set_paused(self, paused: bool) -> None:
        """Pause comparing after the photos under way, or continue."""
        with self._changed:
            if paused == self._paused:
                return
            self._paused = paused
            if self._current is not None:
                (self._current.control.pause if paused else self._current.control.resume)()

    # --- the worker's thread --------------------------------------------------------------------------

    def _perform(self, job: Job) -> bool:
        with self._changed:
            if self._paused:
                job.control.pause()
        succeeded = super()._perform(job)
        with self._changed:
            pause = max(RUN_INTERVAL, _MIN_RATIO * self._grouping_seconds)
            self._collect_until = time.monotonic() + pause
            for waiting in self._jobs:
                if waiting.key == _CHANGE:
                    waiting.due = self._collect_until
        return succeeded

    def _answer(self, control: JobControl) -> None:
        """Compare what is new and send the groups, first as they are known so far."""
        with self._store.read() as db:
            model_id = model_for_comparing(db)
        sent_at = -PARTIAL_ANSWER_INTERVAL
        try:
            for comparison in self._comparer.run(model_id, control):
                self._on_comparison(comparison)
                if time.monotonic() - sent_at >= max(
                    PARTIAL_ANSWER_INTERVAL, _MIN_RATIO * self._grouping_seconds
                ):
                    self._send_groups(comparison)
                    sent_at = time.monotonic()
        finally:
            self._on_comparison(None)
        self._send_groups(None)

    def _groups(self) -> tuple[DuplicateGroup, ...]:
        started = time.monotonic()
        with self._store.read() as db:
            groups = find_groups(db, self._qualities)
        qualities = self._qualities.unstored.drain()
        frames = self._qualities.frames.unstored.drain()
        if qualities or frames:
            with self._store.write() as db:
                likeness.put_qualities(db, qualities)
                photos.set_frames(db, frames)
        self._grouping_seconds = time.monotonic() - started
        return tuple(groups)

    def _send_groups(self, comparison: Comparison | None) -> None:
        with self._changed:
            generation = self._generation  # before reading: a later request asks for what this may lack
        if generation is None:
            return
        groups = self._groups()
        done, total = (0, 0) if comparison is None else (comparison.done, comparison.total)
        found = DuplicatesFound(generation, groups, comparison is None, done, total)
        if found != self._sent:
            self._sent = found
            self._send(found)
