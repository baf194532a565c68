"""The list of the page of albums. Albums can be dragged onto each other, and photos onto albums."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
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
from safelight.ui.theme import Theme
from safelight.ui.translation import translate
from safelight.ui.widgets.cards import CARD, Card, CardList, years

_PAGE_KEYS = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_F2)
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
"""Keys that the page handles, the latter with Shift."""

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
        flag = Qt.ItemFlag
        known = flag.ItemIsEnabled | flag.ItemIsSelectable | flag.ItemIsDragEnabled | flag.ItemIsDropEnabled
        return known if index.isValid() else flag.NoItemFlags

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self.albums):
            return None
        album = self.albums[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return album.album.name
            case Qt.ItemDataRole.ToolTipRole:
                return wording.tip(f"{album.path}\n{facts_of(album)}")
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{album.album.name}, {facts_of(album)}"
            case _:
                card = Card(album.album.name, facts_of(album), album.covers, icon="album")
                return card if role == CARD else None


def facts_of(album: AlbumCard) -> str:
    """``238 photos · 2004–2026 · 3 albums``."""
    parts = []
    if album.photos or not album.inside:
        parts.append(wording.count_of(album.photos, "photo"))
    if album.first:
        parts.append(years(album.first, album.last))
    if album.inside:
        parts.append(wording.count_of(album.inside, "album"))
    return " · ".join(parts)


class AlbumList(CardList):
    """Cards of albums that take what is dragged onto them."""

    album_dropped = Signal(object, object)
    """An album was dragged onto another: both as AlbumCard."""
    photos_dropped = Signal(object)
    """Photos of the grid were dragged onto an album (AlbumCard)."""

    def __init__(self, model: AlbumModel, photos: QWidget, theme: Theme) -> None:
        """``photos`` is the widget from which photos are dragged."""
        super().__init__(translate("Albums", "Albums"))
        self._albums = model
        self._photos = photos
        self.theme = theme
        self._target: int | None = None
        """The row under what is dragged."""
        self.setModel(model)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setDragEnabled(True)
        self.setAcceptDrops(True)
        self.setDropIndicatorShown(False)  # it is drawn here, around the card

    @property
    def selected(self) -> AlbumCard | None:
        rows = [index.row() for index in self.selectionModel().selectedIndexes()]
        return self._albums.albums[rows[0]] if rows and rows[0] < len(self._albums.albums) else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        inside = event.key() in _ENTER and event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if inside or event.key() in _PAGE_KEYS:
            event.ignore()  # the base class would open an album, or search for one of this name
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
        self._take(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._show_target(self._take(event))

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._show_target(None)

    def dropEvent(self, event: QDropEvent) -> None:
        row = self._take(event)
        self._show_target(None)
        if row is None:
            return
        onto, selected = self._albums.albums[row], self.selected
        if event.source() is self._photos:
            self.photos_dropped.emit(onto)
        elif selected is not None:
            self.album_dropped.emit(selected, onto)

    def _take(self, event: QDropEvent) -> int | None:
        """The row that takes what is dragged, if there is one. Other drags are meant for the window."""
        ours = event.source() is self
        if not ours and event.source() is not self._photos:
            event.ignore()
            return None
        index = self.indexAt(event.position().toPoint())
        row = index.row() if index.isValid() else None
        if ours and row is not None and self._albums.albums[row] is self.selected:
            row = None
        if row is None and not isinstance(event, QDragEnterEvent):
            event.ignore()
            return None
        event.setDropAction(Qt.DropAction.MoveAction if ours else Qt.DropAction.CopyAction)
        event.accept()
        return row

    def _show_target(self, row: int | None) -> None:
        if row != self._target:
            self._target = row
            self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._target is None or self._target >= self._albums.rowCount():
            return
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self.theme.accent), 2))
        rect = self.visualRect(self._albums.index(self._target)).adjusted(5, 5, -5, -5)
        painter.drawRoundedRect(rect, self.theme.radius_card, self.theme.radius_card)
