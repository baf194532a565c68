"""The photo grid."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDrag,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QStyle, QWidget

from safelight.ui.grid.drag import drag_pixmap, hot_spot, mime_data
from safelight.ui.grid.gestures import SelectionGestures
from safelight.ui.grid.layout import HEADING
from safelight.ui.grid.model import PhotoGridModel
from safelight.ui.grid.painter import Cell, CellPainter, heart_rect
from safelight.ui.grid.photo_facts import Badge, FactsCache
from safelight.ui.grid.placeholder import GridPlaceholder
from safelight.ui.grid.surface import GridSurface
from safelight.ui.theme import Theme
from safelight.ui.widgets.thumbnail_cache import ThumbnailCache

_FADE = 0.12
"""Duration of a thumbnail's fade-in, in seconds."""
_FRAME = 16
"""Milliseconds."""
_ZOOM_STEP = 16
_WHEEL_NOTCH = 120

_Action = QAbstractItemView.CursorAction
_Key = Qt.Key
_MOVES = {
    _Key.Key_Left: _Action.MoveLeft,
    _Key.Key_Right: _Action.MoveRight,
    _Key.Key_Up: _Action.MoveUp,
    _Key.Key_Down: _Action.MoveDown,
    _Key.Key_Home: _Action.MoveHome,
    _Key.Key_End: _Action.MoveEnd,
    _Key.Key_PageUp: _Action.MovePageUp,
    _Key.Key_PageDown: _Action.MovePageDown,
}


