"""Suggested tags in the details panel: accepted by a click or a key, or refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.operations import AddTag, Operation, Outcome, RefuseTag, Several
from safelight.core.settings import SUGGEST_TAGS
from safelight.core.tag_words import Suggestion
from safelight.ui.translation import translate
from safelight.ui.widgets.flow_layout import FlowLayout
from safelight.ui.widgets.labels import plain_label
from safelight.ui.widgets.layouts import clear_layout

if TYPE_CHECKING:
    from safelight.core.photo import Photo
    from safelight.engine import events
    from safelight.ui.organise.controller import OrganiseController
    from safelight.ui.window_services import WindowServices


class SuggestionRow(QWidget):
    """A dashed button for each tag, with a button to refuse it."""

    accepted = Signal(object)  # tuple of tags
    refused = Signal(str)

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
        self._tags: tuple[str, ...] = ()
        self.show_suggestions((), "")

    def show_suggestions(self, suggestions: Sequence[Suggestion], notice: str) -> None:
        """Show these; nothing is visible without any, unless there is a notice."""
        clear_layout(self._flow)
        self._tags = tuple(each.tag for each in suggestions)
        self.buttons = []
        for suggestion in suggestions:
            self._flow.addWidget(self._chip(suggestion))
        self._label.setText(notice or translate("Suggestions", "Suggested tags"))
        self.all_button.setVisible(len(suggestions) > 1)
        self._chips.setVisible(bool(suggestions))
        self._chips.updateGeometry()
        self.setVisible(bool(suggestions) or bool(notice))

    def _chip(self, suggestion: Suggestion) -> QWidget:
        chip = QWidget()
        add = QPushButton(f"+\u2002{suggestion.tag}".replace("&", "&&"))
        add.setProperty("kind", "suggested")
        add.setAccessibleName(translate("Suggestions", "Add the tag {tag}").format(tag=suggestion.tag))
        tip = translate("Suggestions", "Add this tag. {likely:.0%} likely")
        add.setToolTip(tip.format(likely=suggestion.probability))
        add.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        add.clicked.connect(lambda: self.accepted.emit((suggestion.tag,)))
        refuse = QToolButton()
        refuse.setText("×")
        refuse.setAccessibleName(
            translate("Suggestions", "Do not suggest {tag} for this photo").format(tag=suggestion.tag)
        )
        refuse.setToolTip(translate("Suggestions", "Do not suggest this for this photo again"))
        refuse.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        refuse.clicked.connect(lambda: self.refused.emit(suggestion.tag))
        row = QHBoxLayout(chip)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(add)
        row.addWidget(refuse)
        self.buttons.append(add)
        return chip

    def accept_all(self) -> None:
        """Add every tag that is suggested now."""
        if self._tags and self.isVisible():
            self.accepted.emit(self._tags)


class TagSuggestions(QObject):
    """Asks the engine for suggestions for the one photo that is selected, if the setting is on."""

    def __init__(self, parts: WindowServices, organise: OrganiseController) -> None:
        super().__init__(organise)
        self._bridge = parts.bridge
        self._organise = organise
        self._is_on = False
        self._photo: int | None = None
        self._asked = 0
        self.row = SuggestionRow()
        self.row.accepted.connect(self._accept)
        self.row.refused.connect(self._refuse)
        organise.editor.add_suggestions(self.row)
        parts.bridge.preferences_read.connect(self._take_settings)
        parts.bridge.tags_suggested.connect(self._take)
        parts.bridge.library_changed.connect(self._take_change)

    def show_photos(self, photos: Sequence[Photo], total: int) -> None:
        """The selection changed."""
        one = photos[0].id if total == 1 and photos else None
        if one != self._photo:
            self._photo = one
            self.row.show_suggestions((), "")
            self._ask()

    def _take_settings(self, read: events.PreferencesRead) -> None:
        self._is_on = read.preferences[SUGGEST_TAGS]
        self.row.show_suggestions((), "")
        self._ask()

    def _take_change(self, change: LibraryChanged) -> None:
        if change.any_of(ChangeKind.CONCEPTS) or (
            change.any_of(ChangeKind.TAGS) and self._photo in change.updated
        ):
            self._ask()

    def _ask(self) -> None:
        if not self._is_on or self._photo is None:
            return
        from safelight.engine import requests

        self._asked = next(self._bridge.generations)
        self._bridge.send(requests.SuggestTags(self._asked, self._photo))

    def _take(self, event: events.TagsSuggested) -> None:
        if event.generation == self._asked and self._is_on and self._photo is not None:
            self.row.show_suggestions(event.suggestions, event.notice)

    def _accept(self, tags: tuple[str, ...]) -> None:
        if self._photo is None:
            return
        added: list[Operation[Outcome]] = [AddTag((self._photo,), tag) for tag in tags]
        if len(tags) == 1:
            text = translate("Suggestions", "Tagged with “{tag}”").format(tag=tags[0])
            self._organise.run(added[0], text)
        else:
            text = translate("Suggestions", "Added {count} tags").format(count=len(tags))
            self._organise.run(Several(tuple(added)), text)

    def _refuse(self, tag: str) -> None:
        if self._photo is not None:
            text = translate("Suggestions", "“{tag}” is not suggested for this photo again").format(tag=tag)
            self._organise.run(RefuseTag((self._photo,), tag), text)
