"""Square cells in columns."""

from __future__ import annotations

from collections.abc import Sequence

from safelight.ui.grid.layout import MIN_HEADING_WIDTH, Block, Box, GridLayout
from safelight.ui.library.grid_content import Section

_CHUNK = 64
"""Sections compared per step, so that the comparison stops soon after the first difference."""


class SquareLayout(GridLayout):
    """Square cells in columns."""

    def __init__(
        self,
        sections: Sequence[Section],
        rows: int,
        width: int,
        *,
        target: int,
        gap: int,
        margin: int,
        before: SquareLayout | None = None,
    ) -> None:
        """An empty list of sections means one section without a heading.

        ``before`` is the previous layout. Sections at the beginning that did not change keep their places,
        which makes appending to thousands of sections fast.
        """
        super().__init__(width, target=target, gap=gap, margin=margin)
        self._sections = tuple(sections) or (Section("", 0, rows),)
        self._geometry = width, target, gap, margin
        if before is not None and before._geometry == self._geometry:
            self._keep(before)
        changed = self._sections[len(self._blocks) :]
        heights, widths = [], []
        for section in changed:
            shown = 0 if section.collapsed else section.count
            heights.append(-(-shown // self.columns) * self.step)
            short = section.packs and 0 < shown < self.columns
            columns = max(shown, -(-(MIN_HEADING_WIDTH + gap) // self.step))
            widths.append(columns * self.step - gap if short else 0)
        self._place(changed, heights, widths)

    def _keep(self, before: SquareLayout) -> None:
        """Take over the bands whose sections did not change. The last of them may get further sections
        beside it, so it is made again.
        """
        unchanged = _common_prefix_length(before._sections, self._sections)
        if unchanged:
            bands = before._band_of[unchanged - 1]
            blocks = before._bands[bands][0]
            self._bands, self._tops = before._bands[:bands], before._tops[:bands]
            self._blocks, self._firsts = before._blocks[:blocks], before._firsts[:blocks]
            self._band_of = before._band_of[:blocks]

    def _lines(self, block: Block) -> int:
        return -(-block.rows // self.columns)

    def _line_of(self, block: Block, offset: int) -> int:
        return offset // self.columns

    def _line_at(self, block: Block, y: int) -> int:
        return (y - block.cells_top) // self.step

    def _span(self, block: Block, line: int) -> tuple[int, int]:
        return line * self.columns, min((line + 1) * self.columns, block.rows)

    def _box(self, block: Block, offset: int) -> Box:
        line, column = divmod(offset, self.columns)
        return Box(block.left + column * self.step, block.cells_top + line * self.step, self.side, self.side)

    def _offsets_in(
        self, block: Block, line: int, left: int, top: int, right: int, bottom: int
    ) -> Sequence[int]:
        y = block.cells_top + line * self.step
        if y >= bottom or y + self.side <= top:
            return ()
        low = max(0, -(-(left - block.left - self.side + 1) // self.step))
        high = min(self.columns, -(-(right - block.left) // self.step))
        first, stop = self._span(block, line)
        return range(first + low, min(first + high, stop))


def _common_prefix_length(first: tuple[Section, ...], second: tuple[Section, ...]) -> int:
    """The number of sections at the beginning that are equal."""
    shared = min(len(first), len(second))
    at = 0
    # Comparing tuples is much faster than comparing their items where these are the same objects.
    while at < shared and first[at : at + _CHUNK] == second[at : at + _CHUNK]:
        at += _CHUNK
    while at < shared and first[at] == second[at]:
        at += 1
    return min(at, shared)
