"""The grid's arithmetic against plain counting."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from safelight.ui.grid.layout import FOLD_HEIGHT, HEADING_HEIGHT, GridLayout
from safelight.ui.grid.squares import SquareLayout
from safelight.ui.library.grid_content import Section

GAP, MARGIN = 4, 12


def sections_of(parts: list[tuple[int, bool, bool, bool]]) -> list[Section]:
    """From (rows, titled, foldable, collapsed)."""
    sections: list[Section] = []
    row = 0
    for count, titled, foldable, collapsed in parts:
        packs = titled and not foldable
        sections.append(
            Section("A title" if titled else "", row, count, collapsed and foldable, foldable, packs=packs)
        )
        row += count
    return sections


parts = st.lists(
    st.tuples(st.integers(0, 23), st.booleans(), st.booleans(), st.booleans()), min_size=1, max_size=5
)
widths = st.integers(1, 1800)
targets = st.integers(96, 320)


def place_of(layout: GridLayout, row: int) -> tuple[int, int] | None:
    box = layout.box(row)
    return None if box is None else (box.left, box.top)


def laid_out(sections: list[Section], width: int, target: int) -> tuple[SquareLayout, int]:
    rows = sum(section.count for section in sections)
    return SquareLayout(sections, rows, width, target=target, gap=GAP, margin=MARGIN), rows


@given(parts.map(sections_of), widths, targets)
def test_every_point_of_a_cell_and_none_beside_it_leads_back_to_its_row(
    sections: list[Section], width: int, target: int
) -> None:
    layout, rows = laid_out(sections, width, target)
    hidden = {row for s in sections if s.collapsed for row in range(s.first_row, s.first_row + s.count)}
    for row in range(rows):
        place = place_of(layout, row)
        if row in hidden:
            assert place is None
            continue
        assert place is not None
        left, top = place
        right, bottom = left + layout.side - 1, top + layout.side - 1
        for x, y in ((left, top), (right, top), (left, bottom), (right, bottom)):
            assert layout.row_at(x, y) == row
        for x, y in ((left - 1, top), (right + 1, top), (left, top - 1), (left, bottom + 1)):
            assert layout.row_at(x, y) != row
    assert place_of(layout, rows) is None
    assert place_of(layout, -1) is None


@given(parts.map(sections_of), widths, targets)
def test_cells_never_overlap_and_fill_the_width(sections: list[Section], width: int, target: int) -> None:
    layout, rows = laid_out(sections, width, target)
    assert layout.columns == 1 or layout.side >= target
    spare = width - 2 * MARGIN - (layout.columns * layout.step - GAP)
    assert width <= 2 * MARGIN or 0 <= spare < layout.columns
    places = [place for row in range(rows) if (place := place_of(layout, row)) is not None]
    assert len(set(places)) == len(places)
    for (x1, y1), (x2, y2) in pairwise(places):
        assert y2 > y1 or (y2 == y1 and x2 >= x1 + layout.step)
    assert all(y + layout.side <= layout.height for _, y in places)


@given(parts.map(sections_of), widths, targets, st.integers(-100, 4000), st.integers(1, 1500))
def test_lines_in_view_are_those_that_touch_it(
    sections: list[Section], width: int, target: int, top: int, height: int
) -> None:
    layout, rows = laid_out(sections, width, target)
    found = [row for a, b in layout.runs_between(top, top + height) for row in range(a, b)]
    touching = [
        row
        for row in range(rows)
        if (place := place_of(layout, row)) is not None
        and place[1] < top + height
        and place[1] + layout.step > top
    ]
    assert found == touching
    for block in layout.headings_between(top, top + height):
        assert block.top < top + height
        assert block.cells_top > top


@given(
    parts.map(sections_of),
    widths,
    targets,
    st.tuples(st.integers(-50, 1800), st.integers(-50, 3000), st.integers(1, 900), st.integers(1, 900)),
)
def test_rubber_band_meets_exactly_the_cells_it_touches(
    sections: list[Section], width: int, target: int, band: tuple[int, int, int, int]
) -> None:
    layout, rows = laid_out(sections, width, target)
    left, top, right, bottom = band[0], band[1], band[0] + band[2], band[1] + band[3]
    found = [row for a, b in layout.runs_in(left, top, right, bottom) for row in range(a, b)]
    touched = [
        row
        for row in range(rows)
        if (place := place_of(layout, row)) is not None
        and place[0] < right
        and place[0] + layout.side > left
        and place[1] < bottom
        and place[1] + layout.side > top
    ]
    assert found == touched


@given(parts.map(sections_of), widths, targets, st.sampled_from([-1, 1]))
def test_walking_visits_every_shown_row_once(
    sections: list[Section], width: int, target: int, step: int
) -> None:
    layout, _ = laid_out(sections, width, target)
    shown = [row for a, b in layout.shown_runs() for row in range(a, b)]
    if not shown:
        assert layout.first() is None
        assert layout.last() is None
        return
    assert (layout.first(), layout.last()) == (shown[0], shown[-1])
    walk = shown if step > 0 else shown[::-1]
    row = walk[0]
    for expected in [*walk[1:], walk[-1]]:
        row = layout.beside(row, step)
        assert row == expected


def test_headings_and_folds_take_their_height() -> None:
    sections = [
        Section("Strong", 0, 3),
        Section("Less likely", 3, 50, collapsed=True, foldable=True),
        Section("", 53, 2),
    ]
    layout = SquareLayout(sections, 55, 424, target=96, gap=4, margin=12)
    assert layout.columns == 4
    assert layout.side == 97
    assert place_of(layout, 0) == (12, 4 + HEADING_HEIGHT)
    fold_top = 4 + HEADING_HEIGHT + layout.step
    assert layout.heading_at(fold_top) == 1
    assert layout.heading_at(fold_top + FOLD_HEIGHT - 1) == 1
    assert layout.heading_at(fold_top + FOLD_HEIGHT) is None
    assert place_of(layout, 10) is None
    assert place_of(layout, 53) == (12, fold_top + FOLD_HEIGHT)
    assert [layout.heading_height(row) for row in (0, 2, 53)] == [HEADING_HEIGHT, HEADING_HEIGHT, 0]
    assert layout.height == fold_top + FOLD_HEIGHT + layout.step + 12


def test_up_and_down_keep_the_column_across_sections_and_past_folds() -> None:
    # Four columns:  0 1 2 3 / 4 5   |  6 … 15 folded |  16 17 18
    sections = [
        Section("A", 0, 6),
        Section("B", 6, 10, collapsed=True, foldable=True),
        Section("C", 16, 3),
    ]
    layout = SquareLayout(sections, 19, 424, target=96, gap=4, margin=12)
    assert layout.below(1, 1) == 5
    assert layout.below(3, 1) == 5  # the line below is shorter
    assert layout.below(5, 1) == 17
    assert layout.below(17, -1) == 5
    assert layout.below(18, -1) == 5
    assert layout.below(0, -1) == 0
    assert layout.below(18, 1) == 18
    assert layout.below(0, 100) == 16
    assert layout.beside(5, 1) == 16
    assert layout.beside(16, -1) == 5


def test_a_million_rows_are_as_many_as_ten() -> None:
    layout = SquareLayout((), 1_000_000, 1400, target=160, gap=4, margin=12)
    place = place_of(layout, 999_999)
    assert place is not None
    assert layout.row_at(*place) == 999_999
    line = 999_999 - 999_999 % layout.columns
    assert layout.runs_between(place[1], place[1] + 10) == [(line, 1_000_000)]


def test_the_sticky_heading_is_that_of_the_section_under_the_top() -> None:
    layout = SquareLayout(
        [Section("May 2021", 0, 8), Section("April 2021", 8, 4)], 12, 424, target=96, gap=4, margin=12
    )
    second = 4 + HEADING_HEIGHT + 2 * layout.step
    assert not layout.sticky(0)
    assert not layout.sticky(4), "its own heading is there"
    for top, section in ((5, 0), (second - 1, 0), (second + 1, 1)):
        assert [block.section for block in layout.sticky(top)] == [section]
    assert not layout.sticky(second)


def months(*counts: int) -> list[Section]:
    return [
        Section(f"Month {number}", sum(counts[:number]), count, packs=True)
        for number, count in enumerate(counts)
    ]


def test_short_months_share_a_band() -> None:
    # Six columns: 2 + 1 + 2 beside each other (one column is too narrow for a title), then 7, then 1 + 3.
    layout = SquareLayout(months(2, 1, 2, 7, 1, 3), 16, 620, target=96, gap=4, margin=12)
    assert layout.columns == 6
    step, first = layout.step, 4 + HEADING_HEIGHT
    assert [place_of(layout, row) for row in (0, 2, 3)] == [
        (12, first),
        (12 + 2 * step, first),
        (12 + 4 * step, first),
    ]
    second = first + step + HEADING_HEIGHT
    assert place_of(layout, 5) == (12, second)
    assert place_of(layout, 11) == (12, second + step)
    third = second + 2 * step + HEADING_HEIGHT
    assert [place_of(layout, row) for row in (12, 13)] == [(12, third), (12 + 2 * step, third)]
    assert layout.row_at(12 + 2 * step + 1, first + 1) == 2
    assert layout.row_at(12 + 3 * step + 1, first + 1) is None
    assert layout.runs_between(first, first + 1) == [(0, 2), (2, 3), (3, 5)]
    assert [block.section for block in layout.headings_between(0, 10)] == [0, 1, 2]
    assert [block.section for block in layout.sticky(first + 10)] == [0, 1, 2]
    # Down and up go to the next band, at the same place.
    assert layout.below(2, 1) == 7
    assert layout.below(8, -1) == 2
    assert layout.below(11, 1) == 12
    assert layout.below(13, -1) == 11
    assert layout.beside(1, 1) == 2


counts = st.lists(st.integers(0, 9), max_size=100)


@given(counts, counts, counts, st.booleans())
def test_a_layout_that_keeps_unchanged_sections_equals_a_new_one(
    same: list[int], old: list[int], new: list[int], narrower: bool
) -> None:
    def layout(counts: list[int], width: int, before: SquareLayout | None = None) -> SquareLayout:
        return SquareLayout(months(*counts), sum(counts), width, target=96, gap=4, margin=12, before=before)

    before = layout([*same, *old], 620)
    width = 424 if narrower else 620
    assert vars(layout([*same, *new], width, before)) == vars(layout([*same, *new], width))
    assert vars(before) == vars(layout([*same, *old], 620)), "the earlier layout was changed"


def test_only_sections_that_ask_for_it_share_a_band() -> None:
    sections = [Section("Strong", 0, 1), Section("Maybe", 1, 1)]
    layout = SquareLayout(sections, 2, 620, target=96, gap=4, margin=12)
    places = [place_of(layout, row) for row in (0, 1)]
    assert places == [(12, 4 + HEADING_HEIGHT), (12, 4 + 2 * HEADING_HEIGHT + layout.step)]
