"""Selection by mouse and keyboard."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    QTimer,
)
from PySide6.QtWidgets import QApplication

from safelight.ui.grid.surface import GridSurface

_Flag = QItemSelectionModel.SelectionFlag
_SCROLL_INTERVAL = 16
_SCROLL_REACH = 24
"""Distance in pixels from the viewport's edge at which a rubber band starts to scroll."""
_EXTEND = Qt.KeyboardModifier.ShiftModifier
_TOGGLE = Qt.KeyboardModifier.ControlModifier


class SelectionGestures(QObject):
    """Click, Ctrl, Shift, rubber band and keys, as in file managers.

    Shift selects the range between the anchor and the target in reading order. The rubber band selects the
    cells it touches.
    """

    def __init__(self, surface: GridSurface, start_drag: Callable[[], None]) -> None:
        super().__init__(surface)
        self._surface = surface
        self._start_drag = start_drag
        self._anchor = QPersistentModelIndex()
        self._pressed: QPoint | None = None
        self._clicked = QPersistentModelIndex()
        """A selected photo that was pressed. Handled on release, since the press may start a drag."""
        self._may_drag = False
        self._band: tuple[QPoint, QPoint] | None = None
        """Start and end of the rubber band, in content coordinates."""
        self._selection_before = QItemSelection()
        """The selection before the rubber band, which stays selected."""
        self._scroll = QTimer(self, interval=_SCROLL_INTERVAL)
        self._scroll.timeout.connect(self._scroll_band)

    @property
    def band(self) -> QRect | None:
        """The rubber band in viewport coordinates."""
        if self._band is None:
            return None
        return QRect(*self._band).normalized().translated(0, -self._surface.verticalOffset())

    # --- mouse --------------------------------------------------------------------------------

    def press(self, position: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Handle a press of the left button."""
        self._pressed = position
        self._clicked = QPersistentModelIndex()
        index = self._surface.indexAt(position)
        self._may_drag = index.isValid()
        if not index.isValid():
            kept = bool(modifiers & (_EXTEND | _TOGGLE))
            self._selection_before = QItemSelection(self._model.selection()) if kept else QItemSelection()
            if not kept:
                self._model.clearSelection()
            start = self._in_content(position)
            self._band = (start, start)
        elif modifiers & _EXTEND:
            self.select_to(index, keep=bool(modifiers & _TOGGLE))
        elif modifiers & _TOGGLE:
            self._anchor = QPersistentModelIndex(index)
            self._model.setCurrentIndex(index, _Flag.Toggle)
        elif self._model.isSelected(index):
            self._clicked = QPersistentModelIndex(index)
            self._model.setCurrentIndex(index, _Flag.NoUpdate)
        else:
            self.select_only(index)

    def move(self, position: QPoint) -> None:
        """Handle a move with the left button down."""
        if self._band is not None:
            self._stretch_band(position)
            height = self._surface.viewport().height()
            if not _SCROLL_REACH <= position.y() < height - _SCROLL_REACH:
                if not self._scroll.isActive():
                    self._scroll.start()
            else:
                self._scroll.stop()
            self._pressed = position
        elif self._may_drag and self._pressed is not None:
            distance = (position - self._pressed).manhattanLength()
            if distance >= QApplication.startDragDistance() and self._model.hasSelection():
                self.cancel()
                self._start_drag()

    def release(self) -> None:
        """Handle the release of the left button."""
        if self._clicked.isValid():
            self.select_only(self._surface.model().index(self._clicked.row(), 0))
        self.cancel()

    def press_for_menu(self, position: QPoint) -> None:
        """Handle a press of the right button: the context menu applies to the photo under the pointer."""
        index = self._surface.indexAt(position)
        if index.isValid() and not self._model.isSelected(index):
            self.select_only(index)

    def cancel(self) -> None:
        """Abort the current gesture and keep the selection."""
        self._scroll.stop()
        self._pressed = None
        self._may_drag = False
        self._clicked = QPersistentModelIndex()
        if self._band is not None:
            self._band = None
            self._surface.viewport().update()

    # --- keyboard and both --------------------------------------------------------------------

    def go_to(self, index: QModelIndex, modifiers: Qt.KeyboardModifier) -> None:
        """Move the cursor to ``index`` by key: select it alone, extend the selection (Shift), or only move
        (Ctrl).
        """
        if not index.isValid():
            return
        if modifiers & _EXTEND:
            self.select_to(index, keep=bool(modifiers & _TOGGLE))
        elif modifiers & _TOGGLE:
            self._anchor = QPersistentModelIndex(index)
            self._model.setCurrentIndex(index, _Flag.NoUpdate)
        else:
            self.select_only(index)
        self._surface.scrollTo(index)
        self._surface.viewport().update()

    def toggle_current(self) -> None:
        index = self._surface.currentIndex()
        if index.isValid():
            self._anchor = QPersistentModelIndex(index)
            self._model.select(index, _Flag.Toggle)

    def select_only(self, index: QModelIndex) -> None:
        self._anchor = QPersistentModelIndex(index)
        self._model.setCurrentIndex(index, _Flag.ClearAndSelect)

    def select_to(self, index: QModelIndex, *, keep: bool) -> None:
        """Select the range from the anchor to ``index``. ``keep`` adds it to the current selection."""
        if not self._anchor.isValid():
            current = self._surface.currentIndex()
            self._anchor = QPersistentModelIndex(current if current.isValid() else index)
        first, last = sorted((self._anchor.row(), index.row()))
        runs = [(max(first, a), min(last + 1, b)) for a, b in self._surface.shown_runs()]
        selection = self._surface.selection_of([(a, b) for a, b in runs if a < b])
        self._model.select(selection, _Flag.Select if keep else _Flag.ClearAndSelect)
        self._model.setCurrentIndex(index, _Flag.NoUpdate)

    # --- rubber band --------------------------------------------------------------------------

    @property
    def _model(self) -> QItemSelectionModel:
        return self._surface.selectionModel()

    def _in_content(self, position: QPoint) -> QPoint:
        return position + QPoint(0, self._surface.verticalOffset())

    def _stretch_band(self, position: QPoint) -> None:
        assert self._band is not None
        self._band = (self._band[0], self._in_content(position))
        band = self.band
        assert band is not None
        selection = QItemSelection(self._selection_before)
        selection.merge(self._surface.selection_in(band), _Flag.Select)
        self._model.select(selection, _Flag.ClearAndSelect)
        self._surface.viewport().update()

    def _scroll_band(self) -> None:
        if self._band is None or self._pressed is None:
            self._scroll.stop()
            return
        y, height = self._pressed.y(), self._surface.viewport().height()
        beyond = min(0, y - _SCROLL_REACH) + max(0, y - (height - _SCROLL_REACH))
        bar = self._surface.verticalScrollBar()
        bar.setValue(bar.value() + beyond)
        self._stretch_band(self._pressed)
