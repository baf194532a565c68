"""Saves, renames and deletes searches."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QMenu, QWidget

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.operations import DeleteSearch, Outcome, RenameSearch, SaveSearch, Undo
from safelight.core.query import parse
from safelight.store.saved_searches import MAX_NAME_LENGTH, SavedSearch
from safelight.ui.library.engine_bridge import EngineBridge
from safelight.ui.library.reader import LibraryReader
from safelight.ui.library.reads import ReadSavedSearches
from safelight.ui.query_chips import part_chips
from safelight.ui.translation import translate
from safelight.ui.widgets.menus import pop_up
from safelight.ui.widgets.name_dialog import NameDialogBase

_MAX_SUGGESTED_LENGTH = 60

Notify = Callable[[str, str, Callable[[], None] | None], None]
"""Shows a message with the name of an action and the action itself."""


class NameDialog(NameDialogBase):
    """Asks for a name, and says if another search has it."""

    def __init__(
        self, title: str, name: str, verb: str, taken: Collection[str], parent: QWidget, *, replaces: bool
    ) -> None:
        """``taken``: the names of other searches; with ``replaces`` they may be chosen anyway."""
        super().__init__(title, verb, name, MAX_NAME_LENGTH, parent)
        self._verb = verb
        self._taken = {each.lower(): each for each in taken}
        self._replaces = replaces
        self.setMinimumWidth(360)
        self.field.setAccessibleName(translate("NameDialog", "Name"))
        self.judge(name)

    def judge(self, text: str) -> None:
        name = " ".join(text.split())
        other = self._taken.get(name.lower())
        outcome = (
            translate("NameDialog", "It will be replaced.")
            if self._replaces
            else translate("NameDialog", "Choose another name.")
        )
        self._hint.setText(
            ""
            if other is None
            else translate("NameDialog", "“{other}” already exists. {outcome}").format(
                other=other, outcome=outcome
            )
        )
        self.button.setEnabled(bool(name) and (other is None or self._replaces))
        self.button.setText(
            self._verb if other is None or not self._replaces else translate("NameDialog", "Replace")
        )

    def cleaned(self, text: str) -> str | None:
        return " ".join(text.split())


class SavedSearches(QObject):
    """Holds the saved searches of the library, and asks the engine to change them."""

    changed = Signal(object)  # tuple of SavedSearch, by name

    def __init__(self, bridge: EngineBridge, reader: LibraryReader, notify: Notify, window: QWidget) -> None:
        super().__init__(window)
        self._bridge = bridge
        self._reader = reader
        self._notify = notify
        self._window = window
        self._searches: tuple[SavedSearch, ...] = ()
        bridge.engine_ready.connect(self.load)
        bridge.library_changed.connect(self._on_library_changed)

    @property
    def searches(self) -> tuple[SavedSearch, ...]:
        return self._searches

    def _on_library_changed(self, change: LibraryChanged) -> None:
        if change.any_of(ChangeKind.SEARCHES):
            self.load()

    def load(self) -> None:
        self._reader.read(ReadSavedSearches(), self._show)

    def ask_to_save(self, query: str) -> None:
        """Ask for a name for a query."""
        if not query:
            self._notify(translate("SavedSearches", "There is no search to save; type one first."), "", None)
            return
        taken = [each.name for each in self._searches]
        dialog = NameDialog(
            translate("SavedSearches", "Save search"),
            suggested_name(query),
            translate("SavedSearches", "Save"),
            taken,
            self._window,
            replaces=True,
        )
        dialog.named.connect(lambda name: self._save(name, query))
        dialog.open()

    def ask_to_rename(self, search: SavedSearch) -> None:
        taken = [each.name for each in self._searches if each.id != search.id]
        dialog = NameDialog(
            translate("SavedSearches", "Rename search"),
            search.name,
            translate("SavedSearches", "Rename"),
            taken,
            self._window,
            replaces=False,
        )
        dialog.named.connect(lambda name: self._bridge.run(RenameSearch(search.id, name)))
        dialog.open()

    def delete(self, search: SavedSearch) -> None:
        """Delete at once; the message has an Undo button."""
        self._bridge.run(
            DeleteSearch(search.id),
            lambda outcome: self._offer_undo(
                translate("SavedSearches", "Deleted “{name}”").format(name=search.name), outcome
            ),
        )

    def show_menu(self, search: SavedSearch, position: QPoint) -> None:
        pop_up(self.menu(search), position)

    def menu(self, search: SavedSearch) -> QMenu:
        menu = QMenu(self._window)
        menu.addAction(translate("SavedSearches", "Rename …")).triggered.connect(
            lambda: self.ask_to_rename(search)
        )
        menu.addAction(translate("SavedSearches", "Delete")).triggered.connect(lambda: self.delete(search))
        return menu

    def _save(self, name: str, query: str) -> None:
        old = next((each for each in self._searches if each.name.lower() == name.lower()), None)
        replaced = old is not None and old.query != query
        self._bridge.run(
            SaveSearch(name, query),
            lambda outcome: (
                self._offer_undo(
                    translate("SavedSearches", "“{name}” was replaced").format(name=name), outcome
                )
                if replaced
                else None
            ),
        )

    def _offer_undo(self, text: str, outcome: Outcome) -> None:
        if outcome.step is not None:
            step = outcome.step
            self._notify(text, translate("SavedSearches", "Undo"), lambda: self._bridge.run(Undo(step)))

    def _show(self, searches: Sequence[SavedSearch]) -> None:
        self._searches = tuple(searches)
        self.changed.emit(self._searches)


def suggested_name(query: str) -> str:
    """A suggested name: the query in words."""
    said = (parse(query).description, *(chip.said for chip in part_chips(query)))
    name = " · ".join(text for text in said if text)
    return name if len(name) <= _MAX_SUGGESTED_LENGTH else name[: _MAX_SUGGESTED_LENGTH - 1].rstrip() + "…"
