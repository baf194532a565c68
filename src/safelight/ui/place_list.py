"""The list in the sidebar: pages, saved searches and folders, each with its count."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFocusEvent, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QListWidget, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from safelight.ui.theme import Theme

SCOPE_ROLE = int(Qt.ItemDataRole.UserRole)
"""The ViewRequest of a page or folder."""
COUNT_ROLE = SCOPE_ROLE + 1
"""The number at the right; None for none."""
HEADING_ROLE = SCOPE_ROLE + 2
"""True for a heading, which cannot be chosen."""
SAVED_ROLE = SCOPE_ROLE + 3
"""The SavedSearch of an entry."""
DETAIL_ROLE = SCOPE_ROLE + 4
"""A text that replaces the count if there is room for it."""

_ROW_HEIGHT = 30

_Index = QModelIndex | QPersistentModelIndex

_KEYBOARD_REASONS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class PlaceList(QListWidget):
    """A list that shows the keyboard focus only while the keyboard is used."""

    def __init__(self) -> None:
        super().__init__()
        self.by_keyboard = False

    def focusInEvent(self, event: QFocusEvent) -> None:
        if event.reason() in _KEYBOARD_REASONS:
            self.by_keyboard = True
        # If nothing is current, as during a search, Qt makes the first entry current without being asked.
        blocked = self.blockSignals(True)
        super().focusInEvent(event)
        self.blockSignals(blocked)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.by_keyboard = True
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.by_keyboard = False
        if event.button() is not Qt.MouseButton.RightButton:  # opens a menu and chooses nothing
            super().mousePressEvent(event)


class PlaceDelegate(QStyledItemDelegate):
    """One row: icon, name, and the count at the right."""

    def __init__(self, theme: Theme, view: PlaceList) -> None:
        super().__init__(view)
        self.theme = theme
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(100, _ROW_HEIGHT + (6 if index.data(HEADING_ROLE) else 0))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        self.initStyleOption(option, index)
        rect = option.rect.adjusted(8, 1, -8, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index.data(HEADING_ROLE):
            self._paint_heading(painter, rect, str(index.data()))
        else:
            self._paint_place(painter, option, rect, index)
        painter.restore()

    def _paint_heading(self, painter: QPainter, rect: QRect, text: str) -> None:
        font = painter.font()
        font.setPixelSize(self.theme.font_secondary)
        painter.setFont(font)
        painter.setPen(QColor(self.theme.secondary))
        painter.drawText(
            rect.adjusted(6, 0, 0, -5), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, text
        )

    def _paint_place(
        self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect, index: _Index
    ) -> None:
        state = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if chosen or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self.theme.pressed if chosen else self.theme.hover))
            painter.drawRoundedRect(rect, 6, 6)
        if self._view.by_keyboard and self._view.hasFocus() and state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(self.theme.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), 5, 5)
        mark = index.data(Qt.ItemDataRole.DecorationRole)
        mark.paint(painter, QRect(rect.left() + 6, rect.top(), 20, rect.height()))
        right = rect.right() - 8
        count = index.data(COUNT_ROLE)
        font = painter.font()
        if count:
            font.setPixelSize(self.theme.font_body)
            name_width = QFontMetrics(font).horizontalAdvance(str(index.data()))
            font.setPixelSize(self.theme.font_secondary)
            painter.setFont(font)
            detail = str(index.data(DETAIL_ROLE) or "")
            room = right - rect.left() - 34 - name_width - 8  # the name comes first
            fits = detail and painter.fontMetrics().horizontalAdvance(detail) <= room
            text = detail if fits else f"{count:,}"
            painter.setPen(QColor(self.theme.secondary))
            painter.drawText(
                rect.adjusted(0, 0, -8, 0), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text
            )
            right -= painter.fontMetrics().horizontalAdvance(text) + 8
        font.setPixelSize(self.theme.font_body)
        painter.setFont(font)
        foreground = index.data(Qt.ItemDataRole.ForegroundRole)
        painter.setPen(foreground.color() if foreground is not None else QColor(self.theme.text))
        space = QRect(rect.left() + 34, rect.top(), right - rect.left() - 34, rect.height())
        # Names of folders differ at both ends, names of searches at the beginning.
        elide = (
            Qt.TextElideMode.ElideMiddle if index.data(SAVED_ROLE) is None else Qt.TextElideMode.ElideRight
        )
        name = painter.fontMetrics().elidedText(str(index.data()), elide, space.width())
        painter.drawText(space, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
