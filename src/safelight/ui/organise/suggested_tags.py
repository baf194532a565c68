"""Suggested tags in the details panel: accepted by a click or a key, or refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.operations import AddTag, CompositeOperation, Operation, Outcome, RefuseTag
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

_MAX_TAG_WIDTH = 110
"""Pixels of the name of a tag, so that its button is not wider than the panel."""
_MAX_PHOTOS = 500
"""Suggestions for more photos than this take seconds, so they are made on request only."""


class SuggestionRow(QWidget):
    """A dashed button for each tag, with a button to refuse it."""

    accepted = Signal(object)  # tuple of SharedSuggestion
    refused = Signal(object)  # SharedSuggestion
    started = Signal()
    stopped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: list[QPushButton] = []
        """One for each suggestion."""
        self._label = plain_label("", "secondary")
        self.start_button = QPushButton()
        self.start_button.setProperty("kind", "quiet")
        self.start_button.setAccessibleName(translate("Suggestions", "Look for tags for the selected photos"))
        self.start_button.clicked.connect(self.started)
        self.stop_button = QPushButton(translate("Suggestions", "Stop"))
        self.stop_button.setProperty("kind", "quiet")
        self.stop_button.setToolTip(translate("Suggestions", "Stop here; what was found so far can be added"))
        self.stop_button.clicked.connect(self.stopped)
        self.all_button = QPushButton(translate("Suggestions", "Add all"))
        self.all_button.setProperty("kind", "quiet")
        self.all_button.setToolTip(translate("Suggestions", "Add all suggested tags (Ctrl+Shift+T)"))
        self.all_button.clicked.connect(self.accept_all)
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self._label, 1)
        head.addWidget(self.all_button)
        head.addWidget(self.stop_button)
        self._chips = QWidget()
        self._flow = FlowLayout(self._chips, spacing=4)
        self._flow.setContentsMargins(0, 0, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.start_button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._chips)
        self.shown: tuple[SharedSuggestion, ...] = ()
        self.show_suggestions((), "")

    def show_suggestions(self, suggestions: Sequence[SharedSuggestion], notice: str, photos: int = 1) -> None:
        """Show suggestions for this many photos. Without suggestions and a notice the row is hidden."""
        clear_layout(self._flow)
        self.shown = tuple(suggestions)
        self.buttons = []
        for suggestion in suggestions:
            self._flow.addWidget(self._chip(suggestion, photos))
        self._label.setText(notice or translate("Suggestions", "Suggested tags"))
        self.start_button.hide()
        self.stop_button.hide()
        self.all_button.setVisible(len(suggestions) > 1)
        self._chips.setVisible(bool(suggestions))
        self._chips.updateGeometry()
        self.setVisible(bool(suggestions) or bool(notice))

    def show_offer(self, photos: int) -> None:
        """Offer to look for suggestions for this many photos."""
        self.show_suggestions((), translate("Suggestions", "Suggested tags"))
        self.start_button.setText(translate("Suggestions", "Look at {count:,} photos").format(count=photos))
        self.start_button.show()

    def show_progress(self, done: int, photos: int) -> None:
        """Show how many of the photos were looked at."""
        text = translate("Suggestions", "Looked at {done:,} of {count:,} photos")
        self.show_suggestions((), text.format(done=done, count=photos))
        self.stop_button.show()

    def _chip(self, suggestion: SharedSuggestion, photos: int) -> QWidget:
        chip = QWidget()
        suits = len(suggestion.photo_ids)
        number = f"\u2002{suits:,}" if suits < photos else ""
        name = self.fontMetrics().elidedText(suggestion.tag, Qt.TextElideMode.ElideMiddle, _MAX_TAG_WIDTH)
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
        if self.shown and self.isVisible():
            self.accepted.emit(self.shown)


class TagSuggestions(QObject):
    """Asks the engine for suggestions for the selected photos, if the setting is on."""

    def __init__(self, services: WindowServices, organise: OrganiseController) -> None:
        super().__init__(organise)
        self._bridge = services.bridge
        self._organise = organise
        self._is_on = False
        self._photos: tuple[int, ...] = ()
        """The selected photos."""
        self._generation = 0
        self._partial: events.TagsSuggested | None = None
        """The latest incomplete answer for many photos; None while none is being computed."""
        self._photo_count = 0
        """The number of photos that the suggestions shown are for."""
        self.row = SuggestionRow()
        self.row.accepted.connect(self._accept)
        self.row.refused.connect(self._refuse)
        self.row.started.connect(self._start)
        self.row.stopped.connect(self._stop)
        organise.editor.add_suggestions(self.row)
        services.bridge.settings_read.connect(self._on_settings_read)
        services.bridge.tags_suggested.connect(self._on_tags_suggested)
        services.bridge.library_changed.connect(self._on_library_changed)

    def show_photos(self, photos: Sequence[Photo], total: int) -> None:
        """The selection changed."""
        chosen = self._organise.selected if total > 1 else tuple(photo.id for photo in photos)[:total]
        if chosen != self._photos:
            self._clear()
            self._photos = chosen
            self._ask()

    def _on_settings_read(self, read: events.SettingsRead) -> None:
        self._is_on = read.settings[SUGGEST_TAGS]
        self._clear()
        self._ask()

    def _on_library_changed(self, change: LibraryChanged) -> None:
        if change.any_of(ChangeKind.CONCEPTS) or (
            change.any_of(ChangeKind.TAGS) and not set(self._photos).isdisjoint(change.updated)
        ):
            self._ask()

    def _ask(self) -> None:
        """Request suggestions for the selected photos, or offer to, if that takes long."""
        if not self._is_on or not self._photos:
            return
        if len(self._photos) <= _MAX_PHOTOS:
            self._send(self._photos)
        elif self._partial is None and not self.row.shown:
            self.row.show_offer(len(self._photos))

    def _start(self) -> None:
        from safelight.engine import events

        self._send(self._photos)
        self._partial = events.TagsSuggested(self._generation, (), done=0)
        self.row.show_progress(0, len(self._photos))

    def _stop(self) -> None:
        """Show the suggestions found so far, and stop the engine's search."""
        found = self._partial
        self._clear()
        if found is not None and found.suggestions and found.done:
            self._photo_count = found.done
            self.row.show_suggestions(found.suggestions, "", self._photo_count)
        else:
            self._ask()

    def _clear(self) -> None:
        """Hide the row, and stop the engine's search."""
        self.row.show_suggestions((), "")
        if self._partial is not None:
            self._partial = None
            self._send(())

    def _send(self, photos: tuple[int, ...]) -> None:
        from safelight.engine import requests

        self._generation = next(self._bridge.generations)
        self._bridge.send(requests.SuggestTags(self._generation, photos))

    def _on_tags_suggested(self, event: events.TagsSuggested) -> None:
        if event.generation != self._generation or not self._is_on or not self._photos:
            return
        if event.done is not None:
            if self._partial is not None:
                self._partial = event
                self.row.show_progress(event.done, len(self._photos))
            return
        self._partial = None
        notice = "" if event.notice is None else error_text(event.notice)
        if not notice and not event.suggestions and len(self._photos) > _MAX_PHOTOS:
            notice = translate("Suggestions", "No tag suits enough of these photos")
        self._photo_count = len(self._photos)
        self.row.show_suggestions(event.suggestions, notice, self._photo_count)

    def _accept(self, chosen: tuple[SharedSuggestion, ...]) -> None:
        added: list[Operation[Outcome]] = [AddTag(each.photo_ids, each.tag) for each in chosen]
        if len(added) == 1:
            text = translate("Suggestions", "Tagged with “{tag}”").format(tag=chosen[0].tag)
            self._organise.run(added[0], text)
        elif added:
            text = translate("Suggestions", "Added {count} tags").format(count=len(added))
            self._organise.run(CompositeOperation(tuple(added)), text)
        self._remove_decided(chosen)

    def _refuse(self, suggestion: SharedSuggestion) -> None:
        text = (
            translate("Suggestions", "“{tag}” is not suggested for these photos again")
            if len(suggestion.photo_ids) > 1
            else translate("Suggestions", "“{tag}” is not suggested for this photo again")
        )
        self._organise.run(RefuseTag(suggestion.photo_ids, suggestion.tag), text.format(tag=suggestion.tag))
        self._remove_decided((suggestion,))

    def _remove_decided(self, decided: tuple[SharedSuggestion, ...]) -> None:
        """Of suggestions for many photos, keep those that the user has not decided on: the engine does not
        compute them again without a request.
        """
        if len(self._photos) <= _MAX_PHOTOS:
            return
        left = tuple(each for each in self.row.shown if each not in decided)
        self.row.show_suggestions(left, "", self._photo_count)
        self._ask()
