"""Teaches concepts with a dialog, and runs the commands of their rows in the sidebar."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QMenu, QWidget

from safelight.core.concepts import clean_concept_name
from safelight.core.operations import (
    DeleteConcept,
    MergeConcepts,
    RenameConcept,
    TeachConcept,
)
from safelight.core.query import ValueCondition, condition_text
from safelight.ui.organise.prompt import NamePrompt
from safelight.ui.organise.teach_dialog import PROPOSAL_COUNT, TeachDialog
from safelight.ui.translation import error_text, translate
from safelight.ui.widgets.menus import pop_up

if TYPE_CHECKING:
    from safelight.engine import events
    from safelight.ui.library.window_services import WindowServices
    from safelight.ui.organise.controller import OrganiseController, SelectedPhotos


class Teaching(QObject):
    """Runs the commands for concepts."""

    def __init__(
        self,
        services: WindowServices,
        organise: OrganiseController,
        selection: SelectedPhotos,
        search: Callable[[str], object],
        window: QWidget,
    ) -> None:
        """``search`` runs a query."""
        super().__init__(window)
        self._bridge = services.bridge
        self._cache = services.cache
        self._organise = organise
        self._selection = selection
        self._search = search
        self._window = window
        self._generation = 0
        self.dialog: TeachDialog | None = None
        """The dialog that is open."""
        services.bridge.examples_proposed.connect(self._on_examples_proposed)
        services.cache.thumbnail_ready.connect(self._show_picture)

    # --- the dialog -----------------------------------------------------------------------------

    def open(self) -> None:
        """Ask what the selected photos show."""
        ids = self._selection.ids
        if not ids or self.dialog is not None:
            return
        dialog = self._open_dialog(len(ids))
        dialog.taught.connect(partial(self._teach, ids))
        dialog.field.setFocus()

    def ask(self, name: str) -> None:
        """Ask about photos for a concept that exists."""
        if self.dialog is not None:
            return
        dialog = self._open_dialog(0)
        dialog.name = name
        dialog.wait_for_proposals()
        self._propose()

    def _open_dialog(self, photos: int) -> TeachDialog:
        self.dialog = dialog = TeachDialog(
            photos, self._organise.organisation.concepts, self._cache.get, self._window
        )
        dialog.answered.connect(self._on_answers)
        dialog.results_requested.connect(
            lambda: self._search(condition_text(ValueCondition("my", dialog.name)))
        )
        dialog.finished.connect(self._forget_dialog)
        dialog.open()
        return dialog

    def _forget_dialog(self) -> None:
        self.dialog = None

    def _teach(self, ids: tuple[int, ...], name: str, words: str | None, shows: bool) -> None:
        operation = TeachConcept(name, ids if shows else (), () if shows else ids, description=words)
        self._bridge.run(operation, lambda _: self._on_taught(), self._on_failed)

    def _on_taught(self) -> None:
        if self.dialog is not None:
            self.dialog.wait_for_proposals()
            self._propose()

    def _on_failed(self, event: events.OperationFailed) -> None:
        if self.dialog is not None:
            self.dialog.show_error(error_text(event.message))

    def _on_answers(self, shown: tuple[int, ...], against: tuple[int, ...]) -> None:
        assert self.dialog is not None
        if not shown and not against:
            self._propose()
            return
        self._bridge.run(TeachConcept(self.dialog.name, shown, against), lambda _: self._propose())

    def _propose(self) -> None:
        if self.dialog is None:
            return
        from safelight.engine import requests

        self._generation = next(self._bridge.generations)
        self._bridge.send(requests.ProposeExamples(self._generation, self.dialog.name, PROPOSAL_COUNT))

    def _on_examples_proposed(self, event: events.ExamplesProposed) -> None:
        if self.dialog is not None and event.generation == self._generation:
            self.dialog.show_proposals(event.proposals)

    def _show_picture(self, photo_id: int) -> None:
        if self.dialog is not None:
            self.dialog.show_picture(photo_id)

    # --- the rows of the sidebar ----------------------------------------------------------------

    def show_menu(self, name: str, position: QPoint) -> None:
        pop_up(self.menu(name), position)

    def menu(self, name: str) -> QMenu:
        """The commands for a concept."""
        menu = QMenu(self._window)
        menu.addAction(translate("Teach", "Ask about photos …")).triggered.connect(lambda: self.ask(name))
        menu.addAction(translate("Teach", "Rename …")).triggered.connect(lambda: self._rename(name))
        others = [each for each in self._organise.organisation.concepts if each != name]
        if others:
            merge = menu.addMenu(translate("Teach", "Merge into"))
            for other in others:
                merge.addAction(other).triggered.connect(partial(self._merge, name, other))
        menu.addSeparator()
        text = translate("Teach", "Deleted the concept “{concept}”").format(concept=name)
        delete = menu.addAction(translate("Teach", "Delete"))
        delete.triggered.connect(lambda: self._organise.run(DeleteConcept(name), text))
        return menu

    def _merge(self, name: str, into: str, *_: object) -> None:
        text = translate("Teach", "Merged into “{concept}”").format(concept=into)
        self._organise.run(MergeConcepts(name, into), text)

    def _rename(self, name: str) -> None:
        prompt = NamePrompt(
            translate("Teach", "Rename concept"),
            translate("Teach", "Rename"),
            (),
            clean_concept_name,
            self._window,
            name=name,
        )
        text = translate("Teach", "Renamed to “{concept}”")
        prompt.named.connect(
            lambda new: self._organise.run(RenameConcept(name, new), text.format(concept=new))
        )
        prompt.open()
