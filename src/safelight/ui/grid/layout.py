"""Positions of the grid's cells. All operations are independent of the number of photos.

Lengths are integers in device-independent pixels. y is measured from the top of the content.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from safelight.ui.grid.model import Section

HEADING = 44
"""Height of a section heading."""
FOLD = 52
"""Height of the line of a folded section."""


@dataclass(frozen=True, slots=True)
class Block:
    """The layout of one section."""

    section: int
    first_row: int
    count: int
    """Number of visible rows; 0 while collapsed."""
    top: int
    cells_top: int
    bottom: int


class GridLayout:
    """Square cells in lines, one section after another.

    The layout uses as many columns as fit at ``target`` px and widens them to fill the width. The remainder,
    less than one pixel per column, is divided between both margins.
    """

    def __init__(
        self, sections: Sequence[Section], rows: int, width: int, *, target: int, gap: int, margin: int
    ) -> None:
        """``width`` is the width of the viewport. An empty list of sections means one section without a
        heading.
        """
        room = max(1, width - 2 * margin)
        self.columns = max(1, (room + gap) // (target + gap))
        self.side = max(1, (room - gap * (self.columns - 1)) // self.columns)
        self.step = self.side + gap
        used = self.columns * self.step - gap
        self.left = max(0, (width - used) // 2)
        self.right = self.left + used
        self._gap = gap
        self._blocks: list[Block] = []
        y = gap
        for number, section in enumerate(sections or (Section("", 0, rows),)):
            heading = (FOLD if section.foldable else HEADING) if section.has_heading else 0
            shown = 0 if section.collapsed else section.count
            lines = -(-shown // self.columns)
            bottom = y + heading + lines * self.step
            self._blocks.append(Block(number, section.first_row, shown, y, y + heading, bottom))
            y = bottom
        self.height = y + margin
        self._tops = [block.top for block in self._blocks]
        self._firsts = [block.first_row for block in self._blocks]

    # --- from rows to places ------------------------------------------------------------------

    def position(self, row: int) -> tuple[int, int] | None:
        """Left and top of a row's cell, or None if its section is collapsed or the row does not exist."""
        block = self._block_of(row)
        if block is None:
            return None
        line, column = divmod(row - block.first_row, self.columns)
        return self.left + column * self.step, block.cells_top + line * self.step

    def shown_runs(self) -> list[tuple[int, int]]:
        """All rows in expanded sections, as the fewest possible (first, stop) ranges."""
        runs: list[tuple[int, int]] = []
        for block in self._blocks:
            if not block.count:
                continue
            stop = block.first_row + block.count
            if runs and runs[-1][1] == block.first_row:
                runs[-1] = runs[-1][0], stop
            else:
                runs.append((block.first_row, stop))
        return runs

    # --- from places to rows ------------------------------------------------------------------

    def row_at(self, x: int, y: int) -> int | None:
        """The row whose cell contains the point, or None over gaps and headings."""
        block = self._block_at(y)
        if block is None or y < block.cells_top or x < self.left:
            return None
        line, dy = divmod(y - block.cells_top, self.step)
        column, dx = divmod(x - self.left, self.step)
        place = line * self.columns + column
        if dx >= self.side or dy >= self.side or column >= self.columns or place >= block.count:
            return None
        return block.first_row + place

    def runs_between(self, top: int, bottom: int) -> list[tuple[int, int]]:
        """Rows of the lines that intersect ``top`` ≤ y < ``bottom``, as (first, stop)."""
        runs = []
        for block in self._blocks_between(top, bottom):
            first = max(0, (top - block.cells_top) // self.step) * self.columns
            stop = min(block.count, (-(-(bottom - block.cells_top) // self.step)) * self.columns)
            if first < stop:
                runs.append((block.first_row + first, block.first_row + stop))
        return runs

    def runs_in(self, left: int, top: int, right: int, bottom: int) -> Iterator[tuple[int, int]]:
        """Rows whose cells intersect a rectangle (``right`` and ``bottom`` exclusive), as (first, stop)."""
        low = max(0, -(-(left - self.left - self.side + 1) // self.step))
        high = min(self.columns, -(-(right - self.left) // self.step))
        if low >= high:
            return
        for block in self._blocks_between(top, bottom):
            first_line = max(0, -(-(top - block.cells_top - self.side + 1) // self.step))
            stop_line = -(-min(bottom - block.cells_top, block.bottom - block.cells_top) // self.step)
            for line in range(first_line, stop_line):
                start = line * self.columns
                if start + low < block.count:
                    yield (
                        block.first_row + start + low,
                        block.first_row + min(start + high, block.count),
                    )

    def heading_at(self, y: int) -> int | None:
        """The section whose heading contains ``y``."""
        block = self._block_at(y)
        return block.section if block is not None and y < block.cells_top else None

    def sticky(self, top: int) -> Block | None:
        """The section with a heading above ``top`` and cells below it."""
        block = self._block_at(top)
        if block is None or block.top >= top or block.cells_top == block.top or not block.count:
            return None
        return block

    def heading_height(self, row: int) -> int:
        """Height of the heading of a row's section, or 0."""
        block = self._block_of(row)
        return 0 if block is None else block.cells_top - block.top

    def marks(self) -> list[tuple[int, int, int]]:
        """(section, top, number of visible rows) of every section."""
        return [(block.section, block.top, block.count) for block in self._blocks]

    def headings_between(self, top: int, bottom: int) -> list[Block]:
        return [block for block in self._blocks_between(top, bottom) if block.cells_top > max(block.top, top)]

    # --- from row to row ----------------------------------------------------------------------

    def first(self) -> int | None:
        return next((block.first_row for block in self._blocks if block.count), None)

    def last(self) -> int | None:
        return next((b.first_row + b.count - 1 for b in reversed(self._blocks) if b.count), None)

    def beside(self, row: int, step: int) -> int:
        """The previous (``step`` −1) or next (+1) visible row, or the row itself at the end."""
        block = self._block_of(row)
        if block is not None and block.first_row <= row + step < block.first_row + block.count:
            return row + step
        other = self._block_beyond(row, step)
        if other is None:
            return row
        return other.first_row if step > 0 else other.first_row + other.count - 1

    def below(self, row: int, lines: int) -> int:
        """The row ``lines`` lines below (above if negative) in the same column, or the nearest one."""
        direction = 1 if lines > 0 else -1
        for _ in range(abs(lines)):
            row = self._next_line(row, direction)
        return row

    def _next_line(self, row: int, direction: int) -> int:
        block = self._block_of(row)
        if block is None:
            return row
        line, column = divmod(row - block.first_row, self.columns)
        last_line = (block.count - 1) // self.columns
        if 0 <= line + direction <= last_line:
            return block.first_row + min((line + direction) * self.columns + column, block.count - 1)
        other = self._block_beyond(row, direction)
        if other is None:
            return row
        start = 0 if direction > 0 else (other.count - 1) // self.columns * self.columns
        return other.first_row + min(start + column, other.count - 1)

    # --- blocks -------------------------------------------------------------------------------

    def _block_of(self, row: int) -> Block | None:
        number = bisect_right(self._firsts, row) - 1
        if number < 0:
            return None
        block = self._blocks[number]
        return block if row < block.first_row + block.count else None

    def _block_beyond(self, row: int, direction: int) -> Block | None:
        """The nearest block with cells before or after the block of ``row``, whether or not it is visible."""
        number = bisect_right(self._firsts, row) - 1 + direction
        while 0 <= number < len(self._blocks):
            if self._blocks[number].count:
                return self._blocks[number]
            number += direction
        return None

    def _block_at(self, y: int) -> Block | None:
        number = bisect_right(self._tops, y) - 1
        if number < 0 or y >= self._blocks[number].bottom:
            return None
        return self._blocks[number]

    def _blocks_between(self, top: int, bottom: int) -> Iterator[Block]:
        number = max(0, bisect_right(self._tops, top) - 1)
        while number < len(self._blocks) and self._blocks[number].top < bottom:
            yield self._blocks[number]
            number += 1
