"""The photo grid."""

from __future__ import annotations

from collections.abc import Callable, Collection

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QWidget

from safelight.ui.appearance.theme import Theme
from safelight.ui.grid.canvas import GridCanvas
from safelight.ui.grid.drag import drag_pixmap, hot_spot, mime_data
from safelight.ui.grid.gestures import SelectionGestures
from safelight.ui.grid.model import PhotoGridModel
from safelight.ui.grid.placeholder import GridPlaceholder
from safelight.ui.grid.scrubber import DateScrubber
from safelight.ui.library.thumbnail_cache import ThumbnailCache
from safelight.ui.translation import translate

_ZOOM_STEP = 16
_WHEEL_NOTCH = 120
_DROP_REACH = 32
"""Distance in pixels from the viewport's edge at which a drag starts to scroll."""

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
_SECTION_STEPS = {_Key.Key_PageUp: -1, _Key.Key_PageDown: 1}
"""With Alt."""


class PhotoGridView(GridCanvas):
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
    stack_toggled = Signal(int)
    """The badge of a stack was clicked: one of its photos."""
    placeholder_pressed = Signal()
    photos_dropped = Signal(object, object)
    """Photos were dragged to another place in the grid: their ids, and the id of the photo that follows them
    (None at the end). Only while the grid is arrangeable."""

    def __init__(
        self, model: PhotoGridModel, cache: ThumbnailCache, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(model, cache, theme, parent)
        self._gestures = SelectionGestures(self, self._drag_selection)
        self._read_files: Callable[[list[int], Callable[[list[list[str]]], None]], object] | None = None
        self._dragged: list[int] = []
        """The photos of a drag whose files are being read."""
        self._placeholder: GridPlaceholder | None = None
        self._arrangeable = False
        self.setAccessibleName(translate("PhotoGridView", "Photos"))
        self.setFrameShape(QAbstractItemView.Shape.NoFrame)
        self.viewport().setMouseTracking(True)
        self._scrubber = DateScrubber(self, theme)
        model.sections_changed.connect(self._emit_selection)  # a section may have been collapsed
        model.batch_finished.connect(self._emit_selection)

    # --- set from outside ---------------------------------------------------------------------

    def apply_theme(self, theme: Theme) -> None:
        super().apply_theme(theme)
        self._scrubber.apply_theme(theme)

    def set_files_reader(
        self, read_files: Callable[[list[int], Callable[[list[list[str]]], None]], object]
    ) -> None:
        """Set the function that reads the files of photos for dragging, and calls another one with those of
        each photo."""
        self._read_files = read_files

    def set_arrangeable(self, arrangeable: bool) -> None:
        """Whether photos can be dragged to another place in the grid."""
        self._arrangeable = arrangeable
        self.viewport().setAcceptDrops(arrangeable)

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
        if row is not None and not self.isIndexHidden(self._photos.index(row)):
            index = self._photos.index(row)
            self._gestures.select_only(index)
            self.scrollTo(index)

    def scroll_to_top(self, photo_id: int) -> None:
        """Scroll so that a photo is at the top, below its heading. Does nothing where it is not shown."""
        row = self._photos.row_of(photo_id)
        if row is not None:
            self.scrollTo(self._photos.index(row), QAbstractItemView.ScrollHint.PositionAtTop)

    def go_to_row(self, row: int, *, keep_selection: bool = False) -> None:
        """Scroll so that a row is at the top, below its heading, and select its photo.

        ``keep_selection``: only move the cursor if photos other than that at the cursor are selected.
        """
        index = self._photos.index(row)
        if keep_selection and self._is_beyond_cursor(self.selectionModel().selection()):
            self._gestures.go_to(index, Qt.KeyboardModifier.ControlModifier)
        else:
            self._gestures.select_only(index)
        self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtTop)

    def _is_beyond_cursor(self, selection: QItemSelection) -> bool:
        """Whether a selection has photos other than that at the cursor."""
        cursor = self.currentIndex().row()
        ranges = (selection.at(number) for number in range(selection.size()))
        return any((each.top(), each.bottom()) != (cursor, cursor) for each in ranges)

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

    # --- mouse --------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        position = event.position().toPoint()
        if event.button() == Qt.MouseButton.RightButton:
            self._gestures.press_for_menu(position)
        elif event.button() == Qt.MouseButton.LeftButton:
            section = self._fold_at(position)
            heart = self._heart_at(position)
            stacked = self._stack_badge_at(position)
            if section is not None:
                self._toggle_fold(section)
            elif stacked is not None:
                self.stack_toggled.emit(stacked)
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
            self._dragged = []
            self._gestures.release()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        position = event.position().toPoint()
        index = self.indexAt(position)
        if event.button() != Qt.MouseButton.LeftButton or not index.isValid():
            self.mousePressEvent(event)  # the second click of two quick clicks on different photos
        elif self._heart_at(position) is None and self._stack_badge_at(position) is None:
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
        if self._film is not None:
            cell = self.visualRect(index)
            within = position.x() - cell.left() if position is not None else 0
            self._film.hover(hovered, within / max(1, cell.width()))
        on_button = position is not None and (
            self._fold_at(position) is not None or self._stack_badge_at(position) is not None
        )
        self.viewport().setCursor(
            Qt.CursorShape.PointingHandCursor if on_button else Qt.CursorShape.ArrowCursor
        )
        if hovered != self._hovered:
            self._hovered = hovered
            self.viewport().update()

    def _toggle_fold(self, section: int) -> None:
        collapsed = not self._photos.sections[section].collapsed
        self._photos.set_section_collapsed(section, collapsed)
        self.fold_toggled.emit(section, collapsed)

    # --- keyboard -----------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, modifiers = _Key(event.key()), event.modifiers()
        control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        if key in _SECTION_STEPS and modifiers & Qt.KeyboardModifier.AltModifier:
            self._go_to_section(_SECTION_STEPS[key])
        elif key in _MOVES:
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

    def _go_to_section(self, step: int) -> None:
        """Go to the first photo of the next or previous section, such as a month."""
        row = self.currentIndex().row()
        if row < 0:  # begin where one looks
            runs = self._rows_on_screen()
            row = runs[0][0] if runs else 0
        if self._photos.rowCount():
            self.go_to_row(self._layout.section_beside(row, step))

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
        self._emit_selection()

    def _emit_selection(self) -> None:
        self.selection_changed.emit(self.selected_ids())

    def reset(self) -> None:
        super().reset()
        self.selection_changed.emit([])  # a selection model emits no signal on reset

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._placeholder is not None:
            self._placeholder.setGeometry(self.viewport().rect())

    # --- drops --------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._accept_drag(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if self._accept_drag(event):
            self._show_gap(self.gap_at(event.position().toPoint()))
            self._scroll_at_edge(event.position().toPoint().y())

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._show_gap(None)

    def dropEvent(self, event: QDropEvent) -> None:
        if not self._accept_drag(event):
            return
        gap = self.gap_at(event.position().toPoint())
        self._show_gap(None)
        moved = self.selected_ids().tolist()
        if gap is not None and moved:
            self.photos_dropped.emit(moved, self._following(gap.row, moved))

    def _accept_drag(self, event: QDropEvent) -> bool:
        """Photos of this grid can be dropped on it; other drags are meant for the window."""
        ours = self._arrangeable and event.source() is self
        if ours:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
        else:
            event.ignore()
        return ours

    def _following(self, row: int, moved: Collection[int]) -> int | None:
        """The first photo from a row on that is not moved."""
        among = set(moved)
        following = self._photos.photo_ids(row, self._photos.rowCount())
        return next((photo_id for photo_id in following if photo_id not in among), None)

    def _scroll_at_edge(self, y: int) -> None:
        beyond = min(0, y - _DROP_REACH) + max(0, y - (self.viewport().height() - _DROP_REACH))
        if beyond:
            self.verticalScrollBar().setValue(self.verticalScrollBar().value() + beyond)

    def _drag_selection(self) -> None:
        """Read the files of the selected photos. However many they are, all of them are dragged."""
        self._dragged = self.selected_ids().tolist()
        if self._dragged and self._read_files is not None:
            self._read_files(self._dragged, self._drag_files)

    def _drag_files(self, shots: list[list[str]]) -> None:
        ids, self._dragged = self._dragged, []
        paths = [path for shot in shots for path in shot]
        if not ids or not paths:  # the button was released meanwhile, or the drive is not connected
            return
        pictures = [pixmap for pixmap in map(self._cache.get, ids[:3]) if pixmap is not None]
        drag = QDrag(self)
        drag.setMimeData(mime_data(paths))
        drag.setPixmap(drag_pixmap(pictures, len(ids), self._theme, self.devicePixelRatioF()))
        drag.setHotSpot(hot_spot())
        drag.exec(Qt.DropAction.CopyAction)
