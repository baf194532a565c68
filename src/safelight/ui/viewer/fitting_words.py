"""Words that fit the photo in the viewer: a click adds one to the search, or excludes it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QPushButton, QVBoxLayout, QWidget

from safelight.core.settings import SUGGEST_TAGS
from safelight.ui.translation import translate
from safelight.ui.widgets.flow_layout import FlowLayout
from safelight.ui.widgets.labels import plain_label
from safelight.ui.widgets.layouts import clear_layout
from safelight.ui.widgets.menus import pop_up

if TYPE_CHECKING:
    from safelight.engine import events
    from safelight.ui.library.engine_bridge import EngineBridge

REQUEST_VIEW = "viewer"
"""The name of this view in requests for suggestions."""

_EXCLUDING = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.AltModifier


class WordChips(QWidget):
    """A button for each word. Without words nothing is visible."""

    chosen = Signal(str, bool)  # the word; whether it is to be excluded

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: list[QPushButton] = []
        """One for each word."""
        self._chips = QWidget()
        self._flow = FlowLayout(self._chips, spacing=4)
        self._flow.setContentsMargins(0, 0, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(plain_label(translate("WordChips", "Search for what it shows"), "secondary"))
        column.addWidget(self._chips)
        self.hide()

    def show_words(self, words: Sequence[str]) -> None:
        clear_layout(self._flow)
        self.buttons = [self._button(word) for word in words]
        for button in self.buttons:
            self._flow.addWidget(button)
            button.show()  # at once, because the card needs the height now
        self._chips.updateGeometry()
        self.setVisible(bool(words))

    def _button(self, word: str) -> QPushButton:
        button = QPushButton(word.replace("&", "&&"))
        button.setProperty("kind", "suggested")
        button.setAccessibleName(translate("WordChips", "Add {word} to the search").format(word=word))
        button.setToolTip(
            translate("WordChips", "Add this to the search. With Shift or Alt, exclude it (-{word})").format(
                word=word
            )
        )
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self.chosen.emit(word, _excludes()))
        button.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        button.customContextMenuRequested.connect(partial(self._show_menu, button, word))
        return button

    def _show_menu(self, button: QPushButton, word: str, position: QPoint) -> None:
        pop_up(self.menu_of(word), button.mapToGlobal(position))

    def menu_of(self, word: str) -> QMenu:
        """The two things that can be done with a word."""
        menu = QMenu(self)
        add = menu.addAction(translate("WordChips", "Add to the search"))
        add.triggered.connect(lambda: self.chosen.emit(word, False))
        exclude = menu.addAction(translate("WordChips", "Exclude from the search"))
        exclude.triggered.connect(lambda: self.chosen.emit(word, True))
        return menu


def _excludes() -> bool:
    return bool(QGuiApplication.keyboardModifiers() & _EXCLUDING)


class FittingWords(QObject):
    """Asks the engine for the words of the photo whose details are shown, if tags are suggested at all.

    They are the suggested tags: the same judgement, the same list of words, which holds none about persons,
    and none that the user refused for this photo.
    """

    def __init__(self, bridge: EngineBridge, chips: WordChips, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._chips = chips
        self._is_on = False
        self._photo: int | None = None
        self._asked = 0
        bridge.settings_read.connect(self._on_settings_read)
        bridge.tags_suggested.connect(self._on_tags_suggested)

    def show_photo(self, photo_id: int | None) -> None:
        """Another photo's details are shown, or None."""
        if photo_id != self._photo:
            self._photo = photo_id
            self._chips.show_words(())
            self._ask()

    def _on_settings_read(self, read: events.SettingsRead) -> None:
        if self._is_on != read.settings[SUGGEST_TAGS]:
            self._is_on = read.settings[SUGGEST_TAGS]
            self._chips.show_words(())
            self._ask()

    def _ask(self) -> None:
        self._asked = 0
        if self._is_on and self._photo is not None:
            from safelight.engine import requests

            self._asked = next(self._bridge.generations)
            self._bridge.send(requests.SuggestTags(self._asked, (self._photo,), REQUEST_VIEW))

    def _on_tags_suggested(self, event: events.TagsSuggested) -> None:
        if self._asked and event.generation == self._asked:
            # Of a tag in levels, the last one is the word.
            words = [each.tag.rpartition("/")[2] for each in event.suggestions]
            self._chips.show_words(list(dict.fromkeys(words)))
