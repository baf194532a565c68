"""Connects explanations with the viewer and the details panel."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from safelight.core.explanation import Explanation
from safelight.ui.explanation.explainer import Explaining
from safelight.ui.library.engine_bridge import EngineBridge
from safelight.ui.library.results_controller import ResultsController
from safelight.ui.viewer.viewer import Viewer
from safelight.ui.window.details import DetailsPanel


class WhyController(QObject):
    """The viewer's card and the details panel, which share requests to the engine."""

    def __init__(
        self,
        bridge: EngineBridge,
        results: ResultsController,
        viewer: Viewer,
        details: DetailsPanel,
        open_viewer: Callable[[int], None],
    ) -> None:
        super().__init__(viewer)
        self._viewer = viewer
        self._details = details
        self._open_viewer = open_viewer
        self._results = results
        explaining = Explaining(bridge, results, self)
        viewer.why.wanted.connect(explaining.ask)
        details.why_requested.connect(explaining.ask)
        explaining.explained.connect(viewer.why.show_explanation)
        explaining.explained.connect(self._show_in_panel)
        explaining.failed.connect(viewer.why.show_failure)
        details.why_view.when_made(lambda view: view.heat_toggled.connect(self._show_where))
        details.why_view.when_made(
            lambda view: explaining.failed.connect(lambda _, message: view.show_failure(message))
        )
        results.scope_changed.connect(lambda _: self._update_possible())
        self._update_possible()

    def _update_possible(self) -> None:
        possible = self._results.request is not None
        self._viewer.why.set_possible(possible)
        self._viewer.controls.why.setVisible(possible)
        self._details.set_explainable(possible)

    def _show_in_panel(self, explanation: Explanation, complete: bool) -> None:
        photos = self._details.photos
        if len(photos) == 1 and photos[0].id == explanation.photo_id:
            self._details.why.show_explanation(explanation, complete)

    def _show_where(self, wanted: bool) -> None:
        """Show the heat map in the viewer, since the panel's picture is too small."""
        explanation = self._details.why.explanation
        if wanted and explanation is not None:
            self._details.why.heat.setChecked(False)
            self._open_viewer(explanation.photo_id)
            self._viewer.why.open(light=True)
