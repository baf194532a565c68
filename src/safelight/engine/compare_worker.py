"""Compares two models for the window: a sample is encoded in the background and searched meanwhile."""

from __future__ import annotations

from pathlib import Path

from safelight.core.errors import ModelError, SafelightError
from safelight.core.jobs import JobControl
from safelight.core.message import Message
from safelight.core.settings import HALF_PRECISION, MACHINE_SHARE
from safelight.embedding import catalogue
from safelight.engine.events import ComparisonAnswered, ComparisonProgress, RequestFailed
from safelight.engine.requests import CompareModels, SearchWithBothModels, StopComparing
from safelight.engine.worker import Send, Worker
from safelight.services.library import Library, available_cores, shared_cores
from safelight.services.model_comparison import ModelComparison
from safelight.services.models.model import ModelService

RESULT_COUNT = 24
"""Photos that each model answers a search with."""

_CLOSE_TIMEOUT = 1.0
"""Seconds to wait on closing for the batch that is being encoded."""

_COMPARE = "compare"

ComparisonRequest = CompareModels | SearchWithBothModels | StopComparing


class CompareWorker(Worker):
    """Runs one comparison at a time. A new one, or :class:`StopComparing`, ends the current one.

    The candidate model is in memory only during the comparison.
    """

    def __init__(self, library: Library, models_dir: Path, send: Send) -> None:
        super().__init__(
            "compare",
            send,
            fault=Message("The comparison failed because of a fault in Safelight."),
            close_timeout=_CLOSE_TIMEOUT,
        )
        self._library = library
        self._models_dir = models_dir
        self._question: SearchWithBothModels | None = None

    def submit(self, request: ComparisonRequest) -> None:
        """Returns at once."""
        with self._changed:
            match request:
                case CompareModels(generation):
                    self._stop()
                    self.post(
                        lambda control: self._compare(request, control), key=_COMPARE, generation=generation
                    )
                case SearchWithBothModels():
                    self._question = request
                case StopComparing():
                    self.drop(_COMPARE)
                    self._stop()
            self._changed.notify_all()

    def _stop(self) -> None:
        self._question = None
        self.cancel_current()

    # --- the worker's thread --------------------------------------------------------------------------

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
            raise ModelError("The model “{name}” is the one in use; compare it with another.", name=name)
        settings = self._library.settings
        threads = shared_cores(available_cores(), settings[MACHINE_SHARE])[1]
        return ModelService.of(spec, threads, exact=not settings[HALF_PRECISION])

    def _answer(self, comparison: ModelComparison) -> None:
        with self._changed:
            question, self._question = self._question, None
        if question is None:
            return
        try:
            current, candidate = comparison.search(question.text, RESULT_COUNT)
        except SafelightError as error:
            self._send(RequestFailed(error.message, question.generation))
        else:
            self._send(ComparisonAnswered(question.generation, current, candidate))
