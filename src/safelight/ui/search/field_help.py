"""Completion, history and the introduction of the search field."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu

from safelight.ui.appearance.theme import Theme
from safelight.ui.lazy_page import LazyPage
from safelight.ui.search.field import SearchField
from safelight.ui.search.history import QueryHistory
from safelight.ui.translation import translate

if TYPE_CHECKING:
    from safelight.store.saved_searches import SavedSearch
    from safelight.store.vocabulary import Vocabulary
    from safelight.ui.search.completion import Candidate, Completer, Completion
    from safelight.ui.search.completion_popup import CompletionPopup


class FieldHelp(QObject):
    """Offers completions while the user types, and earlier queries with the Up key."""

    text_put = Signal()
    """This object changed the text of the field."""

    def __init__(
        self,
        field: SearchField,
        history: QueryHistory,
        theme: Theme,
        today: Callable[[], date] = date.today,
    ) -> None:
        super().__init__(field)
        self._field = field
        self._history = history
        self._theme = theme
        self._today = today
        self._completer: Completer | None = None
        self._vocabulary: Vocabulary | None = None
        self._saved: Sequence[SavedSearch] = ()
        self._completion: Completion | None = None
        self._popup = LazyPage(self._make_popup)
        field.textEdited.connect(self._typed)
        field.focus_lost.connect(self.dismiss)
        field.help_requested.connect(self._introduce)
        field.menu_requested.connect(self._extend_menu)
        field.take_choice = self.take_choice

    @property
    def popup(self) -> CompletionPopup:
        return self._popup.get()

    def _make_popup(self) -> CompletionPopup:
        from safelight.ui.search.completion_popup import CompletionPopup

        popup = CompletionPopup(self._theme, self._field)
        popup.taken.connect(self._accept)
        return popup

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        if self._popup.made is not None:
            self._popup.made.apply_theme(theme)

    @property
    def _open_popup(self) -> CompletionPopup | None:
        """The list if it is visible."""
        popup = self._popup.made
        return popup if popup is not None and popup.isVisible() else None

    def set_vocabulary(self, vocabulary: Vocabulary) -> None:
        """Set the names for completion."""
        from safelight.ui.search.completion import Completer

        self._completer = Completer(vocabulary, self._today)
        self._vocabulary = vocabulary
        popup = self._open_popup
        if popup is not None and popup.chosen is None:
            if self._field.text():
                self._offer()
            else:
                self._introduce()

    def set_saved_searches(self, saved: Sequence[SavedSearch]) -> None:
        self._saved = saved

    def _introduce(self) -> None:
        """Show what can be typed into the empty field."""
        from safelight.store.vocabulary import Vocabulary
        from safelight.ui.search.completion import Completion
        from safelight.ui.search.introduction import introduction

        vocabulary = self._vocabulary or Vocabulary()
        candidates = introduction(vocabulary, self._history.queries, self._saved)
        self._completion = Completion((0, 0), candidates)
        self.popup.offer(candidates)

    def take_choice(self) -> bool:
        """Accept the chosen suggestion; False if there is none."""
        candidate = self._popup.made.chosen if self._popup.made is not None else None
        if candidate is None:
            return False
        self._accept(candidate)
        return True

    def dismiss(self) -> bool:
        """Close the list; False if it is not open."""
        popup = self._open_popup
        if popup is not None:
            popup.hide()
        return popup is not None

    def step(self, by: int) -> bool:
        """Handle the Up (−1) or Down (1) key in the list or the history; False if neither applies."""
        popup = self._open_popup
        if popup is not None and (by > 0 or popup.chosen is not None):
            popup.step(by)
            return True
        text = self._history.older(self._field.text()) if by < 0 else self._history.newer()
        if text is None:
            return by < 0
        self.dismiss()
        self._field.setText(text)
        self.text_put.emit()
        return True

    def _extend_menu(self, menu: QMenu) -> None:
        menu.addSeparator()
        forget = menu.addAction(translate("FieldHelp", "Clear search history"))
        forget.setEnabled(bool(self._history.queries))
        forget.triggered.connect(self._history.clear)

    def _typed(self) -> None:
        self._history.leave()
        self._offer()

    def _offer(self) -> None:
        if not self._field.text():
            self._introduce()
            return
        if self._completer is None:
            self._completer = _without_names()
        self._completion = self._completer.complete(self._field.text(), self._field.place)
        self.popup.offer(self._completion.candidates if self._completion is not None else ())

    def _accept(self, candidate: Candidate) -> None:
        if self._completion is None:
            return
        from safelight.ui.search.completion import replacement_text

        completion = self._completion
        self._history.leave()
        self._field.replace(completion.span, replacement_text(self._field.text(), completion, candidate))
        if candidate.goes_on:
            self._offer()
        else:
            self.dismiss()
        self.text_put.emit()


def _without_names() -> Completer:
    """The completer until the names of the library have been read."""
    from safelight.store.vocabulary import Vocabulary
    from safelight.ui.search.completion import Completer

    return Completer(Vocabulary())
