"""Completion and history at the search field: what its keys do besides typing."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from safelight.store.vocabulary import Vocabulary
from safelight.ui.search.completion import Candidate, Completer, Completion, accepted
from safelight.ui.search.completion_popup import CompletionPopup
from safelight.ui.search.field import SearchField
from safelight.ui.search.history import QueryHistory
from safelight.ui.theme import Theme


class FieldHelp(QObject):
    """Offers completions while one types, and earlier queries by the Up key."""

    text_put = Signal()
    """The field's text was changed from here."""

    def __init__(self, field: SearchField, history: QueryHistory, theme: Theme) -> None:
        super().__init__(field)
        self._field = field
        self._history = history
        self._completer = Completer(Vocabulary())
        self._completion: Completion | None = None
        self.popup = CompletionPopup(theme, field)
        self.popup.taken.connect(self._accept)
        field.textEdited.connect(self._typed)
        field.focus_lost.connect(self.popup.hide)
        field.take_choice = self.take_choice

    def set_vocabulary(self, vocabulary: Vocabulary) -> None:
        """What the library has names for now."""
        self._completer = Completer(vocabulary)
        if self.popup.isVisible() and self.popup.chosen is None:
            self._offer()

    def take_choice(self) -> bool:
        """Put the candidate that was chosen into the field; False where there is none."""
        candidate = self.popup.chosen
        if candidate is None:
            return False
        self._accept(candidate)
        return True

    def dismiss(self) -> bool:
        """Close the list; False where it is not open."""
        was_open = self.popup.isVisible()
        self.popup.hide()
        return was_open

    def step(self, by: int) -> bool:
        """The Up (−1) or Down (1) key: within the list, or through the history; False for neither."""
        if self.popup.isVisible() and (by > 0 or self.popup.chosen is not None):
            self.popup.step(by)
            return True
        text = self._history.older(self._field.text()) if by < 0 else self._history.newer()
        if text is None:
            return by < 0
        self.popup.hide()
        self._field.setText(text)
        self.text_put.emit()
        return True

    def _typed(self) -> None:
        self._history.leave()
        self._offer()

    def _offer(self) -> None:
        self._completion = self._completer.complete(self._field.text(), self._field.place)
        self.popup.offer(self._completion.candidates if self._completion is not None else ())

    def _accept(self, candidate: Candidate) -> None:
        if self._completion is None:
            return
        completion = self._completion
        self._history.leave()
        self._field.replace(completion.span, accepted(self._field.text(), completion, candidate))
        if candidate.goes_on:
            self._offer()
        else:
            self.popup.hide()
        self.text_put.emit()
