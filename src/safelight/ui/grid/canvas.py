"""The painting half of the grid: cells, headings, and thumbnails that arrive."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QMargins, QPoint, QRect, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QStyle, QWidget

from safelight.ui.appearance.theme import Theme
from safelight.ui.grid.badges import STACK_BADGE, Badge, StackPlace, badges_in_stack
from safelight.ui.grid.gestures import SelectionGestures
from safelight.ui.grid.layout import HEADING_HEIGHT, Block
from safelight.ui.grid.model import PhotoGridModel
from safelight.ui.grid.painter import Cell, CellPainter, heart_rect
from safelight.ui.grid.surface import Gap, GridSurface
from safelight.ui.grid.thumbnail_info_cache import ThumbnailInfoCache
from safelight.ui.library.large_thumbnails import SHARP_SHARE, LargeThumbnails
from safelight.ui.library.thumbnail_cache import THUMBNAIL_SIDE, ThumbnailCache
from safelight.ui.widgets.cell_style import CellStyle

if TYPE_CHECKING:
    from safelight.ui.grid.hover_film import HoverFilm
    from safelight.ui.grid.photo_shapes import PhotoShapes

_FADE_SECONDS = 0.12
"""Duration of a thumbnail's fade-in, in seconds."""
_FRAME_INTERVAL = 16
"""Milliseconds."""
_GAP_LINE_WIDTH = 3
"""Pixels."""
_SHARPEN_DELAY = 150
"""Milliseconds without painting after which blurred cells get larger pictures."""

_AROUND_BADGE = 4
"""Pixels around a badge that belong to it when it is clicked."""


