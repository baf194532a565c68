"""The search bar: words, filters and pictures to search for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QIcon,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from safelight.ui import dropped_files, wording
from safelight.ui.icons import icon
from safelight.ui.search.bookmark import Bookmark
from safelight.ui.search.chip import Chip
from safelight.ui.search.chip_row import ChipRow
from safelight.ui.search.field import SearchField
from safelight.ui.search.field_help import FieldHelp
from safelight.ui.search.history import QueryHistory
from safelight.ui.search.query_text import can_be_written, without
from safelight.ui.theme import Theme
from safelight.ui.view_request import Query, SimilarQuery, TextQuery
from safelight.ui.widgets.arrange_button import ArrangeButton
from safelight.ui.widgets.busy_line import BusyLine
from safelight.ui.widgets.size_slider import SizeSlider

if TYPE_CHECKING:
    from safelight.store.vocabulary import Vocabulary
    from safelight.ui.query_chips import QueryChip

_PLACEHOLDER = "Describe a photo: dog on a beach"
_PLACEHOLDER_WITH_PICTURE = "Add words: at night"
_WORDY, _ROOMY = 560, 500
"""Widths in pixels from which the labels beside the field, and the slider, have room."""


@dataclass(frozen=True, slots=True)
class Scope:
    """A part of the library that searches keep to; empty for all of it."""

    label: str = ""
    filter: str = ""
    """In the search language."""
    mark: str = "folder"


_TYPING_PAUSE = 150
"""Milliseconds after the last key press until the search starts."""


class SearchBar(QWidget):
    """The search field with its chips, the thumbnail-size slider and the menu button.

    The text is the query. Chips show how it was understood and change it; only a picture that was
    dropped or pasted is beside it, as a chip of its own.
    """

    query_changed = Signal(object)  # Query, or None when there is nothing to look for
    dropped_on = Signal(object)  # dropped_files.Dropped that is no picture: folders
    size_changed = Signal(int)
    pictures_named = Signal(tuple)
    """Pictures in the query, with their regions, whose thumbnails are not known."""
    results_wanted = Signal()
    """The user moves on to the results by keyboard."""
    vocabulary_wanted = Signal()
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
        super().__init__(parent)
        self._today = today
        self._query: Query | None = None
        self._picture: SimilarQuery | None = None
        self._title = ""
        """The name of the picture."""
        self._picture_path: str | None = None
        self._place = Scope()
        self._everywhere = False
        """Whether the user wants the whole library searched, until something else is opened."""
        self._declined: set[str] = set()
        """Suggestions that the user removed, until the search ends."""
        self._timer = QTimer(self, singleShot=True, interval=_TYPING_PAUSE)
        self._timer.timeout.connect(self._search_text)
        self.history = history or QueryHistory()

        self.setProperty("surface", "bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAcceptDrops(True)
        self.field = SearchField()
        self.help = FieldHelp(self.field, self.history, theme, today)
        self.chips = ChipRow(theme, self)
        self.arrange = ArrangeButton(theme)
        self._dress_field()
        self._make_controls(sizes)
        self._lay_out()
        self._connect()
        self._show_actions()
        self.apply_theme(theme)

    def _dress_field(self) -> None:
        field = self.field
        field.setPlaceholderText(_PLACEHOLDER)
        field.setAccessibleName("Search")
        field.setAccessibleDescription("Describe a photo, or drop or paste a picture to find similar ones")
        field.setAcceptDrops(False)  # the bar takes drops; a file's address is not a description
        field.setMinimumHeight(34)
        self._lens: QAction = field.addAction(QIcon(), QLineEdit.ActionPosition.LeadingPosition)
        self._clear: QAction = field.addAction(QIcon(), QLineEdit.ActionPosition.TrailingPosition)
        self.bookmark = Bookmark(field)
        self._lens.setText("Search")
        self._clear.setText("Clear the search")
        self._clear.setToolTip("Clear the search (Esc)")
        self._clear.triggered.connect(self.clear)

    def _make_controls(self, sizes: tuple[int, int]) -> None:
        self.slider = SizeSlider(sizes)
        self.slider.valueChanged.connect(self.size_changed)
        self.menu_button = QToolButton()
        self.menu_button.setIconSize(QSize(20, 20))
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu_button.setAccessibleName("Menu")
        self.menu_button.setToolTip("Menu (F10)")
        self._busy = BusyLine("Searching")

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(12, 8, 12, 4)
        row.setSpacing(8)
        row.addWidget(self.field, 1)
        row.addWidget(self.arrange)
        row.addWidget(self.slider)
        row.addWidget(self.menu_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.chips)
        column.addWidget(self._busy)
        self.chips.tab_order_after(self.field)

    def _connect(self) -> None:
        field, chips = self.field, self.chips
        field.textChanged.connect(self._show_understood)
        field.textEdited.connect(self._timer.start)
        field.returnPressed.connect(self._search_now)
        field.picture_pasted.connect(self.paste)
        field.escape_pressed.connect(self._escape)
        field.stepped.connect(self._step)
        field.left_downwards.connect(self.results_wanted)
        field.focus_gained.connect(self.vocabulary_wanted)
        field.focus_lost.connect(self._remember)
        field.menu_requested.connect(self._extend_menu)
        self.help.text_put.connect(self._timer.start)
        chips.picture_removed.connect(self._drop_picture)
        chips.place_removed.connect(self.search_everywhere)
        chips.remove_wanted.connect(self._remove_part)
        chips.change_wanted.connect(self._change_part)
        chips.left_upwards.connect(lambda: field.setFocus(Qt.FocusReason.BacktabFocusReason))
        chips.left_downwards.connect(self.results_wanted)

    @property
    def query(self) -> Query | None:
        return self._query

    @property
    def chip(self) -> Chip:
        """The chip of the picture that is searched for; hidden if there is none."""
        return self.chips.picture

    @property
    def saveable(self) -> str:
        """The query in the search language, with the file of the picture; empty if there is nothing to save,
        or if the picture is not in a file."""
        text = self.field.text().strip()
        if self._picture is None:
            return TextQuery(text, self._within).whole if text else ""
        if self._picture_path is None:
            return ""
        from safelight.core.query import Like

        return f"{Like(self._picture_path).text()} {text}".rstrip()

    def apply_theme(self, theme: Theme) -> None:
        self._lens.setIcon(icon("search", theme.secondary))
        self._clear.setIcon(icon("close", theme.secondary))
        self.menu_button.setIcon(icon("sliders", theme.secondary))
        self.arrange.apply_theme(theme)
        self.bookmark.apply_theme(theme)
        self.chips.apply_theme(theme)
        self.help.apply_theme(theme)

    def set_vocabulary(self, vocabulary: Vocabulary) -> None:
        """Names to complete with."""
        self.help.set_vocabulary(vocabulary)

    def show_busy(self, busy: bool) -> None:
        self._busy.setVisible(busy)

    def show_similar(
        self, query: SimilarQuery, title: str, thumbnail: QPixmap | None, path: str | None = None
    ) -> None:
        """Show a search for pictures similar to one, which may be in a file at ``path``. Emits nothing."""
        self._timer.stop()
        self.field.setText(query.words)
        self._take_picture(query, title, thumbnail, path)
        self._query = query

    def restore(
        self, query: Query, title: str, thumbnail: QPixmap | None = None, path: str | None = None
    ) -> None:
        """Show a query that was asked before. Emits nothing."""
        if isinstance(query, SimilarQuery):
            self.show_similar(query, title, thumbnail, path)
            return
        self._timer.stop()
        self._everywhere = not query.within
        self._forget_picture()
        self.field.setText(query.text)
        self._query = query

    @property
    def picture_shown(self) -> tuple[str, str | None]:
        """The title and the file of the picture that is searched for; empty if there is none."""
        return ("", None) if self._picture is None else (self._title, self._picture_path)

    def set_size(self, size: int) -> None:
        self.slider.setValue(size)

    def focus(self) -> None:
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    # --- asking ---------------------------------------------------------------------------------

    def set_place(self, place: Scope) -> None:
        """The part of the library that is open: searches keep to it."""
        self._place = place
        self._everywhere = False
        self._show_place()

    def search_everywhere(self) -> None:
        """Search the whole library for what is in the box."""
        self._everywhere = True
        self._show_place()
        self._timer.stop()
        self._search_text()

    def show_thumbnail(self, picture: str, thumbnail: QPixmap) -> None:
        """Show a thumbnail in the chips of a picture that the query names."""
        self.chips.remember_picture(picture, thumbnail)
        self.chips.refresh()

    def remove_part(self, part: str) -> None:
        """Take a part, in its plainest spelling, out of the query."""
        from safelight.core.query import parse

        if part == self._within:
            self.search_everywhere()
            return
        text = self.field.text()
        found = next((each for each in parse(text).parts if each.text() == part), None)
        if found is not None:
            self._put(without(text, found.span))

    @property
    def _within(self) -> str:
        return "" if self._everywhere or self._picture is not None else self._place.filter

    def _show_place(self) -> None:
        within = bool(self._within)
        asked = bool(self.field.text().strip())
        self.chips.show_place(f"In: {self._place.label}" if within and asked else "", self._place.mark)
        if self._picture is None:
            name = f" in {self._place.label}" if within else ""
            self.field.setPlaceholderText(f"Search{name}" if name else _PLACEHOLDER)

    def set_text(self, text: str) -> None:
        """Replace the query, and search the whole library for it at once."""
        self._everywhere = True
        self._forget_picture()
        self._put(text)

    def add_part(self, part: str) -> None:
        """Add a part of the search language to the query, and search at once.

        A part that is there already is not added twice; one that says the opposite of it goes.
        """
        from safelight.ui.search.query_editing import with_part

        self._put(with_part(self.field.text(), part))

    def clear(self) -> None:
        """Go back to the library."""
        self._remember()
        self.reset()
        self._set(None)

    def reset(self) -> None:
        """Empty the field and the chips. Emits nothing."""
        self._timer.stop()
        self._query = None
        self._everywhere = False
        self._declined.clear()
        self._forget_picture()
        self.field.clear()

    def paste(self) -> None:
        """Search for pictures similar to the one on the clipboard, if there is one.

        The text of the field counts too if the field has the focus.
        """
        self.look_for(
            dropped_files.read(QGuiApplication.clipboard().mimeData()), with_words=self.field.hasFocus()
        )

    def look_for(self, found: dropped_files.Dropped, *, with_words: bool) -> None:
        """Search for pictures similar to a dropped one, or pass dropped folders on."""
        if found.folders:
            self.dropped_on.emit(found)
            return
        if not found:
            return
        self._timer.stop()
        if not with_words:
            self.field.clear()
        thumbnail = None
        if found.picture is not None:
            thumbnail = QPixmap()
            thumbnail.loadFromData(found.picture, "PNG")
        path = found.picture_path
        title = wording.display_name(path) if path is not None else "the pasted picture"
        self._take_picture(SimilarQuery(path=path, image=found.picture), title, thumbnail, path)
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
        """Search for what the box says now, unless that is already shown."""
        text = " ".join(self.field.text().split())
        query: Query | None = TextQuery(text, self._within) if text else None
        if self._picture is not None:
            query = replace(self._picture, words=text)
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
            self.results_wanted.emit()

    def _remember(self) -> None:
        if self._query is not None and not self.history.walking:
            self.history.add(self.field.text())

    # --- keys of the field ----------------------------------------------------------------------

    def _step(self, by: int) -> None:
        if not self.help.step(by) and not self.chips.enter():
            self.results_wanted.emit()

    def _escape(self) -> None:
        if self.help.dismiss() and self.field.text():
            return
        if self.field.text() or self._query is not None:
            self.clear()
        else:
            self.results_wanted.emit()

    def _extend_menu(self, menu: QMenu) -> None:
        menu.addSeparator()
        forget = menu.addAction("Clear search history")
        forget.setEnabled(bool(self.history.queries))
        forget.triggered.connect(self.history.clear)

    # --- chips ----------------------------------------------------------------------------------

    def _show_understood(self, text: str) -> None:
        from safelight.ui.query_chips import chips_of  # loaded with the first text

        chips = chips_of(text, self._today())
        self.chips.show_chips([chip for chip in chips if chip.label not in self._declined])
        self._show_place()
        unknown = [chip.picture for chip in chips if chip.picture and not self.chips.knows(chip.picture)]
        if unknown:
            self.pictures_named.emit(tuple(unknown))
        self._show_actions()

    def _remove_part(self, chip: QueryChip) -> None:
        if chip.suggestion is None:
            self._put(without(self.field.text(), chip.span))
        else:
            self._declined.add(chip.label)
            self._show_understood(self.field.text())

    def _change_part(self, chip: QueryChip) -> None:
        if chip.suggestion is not None:
            self._put(chip.suggestion.applied(self.field.text()))
            return
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.field.select_span(chip.span)

    def _take_picture(
        self, query: SimilarQuery, title: str, thumbnail: QPixmap | None, path: str | None
    ) -> None:
        self._picture = replace(query, words="")
        self._title = title
        self._picture_path = path if path is not None and can_be_written(path) else None
        self.chips.show_picture(f"Similar to {title}", thumbnail)
        self.field.setPlaceholderText(_PLACEHOLDER_WITH_PICTURE)
        self._show_actions()

    def _forget_picture(self) -> None:
        self._picture = self._picture_path = None
        self.chips.hide_picture()
        self.field.setPlaceholderText(_PLACEHOLDER)
        self._show_place()
        self._show_actions()

    def _drop_picture(self) -> None:
        self._forget_picture()
        self._timer.stop()
        self._search_text()

    def _show_actions(self) -> None:
        self.bookmark.show_query(self.saveable)
        self._clear.setVisible(bool(self.field.text()) or self._picture is not None)

    # --- events ---------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.arrange.set_compact(event.size().width() < _WORDY)
        self.slider.setVisible(event.size().width() >= _ROOMY)  # keys and the wheel do the same

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_files.may_hold_something(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.look_for(dropped_files.read(event.mimeData()), with_words=True)