class PhotoGridView(GridSurface):
    """Photos as square cells under section headings, with mouse and keyboard interaction."""

    photo_activated = Signal(int)
    """Emitted on Enter, Space or a double click."""
    context_menu_requested = Signal(QPoint, object)
    """Global position and the selected ids (empty if the click was not on a photo)."""
    selection_changed = Signal(object)
    """The selected ids in display order."""
    fold_toggled = Signal(int, bool)
    """The section and whether it is now collapsed."""
    favourite_toggled = Signal(int, bool)
    """A heart was clicked: photo id and the new state."""
    placeholder_pressed = Signal()

    def __init__(
        self, model: PhotoGridModel, cache: ThumbnailCache, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(model, theme, parent)
        self._cache = cache
        self._fit = False
        self._painter = CellPainter(theme, self.font())
        self._gestures = SelectionGestures(self, self._drag_selection)
        self._badges_of: Callable[[int], tuple[Badge, ...]] = lambda _: ()
        self._paths_of: Callable[[list[int]], Sequence[str]] | None = None
        self._hovered: int | None = None
        self._loading = False
        self._placeholder: GridPlaceholder | None = None
        hint = QStyle.StyleHint.SH_Widget_Animation_Duration  # 0 if the system asks for reduced motion
        self._animated = self.style().styleHint(hint, None, self) > 0
        self._fading: dict[int, float] = {}
        """Photo id to the time its thumbnail arrived."""
        self._frames = QTimer(self, interval=_FRAME)
        self._frames.timeout.connect(self._next_frame)
        self.setAccessibleName("Photos")
        self.setFrameShape(QAbstractItemView.Shape.NoFrame)
        self.viewport().setMouseTracking(True)
        cache.thumbnail_ready.connect(self._show_thumbnail)
        cache.colours_ready.connect(self.viewport().update)
        cache.invalidated.connect(self._forget_pictures)

    # --- set from outside ---------------------------------------------------------------------

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._painter = CellPainter(theme, self.font(), fit=self._fit)
        self._relayout()

    def set_fit(self, fit: bool) -> None:
        """Whether cells show whole photos instead of filling the cell with the centre."""
        if fit != self._fit:
            self._fit = fit
            self.apply_theme(self._theme)

    def set_animated(self, animated: bool) -> None:
        """Whether thumbnails fade in. Follows the system setting by default."""
        self._animated = animated

    def set_paths_provider(self, paths_of: Callable[[list[int]], Sequence[str]]) -> None:
        """Set the function that returns files of photos for dragging. Photos without a file are left out."""
        self._paths_of = paths_of

    def show_facts(self, facts: FactsCache) -> None:
        """Set the source of badges."""
        self._badges_of = facts.badges
        facts.arrived.connect(self.viewport().update)

    def set_loading(self, loading: bool) -> None:
        """Show placeholders while the first photos load."""
        self._loading = loading
        self.viewport().update()

    def set_placeholder(self, title: str, text: str = "", button: str = "") -> None:
        """Show a message over the empty grid, with an optional action (``placeholder_pressed``)."""
        self.clear_placeholder()
        self._placeholder = GridPlaceholder(self.viewport(), title, text, button)
        self._placeholder.pressed.connect(self.placeholder_pressed)
        self._placeholder.setGeometry(self.viewport().rect())
        self._placeholder.show()

    def clear_placeholder(self) -> None:
        if self._placeholder is not None:
            self._placeholder.hide()
            self._placeholder.deleteLater()
            self._placeholder = None

    def select_photo(self, photo_id: int) -> None:
        """Select one photo and scroll to it, for example after leaving the viewer."""
        row = self._photos.row_of(photo_id)
        if row is not None:
            index = self._photos.index(row)
            self._gestures.select_only(index)
            self.scrollTo(index)

    def select_photos(self, photo_ids: Collection[int]) -> None:
        """Select those of these photos that are shown, and scroll to the first one."""
        wanted = frozenset(photo_ids)
        rows = [
            row
            for first, stop in self.shown_runs()
            for row, photo_id in enumerate(self._photos.photo_ids(first, stop), first)
            if photo_id in wanted
        ]
        self.selectionModel().select(
            self.selection_of([(row, row + 1) for row in rows]),
            QItemSelectionModel.SelectionFlag.ClearAndSelect,
        )
        if rows:
            index = self._photos.index(rows[0])
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.scrollTo(index)

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
                self._painter.draw_cell(painter, self._cell(row, now))
        for block in self._layout.headings_between(top, bottom):
            rect = QRect(
                self._layout.left,
                block.top - offset,
                self._layout.right - self._layout.left,
                block.cells_top - block.top,
            )
            self._painter.draw_heading(painter, rect, self._photos.sections[block.section])
        band = self._gestures.band
        if band is not None:
            self._painter.draw_band(painter, band)
        if self._painter.unfinished and not self._frames.isActive():
            self._frames.start()

    def _cell(self, row: int, now: float) -> Cell:
        index = self._photos.index(row)
        photo_id = self._photos.photo_id(row)
        pixmap = self._cache.get(photo_id)
        began = self._fading.get(photo_id)
        return Cell(
            rect=self.visualRect(index),
            photo_id=photo_id,
            pixmap=pixmap,
            colour=self._cache.colour(photo_id),
            opacity=1.0 if began is None else min(1.0, (now - began) / _FADE),
            absent=pixmap is None and self._cache.is_absent(photo_id),
            selected=self.selectionModel().isSelected(index),
            current=self.hasFocus() and index == self.currentIndex(),
            hovered=photo_id == self._hovered,
            favourite=self._photos.is_favourite(photo_id),
            badges=self._badges_of(photo_id),
        )

    def _paint_skeleton(self, painter: QPainter, area: QRect) -> None:
        layout = self._layout
        for y in range(self.gap + HEADING, area.bottom() + 1, layout.step):
            for column in range(layout.columns):
                x = layout.left + column * layout.step
                self._painter.draw_skeleton(painter, QRect(x, y, layout.side, layout.side))

    # --- pictures that arrive -----------------------------------------------------------------

    def _show_thumbnail(self, photo_id: int) -> None:
        rect = self._rect_on_screen(photo_id)
        if rect is None:
            return
        if self._animated and not self._cache.is_absent(photo_id):
            self._fading[photo_id] = time.monotonic()
            if not self._frames.isActive():
                self._frames.start()
        self.viewport().update(rect)

    def _forget_pictures(self, ids: list[int]) -> None:
        for photo_id in ids:
            self._painter.forget(photo_id)
        self.viewport().update()

    def _next_frame(self) -> None:
        now = time.monotonic()
        for photo_id, began in list(self._fading.items()):
            rect = self._rect_on_screen(photo_id)
            if rect is not None:
                self.viewport().update(rect)
            if rect is None or now - began >= _FADE:
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

    # --- mouse --------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        position = event.position().toPoint()
        if event.button() == Qt.MouseButton.RightButton:
            self._gestures.press_for_menu(position)
        elif event.button() == Qt.MouseButton.LeftButton:
            section = self._fold_at(position)
            heart = self._heart_at(position)
            if section is not None:
                self._toggle_fold(section)
            elif heart is not None:
                self.favourite_toggled.emit(heart, not self._photos.is_favourite(heart))
            else:
                self._gestures.press(position, event.modifiers())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        position = event.position().toPoint()
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._gestures.move(position)
        else:
            self._hover(position)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._gestures.release()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        position = event.position().toPoint()
        index = self.indexAt(position)
        if event.button() != Qt.MouseButton.LeftButton or not index.isValid():
            self.mousePressEvent(event)  # the second click of two quick clicks on different photos
        elif self._heart_at(position) is None:
            self._gestures.cancel()
            self.photo_activated.emit(self._photos.photo_id(index.row()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_cell_size(self.cell_size + round(event.angleDelta().y() / _WHEEL_NOTCH * _ZOOM_STEP))
            event.accept()
        else:
            super().wheelEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            index = self.currentIndex()
            position = self.visualRect(index).center() if index.isValid() else self.viewport().rect().center()
        else:
            position = event.pos()
            index = self.indexAt(position)
        ids = self.selected_ids() if index.isValid() else []
        self.context_menu_requested.emit(self.viewport().mapToGlobal(position), ids)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._hover(None)
        return super().viewportEvent(event)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self._hovered = None
        super().scrollContentsBy(dx, dy)

    def _hover(self, position: QPoint | None) -> None:
        index = self.indexAt(position) if position is not None else QModelIndex()
        hovered = self._photos.photo_id(index.row()) if index.isValid() else None
        on_fold = position is not None and self._fold_at(position) is not None
        self.viewport().setCursor(
            Qt.CursorShape.PointingHandCursor if on_fold else Qt.CursorShape.ArrowCursor
        )
        if hovered != self._hovered:
            self._hovered = hovered
            self.viewport().update()

    def _fold_at(self, position: QPoint) -> int | None:
        section = self._layout.heading_at(position.y() + self.verticalOffset())
        if section is None or not self._photos.sections or not self._photos.sections[section].foldable:
            return None
        return section

    def _heart_at(self, position: QPoint) -> int | None:
        index = self.indexAt(position)
        if not index.isValid():
            return None
        photo_id = self._photos.photo_id(index.row())
        picture = self._painter.picture_rect(self.visualRect(index), self._cache.get(photo_id))
        return photo_id if heart_rect(picture).contains(position) else None

    def _toggle_fold(self, section: int) -> None:
        collapsed = not self._photos.sections[section].collapsed
        self._photos.set_section_collapsed(section, collapsed)
        self.fold_toggled.emit(section, collapsed)

    # --- keyboard -----------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, modifiers = _Key(event.key()), event.modifiers()
        control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        if key in _MOVES:
            self._gestures.go_to(self.moveCursor(_MOVES[key], modifiers), modifiers)
        elif key in (_Key.Key_Return, _Key.Key_Enter) or (key == _Key.Key_Space and not control):
            if self.currentIndex().isValid():
                self.photo_activated.emit(self._photos.photo_id(self.currentIndex().row()))
        elif key == _Key.Key_Space:
            self._gestures.toggle_current()
        elif control and key == _Key.Key_A:
            self.selectAll()
        elif control and key in (_Key.Key_Plus, _Key.Key_Equal):
            self.set_cell_size(self.cell_size + _ZOOM_STEP)
        elif control and key == _Key.Key_Minus:
            self.set_cell_size(self.cell_size - _ZOOM_STEP)
        elif key == _Key.Key_Escape and self.selectionModel().hasSelection():
            self.clearSelection()
        else:
            event.ignore()  # includes QAbstractItemView's own: copying names, keyboard search
            return
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    # --- the rest -----------------------------------------------------------------------------

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        self.viewport().update()
        self.selection_changed.emit(self.selected_ids())

    def reset(self) -> None:
        super().reset()
        self.selection_changed.emit([])  # a selection model emits no signal on reset

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._placeholder is not None:
            self._placeholder.setGeometry(self.viewport().rect())

    def _drag_selection(self) -> None:
        ids = self.selected_ids().tolist()
        paths = self._paths_of(ids) if self._paths_of is not None else ()
        if not paths:
            return
        pictures = [pixmap for pixmap in map(self._cache.get, ids[:3]) if pixmap is not None]
        drag = QDrag(self)
        drag.setMimeData(mime_data(paths))
        drag.setPixmap(drag_pixmap(pictures, len(ids), self._theme, self.devicePixelRatioF()))
        drag.setHotSpot(hot_spot())
        drag.exec(Qt.DropAction.CopyAction)
