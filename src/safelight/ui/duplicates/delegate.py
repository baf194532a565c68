"""Paints a group in the list: its kind, what happens to it, and thumbnails of its files."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from safelight.core.duplicates import DuplicateGroup, FileFacts
from safelight.core.quantities import clock
from safelight.ui import wording
from safelight.ui.appearance import icons
from safelight.ui.appearance.theme import Theme
from safelight.ui.direction import mirrored
from safelight.ui.duplicates.model import GROUP_ROLE, label_of, outcome_text
from safelight.ui.duplicates.review import DuplicatesReview
from safelight.ui.library.thumbnail_cache import ThumbnailCache
from safelight.ui.translation import message_text, translate

ROW_HEIGHT = 194
_WIDTH, _HEIGHT = 132, 96
"""Maximum side of a thumbnail."""
_GAP = 8
_LEFT = 16
_STRIP_TOP = 54
_MAX_TILES = 400

_Index = QModelIndex | QPersistentModelIndex


class GroupDelegate(QStyledItemDelegate):
    def __init__(
        self, review: DuplicatesReview, cache: ThumbnailCache, theme: Theme, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._review = review
        self._cache = cache
        self._theme = theme
        self._tiles: OrderedDict[tuple[int, float], QPixmap] = OrderedDict()
        self._glyphs: dict[tuple[str, str, float], QPixmap] = {}
        self.has_focus: Callable[[], bool] = lambda: False
        """Whether the list has the keyboard focus, so that the current file shows it."""

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._glyphs.clear()

    def forget(self, photo_id: int) -> None:
        """A photo's thumbnail changed."""
        for key in [key for key in self._tiles if key[0] == photo_id]:
            del self._tiles[key]

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(320, ROW_HEIGHT)

    # --- where things are ---------------------------------------------------------------------

    def shown_members(self, width: int, group: DuplicateGroup, current: int) -> range:
        """The files whose thumbnails fit into a row, including the current one."""
        fits = max(1, (width - 2 * _LEFT + _GAP) // (_WIDTH + _GAP))
        amount = len(group.members)
        if amount > fits > 1:
            fits -= 1  # the place of "and 12 more"
        first = min(max(0, current - fits + 1), max(0, amount - fits))
        return range(first, min(amount, first + fits))

    def member_at(self, rect: QRect, position: QPoint, group: DuplicateGroup, current: int) -> int | None:
        """The file under a point of the row ``rect``."""
        for place, number in enumerate(self.shown_members(rect.width(), group, current)):
            if self._tile_rect(rect, place).adjusted(0, 0, 0, 34).contains(position):
                return number
        return None

    def _tile_rect(self, rect: QRect, place: int) -> QRect:
        left = rect.left() + _LEFT + place * (_WIDTH + _GAP)
        return mirrored(QRect(left, rect.top() + _STRIP_TOP, _WIDTH, _HEIGHT), rect)

    # --- painting -----------------------------------------------------------------------------

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        group = index.data(GROUP_ROLE)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        current = self._review.member_number if chosen else 0
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        rect = option.rect
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(QColor(self._theme.line if chosen else self._theme.sidebar))
            painter.setBrush(QColor(self._theme.surface if chosen else self._theme.sidebar))
            painter.drawRoundedRect(QRectF(rect).adjusted(6.5, 2.5, -6.5, -2.5), 10, 10)
            painter.setPen(Qt.PenStyle.NoPen)
        if chosen:
            painter.setBrush(QColor(self._theme.accent))
            mark = mirrored(QRect(rect.left() + 6, rect.top() + 14, 3, 26), rect)
            painter.drawRoundedRect(mark, 1.5, 1.5)
        self._paint_words(painter, option.font, rect, group)
        self._paint_strip(painter, option.font, rect, group, current, chosen)
        painter.restore()

    def _paint_words(self, painter: QPainter, font: QFont, rect: QRect, group: DuplicateGroup) -> None:
        theme = self._theme
        line = QRect(rect.left() + _LEFT, rect.top() + 12, rect.width() - 2 * _LEFT, 19)
        freed = self._review.choices.freed(group)
        said = (
            translate("GroupDelegate", "Saves {file_size}").format(file_size=wording.file_size(freed))
            if freed
            else translate("GroupDelegate", "Saves nothing")
        )
        used = self._write(
            painter, _sized(font, theme.font_secondary), theme.secondary, line, said, at_end=True
        )
        words = mirrored(line.adjusted(0, 0, -used - 12, 0), line)
        bold = _sized(font, theme.font_body)
        bold.setWeight(QFont.Weight.DemiBold)
        self._write(painter, bold, theme.text, words, message_text(group.reason))
        below = line.translated(0, 19).adjusted(0, 0, 0, -2)
        outcome = outcome_text(group, self._review.choices)
        self._write(painter, _sized(font, theme.font_secondary), theme.secondary, below, outcome)

    def _paint_strip(
        self, painter: QPainter, font: QFont, rect: QRect, group: DuplicateGroup, current: int, chosen: bool
    ) -> None:
        kept = self._review.choices.kept(group)
        small = _sized(font, self._theme.font_secondary)
        shown = self.shown_members(rect.width(), group, current)
        for place, number in enumerate(shown):
            member = group.members[number]
            room = self._tile_rect(rect, place)
            keep = member.file_id in kept
            tile = self._paint_tile(painter, room, member.photo_id, dimmed=not keep)
            mark = "lock" if member.protected else "check" if keep else "trash"
            self._paint_badge(
                painter,
                small,
                tile,
                mark,
                translate("GroupDelegate", "Keep") if keep else translate("GroupDelegate", "Trash"),
            )
            self._paint_marks(painter, small, tile, member.facts)
            if chosen and number == current:
                self._paint_ring(painter, tile)
            name = QRect(room.left(), room.bottom() + 5, room.width(), 16)
            colour = self._theme.text if keep else self._theme.secondary
            self._write(painter, small, colour, name, label_of(group, number), is_name=True)
            facts = f"{member.facts.width} × {member.facts.height} · {wording.file_size(member.facts.size)}"
            if member.part is not None:
                facts = part_text(member.part)
                self._paint_part(painter, tile, member.part, group.members[0].facts.duration)
            self._write(painter, small, self._theme.secondary, name.translated(0, 14), facts)
        hidden = len(group.members) - len(shown)
        if hidden:
            beside = self._tile_rect(rect, len(shown))
            self._write(
                painter,
                small,
                self._theme.secondary,
                beside,
                translate("GroupDelegate", "and {hidden:,} more").format(hidden=hidden),
            )

    def _paint_tile(self, painter: QPainter, room: QRect, photo_id: int, *, dimmed: bool) -> QRect:
        """Returns the picture's rectangle. The whole picture is shown, so that a crop differs from its
        original.
        """
        pixmap = self._cache.get(photo_id)
        if pixmap is None:
            colour = self._cache.colour(photo_id)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour if colour is not None else QColor(self._theme.skeleton))
            painter.drawRoundedRect(room, self._theme.radius_thumbnail, self._theme.radius_thumbnail)
            return room
        tile = self._tile(photo_id, pixmap, painter.device().devicePixelRatio())
        size = tile.deviceIndependentSize().toSize()
        place = QRect(room.left(), room.bottom() + 1 - size.height(), size.width(), size.height())
        place = mirrored(place, room)
        painter.setOpacity(0.4 if dimmed else 1.0)
        painter.drawPixmap(place, tile)
        painter.setOpacity(1.0)
        return place

    def _tile(self, photo_id: int, pixmap: QPixmap, ratio: float) -> QPixmap:
        key = (photo_id, ratio)
        tile = self._tiles.get(key)
        if tile is None:
            scaled = pixmap.scaled(
                round(_WIDTH * ratio),
                round(_HEIGHT * ratio),
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            tile = QPixmap(scaled.size())
            tile.fill(Qt.GlobalColor.transparent)
            inner = QPainter(tile)
            inner.setRenderHint(QPainter.RenderHint.Antialiasing)
            shape = QPainterPath()
            radius = self._theme.radius_thumbnail * ratio
            shape.addRoundedRect(QRectF(scaled.rect()), radius, radius)
            inner.setClipPath(shape)
            inner.drawPixmap(0, 0, scaled)
            inner.end()
            tile.setDevicePixelRatio(ratio)
            self._tiles[key] = tile
            if len(self._tiles) > _MAX_TILES:
                self._tiles.popitem(last=False)
        self._tiles.move_to_end(key)
        return tile

    def _paint_badge(self, painter: QPainter, font: QFont, tile: QRect, mark: str, word: str) -> None:
        painter.setFont(font)
        width = painter.fontMetrics().horizontalAdvance(word) + 26
        badge = QRect(tile.left() + 4, tile.bottom() - 21, width, 18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 190))
        painter.drawRoundedRect(badge, 9, 9)
        colour = "#ffffff" if mark == "trash" else "#5fd39a"
        ratio = painter.device().devicePixelRatio()
        glyph = self._glyphs.get((mark, colour, ratio))
        if glyph is None:
            glyph = self._glyphs[mark, colour, ratio] = icons.pixmap(mark, colour, 12, ratio)
        painter.drawPixmap(QPoint(badge.left() + 5, badge.top() + 3), glyph)
        painter.setPen(QColor("#ffffff"))
        painter.drawText(badge.adjusted(20, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, word)

    def _paint_part(
        self, painter: QPainter, tile: QRect, part: tuple[float, float], whole: float | None
    ) -> None:
        """A line below the picture that stands for the longer video, on which the part is marked."""
        if not whole:
            return
        line = QRectF(tile.left(), tile.bottom() + 4, tile.width(), 3)
        start, end = (min(max(seconds / whole, 0.0), 1.0) for seconds in part)
        length = max(3.0, (end - start) * line.width())
        left = min(line.left() + start * line.width(), line.right() - length)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.line))
        painter.drawRoundedRect(line, 1.5, 1.5)
        painter.setBrush(QColor(self._theme.accent))
        painter.drawRoundedRect(QRectF(left, line.top(), length, line.height()), 1.5, 1.5)

    def _paint_marks(self, painter: QPainter, font: QFont, tile: QRect, facts: FileFacts) -> None:
        """A heart and stars at the top of the picture, because a marked file needs a closer look."""
        text = marks_text(facts)
        if not text:
            return
        painter.setFont(font)
        width = painter.fontMetrics().horizontalAdvance(text) + 12
        badge = QRect(tile.left() + 4, tile.top() + 4, width, 18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 190))
        painter.drawRoundedRect(badge, 9, 9)
        painter.setPen(QColor("#ffffff"))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_ring(self, painter: QPainter, tile: QRect) -> None:
        painter.setPen(QPen(QColor(self._theme.accent if self.has_focus() else self._theme.secondary), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(tile).adjusted(-2, -2, 2, 2), 6, 6)

    def _write(
        self,
        painter: QPainter,
        font: QFont,
        colour: str,
        rect: QRect,
        text: str,
        *,
        at_end: bool = False,
        is_name: bool = False,
    ) -> int:
        """One line, elided to fit; returns its width."""
        painter.setFont(font)
        painter.setPen(QColor(colour))
        # File names differ at both ends, sentences at the beginning.
        elide = Qt.TextElideMode.ElideMiddle if is_name else Qt.TextElideMode.ElideRight
        line = painter.fontMetrics().elidedText(text, elide, rect.width())
        across = Qt.AlignmentFlag.AlignRight if at_end else Qt.AlignmentFlag.AlignLeft
        painter.drawText(rect, across | Qt.AlignmentFlag.AlignVCenter, line)
        return painter.fontMetrics().horizontalAdvance(line)


def part_text(part: tuple[float, float]) -> str:
    """Where a part begins and ends in the longer video: ``0:10–0:25 of the longer``."""
    start, end = (clock(seconds) for seconds in part)
    return translate("GroupDelegate", "{start}–{end} of the longer").format(start=start, end=end)


def marks_text(facts: FileFacts) -> str:
    """``♥ ★★★`` for a rated favourite, ``#`` for a photo with other marks only; empty for no marks."""
    parts = [part for part in ("♥" if facts.favourite else "", "★" * facts.rating) if part]
    return " ".join(parts) or ("#" if facts.marked else "")


def _sized(font: QFont, pixels: int) -> QFont:
    result = QFont(font)
    result.setPixelSize(pixels)
    return result
