"""The grid's geometry: cell positions, scrolling, and keeping the position through changes."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QWidget

from safelight.ui import direction
from safelight.ui.appearance.theme import Theme
from safelight.ui.grid.cell_layouts import CellLayouts
from safelight.ui.grid.layout import GridLayout
from safelight.ui.grid.model import PhotoGridModel

if TYPE_CHECKING:
    from safelight.ui.grid.justified import Shapes

MIN_CELL = 72
MAX_CELL = 320
_BAR_IN_MARGIN = 8
"""Pixels of the scroll bar counted as right margin, so that both margins look equal."""

_Index = QModelIndex | QPersistentModelIndex
_Action = QAbstractItemView.CursorAction
_Hint = QAbstractItemView.ScrollHint
_UP = (_Action.MoveUp, _Action.MovePageUp)
_OPPOSITE = {_Action.MoveLeft: _Action.MoveRight, _Action.MoveRight: _Action.MoveLeft}


class Gap(NamedTuple):
    """A place between two photos."""

    row: int
    """The row of the photo that follows; the number of rows at the end."""
    after: bool
    """Whether it is shown beside the photo before it, otherwise beside the one that follows."""


class GridSurface(QAbstractItemView):
    """A view of cells. The cost of every operation is independent of the number of rows.

    Where cells have the shapes of their photos, laying them out takes about 10 ms for a million rows.

    When rows, sections, width or cell size change, the photo at the top of the viewport keeps its position.
    Only at the very top of the content do new photos push the others down.
    """

    cell_size_changed = Signal(int)

    def __init__(self, model: PhotoGridModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._photos = model
        self._layouts = CellLayouts(model, theme)
        self._anchor: tuple[QPersistentModelIndex, int, int] | None = None
        """A photo id, its row as a fallback, and its distance from the top of the viewport."""
        self._batches = 0
        # Set before any Qt setter: setters call the overrides below, and an exception raised under C++
        # corrupts memory.
        self._layout: GridLayout = self._laid_out(None)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setModel(model)
        model.batch_started.connect(self._begin_batch)
        model.batch_finished.connect(self._end_batch)
        model.sections_changed.connect(self._relayout)
        for about_to_change in (
            model.rowsAboutToBeInserted,
            model.rowsAboutToBeRemoved,
            model.layoutAboutToBeChanged,
        ):
            about_to_change.connect(self._prepare)
        for changed in (model.rowsInserted, model.rowsRemoved, model.layoutChanged):
            changed.connect(self._settle)

    # --- cell size ----------------------------------------------------------------------------

    @property
    def cell_size(self) -> int:
        """The minimum side of a cell in pixels. Cells are widened to fill the width."""
        return self._layouts.cell_size

    def set_cell_size(self, size: int) -> None:
        size = max(MIN_CELL, min(MAX_CELL, size))
        if size != self._layouts.cell_size:
            # Keep the current photo in view rather than the one that happens to be at the top.
            self._hold_place(self.currentIndex())
            self._layouts.cell_size = size
            self._settle()
            self.cell_size_changed.emit(size)

    @property
    def gap(self) -> int:
        """Space between cells, in pixels."""
        return self._layouts.gap

    def set_dense(self, dense: bool) -> None:
        """Whether compact spacing is on."""
        if dense != self._layouts.dense:
            self._hold_place(self.currentIndex())
            self._layouts.dense = dense
            self._settle()

    # --- staying in place ---------------------------------------------------------------------

    def _begin_batch(self) -> None:
        self._hold_place()
        self._batches += 1

    def _end_batch(self) -> None:
        self._batches -= 1
        self._settle()

    def _prepare(self, *_: object) -> None:
        self._hold_place()
        self._layouts.forget_shapes()

    def _hold_place(self, preferred: QModelIndex | None = None) -> None:
        """Remember the photo at the top of the viewport and its position, or ``preferred`` if it is
        visible.
        """
        if self._anchor is not None or self.verticalOffset() == 0:
            return
        top = self.verticalOffset()
        runs = self._layout.runs_between(top, top + self.viewport().height())
        if not runs:
            return
        row = runs[0][0]
        if preferred is not None and any(a <= preferred.row() < b for a, b in runs):
            row = preferred.row()
        box = self._layout.box(row)
        if box is not None:
            self._anchor = (QPersistentModelIndex(self._photos.index(row)), row, box.top - top)

    def _settle(self, *_: object) -> None:
        """Lay out again and scroll so that the remembered photo keeps its position."""
        if self._batches:
            return
        self._layout = self._laid_out(self._layout)
        self._fit_scroll_bar()
        if self._anchor is not None:
            index, row, offset = self._anchor
            self._anchor = None
            row = index.row() if index.isValid() else min(row, self._photos.rowCount() - 1)
            box = self._layout.box(row)
            if box is not None:
                self.verticalScrollBar().setValue(box.top - offset)
        self.viewport().update()

    def _relayout(self) -> None:
        self._hold_place()
        self._settle()

    def _laid_out(self, before: GridLayout | None) -> GridLayout:
        # Always reserve the scroll bar's width, so that cells do not move when it appears.
        bar = self.verticalScrollBar().sizeHint().width() - _BAR_IN_MARGIN
        width = self.width() - 2 * self.frameWidth() - bar
        return self._layouts.make_layout(width, before)

    def set_shapes(self, shapes_of: Callable[[array[int]], Shapes | None] | None) -> None:
        """Give cells the shapes of their photos, which a function returns for ids, or make them square."""
        self._hold_place(self.currentIndex())
        self._layouts.set_shapes(shapes_of)
        self._settle()

    def show_new_shapes(self) -> None:
        """Other shapes are known now."""
        self._hold_place()
        self._layouts.forget_shapes()
        self._settle()

    def _fit_scroll_bar(self) -> None:
        bar = self.verticalScrollBar()
        height = self.viewport().height()
        bar.setPageStep(height)
        bar.setSingleStep(max(1, self._layout.step // 3))  # one wheel notch is three steps: one line of cells
        bar.setRange(0, max(0, self._layout.height - height))

    # --- what QAbstractItemView asks for ------------------------------------------------------

    def reset(self) -> None:
        super().reset()
        self._anchor = None
        self._layouts.forget_shapes()
        self._settle()
        self.verticalScrollBar().setValue(0)

    def doItemsLayout(self) -> None:
        self._relayout()
        super().doItemsLayout()

    def updateGeometries(self) -> None:
        self._fit_scroll_bar()
        super().updateGeometries()

    def resizeEvent(self, event: QResizeEvent) -> None:
        # A photo that is selected and visible stays visible, for example when a panel beside the grid opens.
        current = self.currentIndex()
        followed = (
            current.isValid()
            and self.selectionModel().isSelected(current)
            and self.visualRect(current).intersects(QRect(QPoint(0, 0), event.oldSize()))
        )
        self._hold_place(current if followed else None)
        self._settle()
        super().resizeEvent(event)
        if followed:
            self.scrollTo(current)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()

    def horizontalOffset(self) -> int:
        return 0

    def verticalOffset(self) -> int:
        return self.verticalScrollBar().value()

    def isIndexHidden(self, index: _Index) -> bool:
        return self._layout.box(index.row()) is None

    def visualRect(self, index: _Index) -> QRect:
        box = self._layout.box(index.row()) if index.isValid() else None
        if box is None:
            return QRect()
        return self.mirrored(QRect(box.left, box.top - self.verticalOffset(), box.width, box.height))

    def mirrored(self, rect: QRect) -> QRect:
        """A rectangle of the layout, which runs from left to right, at its place in the viewport, and the
        reverse."""
        return direction.mirrored(rect, self.viewport().rect())

    def section_positions(self) -> list[tuple[str, int, int]]:
        """(title, top in the content, number of visible photos) of every section."""
        sections = self._photos.sections
        return [
            (sections[i].title, top, count)
            for i, top, count in self._layout.section_positions()
            if i < len(sections)
        ]

    def sticky_heading_at(self, y: int) -> int | None:
        """The section whose heading stays at the top of the viewport, if it covers ``y`` of the viewport."""
        offset = self.verticalOffset()
        blocks = self._layout.sticky(offset)
        if not blocks or y < 0:
            return None
        block = blocks[0]
        height = block.cells_top - block.top
        return block.section if y < min(height, block.bottom - offset) else None

    def indexAt(self, point: QPoint) -> QModelIndex:
        if self.sticky_heading_at(point.y()) is not None:
            return QModelIndex()
        at = direction.mirrored_point(point, self.viewport().rect())
        row = self._layout.row_at(at.x(), at.y() + self.verticalOffset())
        return QModelIndex() if row is None else self._photos.index(row)

    def scrollTo(self, index: _Index, hint: _Hint = _Hint.EnsureVisible) -> None:
        box = self._layout.box(index.row()) if index.isValid() else None
        if box is None:
            return
        top, bottom = box.top - self.gap, box.top + box.height + self.gap
        heading = self._layout.heading_height(index.row())  # it stays in view above the row
        bar, height = self.verticalScrollBar(), self.viewport().height()
        if hint == _Hint.PositionAtCenter:
            bar.setValue((top + bottom - height) // 2)
        elif hint == _Hint.PositionAtTop or (hint == _Hint.EnsureVisible and top - heading < bar.value()):
            bar.setValue(top - heading)
        elif hint == _Hint.PositionAtBottom or bottom > bar.value() + height:
            bar.setValue(bottom - height)

    def moveCursor(self, action: _Action, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        layout, current = self._layout, self.currentIndex()
        first, last = layout.first(), layout.last()
        if first is None or last is None:
            return QModelIndex()
        if direction.is_mirrored():
            action = _OPPOSITE.get(action, action)
        row = current.row()
        page = max(1, self.viewport().height() // layout.step)
        nowhere = layout.box(row) is None and action != _Action.MoveEnd
        if action == _Action.MoveHome or nowhere:
            row = first
        elif action == _Action.MoveEnd:
            row = last
        elif action in (_Action.MoveLeft, _Action.MovePrevious):
            row = layout.beside(row, -1)
        elif action in (_Action.MoveRight, _Action.MoveNext):
            row = layout.beside(row, 1)
        else:
            lines = page if action in (_Action.MovePageUp, _Action.MovePageDown) else 1
            row = layout.below(row, -lines if action in _UP else lines)
        return self._photos.index(row)

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """Apply ``command`` to every cell that intersects ``rect`` (viewport coordinates)."""
        self.selectionModel().select(self.selection_in(rect), command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        region = QRegion()
        top = self.verticalOffset()
        for first, stop in self._layout.runs_between(top, top + self.viewport().height()):
            for low, high in _runs_of(selection):
                for row in range(max(first, low), min(stop, high)):
                    region += self.visualRect(self._photos.index(row))
        return region

    def selectAll(self) -> None:
        """Select all photos except those in collapsed sections."""
        self.selectionModel().select(
            self.selection_of(self.shown_runs()),
            QItemSelectionModel.SelectionFlag.ClearAndSelect,
        )

    # --- for gestures and painting ------------------------------------------------------------

    def gap_at(self, point: QPoint) -> Gap | None:
        """The place between two cells that is nearest to a point of the viewport, in its line."""
        if not self._photos.rowCount():
            return None
        # A point between two cells, or after the last one of a line, belongs to the cell before it.
        x = direction.mirrored_point(point, self.viewport().rect()).x()
        y = point.y() + self.verticalOffset()
        in_line = list(self._layout.runs_in(0, y, x + 1, y + 1))
        if in_line and self.sticky_heading_at(point.y()) is None:
            row = in_line[-1][1] - 1
            after = x > self.mirrored(self.visualRect(self._photos.index(row))).center().x()
            return Gap(row + after, after)
        last = self._photos.index(self._photos.rowCount() - 1)
        return Gap(last.row() + 1, True) if point.y() > self.visualRect(last).bottom() else None

    def selected_ids(self) -> array[int]:
        """Ids of the selected photos in display order, without those in collapsed sections: a command must
        not act on a photo that nobody sees."""
        shown = self.shown_runs()
        return self._photos.ids_of(
            [
                (max(first, low), min(stop, high))
                for low, high in sorted(_runs_of(self.selectionModel().selection()))
                for first, stop in shown
                if max(first, low) < min(stop, high)
            ]
        )

    def selection_in(self, rect: QRect) -> QItemSelection:
        """The cells that intersect ``rect`` (viewport coordinates)."""
        area = self.mirrored(rect.normalized()).translated(0, self.verticalOffset())
        right, bottom = area.left() + max(1, area.width()), area.top() + max(1, area.height())
        return self.selection_of(list(self._layout.runs_in(area.left(), area.top(), right, bottom)))

    def selection_of(self, runs: list[tuple[int, int]]) -> QItemSelection:
        """(first, stop) ranges as a selection."""
        selection = QItemSelection()
        for first, stop in runs:
            selection.select(self._photos.index(first), self._photos.index(stop - 1))
        return selection

    def shown_runs(self) -> list[tuple[int, int]]:
        """The rows of expanded sections, as (first, stop)."""
        return self._layout.shown_runs()

    def ids_on_screen(self) -> list[int]:
        """The photos that are at least partly visible, in display order."""
        return [
            photo_id
            for first, stop in self._rows_on_screen()
            for photo_id in self._photos.photo_ids(first, stop)
        ]

    def _rows_on_screen(self) -> list[tuple[int, int]]:
        top = self.verticalOffset()
        return self._layout.runs_between(top, top + self.viewport().height())


def _runs_of(selection: QItemSelection) -> list[tuple[int, int]]:
    """The rows of a selection as (first, stop) ranges, in no particular order."""
    return [(selection.at(i).top(), selection.at(i).bottom() + 1) for i in range(selection.count())]
