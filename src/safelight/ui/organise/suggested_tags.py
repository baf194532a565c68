"""Suggested tags in the details panel: accepted by a click or a key, or refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.operations import AddTag, Operation, Outcome, RefuseTag, Several
from safelight.core.settings import SUGGEST_TAGS
from safelight.core.tag_words import SharedSuggestion
from safelight.ui.translation import error_text, translate
from safelight.ui.widgets.flow_layout import FlowLayout
from safelight.ui.widgets.labels import plain_label
from safelight.ui.widgets.layouts import clear_layout

if TYPE_CHECKING:
    from safelight.core.photo import Photo
    from safelight.engine import events
    from safelight.ui.library.window_services import WindowServices
    from safelight.ui.organise.controller import OrganiseController

_WIDEST_TAG = 110
"""Pixels of the name of a tag, so that its button is not wider than the panel."""
_MOST_PHOTOS = 500
"""Nothing is suggested for more selected photos than this: it would take more than a moment."""


class SuggestionRow(QWidget):
    """A dashed button for each tag, with a button to refuse it."""

    accepted = Signal(object)  # tuple of SharedSuggestion
    refused = Signal(object)  # SharedSuggestion

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: list[QPushButton] = []
        """One for each suggestion."""
        self._label = plain_label("", "secondary")
        self.all_button = QPushButton(translate("Suggestions", "Add all"))
        self.all_button.setProperty("kind", "quiet")
        self.all_button.setToolTip(translate("Suggestions", "Add all suggested tags (Ctrl+Shift+T)"))
        self.all_button.clicked.connect(self.accept_all)
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self._label, 1)
        head.addWidget(self.all_button)
        self._chips = QWidget()
        self._flow = FlowLayout(self._chips, spacing=4)
        self._flow.setContentsMargins(0, 0, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._chips)
        self._shown: tuple[SharedSuggestion, ...] = ()
        self.show_suggestions((), "")

    def show_suggestions(self, suggestions: Sequence[SharedSuggestion], notice: str, photos: int = 1) -> None:
        """Show the suggestions for this many photos; nothing is visible without any, unless there is a
        notice.
        """
        clear_layout(self._flow)
        self._shown = tuple(suggestions)
        self.buttons = []
        for suggestion in suggestions:
            self._flow.addWidget(self._chip(suggestion, photos))
        self._label.setText(notice or translate("Suggestions", "Suggested tags"))
        self.all_button.setVisible(len(suggestions) > 1)
        self._chips.setVisible(bool(suggestions))
        self._chips.updateGeometry()
        self.setVisible(bool(suggestions) or bool(notice))

    def _chip(self, suggestion: SharedSuggestion, photos: int) -> QWidget:
        chip = QWidget()
        suits = len(suggestion.photo_ids)
        number = f"\u2002{suits:,}" if suits < photos else ""
        name = self.fontMetrics().elidedText(suggestion.tag, Qt.TextElideMode.ElideMiddle, _WIDEST_TAG)
        add = QPushButton(f"+\u2002{name}{number}".replace("&", "&&"))
        add.setProperty("kind", "suggested")
        add.setAccessibleName(translate("Suggestions", "Add the tag {tag}").format(tag=suggestion.tag))
        tip = translate("Suggestions", "Add this tag. {likely:.0%} likely")
        if photos > 1:
            tip = translate(
                "Suggestions", "Add this tag to {suits:,} of {photos:,} photos. {likely:.0%} likely"
            )
        add.setToolTip(tip.format(likely=suggestion.probability, suits=suits, photos=photos))
        add.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        add.clicked.connect(lambda: self.accepted.emit((suggestion,)))
        refuse = QToolButton()
        refuse.setText("×")
        name = translate("Suggestions", "Do not suggest {tag} for this photo")
        if photos > 1:
            name = translate("Suggestions", "Do not suggest {tag} for these photos")
        refuse.setAccessibleName(name.format(tag=suggestion.tag))
        refuse.setToolTip(
            translate("Suggestions", "Do not suggest this for these photos again")
            if photos > 1
            else translate("Suggestions", "Do not suggest this for this photo again")
        )
        refuse.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        refuse.clicked.connect(lambda: self.refused.emit(suggestion))
        row = QHBoxLayout(chip)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(add)
        row.addWidget(refuse)
        self.buttons.append(add)
        return chip

    def accept_all(self) -> None:
        """Add every tag that is suggested now."""
        if self._shown and self.isVisible():
            self.accepted.emit(self._shown)


class TagSuggestions(QObject):
    """Asks the engine for suggestions for the selected photos, if the setting is on."""

    def __init__(self, services: WindowServices, organise: OrganiseController) -> None:
        super().__init__(organise)
        self._bridge = services.bridge
        self._organise = organise
        self._is_on = False
        self._photos: tuple[int, ...] = ()
        """The selected photos; none where so many are selected that nothing is suggested."""
        self._asked = 0
        self.row = SuggestionRow()
        self.row.accepted.connect(self._accept)
        self.row.refused.connect(self._refuse)
        organise.editor.add_suggestions(self.row)
        services.bridge.preferences_read.connect(self._take_settings)
        services.bridge.tags_suggested.connect(self._take)
        services.bridge.library_changed.connect(self._take_change)

    def show_photos(self, photos: Sequence[Photo], total: int) -> None:
        """The selection changed."""
        chosen = tuple(photo.id for photo in photos) if total == 1 else ()
        if 1 < total <= _MOST_PHOTOS:
            chosen = self._organise.selected
        if chosen != self._photos:
            self._photos = chosen
            self.row.show_suggestions((), "")
            self._ask()

    def _take_settings(self, read: events.PreferencesRead) -> None:
        self._is_on = read.preferences[SUGGEST_TAGS]
        self.row.show_suggestions((), "")
        self._ask()

    def _take_change(self, change: LibraryChanged) -> None:
        if change.any_of(ChangeKind.CONCEPTS) or (
            change.any_of(ChangeKind.TAGS) and not set(self._photos).isdisjoint(change.updated)
        ):
            self._ask()

    def _ask(self) -> None:
        if not self._is_on or not self._photos:
            return
        from safelight.engine import requests

        self._asked = next(self._bridge.generations)
        self._bridge.send(requests.SuggestTags(self._asked, self._photos))

    def _take(self, event: events.TagsSuggested) -> None:
        if event.generation == self._asked and self._is_on and self._photos:
            notice = "" if event.notice is None else error_text(event.notice)
            self.row.show_suggestions(event.suggestions, notice, len(self._photos))

    def _accept(self, chosen: tuple[SharedSuggestion, ...]) -> None:
        added: list[Operation[Outcome]] = [AddTag(each.photo_ids, each.tag) for each in chosen]
        if len(added) == 1:
            text = translate("Suggestions", "Tagged with “{tag}”").format(tag=chosen[0].tag)
            self._organise.run(added[0], text)
        elif added:
            text = translate("Suggestions", "Added {count} tags").format(count=len(added))
            self._organise.run(Several(tuple(added)), text)

    def _refuse(self, suggestion: SharedSuggestion) -> None:
        text = (
            translate("Suggestions", "“{tag}” is not suggested for these photos again")
            if len(suggestion.photo_ids) > 1
            else translate("Suggestions", "“{tag}” is not suggested for this photo again")
        )
        self._organise.run(RefuseTag(suggestion.photo_ids, suggestion.tag), text.format(tag=suggestion.tag))
