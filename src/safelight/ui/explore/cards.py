"""Themes as cards: the model of the list, and what paints a card."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from safelight.core.themes import Theme as PhotoTheme
from safelight.ui import wording
from safelight.ui.theme import Theme
from safelight.ui.translation import translate
from safelight.ui.widgets.thumbnail_cache import ThumbnailCache

THEME = Qt.ItemDataRole.UserRole

CARD = QSize(236, 212)
"""Size in pixels of a card with the space around it."""
_PAD = 8
CARD_INSET = _PAD + _PAD // 2
"""Pixels from the edge of a card to its pictures."""
_PICTURE = 148
"""Height of the pictures."""
_GAP = 2
_TILES_KEPT = 400
_HIDDEN_OPACITY = 0.45

_Index = QModelIndex | QPersistentModelIndex


class ThemeModel(QAbstractListModel):
    """The themes of one level."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.themes: list[PhotoTheme] = []
        self._inside: dict[int, int] = {}

    def set_themes(self, themes: Sequence[PhotoTheme], inside: dict[int, int]) -> None:
        """``inside``: how many themes each contains, by its id."""
        self.beginResetModel()
        self.themes, self._inside = list(themes), inside
        self.endResetModel()

    def inside(self, theme: PhotoTheme) -> int:
        """How many themes a theme contains."""
        return self._inside.get(theme.id, 0)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.themes)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        theme = self.themes[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return theme.name
            case Qt.ItemDataRole.ToolTipRole:
                return wording.tip(f"{theme.name}\n{self.facts(theme)}")
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{theme.name}, {self.facts(theme)}"
            case _:
                return theme if role == THEME else None

    def facts(self, theme: PhotoTheme) -> str:
        """``238 photos · 2004–2026``, and how many themes are inside."""
        parts = [wording.count_of(theme.size, "photo"), years(theme)]
        if self.inside(theme):
            parts.append(translate("Explore", "{count} inside").format(count=self.inside(theme)))
        if theme.hidden:
            parts.append(translate("Explore", "hidden"))
        return " · ".join(parts)


def years(theme: PhotoTheme) -> str:
    """The span of time of its photos."""
    first, last = theme.first[:4], theme.last[:4]
    return first if first == last else f"{first}–{last}"


class ThemeDelegate(QStyledItemDelegate):
    """Paints a large picture with two small ones beside it, and the name below."""

    def __init__(self, model: ThemeModel, cache: ThumbnailCache, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self._cache = cache
        self._theme = theme
        self._tiles: OrderedDict[tuple[int, int, int, float], QPixmap] = OrderedDict()

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme

    def forget(self, photo_id: int) -> None:
        """A photo's thumbnail changed."""
        for key in [key for key in self._tiles if key[0] == photo_id]:
            del self._tiles[key]

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return CARD

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        theme: PhotoTheme = index.data(THEME)
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        rect = QRect(option.rect).adjusted(_PAD // 2, _PAD // 2, -_PAD // 2, -_PAD // 2)
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
        if theme.hidden:
            painter.setOpacity(_HIDDEN_OPACITY)
        inner = rect.adjusted(_PAD, _PAD, -_PAD, -_PAD)
        self._paint_pictures(painter, QRect(inner.topLeft(), QSize(inner.width(), _PICTURE)), theme)
        painter.setOpacity(1.0)
        self._paint_words(painter, option.font, inner, theme)
        painter.restore()

    def _paint_pictures(self, painter: QPainter, rect: QRect, theme: PhotoTheme) -> None:
        clip = QPainterPath()
        clip.addRoundedRect(QRectF(rect), self._theme.radius_control, self._theme.radius_control)
        painter.setClipPath(clip)
        painter.fillRect(rect, QColor(self._theme.window))
        for place, photo_id in zip(_places(rect, len(theme.covers)), theme.covers, strict=False):
            tile = self._tile(photo_id, place.size(), painter.device().devicePixelRatioF())
            if tile is None:
                painter.fillRect(place, self._cache.colour(photo_id) or QColor(self._theme.skeleton))
            else:
                painter.drawPixmap(place.topLeft(), tile)
        painter.setClipping(False)

    def _paint_words(self, painter: QPainter, font: QFont, inner: QRect, theme: PhotoTheme) -> None:
        bold, small = QFont(font), QFont(font)
        bold.setWeight(QFont.Weight.DemiBold)
        small.setPixelSize(self._theme.font_secondary)
        line = QRect(inner.left() + 2, inner.top() + _PICTURE + 6, inner.width() - 4, 18)
        for text, how, colour in (
            (theme.name, bold, self._theme.text),
            (self._model.facts(theme), small, self._theme.secondary),
        ):
            painter.setFont(how)
            painter.setPen(QColor(colour))
            shown = QFontMetrics(how).elidedText(text, Qt.TextElideMode.ElideRight, line.width())
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
            while len(self._tiles) > _TILES_KEPT:
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
