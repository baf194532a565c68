"""Positions of the grid's cells. All operations are independent of the number of photos.

Lengths are integers in device-independent pixels. y is measured from the top of the content.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from safelight.ui.library.grid_content import Section

HEADING_HEIGHT = 44
"""Height of a section heading."""
FOLD_HEIGHT = 52
"""Height of the line of a folded section."""
MIN_HEADING_WIDTH = 170
"""Width of a section that shares a band with others, so that its title can be read."""


class Block(NamedTuple):
    """The layout of one section."""

    section: int
    first_row: int
    rows: int
    """Number of visible rows; 0 while collapsed."""
    top: int
    cells_top: int
    bottom: int
    left: int
    right: int
    """The end of its heading (exclusive)."""


class Box(NamedTuple):
    """The rectangle of a cell."""

    left: int
    top: int
    width: int
    height: int


class GridLayout(ABC):
    """Cells in lines, one section after another. Short sections share a band: they are beside each other.

    Subclasses divide sections into lines. A line is named by its number within its block, and a cell by its
    offset from the first row of its block.
    """

    def __init__(self, width: int, *, target: int, gap: int, margin: int) -> None:
        """``width`` is the width of the viewport, ``target`` the wanted side of a cell.

        As many columns as fit are widened to fill the width. The remainder, less than one pixel per column,
        is divided between both margins.
        """
        room = max(1, width - 2 * margin)
        self.columns = max(1, (room + gap) // (target + gap))
        self.side = max(1, (room - gap * (self.columns - 1)) // self.columns)
        self.step = self.side + gap
        """From one line of square cells to the next."""
        used = self.columns * self.step - gap
        self.left = max(0, (width - used) // 2)
        self.right = self.left + used
        self.height = 0
        self._gap = gap
        self._margin = margin
        self._section_gap = gap
        """Space between sections that share a band."""
        self._blocks: list[Block] = []
        self._bands: list[tuple[int, int]] = []
        """The blocks beside each other, as (first, stop) in ``_blocks``."""
        self._band_of: list[int] = []
        """The band of each block."""
        self._tops: list[int] = []
        """The tops of the bands."""
        self._firsts: list[int] = []

    # --- what a subclass decides --------------------------------------------------------------

    @abstractmethod
    def _lines(self, block: Block) -> int:
        """Number of lines."""

    @abstractmethod
    def _line_of(self, block: Block, offset: int) -> int:
        """The line of a cell."""

    @abstractmethod
    def _line_at(self, block: Block, y: int) -> int:
        """The line at a height, with the gap below it. Negative above the block, too large below it."""

    @abstractmethod
    def _span(self, block: Block, line: int) -> tuple[int, int]:
        """The cells of a line as (first, stop) offsets."""

    @abstractmethod
    def _box(self, block: Block, offset: int) -> Box:
        """The rectangle of a cell."""

    def _place(self, sections: Sequence[Section], heights: Sequence[int], widths: Sequence[int]) -> None:
        """Place the blocks of further sections below and beside each other.

        ``heights`` are those of the cells of each section with the gap below. ``widths`` are those of the
        sections that may share a band, 0 for the others. All that may share one have the same height.
        """
        # There may be thousands of sections, so the loop has few calls and attributes.
        blocks, bands, band_of, tops = self._blocks, self._bands, self._band_of, self._tops
        left, end, between = self.left, self.right, self._section_gap
        x = 0
        y = bottom = blocks[-1].bottom if blocks else self._gap
        for number, (section, height, width) in enumerate(
            zip(sections, heights, widths, strict=True), len(blocks)
        ):
            slot = max(width, MIN_HEADING_WIDTH) if width else 0
            if slot and x and x + slot <= end:
                bands[-1] = bands[-1][0], number + 1
            else:
                y, x = bottom, left
                tops.append(y)
                bands.append((number, number + 1))
            heading = FOLD_HEIGHT if section.foldable else HEADING_HEIGHT if section.title else 0
            shown = 0 if section.collapsed else section.count
            right = min(x + slot, end) if slot else end
            bottom = y + heading + height
            blocks.append(Block(number, section.first_row, shown, y, y + heading, bottom, x, right))
            band_of.append(len(bands) - 1)
            x = x + slot + between if slot else 0
        self._firsts += [section.first_row for section in sections]
        self.height = bottom + self._margin

    # --- from rows to places ------------------------------------------------------------------

    def box(self, row: int) -> Box | None:
        """The rectangle of a row's cell, or None if its section is collapsed or the row does not exist."""
        block = self._block_of(row)
        return None if block is None else self._box(block, row - block.first_row)

    def shown_runs(self) -> list[tuple[int, int]]:
        """All rows in expanded sections, as the fewest possible (first, stop) ranges."""
        runs: list[tuple[int, int]] = []
        for block in self._blocks:
            if not block.rows:
                continue
            stop = block.first_row + block.rows
            if runs and runs[-1][1] == block.first_row:
                runs[-1] = runs[-1][0], stop
            else:
                runs.append((block.first_row, stop))
        return runs

    # --- from places to rows ------------------------------------------------------------------

    def row_at(self, x: int, y: int) -> int | None:
        """The row whose cell contains the point, or None over gaps and headings."""
        block = self._block_at(x, y)
        if block is None or y < block.cells_top:
            return None
        line = self._line_at(block, y)
        if line >= self._lines(block):
            return None
        return next((block.first_row + at for at in self._offsets_in(block, line, x, y, x + 1, y + 1)), None)

    def runs_between(self, top: int, bottom: int) -> list[tuple[int, int]]:
        """Rows of the lines that intersect ``top`` ≤ y < ``bottom``, as (first, stop)."""
        runs = []
        for block in self._blocks_between(top, bottom):
            lines = self._lines_between(block, top, bottom)
            if lines:
                first, stop = self._span(block, lines[0])[0], self._span(block, lines[-1])[1]
                runs.append((block.first_row + first, block.first_row + stop))
        return runs

    def runs_in(self, left: int, top: int, right: int, bottom: int) -> Iterator[tuple[int, int]]:
        """Rows whose cells intersect a rectangle (``right`` and ``bottom`` exclusive), as (first, stop)."""
        for block in self._blocks_between(top, bottom):
            for line in self._lines_between(block, top, bottom):
                offsets = self._offsets_in(block, line, left, top, right, bottom)
                if offsets:
                    yield block.first_row + offsets[0], block.first_row + offsets[-1] + 1

    def heading_at(self, y: int) -> int | None:
        """The section whose heading contains ``y``: the first one of a band."""
        block = self._block_at(0, y)
        return block.section if block is not None and y < block.cells_top else None

    def sticky(self, top: int) -> Sequence[Block]:
        """The sections with a heading above ``top`` and cells below it."""
        block = self._block_at(0, top)
        if block is None or block.top >= top or block.cells_top == block.top:
            return ()
        first, stop = self._bands[self._band_of[block.section]]
        return [each for each in self._blocks[first:stop] if each.rows]

    def heading_height(self, row: int) -> int:
        """Height of the heading of a row's section, or 0."""
        block = self._block_of(row)
        return 0 if block is None else block.cells_top - block.top

    def section_positions(self) -> list[tuple[int, int, int]]:
        """(section, top, number of visible rows) of every section."""
        return [(block.section, block.top, block.rows) for block in self._blocks]

    def headings_between(self, top: int, bottom: int) -> list[Block]:
        return [block for block in self._blocks_between(top, bottom) if block.cells_top > max(block.top, top)]

    # --- from row to row ----------------------------------------------------------------------

    def first(self) -> int | None:
        return next((block.first_row for block in self._blocks if block.rows), None)

    def last(self) -> int | None:
        return next((b.first_row + b.rows - 1 for b in reversed(self._blocks) if b.rows), None)

    def beside(self, row: int, step: int) -> int:
        """The previous (``step`` −1) or next (+1) visible row, or the row itself at the end."""
        block = self._block_of(row)
        if block is not None and block.first_row <= row + step < block.first_row + block.rows:
            return row + step
        number = bisect_right(self._firsts, row) - 1 + step
        while 0 <= number < len(self._blocks):
            other = self._blocks[number]
            if other.rows:
                return other.first_row if step > 0 else other.first_row + other.rows - 1
            number += step
        return row

    def section_beside(self, row: int, step: int) -> int:
        """The first row of the next section with cells (``step`` +1), or of the previous one (−1). From the
        middle of a section, −1 goes to its first row. At the end, the row itself.
        """
        number = bisect_right(self._firsts, row) - 1
        if step < 0 and number >= 0 and self._blocks[number].rows and row > self._firsts[number]:
            return self._firsts[number]
        number += step
        while 0 <= number < len(self._blocks):
            if self._blocks[number].rows:
                return self._blocks[number].first_row
            number += step
        return row

    def below(self, row: int, lines: int) -> int:
        """The row ``lines`` lines below (above if negative) at the same place, or the nearest one."""
        direction = 1 if lines > 0 else -1
        for _ in range(abs(lines)):
            row = self._next_line(row, direction)
        return row

    def _next_line(self, row: int, direction: int) -> int:
        block = self._block_of(row)
        if block is None:
            return row
        offset = row - block.first_row
        box = self._box(block, offset)
        middle = 2 * box.left + box.width
        line = self._line_of(block, offset) + direction
        other: Block | None = block
        if not 0 <= line < self._lines(block):
            other = self._next_band(block, direction, middle)
            if other is None:
                return row
            line = 0 if direction > 0 else self._lines(other) - 1
        assert other is not None

        def distance(offset: int) -> int:
            box = self._box(other, offset)
            return abs(2 * box.left + box.width - middle)

        return other.first_row + min(range(*self._span(other, line)), key=distance)

    def _next_band(self, block: Block, direction: int, middle: int) -> Block | None:
        """The block in the nearest band with cells that is nearest to twice ``middle``."""
        band = self._band_of[block.section] + direction
        while 0 <= band < len(self._bands):
            filled = [each for each in self._blocks[slice(*self._bands[band])] if each.rows]
            if filled:
                return min(filled, key=lambda each: max(2 * each.left - middle, middle - 2 * each.right, 0))
            band += direction
        return None

    # --- blocks and lines ---------------------------------------------------------------------

    def _block_of(self, row: int) -> Block | None:
        number = bisect_right(self._firsts, row) - 1
        if number < 0:
            return None
        block = self._blocks[number]
        return block if row < block.first_row + block.rows else None

    def _block_at(self, x: int, y: int) -> Block | None:
        """The block at a point, or the nearest one beside it at this height."""
        band = bisect_right(self._tops, y) - 1
        if band < 0:
            return None
        first, stop = self._bands[band]
        if y >= self._blocks[first].bottom:
            return None
        number = next((n for n in range(stop - 1, first, -1) if self._blocks[n].left <= x), first)
        return self._blocks[number]

    def _blocks_between(self, top: int, bottom: int) -> Iterator[Block]:
        band = max(0, bisect_right(self._tops, top) - 1)
        while band < len(self._bands) and self._tops[band] < bottom:
            yield from self._blocks[slice(*self._bands[band])]
            band += 1

    def _lines_between(self, block: Block, top: int, bottom: int) -> range:
        """The lines that intersect ``top`` ≤ y < ``bottom``."""
        if not block.rows or bottom <= block.cells_top or top >= block.bottom:
            return range(0)
        first = max(0, self._line_at(block, top))
        return range(first, min(self._lines(block), self._line_at(block, bottom - 1) + 1))

    def _offsets_in(
        self, block: Block, line: int, left: int, top: int, right: int, bottom: int
    ) -> Sequence[int]:
        """The cells of a line that intersect a rectangle."""
        boxes = ((offset, self._box(block, offset)) for offset in range(*self._span(block, line)))
        return [
            offset
            for offset, box in boxes
            if box.left < right
            and box.left + box.width > left
            and box.top < bottom
            and box.top + box.height > top
        ]
