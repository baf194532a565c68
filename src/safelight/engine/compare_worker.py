"""Two models side by side for the window: a sample is read in the background, and asked meanwhile."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from safelight.core.errors import CancelledError, ModelError, SafelightError
from safelight.core.jobs import JobControl
from safelight.embedding import catalogue
from safelight.engine.events import (
    ComparisonAnswered,
    ComparisonProgress,
    Event,
    RequestFailed,
)
from safelight.engine.requests import AskModels, CompareModels, StopComparing
from safelight.services.library import Library, available_cores, shared_cores
from safelight.services.model_comparison import ModelComparison
from safelight.services.models.model import ModelService

log = logging.getLogger(__name__)

RESULTS = 24
_PATIENCE = 1.0
"""Seconds that a batch under way has to end before the library is closed under it."""

ComparisonRequest = CompareModels | AskModels | StopComparing


class CompareWorker:
    """One comparison at a time; a new one, or :class:`StopComparing`, ends that under way. The candidate is
    in memory only while it is compared."""

    def __init__(self, library: Library, models_dir: Path, send: Callable[[Event], None]) -> None:
        self._library = library
        self._models_dir = models_dir
        self._send = send
        self._changed = threading.Condition()
        self._wanted: CompareModels | None = None
        self._question: AskModels | None = None
        self._control = JobControl()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="compare", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def submit(self, request: ComparisonRequest) -> None:
        with self._changed:
            match request:
                case CompareModels():
                    self._control.cancel()
                    self._wanted, self._question = request, None
                case AskModels():
                    self._question = request
                case StopComparing():
                    self._control.cancel()
                    self._wanted = self._question = None
            self._changed.notify()

    def close(self) -> None:
        with self._changed:
            self._closing = True
            self._control.cancel()
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(_PATIENCE)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closing or self._wanted is not None)
                if self._closing:
                    return
                request, self._wanted = self._wanted, None
                control = self._control = JobControl()
            assert request is not None
            try:
                self._compare(request, control)
            except CancelledError:
                continue
            except SafelightError as error:
                self._send(RequestFailed(str(error), request.generation))
            except Exception:
                log.exception("comparing models ended by a fault of Safelight's own")
                said = "The comparison failed because of a fault in Safelight."
                self._send(RequestFailed(said, request.generation))

    def _compare(self, request: CompareModels, control: JobControl) -> None:
        comparison = ModelComparison(
            self._library.store,
            self._library.pool,
            (self._library.model, self._candidate(request.name)),
        )
        for prepared in comparison.prepare(control):
            self._send(ComparisonProgress(request.generation, prepared.done, prepared.total))
            self._answer(comparison)
        while True:
            with self._changed:
                self._changed.wait_for(lambda: control.cancelled or self._question is not None)
            control.checkpoint()
            self._answer(comparison)

    def _candidate(self, name: str) -> ModelService:
        spec = catalogue.find(name, self._models_dir)
        if name == self._library.model.name:
            raise ModelError(f"The model “{name}” is the one in use; compare it with another.")
        share = self._library.preferences.machine_share
        return ModelService.of(spec, shared_cores(available_cores(), share)[1])

    def _answer(self, comparison: ModelComparison) -> None:
        with self._changed:
            question, self._question = self._question, None
        if question is None:
            return
        try:
            current, candidate = comparison.search(question.text, RESULTS)
        except SafelightError as error:
            self._send(RequestFailed(str(error), question.generation))
        else:
            self._send(ComparisonAnswered(question.generation, current, candidate))
