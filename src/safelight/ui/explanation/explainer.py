"""Requests explanations of search results from the engine."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from safelight.engine import events, requests
from safelight.ui.library.engine_bridge import EngineBridge
from safelight.ui.library.results_controller import ResultsController
from safelight.ui.translation import error_text


class Explaining(QObject):
    """Answers the newest request to all listeners. Identical requests are sent once."""

    explained = Signal(object, bool)  # Explanation; whether it is complete
    failed = Signal(int, str)  # photo id, one-line message

    def __init__(
        self, bridge: EngineBridge, results: ResultsController, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._results = results
        self._asked: requests.ExplainHit | None = None
        self._answer: events.HitExplained | None = None
        bridge.hit_explained.connect(self._on_explained)
        bridge.request_failed.connect(self._on_failed)

    def ask(self, photo_id: int) -> None:
        """Request why this photo matched the current search. Does nothing without a search."""
        search = self._results.request
        if search is None:
            return
        asked = self._asked
        if asked is not None and (asked.photo_id, asked.search) == (photo_id, search):
            if self._answer is not None:
                self.explained.emit(self._answer.explanation, self._answer.complete)
            return
        self._answer = None
        self._asked = requests.ExplainHit(next(self._bridge.generations), photo_id, search)
        self._bridge.send(self._asked)

    def _on_explained(self, answer: events.HitExplained) -> None:
        if self._asked is not None and answer.generation == self._asked.generation:
            self._answer = answer
            self.explained.emit(answer.explanation, answer.complete)

    def _on_failed(self, failure: events.RequestFailed) -> None:
        asked = self._asked
        if asked is not None and failure.generation == asked.generation:
            self._asked = None
            self.failed.emit(asked.photo_id, error_text(failure.message))
