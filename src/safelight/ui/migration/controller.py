"""Connects the import page with the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from safelight.core.operations import Undo, UndoOutcome
from safelight.engine import requests
from safelight.ui import wording
from safelight.ui.migration import words
from safelight.ui.migration.page import MigrationPage
from safelight.ui.translation import error_text, translate

if TYPE_CHECKING:
    from safelight.engine import events
    from safelight.ui.library.window_services import WindowServices


class MigrationController(QObject):
    """One import at a time. Answers to older requests are ignored."""

    def __init__(self, services: WindowServices, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = services.bridge
        self._generation = 0
        self._listing = 0
        """The generation of the list that is being written."""
        self._path = ""
        self._mappings: dict[str, str] = {}
        self._step: int | None = None
        self.page = MigrationPage()
        self.page.path_chosen.connect(self.preview)
        self.page.cancel_requested.connect(self._cancel)
        self.page.mapping_added.connect(self._add_mapping)
        self.page.import_requested.connect(self._import)
        self.page.list_requested.connect(self._list)
        self.page.undo_requested.connect(self._undo)
        bridge = services.bridge
        bridge.migration_advanced.connect(self._advance)
        bridge.migration_previewed.connect(self._show_preview)
        bridge.migration_done.connect(self._finish)
        bridge.migration_listed.connect(self._show_list)
        bridge.request_failed.connect(self._on_failed)
        bridge.engine_stopped.connect(self._on_engine_stopped)

    def preview(self, path: str) -> None:
        """Find out what a catalogue or export contains."""
        self._path = path
        self._mappings = {}
        self._ask()

    def _ask(self) -> None:
        self._generation = next(self._bridge.generations)
        self.page.show_reading(self._path)
        mappings = tuple(self._mappings.items())
        self._bridge.send(requests.PreviewMigration(self._generation, self._path, mappings))

    def _cancel(self) -> None:
        self._generation = 0
        self._bridge.send(requests.StopMigration())
        self.page.show_choice()

    def _add_mapping(self, source: str, target: str) -> None:
        self._mappings[source] = target
        self._ask()

    def _import(self, all_theirs: bool, theirs: object) -> None:
        assert isinstance(theirs, tuple)
        self._generation = next(self._bridge.generations)
        chosen = () if all_theirs else theirs
        self._bridge.send(requests.ApplyMigration(self._generation, all_theirs, chosen))

    def _list(self, path: str) -> None:
        self._listing = next(self._bridge.generations)
        self._bridge.send(requests.ListMigration(self._listing, path))

    def _undo(self) -> None:
        if self._step is not None:
            self._bridge.run(Undo(self._step), self._show_undone)

    # --- answers --------------------------------------------------------------------------------

    def _advance(self, event: events.MigrationAdvanced) -> None:
        if event.generation == self._generation:
            self.page.show_progress(event.progress)

    def _show_preview(self, event: events.MigrationPreviewed) -> None:
        if event.generation == self._generation:
            self.page.show_preview(event.preview)

    def _finish(self, event: events.MigrationDone) -> None:
        if event.generation == self._generation:
            self._step = event.step
            self.page.show_result(words.done(event.photos), can_undo=event.step is not None)

    def _show_list(self, event: events.MigrationListed) -> None:
        if event.generation == self._listing:
            text = translate("Migration", "Saved as {path}").format(path=wording.display_path(event.path))
            self.page.preview.show_note(text)

    def _show_undone(self, outcome: UndoOutcome) -> None:
        self._step = None
        self.page.show_result(wording.undone(outcome), can_undo=False)

    def _on_failed(self, event: events.RequestFailed) -> None:
        if event.generation is None:
            return
        if event.generation == self._generation:
            self.page.show_choice(error_text(event.message))
        elif event.generation == self._listing:
            self.page.preview.show_note(error_text(event.message))

    def _on_engine_stopped(self, _: object) -> None:
        if self._generation:
            self._generation = 0
            self.page.show_choice(translate("Migration", "The engine stopped. Choose the catalogue again."))
