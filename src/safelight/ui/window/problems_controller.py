"""Connects the page of problems with the library."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.operations import IgnoreFailures
from safelight.engine.requests import RetryFailures
from safelight.ui.library.reads import ReadFailures, ReadOverview
from safelight.ui.library.window_services import WindowServices
from safelight.ui.pages.declarations import PROBLEMS
from safelight.ui.window.layout import WindowLayout

if TYPE_CHECKING:
    from safelight.ui.pages.problems import ProblemsPage


class ProblemsController(QObject):
    """Keeps the list up to date while it is open, and passes on what is asked for there."""

    def __init__(
        self,
        layout: WindowLayout,
        services: WindowServices,
        show_file: Callable[[str], object],
        parent: QObject,
    ) -> None:
        """``show_file`` shows a path in the file manager."""
        super().__init__(parent)
        self._layout = layout
        self._bridge = services.bridge
        self._reader = services.reader
        self._show_file = show_file
        services.bridge.engine_ready.connect(self.load)
        services.bridge.library_changed.connect(self._on_library_changed)
        layout.content.problems_page.when_made(self._connect)

    def load(self) -> None:
        """Read the list of problems if it is open."""
        if self._layout.results.scope.place == PROBLEMS:
            page = self._layout.content.problems_page.get()
            self._reader.read(ReadFailures(), page.show_failures)
            self._reader.read(
                ReadOverview(),
                lambda overview: page.show_skipped_videos(overview.counts.skipped_videos),
                key="skipped-videos",
            )

    def _on_library_changed(self, change: LibraryChanged) -> None:
        if change.any_of(ChangeKind.FAILURES | ChangeKind.FILES):
            self.load()

    def _connect(self, page: ProblemsPage) -> None:
        page.retry_requested.connect(lambda ids: self._bridge.send(RetryFailures(ids)))
        page.ignore_requested.connect(lambda ids: self._bridge.run(IgnoreFailures(ids)))
        page.show_in_folder_requested.connect(self._show_file)
