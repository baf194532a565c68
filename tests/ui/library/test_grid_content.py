"""Sections of the timeline are counted by looking at a few dates; the counts are those of looking at all."""

from __future__ import annotations

from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.core.query.dates import PartialDate
from safelight.ui.library.grid_content import sections_by
from safelight.ui.library.timeline import Grouping, days_of, grouping_for, read_date, row_of

DATES = st.lists(
    st.tuples(st.integers(2019, 2020), st.integers(1, 12), st.integers(1, 28)).map(
        lambda day: f"{day[0]}-{day[1]:02}-{day[2]:02}T00:00:00"
    ),
    max_size=60,
)


@pytest.mark.parametrize(
    ("grouping", "length"), [(Grouping.DAY, 10), (Grouping.MONTH, 7), (Grouping.YEAR, 4)]
)
@given(DATES, st.booleans())
def test_sections_are_the_days_months_or_years(
    grouping: Grouping, length: int, dates: list[str], newest_first: bool
) -> None:
    dates = sorted(dates, reverse=newest_first)
    sections = sections_by(days_of(dates), grouping)
    periods = [len(list(group)) for _, group in groupby(dates, key=lambda date: date[:length])]
    assert [section.count for section in sections] == periods
    assert [section.first_row for section in sections] == [sum(periods[:n]) for n in range(len(periods))]


@given(DATES.filter(bool), st.booleans(), st.integers(2018, 2021), st.integers(0, 12), st.integers(0, 28))
def test_the_row_of_a_date_is_the_first_of_it_or_the_nearest_that_follows(
    dates: list[str], newest_first: bool, year: int, month: int, day: int
) -> None:
    dates = sorted(dates, reverse=newest_first)
    newest_first = dates[0][:10] >= dates[-1][:10]  # one day has no direction
    wanted = PartialDate(year, month, day if month else 0)
    row, found = row_of(days_of(dates), wanted)
    inside = [n for n, date in enumerate(dates) if wanted.first <= date < wanted.end]
    beyond = [
        n for n, date in enumerate(dates) if (date < wanted.first if newest_first else date >= wanted.end)
    ]
    assert dates[row][:10] == found
    if inside:
        assert row == inside[0]
    else:
        assert row == (beyond[0] if beyond else len(dates) - 1)


def test_undated_photos_are_one_section() -> None:
    days = days_of(["2020-01-01T00:00:00", "", ""])
    for grouping in (Grouping.DAY, Grouping.MONTH, Grouping.YEAR):
        titles = [(section.title, section.count) for section in sections_by(days, grouping)]
        assert titles[1] == ("Undated", 2)


def test_titles_name_the_period() -> None:
    days = days_of(["2019-05-12T10:30:00"])
    titles = [sections_by(days, each)[0].title for each in list(Grouping)[1:]]
    assert titles == ["Sunday, 12 May 2019", "May 2019", "2019"]


def test_small_thumbnails_are_by_year_and_large_ones_by_day() -> None:
    assert [grouping_for(size) for size in (72, 103, 104, 176, 239, 240, 320)] == [
        *(Grouping.YEAR, Grouping.YEAR, Grouping.MONTH, Grouping.MONTH),
        *(Grouping.MONTH, Grouping.DAY, Grouping.DAY),
    ]


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2019", "2019"),
        (" 2019-05 ", "2019-05"),
        ("2019/5/3", "2019-05-03"),
        ("May 2019", "2019-05"),
        ("2019 may", "2019-05"),
        ("12 May 2019", "2019-05-12"),
        ("Sept. 3, 2019", "2019-09-03"),
        ("", None),
        ("May", None),
        ("ma 2019", None),
        ("31 Feb 2019", None),
        ("May June 2019", None),
        ("May 2019 12 13", None),
        ("next May", None),
    ],
)
def test_dates_are_read_as_people_type_them(text: str, date: str | None) -> None:
    found = read_date(text)
    assert (None if found is None else str(found)) == date
