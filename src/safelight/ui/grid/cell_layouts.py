"""Makes the layout of the grid for its photos, cell size, spacing and shapes."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import TYPE_CHECKING

from safelight.ui.appearance.theme import Theme
from safelight.ui.grid.layout import GridLayout
from safelight.ui.grid.model import PhotoGridModel
from safelight.ui.grid.squares import SquareLayout

if TYPE_CHECKING:
    from safelight.ui.grid.justified import ShapedRows, Shapes

DEFAULT_CELL = 176
_DENSE_GAP = 2


class CellLayouts:
    """How cells are laid out. After each change, :meth:`make_layout` returns another layout."""

    def __init__(self, model: PhotoGridModel, theme: Theme) -> None:
        self._photos = model
        self.theme = theme
        self.cell_size = DEFAULT_CELL
        """The minimum side of a cell in pixels. Cells are widened to fill the width."""
        self.dense = False
        """Whether compact spacing is on."""
        self._shapes_of: Callable[[array[int]], Shapes | None] | None = None
        self._shaped: ShapedRows | None = None
        """The shapes of the rows; None after a change."""

    @property
    def gap(self) -> int:
        """Space between cells, in pixels."""
        return _DENSE_GAP if self.dense else self.theme.gap

    def set_shapes(self, shapes_of: Callable[[array[int]], Shapes | None] | None) -> None:
        """Give cells the shapes of their photos, which a function returns for ids, or make them square."""
        self._shapes_of = shapes_of
        self._shaped = None

    def forget_shapes(self) -> None:
        """Ask for the shapes again: the rows or their shapes changed."""
        self._shaped = None

    def make_layout(self, width: int, before: GridLayout | None) -> GridLayout:
        """The layout for a viewport of this width. ``before`` is the one that it replaces."""
        sizes = {"target": self.cell_size, "gap": self.gap, "margin": self.theme.margin}
        shaped = self._shaped_rows()
        if shaped is not None:
            from safelight.ui.grid.justified import JustifiedLayout

            return JustifiedLayout(shaped, width, **sizes)
        squares = before if isinstance(before, SquareLayout) else None
        return SquareLayout(self._photos.sections, self._photos.rowCount(), width, **sizes, before=squares)

    def _shaped_rows(self) -> ShapedRows | None:
        """The shapes of the rows, where cells have them and they are known."""
        if self._shapes_of is None or not self._photos.rowCount():
            return None
        sections = self._photos.sections
        if self._shaped is None or self._shaped.source_sections is not sections:
            shapes = self._shapes_of(self._photos.ids_of([(0, self._photos.rowCount())]))
            if shapes is None:
                return None
            from safelight.ui.grid.justified import ShapedRows  # NumPy is loaded after the first paint

            self._shaped = ShapedRows(sections, shapes)
        return self._shaped
