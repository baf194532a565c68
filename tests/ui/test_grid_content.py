"""Months are counted by looking at a few of their dates; the counts are those of looking at all."""

from __future__ import annotations

from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from safelight.core.order import Order
from safelight.ui.grid_content import listing_of_rows
from safelight.ui.reads import ScopeRows
from safelight.ui.view_request import ViewRequest

DATES = st.lists(
    st.tuples(st.integers(2019, 2020), st.integers(1, 12), st.integers(1, 28)).map(
        lambda day: f"{day[0]}-{day[1]:02}-{day[2]:02}T00:00:00"
    ),
    max_size=60,
)


@given(DATES, st.booleans())
def test_sections_are_the_months(dates: list[str], newest_first: bool) -> None:
    dates = sorted(dates, reverse=newest_first)
    order = Order.NEWEST if newest_first else Order.OLDEST
    rows = ScopeRows(ViewRequest(), tuple(range(len(dates))), tuple(dates), order)
    sections = listing_of_rows(rows).sections
    months = [len(list(group)) for _, group in groupby(dates, key=lambda date: date[:7])]
    assert [section.count for section in sections] == months
    assert [section.first_row for section in sections] == [sum(months[:n]) for n in range(len(months))]
