"""Rows of whole photos that fill the width, each row with its own height.

A separate module because it needs NumPy, which is loaded after the first paint.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from safelight.ui.grid.layout import Block, Box, GridLayout
from safelight.ui.library.grid_content import Section

Shapes = npt.NDArray[np.float32]
"""Width divided by height of each row's photo."""

_Numbers = npt.NDArray[np.int64]

_MIN_SHAPE, _MAX_SHAPE = 0.45, 3.0
"""Limits of shapes. Of more extreme photos the middle is shown."""
_MAX_LAST_STRETCH = 1.3
"""How much higher than wanted the last line of a section may become to fill the width."""
_MAX_STRETCH = 1.7
"""How much higher than wanted any line may become. A higher one does not fill the width."""


_SECTION_GAP = 16
"""Pixels between sections that share a band, where columns do not separate them."""


class ShapedRows:
    """The shapes of all rows by section, with what layouts of different widths have in common."""

    def __init__(self, sections: Sequence[Section], shapes: Shapes) -> None:
        """``shapes`` has one value for each row. No sections mean one section without a heading."""
        self.source_sections = sections
        self.sections = tuple(sections) or (Section("", 0, len(shapes)),)
        self.counts = np.array([section.count for section in self.sections], np.int64)
        self.firsts = np.array([section.first_row for section in self.sections], np.int64)
        self._shapes = np.clip(shapes, _MIN_SHAPE, _MAX_SHAPE)
        self.sums = np.zeros(len(shapes) + 1)
        """The sum of the shapes of all rows before each row."""
        np.cumsum(self._shapes, out=self.sums[1:])
        self._middles: tuple[int, int, npt.NDArray[np.float64]] | None = None

    def middles(self, target: int, gap: int) -> npt.NDArray[np.float64]:
        """Where the middle of each photo is if all photos of its section are on one line of this height."""
        if self._middles is None or self._middles[:2] != (target, gap):
            middles = self.sums[:-1] * target
            middles += self._shapes * np.float32(target / 2)
            middles += np.arange(0, gap * len(self._shapes), gap) if gap else 0
            middles -= np.repeat(self.sums[self.firsts] * target + self.firsts * gap, self.counts)
            self._middles = target, gap, middles
        return self._middles[2]


class JustifiedLayout(GridLayout):
    """Photos keep their shape.

    A photo's line is decided by where the middle of the photo would be if all photos of the section were on
    one endless line of the wanted height. This needs no loop over photos. Lines differ a little in height.
    """

    def __init__(self, rows: ShapedRows, width: int, *, target: int, gap: int, margin: int) -> None:
        super().__init__(width, target=target, gap=gap, margin=margin)
        self._section_gap = max(gap, _SECTION_GAP)
        self._sums = rows.sums
        self._starts = self._first_rows(rows, target)
        """The first row of each line, and the number of rows."""
        first_lines = np.searchsorted(self._starts, rows.firsts)
        stop_lines = np.searchsorted(self._starts, rows.firsts + rows.counts)
        self._exact = self._line_heights(stop_lines[rows.counts > 0] - 1, target)
        """The height of each line, as it decides the widths of its cells."""
        self._heights = np.maximum(np.rint(self._exact), 1).astype(np.int64)
        self._edges = np.zeros(len(self._heights) + 1, np.int64)
        """Where each line begins if there are no headings."""
        np.cumsum(self._heights + gap, out=self._edges[1:])
        heights = (self._edges[stop_lines] - self._edges[first_lines]).tolist()
        for number, section in enumerate(rows.sections):
            if section.collapsed:
                heights[number] = 0
        self._first_lines: list[int] = first_lines.tolist()
        """The first line of each section."""
        self._stop_lines: list[int] = stop_lines.tolist()
        self._place(rows.sections, heights, self._widths(rows.sections, target))

    def _first_rows(self, rows: ShapedRows, target: int) -> _Numbers:
        line_length = max(1, self.right - self.left) + self._gap
        lines = (rows.middles(target, self._gap) * (1 / line_length)).astype(np.int32)
        begins = np.ones(len(lines) + 1, np.bool_)
        np.not_equal(lines[1:], lines[:-1], out=begins[1:-1])
        begins[rows.firsts] = True
        return np.flatnonzero(begins)

    def _line_heights(self, last: _Numbers, target: int) -> npt.NDArray[np.float64]:
        """Heights with which lines fill the width. ``last`` are the last lines of sections."""
        starts, stops = self._starts[:-1], self._starts[1:]
        gaps = (stops - starts - 1) * self._gap
        heights = (self.right - self.left - gaps) / (self._sums[stops] - self._sums[starts])
        heights[last] = np.where(heights[last] > target * _MAX_LAST_STRETCH, target, heights[last])
        return np.clip(heights, 1.0, target * _MAX_STRETCH)

    def _widths(self, sections: Sequence[Section], target: int) -> list[int]:
        """The widths of sections that may share a band, 0 for others."""
        widths = [0] * len(sections)
        for number, section in enumerate(sections):
            first = self._first_lines[number]
            one_line = self._stop_lines[number] == first + 1 and not section.collapsed
            if section.packs and one_line and self._exact[first] == target:
                shapes = self._sums[section.first_row + section.count] - self._sums[section.first_row]
                widths[number] = round(float(shapes) * target) + self._gap * (section.count - 1)
        return widths

    def _lines(self, block: Block) -> int:
        return self._stop_lines[block.section] - self._first_lines[block.section] if block.rows else 0

    def _line_of(self, block: Block, offset: int) -> int:
        line = int(np.searchsorted(self._starts, block.first_row + offset, "right")) - 1
        return line - self._first_lines[block.section]

    def _line_at(self, block: Block, y: int) -> int:
        first = self._first_lines[block.section]
        below = y - block.cells_top
        if below < 0:
            return -1
        return int(np.searchsorted(self._edges, self._edges[first] + below, "right")) - 1 - first

    def _span(self, block: Block, line: int) -> tuple[int, int]:
        line += self._first_lines[block.section]
        return int(self._starts[line]) - block.first_row, int(self._starts[line + 1]) - block.first_row

    def _box(self, block: Block, offset: int) -> Box:
        row = block.first_row + offset
        first_line = self._first_lines[block.section]
        line = first_line + self._line_of(block, offset)
        start, height = int(self._starts[line]), float(self._exact[line])
        before, after, zero = (float(self._sums[at]) for at in (row, row + 1, start))
        left = round((before - zero) * height)
        width = round((after - zero) * height) - left
        return Box(
            block.left + left + self._gap * (row - start),
            block.cells_top + int(self._edges[line] - self._edges[first_line]),
            max(1, width),
            int(self._heights[line]),
        )
