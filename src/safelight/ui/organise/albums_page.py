"""The page of albums."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from safelight.store.albums import AlbumCard
from safelight.store.saved_searches import SavedSearch
from safelight.ui import wording
from safelight.ui.appearance import icons
from safelight.ui.appearance.theme import Theme
from safelight.ui.direction import reading_key
from safelight.ui.library.thumbnail_cache import ThumbnailCache
from safelight.ui.organise.album_list import MOVE_MODIFIERS, AlbumList, AlbumModel
from safelight.ui.organise.saved_search_row import SavedSearchRow
from safelight.ui.translation import translate
from safelight.ui.widgets.cards import CARD_INSET, CardDelegate
from safelight.ui.widgets.elided_label import ElidedLabel
from safelight.ui.widgets.empty_state import EmptyState

_NEXT_ROW: dict[int, Callable[[int, int], int]] = {
    Qt.Key.Key_Left: lambda row, _: row - 1,
    Qt.Key.Key_Right: lambda row, _: row + 1,
    Qt.Key.Key_Home: lambda *_: 0,
    Qt.Key.Key_End: lambda _, others: others,
}
"""The new row of an album, computed from its row and the number of other albums; by key pressed with
:data:`MOVE_MODIFIERS`.
"""
_MAX_BUTTON_WIDTH = 120
"""Pixels of the name on the button that goes up."""


class AlbumsPage(QWidget):
    """Cards of the albums at the top level, or of those in one album."""

    open_requested = Signal(object)
    """Show the photos of an album (AlbumCard)."""
    new_requested = Signal(object)
    """Create an album in the one with this id; None for the top level."""
    rename_requested = Signal(object)
    """An AlbumCard."""
    delete_requested = Signal(object)
    """An AlbumCard."""
    move_requested = Signal(object, object)
    """Put an album (AlbumCard) into the one with this id; None for the top level."""
    order_requested = Signal(object, object)
    """Put an album in front of another (two AlbumCards); None puts it last."""
    menu_requested = Signal(object, QPoint)
    """The commands for an album (AlbumCard), at a global position."""
    photos_dropped = Signal(object)
    """Photos of the grid were dropped on an album (AlbumCard)."""
    search_requested = Signal(object)
    """Run a saved search (SavedSearch)."""
    shown = Signal()

    def __init__(
        self, cache: ThumbnailCache, theme: Theme, photos: QWidget, parent: QWidget | None = None
    ) -> None:
        """``photos`` is the widget from which photos are dragged."""
        super().__init__(parent)
        self.setAccessibleName(translate("Albums", "Albums"))
        self._all: tuple[AlbumCard, ...] = ()
        self._is_loaded = False
        """Whether the albums have been read."""
        self._parent_id: int | None = None
        """The album whose albums are shown."""
        self.model = AlbumModel(self)
        self._delegate = CardDelegate(cache, theme, self)
        self.list = AlbumList(self.model, photos, theme)
        self.list.set_delegate(self._delegate)
        self.list.activated.connect(lambda _: self.open_selected())
        self.list.customContextMenuRequested.connect(self._show_menu)
        self.list.photos_dropped.connect(self.photos_dropped)
        self.list.album_ordered.connect(self.order_requested)
        self.list.album_dropped.connect(lambda album, onto: self.move_requested.emit(album, onto.album.id))
        self.up = QPushButton(translate("Albums", "All albums"))
        self.up.setProperty("kind", "quiet")
        self.up.setToolTip(translate("Albums", "Up (Backspace)"))
        self.up.clicked.connect(self.go_up)
        self._heading = ElidedLabel()
        self._heading.setProperty("kind", "section")
        self.open = QPushButton(translate("Albums", "Show photos"))
        self.open.setProperty("kind", "primary")
        self.open.clicked.connect(self.show_photos)
        self.enter = QPushButton(translate("Albums", "Look inside"))
        self.enter.setToolTip(translate("Albums", "Show the albums in this one (Shift+Enter)"))
        self.enter.clicked.connect(self.enter_selected)
        self.new = QPushButton(translate("Albums", "New album …"))
        self.new.clicked.connect(lambda: self.new_requested.emit(self._parent_id))
        self.searches = SavedSearchRow()
        self.searches.search_chosen.connect(self.search_requested)
        column = QVBoxLayout(self)
        column.setContentsMargins(16 - CARD_INSET, 14, 8, 0)
        column.setSpacing(10)
        column.addLayout(self._make_header())
        self._stack = QStackedWidget()
        self._stack.addWidget(self.list)
        self.first = QPushButton(translate("Albums", "New album …"))
        self.first.clicked.connect(lambda: self.new_requested.emit(self._parent_id))
        self.message = EmptyState(self.first)
        self._stack.addWidget(self.message)
        column.addWidget(self._stack, 1)
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(True)  # Return presses it, as in dialogs
        self.list.selectionModel().selectionChanged.connect(lambda *_: self._enable_buttons())
        self.apply_theme(theme)
        self._show_level()

    def _make_header(self) -> QVBoxLayout:
        title = QLabel(translate("Albums", "Albums"))
        title.setProperty("kind", "title")
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.up)
        line.addWidget(self._heading, 1)  # the name of an album may be long, and the window narrow
        for widget in (self.open, self.enter, self.new):
            line.addWidget(widget)
        top = QVBoxLayout()
        top.setContentsMargins(CARD_INSET, 0, 8, 0)  # above the pictures of the cards
        top.setSpacing(10)
        top.addWidget(title)
        top.addWidget(self.searches)
        top.addLayout(line)
        return top

    def apply_theme(self, theme: Theme) -> None:
        self._delegate.apply_theme(theme)
        self.list.theme = theme
        self.up.setIcon(icons.icon("arrow-left", theme.secondary))
        self.list.viewport().update()

    # --- what is shown ------------------------------------------------------------------------

    def show_albums(self, albums: Sequence[AlbumCard]) -> None:
        """Show all albums of the library."""
        if self._is_loaded and tuple(albums) == self._all:
            return
        self._is_loaded = True
        self._all = tuple(albums)
        if self._parent_id is not None and all(each.album.id != self._parent_id for each in albums):
            self._parent_id = None
        self._show_level()

    def show_searches(self, searches: Sequence[SavedSearch], counts: Mapping[int, int]) -> None:
        """Show the saved searches. ``counts``: photos by the id of the search."""
        self.searches.show_searches(searches, counts)
        self.searches.setVisible(self.searches.has_any and self._parent_album is None)

    def _show_level(self) -> None:
        selected = self.list.selected
        known = {each.album.id for each in self._all}
        shown = [
            each
            for each in self._all
            if (each.album.parent_id if each.album.parent_id in known else None) == self._parent_id
        ]
        self.model.set_albums(shown)
        if selected is not None:
            self._select(selected.album.id)
        above = self._parent_album
        self.searches.setVisible(self.searches.has_any and above is None)
        self.up.setVisible(above is not None)
        if above is not None:
            outer = next((each for each in self._all if each.album.id == above.album.parent_id), None)
            name = translate("Albums", "All albums") if outer is None else outer.album.name
            self.up.setText(
                self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, _MAX_BUTTON_WIDTH)
            )
        count = wording.count_of(len(shown), "album")
        self._heading.setText(count if above is None else f"{above.album.name} · {count}")
        self._heading.setVisible(above is not None or bool(shown))
        for button in (self.open, self.enter, self.new):
            button.setVisible(bool(shown))
        self._show_message(above)
        had_focus = self.first.hasFocus()
        self._stack.setCurrentIndex(0 if shown or not self._is_loaded else 1)
        if had_focus or (self.list.hasFocus() and not shown and self._is_loaded):
            self._focus_list(Qt.FocusReason.OtherFocusReason)
        self._enable_buttons()

    def _show_message(self, above: AlbumCard | None) -> None:
        """Set the message that replaces the list while there are no albums in ``above``."""
        if above is None:
            self.message.show_text(
                translate("Albums", "No albums yet"),
                translate(
                    "Albums",
                    "An album keeps photos together in an order of your own, and can contain other "
                    "albums. Create one here, or select photos and press Shift+A.",
                ),
            )
        else:
            self.message.show_text("", translate("Albums", "There are no albums in this one."))

    @property
    def _parent_album(self) -> AlbumCard | None:
        """The album whose albums are shown."""
        return next((each for each in self._all if each.album.id == self._parent_id), None)

    def _select(self, album_id: int | None) -> None:
        row = self.model.row_of(album_id)
        if row is not None:
            self.list.setCurrentIndex(self.model.index(row))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.shown.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._focus_list(event.reason())

    def _focus_list(self, reason: Qt.FocusReason) -> None:
        (self.list if self.model.albums or not self._is_loaded else self.first).setFocus(reason)

    # --- commands -----------------------------------------------------------------------------

    def _enable_buttons(self) -> None:
        selected = self.list.selected
        self.open.setEnabled(selected is not None)
        self.enter.setEnabled(selected is not None and selected.inside > 0)

    def open_selected(self) -> None:
        """Show the photos of the selected album, or the albums in it if it has no photos itself."""
        selected = self.list.selected
        if selected is not None and not selected.photos and selected.inside:
            self.enter_selected()
        else:
            self.show_photos()

    def show_photos(self) -> None:
        """Show the photos of the selected album."""
        if self.list.selected is not None:
            self.open_requested.emit(self.list.selected)

    def enter_selected(self) -> None:
        """Show the albums in the selected one."""
        selected = self.list.selected
        if selected is not None and selected.inside:
            self._parent_id = selected.album.id
            self._show_level()
            self.list.setCurrentIndex(self.model.index(0))
            self.list.setFocus()

    def go_up(self) -> None:
        """Show the level above."""
        left, above = self._parent_id, self._parent_album
        self._parent_id = None if above is None else above.album.parent_id
        self._show_level()
        self._select(left)
        self.list.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        selected = self.list.selected
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.modifiers() == MOVE_MODIFIERS and event.key() in _NEXT_ROW:
            self._move(reading_key(event.key()))
            return
        match event.key():
            case Qt.Key.Key_F2 if selected is not None:
                self.rename_requested.emit(selected)
            case Qt.Key.Key_Delete if selected is not None:
                self.delete_requested.emit(selected)
            # Without Shift, the list has opened the album already.
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if shift:
                self.enter_selected()
            case Qt.Key.Key_Backspace if self._parent_id is not None:
                self.go_up()
            case _:
                super().keyPressEvent(event)

    def _move(self, key: int) -> None:
        """Move the selected album one place back or forward, to the start or to the end."""
        selected = self.list.selected
        row = None if selected is None else self.model.row_of(selected.album.id)
        if row is None:
            return
        others = [each for each in self.model.albums if each is not selected]
        place = _NEXT_ROW[key](row, len(others))
        if 0 <= place <= len(others) and place != row:
            self.order_requested.emit(selected, others[place] if place < len(others) else None)

    def _show_menu(self, position: QPoint) -> None:
        index = self.list.indexAt(position)
        if index.isValid():
            self.list.setCurrentIndex(index)
        if self.list.selected is not None:
            self.menu_requested.emit(self.list.selected, self.list.viewport().mapToGlobal(position))
