"""Cards with pictures and two lines of text, and the list that shows them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from safelight.ui.appearance import icons
from safelight.ui.appearance.theme import Theme
from safelight.ui.library.thumbnail_cache import ThumbnailCache

CARD_ROLE = Qt.ItemDataRole.UserRole
"""The role of a model in which it returns the :class:`Card` of an index."""

_SIZE = QSize(236, 212)
"""Size in pixels of a card with the space around it."""
_PADDING = 8
CARD_INSET = _PADDING + _PADDING // 2
"""Pixels from the edge of a card to its pictures."""
_PICTURE_HEIGHT = 148
"""Height of the pictures."""
_GAP = 2
_MAX_TILES = 400
_DIMMED = 0.45
"""The opacity of the pictures of a dimmed card."""
_ICON = 32

_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Card:
    """What a card shows."""

    name: str
    detail: str
    """The second line of text."""
    covers: tuple[int, ...] = ()
    """Photos: the first one is large, and of three, two are small beside it."""
    dimmed: bool = False
    icon: str = ""
    """Shown where there is no photo."""


def year_span(first: str, last: str) -> str:
    """The span of time between two dates that begin with the year: ``2004–2026``."""
    return first[:4] if first[:4] == last[:4] else f"{first[:4]}–{last[:4]}"


class CardList(QListView):
    """A list of cards, as many beside each other as fit."""

    def __init__(self, name: str) -> None:
        """``name`` is for screen readers."""
        super().__init__()
        self.setAccessibleName(name)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def set_delegate(self, delegate: CardDelegate) -> None:
        """Set what paints the cards. They are painted again when their pictures arrive or change."""
        self.setItemDelegate(delegate)
        delegate.pictures_changed.connect(self.viewport().update)


class CardDelegate(QStyledItemDelegate):
    """Paints a large picture with two small ones beside it, and the texts below."""

    pictures_changed = Signal()

    def __init__(self, cache: ThumbnailCache, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._cache = cache
        self._theme = theme
        self._tiles: OrderedDict[tuple[int, int, int, float], QPixmap] = OrderedDict()
        cache.thumbnail_ready.connect(self._on_thumbnail_ready)
        cache.invalidated.connect(self._forget)

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme

    def _on_thumbnail_ready(self, photo_id: int) -> None:
        self._forget((photo_id,))

    def _forget(self, photo_ids: Collection[int]) -> None:
        """The thumbnails of these photos arrived or changed."""
        changed = frozenset(photo_ids)
        for key in [key for key in self._tiles if key[0] in changed]:
            del self._tiles[key]
        self.pictures_changed.emit()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return _SIZE

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        card: Card = index.data(CARD_ROLE)
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        rect = QRect(option.rect).adjusted(_PADDING // 2, _PADDING // 2, -_PADDING // 2, -_PADDING // 2)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(self._theme.selection_fill() if chosen else QColor(self._theme.hover))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawRoundedRect(rect, self._theme.radius_card, self._theme.radius_card)
        if chosen or focused:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self._theme.accent), 2 if chosen else 1))
            box = QRectF(rect).adjusted(1, 1, -1, -1)
            painter.drawRoundedRect(box, self._theme.radius_card, self._theme.radius_card)
        if card.dimmed:
            painter.setOpacity(_DIMMED)
        inner = rect.adjusted(_PADDING, _PADDING, -_PADDING, -_PADDING)
        self._paint_pictures(painter, QRect(inner.topLeft(), QSize(inner.width(), _PICTURE_HEIGHT)), card)
        painter.setOpacity(1.0)
        self._paint_words(painter, option.font, inner, card)
        painter.restore()

    def _paint_pictures(self, painter: QPainter, rect: QRect, card: Card) -> None:
        clip = QPainterPath()
        clip.addRoundedRect(QRectF(rect), self._theme.radius_control, self._theme.radius_control)
        painter.setClipPath(clip)
        painter.fillRect(rect, QColor(self._theme.window if card.covers else self._theme.skeleton))
        if card.icon and not card.covers:
            ratio = painter.device().devicePixelRatioF()
            mark = icons.pixmap(card.icon, self._theme.disabled, _ICON, ratio)
            painter.drawPixmap(rect.center() - QPoint(_ICON // 2, _ICON // 2), mark)
        for place, photo_id in zip(_places(rect, len(card.covers)), card.covers, strict=False):
            tile = self._tile(photo_id, place.size(), painter.device().devicePixelRatioF())
            if tile is None:
                painter.fillRect(place, self._cache.colour(photo_id) or QColor(self._theme.skeleton))
            else:
                painter.drawPixmap(place.topLeft(), tile)
        painter.setClipping(False)

    def _paint_words(self, painter: QPainter, font: QFont, inner: QRect, card: Card) -> None:
        bold, small = QFont(font), QFont(font)
        bold.setWeight(QFont.Weight.DemiBold)
        small.setPixelSize(self._theme.font_secondary)
        line = QRect(inner.left() + 2, inner.top() + _PICTURE_HEIGHT + 6, inner.width() - 4, 18)
        for text, text_font, colour in (
            (card.name, bold, self._theme.text),
            (card.detail, small, self._theme.secondary),
        ):
            painter.setFont(text_font)
            painter.setPen(QColor(colour))
            shown = QFontMetrics(text_font).elidedText(text, Qt.TextElideMode.ElideRight, line.width())
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
            line.translate(0, 18)

    def _tile(self, photo_id: int, size: QSize, ratio: float) -> QPixmap | None:
        """The middle of a thumbnail, scaled once to the size at which it is painted."""
        key = photo_id, size.width(), size.height(), ratio
        tile = self._tiles.get(key)
        if tile is None:
            picture = self._cache.get(photo_id)
            if picture is None:
                return None
            wanted = size * ratio
            scaled = picture.scaled(
                wanted,
                Qt.AspectRatioMode.KeepAspectRatioByExpanding,
                Qt.TransformationMode.SmoothTransformation,
            )
            corner = QPoint((scaled.width() - wanted.width()) // 2, (scaled.height() - wanted.height()) // 2)
            tile = scaled.copy(QRect(corner, wanted))
            tile.setDevicePixelRatio(ratio)
            self._tiles[key] = tile
            while len(self._tiles) > _MAX_TILES:
                self._tiles.popitem(last=False)
        self._tiles.move_to_end(key)
        return tile


def _places(rect: QRect, covers: int) -> list[QRect]:
    """Where the covers are painted: one fills the rectangle, of three two are small."""
    if covers < 3:
        return [rect]
    left = QRect(rect.left(), rect.top(), rect.width() * 2 // 3, rect.height())
    half = (rect.height() - _GAP) // 2
    right = left.right() + 1 + _GAP
    width = rect.right() + 1 - right
    return [
        left,
        QRect(right, rect.top(), width, half),
        QRect(right, rect.top() + half + _GAP, width, rect.height() - half - _GAP),
    ]
