"""Painting of cells, headings and folds."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetrics, QPainter, QPen, QPixmap

from safelight.ui import direction
from safelight.ui.appearance import icons
from safelight.ui.appearance.theme import Theme
from safelight.ui.grid.badge_painter import BadgePainter
from safelight.ui.grid.badges import Badge, StackPlace
from safelight.ui.grid.crop import middle_of, square_of
from safelight.ui.library.grid_content import Section
from safelight.ui.translation import translate

_TILE_BUDGET = 0.005
"""Seconds per frame spent on smooth scaling. The remaining pictures are scaled quickly and redone in the next
frame."""
_MAX_SOURCES = 5000
"""Photos of which the part is remembered that their cells show."""
_TILE_CACHE_BYTES = 96 * 1024 * 1024
_BADGE_SIZE = 22
_HEART_SPACE = _BADGE_SIZE + 8
"""Pixels at the left of a picture that badges leave to the heart."""
_BADGE_GROUND = QColor(0, 0, 0, 178)
_GLYPH_SIZE = 12
_RING_WIDTH = 2
_STACK_LINE = 4
"""Height in pixels of the line below the cells of an open stack. Badges are above it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The state of one cell."""

    rect: QRect
    photo_id: int
    pixmap: QPixmap | None
    """None while the thumbnail is loading."""
    colour: QColor | None
    opacity: float = 1.0
    """Opacity of the picture while it fades in over its colour."""
    absent: bool = False
    """There is no thumbnail."""
    selected: bool = False
    current: bool = False
    """The cell has the keyboard focus."""
    hovered: bool = False
    favourite: bool = False
    badges: tuple[Badge, ...] = ()
    stack: StackPlace | None = None
    """Its place in an open stack."""


class CellPainter:
    """Paints with a theme and caches pictures cropped, scaled and rounded for the current cell size."""

    def __init__(self, theme: Theme, font: QFont, *, fit: bool = False) -> None:
        """``fit`` shows the whole picture; otherwise a part of it fills the cell."""
        self._theme = theme
        self._fit = fit
        self._body = QFont(font)
        self._body.setPixelSize(theme.font_body)
        self._title = QFont(font)
        self._title.setPixelSize(theme.font_section)
        self._title.setWeight(QFont.Weight.DemiBold)
        self._tiles: OrderedDict[int, QPixmap] = OrderedDict()
        self._tile_bytes = 0
        self._sources: dict[int, tuple[QSize, QRect]] = {}
        self._glyphs: dict[tuple[str, str, int, float], QPixmap] = {}
        self._badges = BadgePainter(font, self._glyph)
        self._corners: QPixmap | None = None
        """The smallest selection ring."""
        self._round_badges: dict[tuple[str, str, float], QPixmap] = {}
        self._deadline = 0.0
        self.unfinished = False
        """Whether the last frame used quick scaling and another frame should follow."""

    def begin_frame(self) -> None:
        self.unfinished = False
        self._deadline = time.perf_counter() + _TILE_BUDGET

    def forget(self, photo_id: int) -> None:
        """Drop what is cached of a photo, whose picture has changed."""
        self._sources.pop(photo_id, None)
        self._drop_tile(photo_id)

    def _drop_tile(self, photo_id: int) -> None:
        tile = self._tiles.pop(photo_id, None)
        if tile is not None:
            self._tile_bytes -= _bytes(tile)

    # --- cells --------------------------------------------------------------------------------

    def draw_cell(self, painter: QPainter, cell: Cell) -> None:
        if cell.pixmap is None or cell.opacity < 1.0:
            # A picture that does not cover its background must replace it.
            painter.setOpacity(1.0 - cell.opacity if self._fit and cell.pixmap is not None else 1.0)
            self._draw_ground(painter, cell)
        if cell.pixmap is not None:
            painter.setOpacity(cell.opacity)
            self._draw_picture(painter, cell.rect, cell.photo_id, cell.pixmap)
            painter.setOpacity(1.0)
        if cell.selected:
            self._draw_selection(painter, cell.rect)
        if cell.current:
            # Inside the selection ring, or in its place if the photo is not selected.
            inset = _RING_WIDTH if cell.selected else 0
            self._outline(painter, cell.rect.adjusted(inset, inset, -inset, -inset), self._theme.text)
        shown = self.picture_rect(cell.rect, cell.pixmap)
        if cell.favourite or cell.hovered:
            name = "heart-filled" if cell.favourite else "heart"
            self._draw_badge(painter, heart_rect(shown), name, _BADGE_GROUND)
        if cell.selected:
            tick = QRect(shown.left() + 6, shown.top() + 6, _BADGE_SIZE, _BADGE_SIZE)
            self._draw_badge(painter, tick, "check", QColor(self._theme.primary))
        if cell.badges:
            self._badges.draw(painter, shown, cell.badges, keep_free=_HEART_SPACE)

    def draw_stack_ground(self, painter: QPainter, cell: QRect, place: StackPlace, gap: int) -> None:
        """What is behind a cell of an open stack. It meets that of the neighbours in the gap."""
        reach = gap // 2
        area = cell.adjusted(-reach, -reach, gap - reach, reach)
        self._draw_joined(painter, area, place, QColor(self._theme.pressed), self._theme.radius_thumbnail)

    def draw_stack_line(self, painter: QPainter, cell: QRect, place: StackPlace, gap: int) -> None:
        """The line along the bottom of the cells of an open stack."""
        last = place.number == place.size
        line = QRect(cell.left(), cell.bottom() + 1 - _STACK_LINE, cell.width(), _STACK_LINE)
        to_next = 0 if last else gap
        line = (
            line.adjusted(-to_next, 0, 0, 0) if direction.is_mirrored() else line.adjusted(0, 0, to_next, 0)
        )
        self._draw_joined(painter, line, place, QColor(self._theme.information), _STACK_LINE / 2)

    def _draw_joined(
        self, painter: QPainter, area: QRect, place: StackPlace, colour: QColor, radius: float
    ) -> None:
        """A rectangle that is rounded only where the stack begins or ends."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(area, radius, radius)
        if place.number > 1:
            painter.drawRect(direction.mirrored(area.adjusted(0, 0, -area.width() // 2, 0), area))
        if place.number < place.size:
            painter.drawRect(direction.mirrored(area.adjusted(area.width() // 2, 0, 0, 0), area))

    def badge_rect(self, picture: QRect, badges: Sequence[Badge], icon: str) -> QRect | None:
        """The rectangle of the badge with this icon in a picture's rectangle, if it is drawn."""
        places = self._badges.places(picture, badges, keep_free=_HEART_SPACE)
        return next((rect for badge, rect in places if badge.icon == icon), None)

    def draw_skeleton(self, painter: QPainter, rect: QRect) -> None:
        self._fill(painter, rect, QColor(self._theme.skeleton))

    def _draw_ground(self, painter: QPainter, cell: Cell) -> None:
        unknown = QColor(self._theme.skeleton)
        self._fill(painter, cell.rect, unknown if cell.absent else cell.colour or unknown)
        if cell.absent:
            side = 24
            place = cell.rect.center() - QPoint(side // 2, side // 2)
            painter.drawPixmap(place, self._glyph(painter, "image", self._theme.disabled, side))

    def picture_rect(self, cell: QRect, pixmap: QPixmap | None) -> QRect:
        """The part of a cell that its picture covers. Badges belong inside it."""
        if not self._fit or pixmap is None:
            return cell
        shown = pixmap.size().scaled(cell.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(cell.topLeft(), shown.expandedTo(QSize(1, 1)))
        place.moveCenter(cell.center())
        return place

    def long_side(self, cell: QRect, pixmap: QPixmap, ratio: float) -> int:
        """The long side in pixels of a picture that is sharp in ``cell`` on a screen of this ratio."""
        source = pixmap.size() if self._fit else middle_of(pixmap, cell.size()).size()
        shown = self.picture_rect(cell, pixmap).size()
        scale = max(shown.width() / source.width(), shown.height() / source.height()) * ratio
        return math.ceil(max(pixmap.width(), pixmap.height()) * scale)

    def _draw_picture(self, painter: QPainter, rect: QRect, photo_id: int, pixmap: QPixmap) -> None:
        ratio = painter.device().devicePixelRatio()
        place = self.picture_rect(rect, pixmap)
        if self._fit:
            source = pixmap.rect()
        elif rect.width() == rect.height():
            source = self._source(photo_id, pixmap)
        else:
            source = middle_of(pixmap, rect.size())
        tile = self._tiles.get(photo_id)
        if tile is None or tile.size() != place.size() * ratio or tile.devicePixelRatio() != ratio:
            if time.perf_counter() > self._deadline:
                self.unfinished = True
                painter.drawPixmap(place, pixmap, source)
                return
            tile = self._make_tile(photo_id, pixmap.copy(source), place.size() * ratio, ratio)
        self._tiles.move_to_end(photo_id)
        painter.drawPixmap(place.topLeft(), tile)

    def _source(self, photo_id: int, pixmap: QPixmap) -> QRect:
        """The part of a picture that a square cell shows. Looking for it takes too long for every frame."""
        size, found = self._sources.get(photo_id, (QSize(), QRect()))
        if size != pixmap.size() and time.perf_counter() > self._deadline:
            self.unfinished = True
            return middle_of(pixmap, QSize(1, 1))
        if size != pixmap.size():
            found = square_of(pixmap)
            self._sources[photo_id] = pixmap.size(), found
            if len(self._sources) > _MAX_SOURCES:
                del self._sources[next(iter(self._sources))]
        return found

    def _make_tile(self, photo_id: int, picture: QPixmap, size: QSize, ratio: float) -> QPixmap:
        scaled = picture.scaled(
            size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        tile = QPixmap(size)
        tile.fill(Qt.GlobalColor.transparent)
        painter = QPainter(tile)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(scaled))
        radius = self._theme.radius_thumbnail * ratio
        painter.drawRoundedRect(QRect(QPoint(0, 0), size), radius, radius)
        painter.end()
        tile.setDevicePixelRatio(ratio)
        self._drop_tile(photo_id)
        self._tiles[photo_id] = tile
        self._tile_bytes += _bytes(tile)
        while self._tile_bytes > _TILE_CACHE_BYTES and len(self._tiles) > 1:
            self._drop_tile(next(iter(self._tiles)))
        return tile

    def _draw_selection(self, painter: QPainter, rect: QRect) -> None:
        """The selection ring. Its corners are drawn once, because most cells of whole photos have a size of
        their own and an outline takes long.

        Nothing covers the picture, so that selecting a photo does not change its colours.
        """
        ratio = painter.device().devicePixelRatio()
        corner = self._theme.radius_thumbnail + 2 * _RING_WIDTH
        side = 2 * corner
        outside = rect.adjusted(-_RING_WIDTH, -_RING_WIDTH, _RING_WIDTH, _RING_WIDTH)
        if outside.width() < side or outside.height() < side:
            self._outline(painter, rect, self._theme.accent)
            return
        if self._corners is None or self._corners.devicePixelRatio() != ratio:
            self._corners = QPixmap(QSize(side, side) * ratio)
            self._corners.setDevicePixelRatio(ratio)
            self._corners.fill(Qt.GlobalColor.transparent)
            pixmap_painter = QPainter(self._corners)
            pixmap_painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._outline(
                pixmap_painter,
                QRect(0, 0, side, side).adjusted(_RING_WIDTH, _RING_WIDTH, -_RING_WIDTH, -_RING_WIDTH),
                self._theme.accent,
            )
            pixmap_painter.end()
        left, top = outside.left(), outside.top()
        right, bottom = left + outside.width(), top + outside.height()
        pixels = self._corners.width() // 2
        for x, from_x in ((left, 0), (right - corner, pixels)):
            for y, from_y in ((top, 0), (bottom - corner, pixels)):
                painter.drawPixmap(
                    QRect(x, y, corner, corner), self._corners, QRect(from_x, from_y, pixels, pixels)
                )
        colour = QColor(self._theme.accent)
        across, down = right - left - side, bottom - top - side
        for y in (top, bottom - _RING_WIDTH):
            painter.fillRect(left + corner, y, across, _RING_WIDTH, colour)
        for x in (left, right - _RING_WIDTH):
            painter.fillRect(x, top + corner, _RING_WIDTH, down, colour)

    def _fill(self, painter: QPainter, rect: QRect, colour: QColor) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        radius = self._theme.radius_thumbnail
        painter.drawRoundedRect(rect, radius, radius)

    def _outline(self, painter: QPainter, rect: QRect, colour: str) -> None:
        """A ring in the gap around ``rect``, visible against the window colour whatever the picture."""
        painter.setPen(QPen(QColor(colour), _RING_WIDTH))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        half = _RING_WIDTH / 2
        radius = self._theme.radius_thumbnail + half
        painter.drawRoundedRect(QRectF(rect).adjusted(-half, -half, half, half), radius, radius)

    def _draw_badge(self, painter: QPainter, rect: QRect, name: str, ground: QColor) -> None:
        ratio = painter.device().devicePixelRatio()
        key = (name, ground.name(), ratio)
        badge = self._round_badges.get(key)
        if badge is None:
            badge = QPixmap(rect.size() * ratio)
            badge.setDevicePixelRatio(ratio)
            badge.fill(Qt.GlobalColor.transparent)
            pixmap_painter = QPainter(badge)
            pixmap_painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            pixmap_painter.setPen(Qt.PenStyle.NoPen)
            pixmap_painter.setBrush(ground)
            pixmap_painter.drawEllipse(QRect(QPoint(0, 0), rect.size()))
            inset = (_BADGE_SIZE - _GLYPH_SIZE) // 2
            pixmap_painter.drawPixmap(
                QPoint(inset, inset), self._glyph(painter, name, "#ffffff", _GLYPH_SIZE)
            )
            pixmap_painter.end()
            self._round_badges[key] = badge
        painter.drawPixmap(rect.topLeft(), badge)

    def _glyph(self, painter: QPainter, name: str, colour: str, size: int) -> QPixmap:
        key = (name, colour, size, painter.device().devicePixelRatio())
        if key not in self._glyphs:
            self._glyphs[key] = icons.pixmap(*key)
        return self._glyphs[key]

    # --- headings -----------------------------------------------------------------------------

    def draw_heading(self, painter: QPainter, rect: QRect, section: Section) -> None:
        """A section's title and detail at the bottom of ``rect``."""
        if section.foldable:
            self._draw_fold(painter, rect, section)
            return
        baseline = rect.bottom() - 13
        metrics = QFontMetrics(self._title)
        title = metrics.elidedText(section.title, Qt.TextElideMode.ElideRight, rect.width())
        painter.setFont(self._title)
        painter.setPen(QColor(self._theme.text))
        width = metrics.horizontalAdvance(title)
        painter.drawText(_start(rect, 0, width), baseline, title)
        detail = QFontMetrics(self._body).horizontalAdvance(section.detail)
        if section.detail and width + 8 + detail <= rect.width():
            painter.setFont(self._body)
            painter.setPen(QColor(self._theme.secondary))
            painter.drawText(_start(rect, width + 8, detail), baseline, section.detail)

    def _draw_fold(self, painter: QPainter, rect: QRect, section: Section) -> None:
        """A horizontal line with the number of hidden photos before it and the action behind it."""
        metrics = QFontMetrics(self._body)
        words = f"{section.title}  {section.detail}".strip()
        action = translate("CellPainter", "Show") if section.collapsed else translate("CellPainter", "Hide")
        middle = rect.center().y()
        baseline = middle + metrics.ascent() // 2 - 1
        painter.setFont(self._body)
        painter.setPen(QColor(self._theme.secondary))
        words_width, action_width = metrics.horizontalAdvance(words), metrics.horizontalAdvance(action)
        painter.drawText(_start(rect, 0, words_width), baseline, words)
        end = rect.width() - 21 - action_width
        painter.setPen(QColor(self._theme.text))
        painter.drawText(_start(rect, end, action_width), baseline, action)
        name = "chevron-right" if section.collapsed else "chevron-down"
        glyph = self._glyph(painter, name, self._theme.secondary, 16)
        painter.drawPixmap(QPoint(_start(rect, rect.width() - 17, 16), middle - 8), glyph)
        length = max(0, end - words_width - 24)
        painter.fillRect(
            QRect(_start(rect, words_width + 12, length), middle, length, 1), QColor(self._theme.line)
        )

    # --- over the cells -----------------------------------------------------------------------

    def draw_band(self, painter: QPainter, rect: QRect) -> None:
        """The rubber band."""
        painter.fillRect(rect, self._theme.selection_fill())
        painter.setPen(QColor(self._theme.accent))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(rect.adjusted(0, 0, -1, -1))


def heart_rect(picture: QRect) -> QRect:
    """The rectangle of the heart in a picture's rectangle, for painting and clicking."""
    return QRect(picture.left() + 6, picture.bottom() - 5 - _BADGE_SIZE, _BADGE_SIZE, _BADGE_SIZE)


def _start(line: QRect, before: int, width: int) -> int:
    """The left edge of something in a line that has ``before`` pixels of the line before it."""
    return direction.mirrored(QRect(line.left() + before, line.top(), width, 1), line).left()


def _bytes(pixmap: QPixmap) -> int:
    return pixmap.width() * pixmap.height() * 4
