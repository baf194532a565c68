"""Rows of whole photos, against plain counting."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.ui.grid.justified import JustifiedLayout, ShapedRows
from safelight.ui.grid.layout import HEADING_HEIGHT, Box
from safelight.ui.library.grid_content import Section

GAP, MARGIN, TARGET = 4, 12, 176

shape = st.sampled_from([0.2, 0.5625, 0.667, 0.75, 1.0, 1.333, 1.5, 1.778, 2.5, 8.0])
groups = st.lists(
    st.tuples(st.lists(shape, max_size=15), st.booleans(), st.booleans()), min_size=1, max_size=5
)
widths = st.integers(120, 1800)


def laid_out(
    parts: list[tuple[list[float], bool, bool]], width: int
) -> tuple[JustifiedLayout, list[Section], list[float]]:
    sections: list[Section] = []
    shapes: list[float] = []
    for inside, packs, collapsed in parts:
        sections.append(
            Section(
                "June", len(shapes), len(inside), collapsed, foldable=collapsed, packs=packs and not collapsed
            )
        )
        shapes += inside
    rows = ShapedRows(sections, np.array(shapes, np.float32))
    return JustifiedLayout(rows, width, target=TARGET, gap=GAP, margin=MARGIN), sections, shapes


def boxes_of(layout: JustifiedLayout, rows: int) -> dict[int, Box]:
    return {row: box for row in range(rows) if (box := layout.box(row)) is not None}


@settings(deadline=None)
@given(groups, widths)
def test_cells_are_in_order_inside_the_width_and_never_overlap(
    parts: list[tuple[list[float], bool, bool]], width: int
) -> None:
    layout, sections, shapes = laid_out(parts, width)
    boxes = boxes_of(layout, len(shapes))
    hidden = {row for s in sections if s.collapsed for row in range(s.first_row, s.first_row + s.count)}
    assert set(boxes) == set(range(len(shapes))) - hidden
    for (_, a), (_, b) in pairwise(sorted(boxes.items())):
        assert b.left >= a.left + a.width + GAP or b.top >= a.top + a.height + GAP
    for box in boxes.values():
        assert layout.left <= box.left
        assert box.left + box.width <= layout.right + 1
        assert box.top + box.height <= layout.height
    assert layout.box(len(shapes)) is None
    assert layout.box(-1) is None


@settings(deadline=None)
@given(groups, widths, st.integers(-100, 3000), st.integers(1, 1500))
def test_points_lines_and_bands_lead_to_the_cells(
    parts: list[tuple[list[float], bool, bool]], width: int, top: int, height: int
) -> None:
    layout, _, shapes = laid_out(parts, width)
    boxes = boxes_of(layout, len(shapes))
    for row, box in boxes.items():
        right, bottom = box.left + box.width - 1, box.top + box.height - 1
        for x, y in ((box.left, box.top), (right, bottom)):
            assert layout.row_at(x, y) == row
        for x, y in ((box.left - 1, box.top), (box.left, bottom + 1)):
            assert layout.row_at(x, y) != row
    found = [row for a, b in layout.runs_between(top, top + height) for row in range(a, b)]
    touching = [row for row, b in boxes.items() if b.top < top + height and b.top + b.height + GAP > top]
    assert found == touching
    left, right = width // 4, width // 2
    found = [row for a, b in layout.runs_in(left, top, right, top + height) for row in range(a, b)]
    assert found == [
        row
        for row, b in boxes.items()
        if b.left < right and b.left + b.width > left and b.top < top + height and b.top + b.height > top
    ]


@settings(deadline=None)
@given(groups, widths, st.sampled_from([-1, 1]))
def test_walking_visits_every_shown_row_and_down_never_stays(
    parts: list[tuple[list[float], bool, bool]], width: int, step: int
) -> None:
    layout, _, shapes = laid_out(parts, width)
    boxes = boxes_of(layout, len(shapes))
    shown = sorted(boxes, reverse=step < 0)
    for row, following in pairwise(shown):
        assert layout.beside(row, step) == following
    for row, box in boxes.items():
        other = layout.below(row, step)
        others = [b for b in boxes.values() if (b.top > box.top) == (step > 0) and b.top != box.top]
        assert other == row if not others else boxes[other].top != box.top


def test_lines_fill_the_width_and_keep_shapes() -> None:
    rng = np.random.default_rng(3)
    shapes = rng.choice([1.5, 0.667, 1.333, 0.75, 1.778], 400).astype(np.float32)
    layout = JustifiedLayout(ShapedRows((), shapes), 1200, target=TARGET, gap=GAP, margin=MARGIN)
    lines: dict[int, list[tuple[int, Box]]] = {}
    for row, box in boxes_of(layout, 400).items():
        lines.setdefault(box.top, []).append((row, box))
        assert box.width / box.height == pytest.approx(float(shapes[row]), rel=0.02)
    *whole, _ = lines.values()
    for line in whole:
        assert line[-1][1].left + line[-1][1].width in (layout.right, layout.right - 1, layout.right + 1)
        assert 0.7 * TARGET < line[0][1].height < 1.5 * TARGET


def test_the_last_line_of_a_section_is_not_stretched_and_short_months_share_a_band() -> None:
    shapes = np.full(9, 1.5, np.float32)
    sections = [
        Section("June", 0, 1, packs=True),
        Section("May", 1, 2, packs=True),
        Section("April", 3, 6, packs=True),
    ]
    layout = JustifiedLayout(ShapedRows(sections, shapes), 1024, target=TARGET, gap=GAP, margin=MARGIN)
    boxes = boxes_of(layout, 9)
    width = round(1.5 * TARGET)
    assert boxes[0] == Box(layout.left, 4 + HEADING_HEIGHT, width, TARGET)
    assert boxes[1] == Box(layout.left + width + 16, 4 + HEADING_HEIGHT, width, TARGET)
    assert boxes[3].top == 4 + 2 * HEADING_HEIGHT + TARGET + GAP
    assert [block.section for block in layout.sticky(60)] == [0, 1]
