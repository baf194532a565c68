"""The tree in the sidebar: pages, saved searches and folders, each with its count."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetrics,
    QIcon,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView

from safelight.ui import direction
from safelight.ui.appearance.theme import Theme
from safelight.ui.direction import mirrored, reading_key
from safelight.ui.grid.crop import middle_of
from safelight.ui.library.places_model import ENTRY_ROLE, Entry

if TYPE_CHECKING:
    from safelight.ui.library.places_model import PlacesModel

_ROW_HEIGHT = 30
_INDENT = 14
_ICON_LEFT = 12
_NAME_LEFT = 38
_COVER = 18
"""Pixels of the side of a thumbnail in place of an icon."""
_RIGHT = 8

_Index = QModelIndex | QPersistentModelIndex

_SWITCHING: dict[int, bool | None] = {
    Qt.Key.Key_Right: True,
    Qt.Key.Key_Left: False,
    Qt.Key.Key_Return: None,
    Qt.Key.Key_Enter: None,
    Qt.Key.Key_Space: None,
}
"""Keys that open or close a section; None for the reverse of what is shown."""

_KEYBOARD_REASONS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class PlaceTree(QTreeView):
    """Shows the keyboard focus only while the keyboard is used."""

    chosen = Signal(object)  # Entry
    switched = Signal(str)  # the switch of an entry

    def __init__(self, model: PlacesModel) -> None:
        super().__init__()
        self.by_keyboard = False
        self._places = model
        self._quiet = False
        self._switching = False
        """Whether the mouse button was pressed on a row that switches, and is still held."""
        self.setModel(model)
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setIndentation(0)  # the delegate indents, so that the background of a row has the full width
        self.setRootIsDecorated(False)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QTreeView.ScrollMode.ScrollPerPixel)
        self.expanded.connect(model.open)
        self.clicked.connect(self._choose)

    def select_entry(self, key: object) -> None:
        """Make the row with this key current, or none. Emits nothing, and opens nothing."""
        index = QModelIndex() if key is None else self._places.find(key)
        self._quiet = True
        if index.isValid():
            self.setCurrentIndex(index)
        else:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
        self._quiet = False

    def change_without_choosing(self, change: Callable[[], None]) -> None:
        """Change the rows. The row that becomes current because another was removed is not chosen."""
        self._quiet = True
        change()
        self._quiet = False

    @property
    def current_entry(self) -> Entry | None:
        return self._places.entry(self.currentIndex())

    def currentChanged(self, current: _Index, previous: _Index) -> None:
        super().currentChanged(current, previous)
        if not self._quiet:
            self._choose(current)

    def _choose(self, index: _Index) -> None:
        entry = self._places.entry(index)
        if entry is not None and not entry.heading and not entry.switch:
            self.chosen.emit(entry)

    def _switch(self, index: _Index, *, on: bool | None = None) -> bool:
        """Switch what a row shows or hides, unless it already is as wanted; False if it is another row."""
        entry = self._places.entry(index)
        if entry is None or not entry.switch:
            return False
        if on is not entry.on:
            self.switched.emit(entry.switch)
        return True

    def focusInEvent(self, event: QFocusEvent) -> None:
        if event.reason() in _KEYBOARD_REASONS:
            self.by_keyboard = True
        # If nothing is current, as during a search, Qt makes the first entry current without being asked.
        self._quiet = True
        super().focusInEvent(event)
        self._quiet = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.by_keyboard = True
        key = reading_key(event.key())
        if key not in _SWITCHING or not self._switch(self.currentIndex(), on=_SWITCHING[key]):
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.by_keyboard = False
        if event.button() is Qt.MouseButton.RightButton:  # opens a menu and chooses nothing
            return
        index = self.indexAt(event.position().toPoint())
        if self._is_on_arrow(index, event.position().toPoint()):
            self.setExpanded(index, not self.isExpanded(index))
            event.accept()
            return
        self._switching = self._switch(index)
        if self._switching:  # the rows moved, so another one may be under the mouse now
            event.accept()
            return
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        if not self._switching and not self._is_on_arrow(self.indexAt(point), point):
            super().mouseReleaseEvent(event)
        self._switching = False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        # A second click on the arrow or heading closes what the first one opened.
        index = self.indexAt(event.position().toPoint())
        entry = self._places.entry(index)
        switches = entry is not None and bool(entry.switch)
        if switches or self._is_on_arrow(index, event.position().toPoint()):
            self.mousePressEvent(event)
        else:
            super().mouseDoubleClickEvent(event)

    def _is_on_arrow(self, index: QModelIndex, point: QPoint) -> bool:
        if not index.isValid() or not self._places.hasChildren(index):
            return False
        row = self.visualRect(index)
        arrow_end = row.left() + 6 + depth_of(index) * _INDENT + _ICON_LEFT
        return direction.mirrored_point(point, row).x() < arrow_end


def depth_of(index: _Index) -> int:
    depth, parent = 0, index.parent()
    while parent.isValid():
        depth, parent = depth + 1, parent.parent()
    return depth


class PlaceDelegate(QStyledItemDelegate):
    """One row: arrow, icon, name, and the count at the end.

    Rectangles are laid out from left to right, and mirrored when something is painted.
    """

    def __init__(self, theme: Theme, view: PlaceTree) -> None:
        super().__init__(view)
        self.theme = theme
        self.icons: dict[str, QIcon] = {}
        """Icons by the names that entries have for them."""
        self.picture_of: Callable[[int], QPixmap | None] = lambda _: None
        """The thumbnail of a photo; None while it is loading."""
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(100, _ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        rect = mirrored(option.rect.adjusted(6, 1, -8, -1), option.rect)
        entry = index.data(ENTRY_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not isinstance(entry, Entry):
            left = depth_of(index) * _INDENT + _NAME_LEFT
            space = mirrored(rect.adjusted(left, 0, 0, 0), rect)
            self._paint_text(painter, space, "…", self.theme.secondary)
        elif entry.heading:
            self._paint_heading(painter, option, rect, entry)
        elif entry.switch:
            self._paint_switch(painter, option, rect, entry)
        else:
            self._paint_place(painter, option, rect, index, entry)
        painter.restore()

    def _paint_heading(
        self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect, entry: Entry
    ) -> None:
        font = painter.font()
        font.setPixelSize(self.theme.font_secondary)
        painter.setFont(font)
        hovered = bool(entry.switch) and bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.setPen(QColor(self.theme.text if hovered else self.theme.secondary))
        lower = rect.adjusted(8, 8, -_RIGHT, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        text = mirrored(lower, rect)
        painter.drawText(text, Qt.AlignmentFlag.AlignLeft | middle, entry.name)
        if entry.switch:
            right = lower.left() + painter.fontMetrics().horizontalAdvance(entry.name) + 4
            arrow = mirrored(QRect(right, lower.center().y() - 5, 12, 12), rect)
            self._paint_arrow(painter, arrow, is_open=entry.on)
            self._paint_focus(painter, option.state, rect.adjusted(0, 10, 0, -2))
            if not entry.on and entry.count:
                painter.drawText(text, Qt.AlignmentFlag.AlignRight | middle, f"{entry.count:,}")

    def _paint_switch(
        self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect, entry: Entry
    ) -> None:
        """A row that shows or hides others, such as “Show all 57”."""
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        colour = self.theme.text if hovered else self.theme.secondary
        space = mirrored(rect.adjusted(_NAME_LEFT, 0, -_RIGHT, 0), rect)
        self._paint_text(painter, space, entry.name, colour)
        self._paint_focus(painter, option.state, rect)

    def _paint_arrow(self, painter: QPainter, rect: QRect, *, is_open: bool) -> None:
        self.icons["chevron-down" if is_open else "chevron-right"].paint(painter, rect)

    def _paint_place(
        self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect, index: _Index, entry: Entry
    ) -> None:
        self._paint_background(painter, option.state, rect)
        left = rect.left() + depth_of(index) * _INDENT
        if index.model().hasChildren(index):
            arrow = mirrored(QRect(left + 1, rect.top() + 8, 12, 12), rect)
            self._paint_arrow(painter, arrow, is_open=self._view.isExpanded(index))
        place = mirrored(QRect(left + _ICON_LEFT, rect.top(), 20, rect.height()), rect)
        if entry.cover is None or not self._paint_cover(painter, place, entry.cover):
            self.icons[entry.icon].paint(painter, place)
        left += _NAME_LEFT
        right = self._paint_count(painter, rect, left, entry)
        space = mirrored(QRect(left, rect.top(), right - left, rect.height()), rect)
        colour = self.theme.secondary if entry.muted else self.theme.text
        # Names of folders differ at both ends, names of searches at the beginning.
        elide = Qt.TextElideMode.ElideMiddle if entry.saved is None else Qt.TextElideMode.ElideRight
        self._paint_text(painter, space, entry.name, colour, elide)

    def _paint_cover(self, painter: QPainter, place: QRect, photo_id: int) -> bool:
        """The middle of a thumbnail in place of an icon; False while it is loading."""
        picture = self.picture_of(photo_id)
        if picture is None:
            return False
        source = middle_of(picture, QSize(1, 1))
        target = QRect(0, 0, _COVER, _COVER)
        target.moveCenter(place.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        corners = QPainterPath()
        corners.addRoundedRect(QRectF(target), 3, 3)
        painter.save()
        painter.setClipPath(corners)
        painter.drawPixmap(target, picture, source)
        painter.restore()
        return True

    def _paint_background(self, painter: QPainter, state: QStyle.StateFlag, rect: QRect) -> None:
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if chosen or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self.theme.pressed if chosen else self.theme.hover))
            painter.drawRoundedRect(rect, 6, 6)
        self._paint_focus(painter, state, rect)

    def _paint_focus(self, painter: QPainter, state: QStyle.StateFlag, rect: QRect) -> None:
        if self._view.by_keyboard and self._view.hasFocus() and state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(self.theme.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), 5, 5)

    def _paint_count(self, painter: QPainter, rect: QRect, left: int, entry: Entry) -> int:
        """The count at the end, if there is one; returns where the name has to end."""
        right = rect.right() - _RIGHT
        if not entry.count:
            return right
        font = painter.font()
        font.setPixelSize(self.theme.font_body)
        name_width = QFontMetrics(font).horizontalAdvance(entry.name)
        font.setPixelSize(self.theme.font_secondary)
        painter.setFont(font)
        room = right - left - name_width - 8  # the name comes first
        fits = entry.detail and painter.fontMetrics().horizontalAdvance(entry.detail) <= room
        text = entry.detail if fits else f"{entry.count:,}"
        painter.setPen(QColor(self.theme.secondary))
        space = mirrored(rect.adjusted(0, 0, -_RIGHT, 0), rect)
        painter.drawText(space, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        return right - painter.fontMetrics().horizontalAdvance(text) - 8

    def _paint_text(
        self,
        painter: QPainter,
        space: QRect,
        text: str,
        colour: str,
        elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        font = painter.font()
        font.setPixelSize(self.theme.font_body)
        painter.setFont(font)
        painter.setPen(QColor(colour))
        shown = painter.fontMetrics().elidedText(text, elide, space.width())
        painter.drawText(space, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
