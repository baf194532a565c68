"""The search bar: words, filters and pictures to search for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QPixmap
from PySide6.QtWidgets import QWidget

from safelight.ui import dropped_files
from safelight.ui.appearance.theme import Theme
from safelight.ui.search.bar_face import SearchBarFace
from safelight.ui.search.field_help import FieldHelp
from safelight.ui.search.history import QueryHistory
from safelight.ui.search.part_chips import PartChips
from safelight.ui.search.search_state import Scope, SearchState
from safelight.ui.translation import translate
from safelight.ui.view_request import Query, SimilarQuery

if TYPE_CHECKING:
    from safelight.store.vocabulary import Vocabulary

_PLACEHOLDER = translate("Bar", "Describe a photo: dog on a beach")
_PLACEHOLDER_WITH_PICTURE = translate("Bar", "Add words: at night")

_TYPING_PAUSE = 150
"""Milliseconds after the last key press until the search starts."""


class SearchBar(SearchBarFace):
    """Searches for what the user types, drops or pastes.

    The text of the field is the query. Chips show how it was understood, and change it. A picture that was
    dropped or pasted is not in the text; it has a chip of its own.
    """

    query_changed = Signal(object)  # Query, or None when there is nothing to look for
    dropped_on = Signal(object)  # dropped_files.Dropped with folders, not a picture
    pictures_named = Signal(tuple)
    """Pictures in the query, with their regions, whose thumbnails are not known."""
    results_requested = Signal()
    """The user moves on to the results by keyboard."""
    vocabulary_requested = Signal()
    """The user begins to type, so completion needs the names of the library."""

    def __init__(
        self,
        theme: Theme,
        sizes: tuple[int, int],
        parent: QWidget | None = None,
        *,
        history: QueryHistory | None = None,
        today: Callable[[], date] = date.today,
    ) -> None:
        """``sizes``: smallest and largest thumbnail side in device-independent pixels."""
        super().__init__(theme, sizes, parent)
        self._query: Query | None = None
        self._state = SearchState()
        self._timer = QTimer(self, singleShot=True, interval=_TYPING_PAUSE)
        self._timer.timeout.connect(self._search_text)
        self.history = history or QueryHistory()
        self.help = FieldHelp(self.field, self.history, theme, today)
        self._parts = PartChips(self.field, self.chips, today)
        self.setAcceptDrops(True)
        self.field.setPlaceholderText(_PLACEHOLDER)
        self._connect()
        self._show_actions()

    def _connect(self) -> None:
        field, chips = self.field, self.chips
        field.textChanged.connect(self._show_understood)
        field.textEdited.connect(self._timer.start)
        field.returnPressed.connect(self._search_now)
        field.picture_pasted.connect(self.paste)
        field.escape_pressed.connect(self._escape)
        field.stepped.connect(self._step)
        field.left_downwards.connect(self.results_requested)
        field.focus_gained.connect(self.vocabulary_requested)
        field.focus_lost.connect(self._remember)
        self.clear_action.triggered.connect(self.clear)
        self.help.text_put.connect(self._timer.start)
        self._parts.text_changed.connect(self._put)
        self._parts.suggestion_declined.connect(self._show_understood)
        chips.picture_removed.connect(self._drop_picture)
        chips.place_removed.connect(self.search_everywhere)
        chips.left_upwards.connect(lambda: field.setFocus(Qt.FocusReason.BacktabFocusReason))
        chips.left_downwards.connect(self.results_requested)

    @property
    def query(self) -> Query | None:
        """The query that is searched for, or None."""
        return self._query

    @property
    def saveable(self) -> str:
        """The query in the search language, with the file of the picture.

        Empty if there is nothing to save, or if the picture is not in a file.
        """
        return self._state.saveable(self.field.text())

    @property
    def picture_shown(self) -> tuple[str, str | None]:
        """The title and the file of the picture that is searched for; empty if there is none."""
        return self._state.picture_shown

    def apply_theme(self, theme: Theme) -> None:
        super().apply_theme(theme)
        self.help.apply_theme(theme)

    def set_vocabulary(self, vocabulary: Vocabulary) -> None:
        """Set the names for completion."""
        self.help.set_vocabulary(vocabulary)

    # --- showing a search without starting it ---------------------------------------------------

    def show_similar(
        self, query: SimilarQuery, title: str, thumbnail: QPixmap | None, path: str | None = None
    ) -> None:
        """Show a search for pictures similar to one, which may be in a file at ``path``. Emits nothing."""
        self._timer.stop()
        self.field.setText(query.words)
        self._set_picture(query, title, thumbnail, path)
        self._query = query

    def restore(
        self, query: Query, title: str, thumbnail: QPixmap | None = None, path: str | None = None
    ) -> None:
        """Show an earlier query. Emits nothing."""
        if isinstance(query, SimilarQuery):
            self.show_similar(query, title, thumbnail, path)
            return
        self._timer.stop()
        self._state.everywhere = not query.within
        self._forget_picture()
        self.field.setText(query.text)
        self._query = query

    def set_place(self, place: Scope) -> None:
        """Set the part of the library that is open, which limits searches."""
        self._state.place = place
        self._state.everywhere = False
        self._show_place()

    def reset(self) -> None:
        """Empty the field and the chips. Emits nothing."""
        self._timer.stop()
        self._query = None
        self._state.everywhere = False
        self._parts.forget_declined()
        self._forget_picture()
        self.field.clear()

    # --- searching ------------------------------------------------------------------------------

    def clear(self) -> None:
        """End the search and show the library."""
        self._remember()
        self.reset()
        self._set(None)

    def search_everywhere(self) -> None:
        """Search the whole library for the present query."""
        self._state.everywhere = True
        self._show_place()
        self._timer.stop()
        self._search_text()

    def set_text(self, text: str) -> None:
        """Replace the query, and search the whole library for it at once."""
        self._state.everywhere = True
        self._forget_picture()
        self._put(text)

    def add_part(self, part: str) -> None:
        """Add a part of the search language to the query, and search at once.

        A part that is there already is not added twice. A part with the opposite meaning is removed.
        """
        from safelight.ui.search.query_editing import with_part

        self._put(with_part(self.field.text(), part))

    def remove_part(self, part: str) -> None:
        """Remove a part, given in its plainest spelling, from the query, and search at once."""
        from safelight.ui.search.query_editing import without_part

        if part == self._state.within:
            self.search_everywhere()
            return
        text = without_part(self.field.text(), part)
        if text is not None:
            self._put(text)

    def paste(self) -> None:
        """Search for pictures similar to the one on the clipboard, if there is one.

        The text of the field is kept as part of the query if the field has the focus.
        """
        self.look_for(
            dropped_files.read(QGuiApplication.clipboard().mimeData()), with_words=self.field.hasFocus()
        )

    def look_for(self, found: dropped_files.Dropped, *, with_words: bool) -> None:
        """Search for pictures similar to a dropped one, or emit ``dropped_on`` for folders.

        ``with_words``: keep the text of the field as part of the query.
        """
        if found.folders:
            self.dropped_on.emit(found)
            return
        if not found:
            return
        self._timer.stop()
        if not with_words:
            self.field.clear()
        query = SimilarQuery(path=found.picture_path, image=found.picture)
        self._set_picture(query, found.title, found.thumbnail(), found.picture_path)
        self._query = None  # so that the same picture is searched for again
        self._search_text()

    def _put(self, text: str) -> None:
        self._timer.stop()
        self.history.leave()
        self.help.dismiss()
        self.field.setText(text)
        if not self.field.hasFocus():
            self.field.home(False)  # show the beginning of the query, not the end of a long path
        self._search_text()

    def _set(self, query: Query | None) -> None:
        self._query = query
        self.query_changed.emit(query)

    def _search_text(self) -> None:
        """Search for the present query, unless its results are already shown."""
        query = self._state.query(self.field.text())
        if query != self._query:
            self._set(query)

    def _search_now(self) -> None:
        if self.help.take_choice():
            return
        self.help.dismiss()
        self._timer.stop()
        self._search_text()
        if self._query is not None:
            self.history.add(self.field.text())
            self.results_requested.emit()

    def _remember(self) -> None:
        if self._query is not None and not self.history.is_recalling:
            self.history.add(self.field.text())

    # --- keys of the field ----------------------------------------------------------------------

    def _step(self, by: int) -> None:
        if not self.help.step(by) and not self.chips.enter():
            self.results_requested.emit()

    def _escape(self) -> None:
        if self.help.dismiss() and self.field.text():
            return
        if self.field.text() or self._query is not None:
            self.clear()
        else:
            self.results_requested.emit()

    # --- chips ----------------------------------------------------------------------------------

    def show_thumbnail(self, picture: str, thumbnail: QPixmap) -> None:
        """Show a thumbnail in the chips of a picture that the query names."""
        self.chips.remember_picture(picture, thumbnail)
        self.chips.refresh()

    def _show_understood(self) -> None:
        unknown = self._parts.show(self.field.text())
        self._show_place()
        if unknown:
            self.pictures_named.emit(unknown)
        self._show_actions()

    def _show_place(self) -> None:
        place, within = self._state.place, bool(self._state.within)
        asked = bool(self.field.text().strip())
        self.chips.show_place(
            translate("SearchBar", "In: {label}").format(label=place.label) if within and asked else "",
            place.mark,
        )
        if not self._state.has_picture:
            self.field.setPlaceholderText(
                translate("SearchBar", "Search in {label}").format(label=place.label)
                if within
                else _PLACEHOLDER
            )

    def _set_picture(
        self, query: SimilarQuery, title: str, thumbnail: QPixmap | None, path: str | None
    ) -> None:
        self._state.set_picture(query, title, path)
        self.chips.show_picture(translate("SearchBar", "Similar to {title}").format(title=title), thumbnail)
        self.field.setPlaceholderText(_PLACEHOLDER_WITH_PICTURE)
        self._show_actions()

    def _forget_picture(self) -> None:
        self._state.forget_picture()
        self.chips.hide_picture()
        self._show_place()
        self._show_actions()

    def _drop_picture(self) -> None:
        self._forget_picture()
        self._timer.stop()
        self._search_text()

    def _show_actions(self) -> None:
        self.bookmark.show_query(self.saveable)
        self.clear_action.setVisible(bool(self.field.text()) or self._state.has_picture)

    # --- drag and drop --------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_files.may_hold_something(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.look_for(dropped_files.read(event.mimeData()), with_words=True)
