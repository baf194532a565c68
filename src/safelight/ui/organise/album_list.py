"""The list of the page of albums. Albums can be dragged onto each other, and photos onto albums."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractItemView, QWidget

from safelight.store.albums import AlbumCard
from safelight.ui import wording
from safelight.ui.appearance.theme import Theme
from safelight.ui.translation import translate
from safelight.ui.widgets.cards import CARD_ROLE, Card, CardList, year_span

MOVE_MODIFIERS = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier
"""With these, the page moves the selected album."""
_PAGE_KEYS = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_F2)
"""Keys that the page handles."""
_ENTER_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
"""Keys that the page handles if Shift is pressed."""

_EDGE_SHARE = 0.2
"""The share of a card's width at each side where a dropped album is put beside it instead of into it."""

_Index = QModelIndex | QPersistentModelIndex


class AlbumModel(QAbstractListModel):
    """The albums of one level."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.albums: list[AlbumCard] = []

    def set_albums(self, albums: Sequence[AlbumCard]) -> None:
        self.beginResetModel()
        self.albums = list(albums)
        self.endResetModel()

    def row_of(self, album_id: int | None) -> int | None:
        return next((row for row, each in enumerate(self.albums) if each.album.id == album_id), None)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.albums)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flag = Qt.ItemFlag
        return flag.ItemIsEnabled | flag.ItemIsSelectable | flag.ItemIsDragEnabled | flag.ItemIsDropEnabled

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self.albums):
            return None
        album = self.albums[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return album.album.name
            case Qt.ItemDataRole.ToolTipRole:
                return wording.tip(f"{album.path}\n{detail_of(album)}")
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{album.album.name}, {detail_of(album)}"
            case _:
                card = Card(album.album.name, detail_of(album), album.covers, icon="album")
                return card if role == CARD_ROLE else None


def detail_of(album: AlbumCard) -> str:
    """The line below the name of an album: ``238 photos · 2004–2026 · 3 albums``."""
    parts = []
    if album.photos or not album.inside:
        parts.append(wording.count_of(album.photos, "photo"))
    if album.first:
        parts.append(year_span(album.first, album.last))
    if album.inside:
        parts.append(wording.count_of(album.inside, "album"))
    return " · ".join(parts)


class DropTarget(NamedTuple):
    """Where dragged photos or albums would be dropped."""

    row: int
    side: int
    """−1 before the card, 1 after it, 0 into it."""


class AlbumList(CardList):
    """Cards of albums, onto which photos and other albums can be dragged."""

    album_dropped = Signal(object, object)
    """An album was dragged onto another: both as AlbumCard."""
    album_ordered = Signal(object, object)
    """An album was dragged between two others: the album, and the one that follows it (None at the end)."""
    photos_dropped = Signal(object)
    """Photos of the grid were dragged onto an album (AlbumCard)."""

    def __init__(self, model: AlbumModel, photos: QWidget, theme: Theme) -> None:
        """``photos`` is the widget from which photos are dragged."""
        super().__init__(translate("Albums", "Albums"))
        self._albums = model
        self._photos = photos
        self.theme = theme
        self._target: DropTarget | None = None
        self.setModel(model)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setDragEnabled(True)
        self.setAcceptDrops(True)
        self.setDropIndicatorShown(False)  # paintEvent draws it around the card

    @property
    def selected(self) -> AlbumCard | None:
        rows = [index.row() for index in self.selectionModel().selectedIndexes()]
        return self._albums.albums[rows[0]] if rows and rows[0] < len(self._albums.albums) else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enters = event.key() in _ENTER_KEYS and event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if enters or event.key() in _PAGE_KEYS or event.modifiers() & MOVE_MODIFIERS == MOVE_MODIFIERS:
            event.ignore()  # the base class would open an album, or search for one by name
        else:
            super().keyPressEvent(event)

    def startDrag(self, supported: Qt.DropAction) -> None:
        del supported
        selected = self.selected
        if selected is None:
            return
        drag = QDrag(self)
        data = QMimeData()
        data.setText(selected.path)
        drag.setMimeData(data)
        rect = self.visualRect(self.currentIndex())
        drag.setPixmap(self.viewport().grab(rect))
        drag.exec(Qt.DropAction.MoveAction)
        self._show_target(None)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._accept_drag(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._show_target(self._accept_drag(event))

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._show_target(None)

    def dropEvent(self, event: QDropEvent) -> None:
        target = self._accept_drag(event)
        self._show_target(None)
        if target is None:
            return
        selected = self.selected
        if event.source() is self._photos:
            self.photos_dropped.emit(self._albums.albums[target.row])
        elif selected is not None and target.side == 0:
            self.album_dropped.emit(selected, self._albums.albums[target.row])
        elif selected is not None:
            next_row = target.row + (1 if target.side > 0 else 0)
            albums = self._albums.albums
            self.album_ordered.emit(selected, albums[next_row] if next_row < len(albums) else None)

    def _accept_drag(self, event: QDropEvent) -> DropTarget | None:
        """Accept a drag of photos or albums, and return its target. The window handles other drags."""
        is_album = event.source() is self
        if not is_album and event.source() is not self._photos:
            event.ignore()
            return None
        target = self._target_at(event.position().toPoint(), can_be_between=is_album)
        if target is None and not isinstance(event, QDragEnterEvent):
            event.ignore()
            return None
        event.setDropAction(Qt.DropAction.MoveAction if is_album else Qt.DropAction.CopyAction)
        event.accept()
        return target

    def _target_at(self, point: QPoint, *, can_be_between: bool) -> DropTarget | None:
        """The card at a point, or near its edge the place beside it if ``can_be_between``. None where there
        is no card, and where an album would be dropped onto itself.
        """
        index = self.indexAt(point)
        if not index.isValid():
            return None
        if not can_be_between:
            return DropTarget(index.row(), 0)
        rect = self.visualRect(index)
        edge = rect.width() * _EDGE_SHARE
        side = -1 if point.x() < rect.left() + edge else 1 if point.x() > rect.right() - edge else 0
        if side == 0 and self._albums.albums[index.row()] is self.selected:
            return None
        return DropTarget(index.row(), side)

    def _show_target(self, target: DropTarget | None) -> None:
        if target != self._target:
            self._target = target
            self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._target is None or self._target.row >= self._albums.rowCount():
            return
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self.theme.accent), 2))
        rect = self.visualRect(self._albums.index(self._target.row)).adjusted(5, 5, -5, -5)
        if self._target.side:
            x = rect.left() - 5 if self._target.side < 0 else rect.right() + 5
            painter.fillRect(x - 1, rect.top(), 3, rect.height(), QColor(self.theme.accent))
            return
        painter.drawRoundedRect(rect, self.theme.radius_card, self.theme.radius_card)