class GridCanvas(GridSurface):
    """Paints the visible cells and headings. The heading of the topmost section stays in view."""

    _gestures: SelectionGestures

    def __init__(
        self, model: PhotoGridModel, cache: ThumbnailCache, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(model, theme, parent)
        self._theme = theme
        self._cache = cache
        self._style = CellStyle.SQUARE
        self._shapes: PhotoShapes | None = None
        self._painter = CellPainter(theme, self.font())
        self._badges_of: Callable[[int], tuple[Badge, ...]] = lambda _: ()
        self._stack_place: Callable[[int], StackPlace | None] = lambda _: None
        self._hovered: int | None = None
        self._loading = False
        self._gap: Gap | None = None
        """Where dragged photos would go."""
        self._fading: dict[int, float] = {}
        """Photo id to the time its thumbnail arrived."""
        self._large: LargeThumbnails | None = None
        self._film: HoverFilm | None = None
        self._sharpen = QTimer(self, singleShot=True, interval=_SHARPEN_DELAY)
        self._sharpen.timeout.connect(self._request_large)
        self._frames = QTimer(self, interval=_FRAME_INTERVAL)
        self._frames.timeout.connect(self._next_frame)
        cache.thumbnail_ready.connect(self._show_thumbnail)
        cache.colours_ready.connect(self.viewport().update)
        cache.invalidated.connect(self._forget_pictures)

    # --- set from outside ---------------------------------------------------------------------

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._layouts.theme = theme
        self._painter = CellPainter(theme, self.font(), fit=self._style is CellStyle.FIT)
        self._relayout()

    def set_cell_style(self, style: CellStyle) -> None:
        """How cells show photos. Rows of whole photos are shown once the shapes of photos are known."""
        if style is self._style:
            return
        self._style = style
        self.apply_theme(self._theme)
        self._use_shapes()

    def show_shapes(self, shapes: PhotoShapes) -> None:
        """Set the source of the shapes of photos."""
        self._shapes = shapes
        shapes.changed.connect(self.show_new_shapes)
        self._use_shapes()

    def _use_shapes(self) -> None:
        if self._shapes is not None:
            in_rows = self._style is CellStyle.ROWS
            self._shapes.set_needed(in_rows)
            self.set_shapes(self._shapes.of if in_rows else None)

    def show_badges(self, info_cache: ThumbnailInfoCache) -> None:
        """Set the source of badges."""
        self._badges_of = info_cache.badges
        info_cache.arrived.connect(self.viewport().update)

    def show_stacks(self, place_of: Callable[[int], StackPlace | None]) -> None:
        """Set the function that returns the place of a photo in its stack, if that is open."""
        self._stack_place = place_of

    def badges_at(self, photo_id: int) -> tuple[Badge, ...]:
        """The badges of a photo as its cell shows them."""
        place, badges = self._stack_place(photo_id), self._badges_of(photo_id)
        return badges if place is None else badges_in_stack(badges, place)

    def show_film(self, film: HoverFilm) -> None:
        """Set the source of frames for the video under the pointer."""
        self._film = film
        film.changed.connect(self._show_film_frame)

    def _show_film_frame(self, photo_id: int) -> None:
        rect = self._rect_on_screen(photo_id)
        if rect is not None:
            self.viewport().update(rect)

    def show_large_thumbnails(self, large: LargeThumbnails) -> None:
        """Set the source of pictures for cells that are larger than the thumbnails."""
        self._large = large
        large.thumbnail_ready.connect(self._show_large)

    def set_loading(self, loading: bool) -> None:
        """Show placeholders while the first photos load."""
        self._loading = loading
        self.viewport().update()

    # --- painting -----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        area = event.rect()
        painter.fillRect(area, QColor(self._theme.window))
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        if self._loading and not self._photos.rowCount():
            self._paint_skeleton(painter, area)
            return
        self._painter.begin_frame()
        offset = self.verticalOffset()
        top, bottom = area.top() + offset, area.bottom() + 1 + offset
        now = time.monotonic()
        # Request from last to first: the newest request is served first, so loading starts at the top.
        for first, stop in reversed(self._layout.runs_between(top, bottom)):
            for row in reversed(range(first, stop)):
                cell = self._cell(row, now)
                if cell.stack is not None:
                    self._painter.draw_stack_ground(painter, cell.rect, cell.stack, self.gap)
                self._painter.draw_cell(painter, cell)
                if cell.stack is not None:
                    self._painter.draw_stack_line(painter, cell.rect, cell.stack, self.gap)
        for block in self._layout.headings_between(top, bottom):
            self._draw_heading(painter, block, block.top - offset)
        self._draw_sticky_heading(painter, offset)
        band = self._gestures.band
        if band is not None:
            self._painter.draw_band(painter, band)
        if self._gap is not None:
            self._paint_gap(painter, self._gap)
        if self._painter.unfinished and not self._frames.isActive():
            self._frames.start()
        if self._large is not None:
            self._sharpen.start()

    def _show_gap(self, gap: Gap | None) -> None:
        if gap != self._gap:
            self._gap = gap
            self.viewport().update()

    def _paint_gap(self, painter: QPainter, gap: Gap) -> None:
        """A line between two cells."""
        cell = self.mirrored(self.visualRect(self._photos.index(gap.row - gap.after)))
        middle = cell.right() + 1 + self.gap // 2 if gap.after else cell.left() - (self.gap + 1) // 2
        line = self.mirrored(QRect(middle - _GAP_LINE_WIDTH // 2, cell.top(), _GAP_LINE_WIDTH, cell.height()))
        painter.fillRect(line, QColor(self._theme.accent))

    def _draw_heading(self, painter: QPainter, block: Block, y: int) -> None:
        rect = self.mirrored(QRect(block.left, y, block.right - block.left, block.cells_top - block.top))
        self._painter.draw_heading(painter, rect, self._photos.sections[block.section])

    def _draw_sticky_heading(self, painter: QPainter, offset: int) -> None:
        """The headings of the sections at the top of the viewport, pushed out by the next heading."""
        blocks = self._layout.sticky(offset)
        if not blocks:
            return
        height = blocks[0].cells_top - blocks[0].top
        y = min(0, blocks[0].bottom - offset - height)
        ground = QColor(self._theme.window)
        ground.setAlpha(235)
        painter.fillRect(QRect(0, y, self.viewport().width(), height), ground)
        for block in blocks:
            self._draw_heading(painter, block, y)

    def _cell(self, row: int, now: float) -> Cell:
        index = self._photos.index(row)
        photo_id = self._photos.photo_id(row)
        pixmap = self._cache.get(photo_id)
        if pixmap is not None and self._large is not None:
            pixmap = self._large.get(photo_id) or pixmap
        picture_id = photo_id
        film = None if self._film is None else self._film.frame(photo_id)
        if film is not None:
            pixmap = film
            picture_id = -film.cacheKey()  # unlike the id of any photo
        began = self._fading.get(photo_id)
        return Cell(
            rect=self.visualRect(index),
            photo_id=picture_id,
            pixmap=pixmap,
            colour=self._cache.colour(photo_id),
            opacity=1.0 if began is None else min(1.0, (now - began) / _FADE_SECONDS),
            absent=pixmap is None and self._cache.is_absent(photo_id),
            selected=self.selectionModel().isSelected(index),
            current=self.hasFocus() and index == self.currentIndex(),
            hovered=photo_id == self._hovered,
            favourite=self._photos.is_favourite(photo_id),
            badges=self.badges_at(photo_id),
            stack=self._stack_place(photo_id),
        )

    def _paint_skeleton(self, painter: QPainter, area: QRect) -> None:
        layout = self._layout
        for y in range(self.gap + HEADING_HEIGHT, area.bottom() + 1, layout.step):
            for column in range(layout.columns):
                x = layout.left + column * layout.step
                self._painter.draw_skeleton(painter, self.mirrored(QRect(x, y, layout.side, layout.side)))

    # --- pictures that arrive -----------------------------------------------------------------

    def _show_thumbnail(self, photo_id: int) -> None:
        rect = self._rect_on_screen(photo_id)
        if rect is None:
            return
        # The hint is 0 if the system asks for reduced motion.
        animated = self.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration, None, self) > 0
        if animated and not self._cache.is_absent(photo_id):
            self._fading[photo_id] = time.monotonic()
            if not self._frames.isActive():
                self._frames.start()
        self.viewport().update(rect)

    def _show_large(self, photo_id: int) -> None:
        self._painter.forget(photo_id)
        rect = self._rect_on_screen(photo_id)
        if rect is not None:
            self.viewport().update(rect)

    def _request_large(self) -> None:
        """Ask for larger pictures of the photos on the screen whose thumbnails look blurred there."""
        if self._large is None or not self.isVisible():
            return
        ratio = self.devicePixelRatioF()
        sides: dict[int, int] = {}
        for first, stop in self._rows_on_screen():
            for row in range(first, stop):
                photo_id = self._photos.photo_id(row)
                thumbnail = self._cache.get(photo_id)
                # A thumbnail that is smaller than others is all there is of a small picture.
                if thumbnail is None or max(thumbnail.width(), thumbnail.height()) < THUMBNAIL_SIDE:
                    continue
                rect = self.visualRect(self._photos.index(row))
                side = self._painter.long_side(rect, thumbnail, ratio)
                if max(thumbnail.width(), thumbnail.height()) < side * SHARP_SHARE:
                    sides[photo_id] = side
        self._large.request(sides)

    def _forget_pictures(self, ids: list[int]) -> None:
        for photo_id in ids:
            self._painter.forget(photo_id)
        if self._film is not None:
            self._film.invalidate(ids)
        self.viewport().update()

    def _next_frame(self) -> None:
        now = time.monotonic()
        for photo_id, began in list(self._fading.items()):
            rect = self._rect_on_screen(photo_id)
            if rect is not None:
                self.viewport().update(rect)
            if rect is None or now - began >= _FADE_SECONDS:
                del self._fading[photo_id]
        if self._painter.unfinished:
            self.viewport().update()
        elif not self._fading:
            self._frames.stop()

    def _rect_on_screen(self, photo_id: int) -> QRect | None:
        for first, stop in self._rows_on_screen():
            ids = self._photos.photo_ids(first, stop)
            if photo_id in ids:
                return self.visualRect(self._photos.index(first + ids.index(photo_id)))
        return None

    # --- what is at a position ------------------------------------------------------------------

    def _fold_at(self, position: QPoint) -> int | None:
        """The section whose fold or foldable heading is at a position of the viewport."""
        section = self.sticky_heading_at(position.y())
        if section is None:
            section = self._layout.heading_at(position.y() + self.verticalOffset())
        if section is None or not self._photos.sections or not self._photos.sections[section].foldable:
            return None
        return section

    def _heart_at(self, position: QPoint) -> int | None:
        """The photo whose heart is at a position."""
        index = self.indexAt(position)
        if not index.isValid():
            return None
        photo_id = self._photos.photo_id(index.row())
        picture = self._painter.picture_rect(self.visualRect(index), self._cache.get(photo_id))
        return photo_id if heart_rect(picture).contains(position) else None

    def _stack_badge_at(self, position: QPoint) -> int | None:
        """The photo whose stack badge is at a position."""
        index = self.indexAt(position)
        if not index.isValid():
            return None
        photo_id = self._photos.photo_id(index.row())
        picture = self._painter.picture_rect(self.visualRect(index), self._cache.get(photo_id))
        rect = self._painter.badge_rect(picture, self.badges_at(photo_id), STACK_BADGE)
        around = QMargins(_AROUND_BADGE, _AROUND_BADGE, _AROUND_BADGE, _AROUND_BADGE)
        return photo_id if rect is not None and rect.marginsAdded(around).contains(position) else None
