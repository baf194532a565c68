"""Dates said in words: offered as filters, left alone where they may mean two things."""

from __future__ import annotations

from datetime import date

import pytest

from safelight.core.query import parse, suggest_dates

MAY = date(2026, 5, 20)  # a Wednesday
JANUARY = date(2026, 1, 15)
DECEMBER = date(2026, 12, 2)


@pytest.mark.parametrize(
    ("text", "today", "offered"),
    [
        ("beach 2019", MAY, "date:2019"),
        ("in 2019", MAY, "date:2019"),
        ("summer 2019", MAY, "date:2019-06..2019-08"),
        ("Summer of 2019", MAY, "date:2019-06..2019-08"),
        ("autumn 2019", MAY, "date:2019-09..2019-11"),
        ("fall 2019", MAY, "date:2019-09..2019-11"),
        ("december 2019", MAY, "date:2019-12"),
        ("Sep 2019", MAY, "date:2019-09"),
        ("last december", MAY, "date:2025-12"),
        ("last december", DECEMBER, "date:2025-12"),
        ("last january", MAY, "date:2026-01"),
        ("last summer", MAY, "date:2025-06..2025-08"),
        ("last summer", DECEMBER, "date:2026-06..2026-08"),
        ("last winter", MAY, "date:2025-12..2026-02"),
        ("last winter", JANUARY, "date:2024-12..2025-02"),
        ("last winter", DECEMBER, "date:2025-12..2026-02"),
        ("last spring", MAY, "date:2025-03..2025-05"),
        ("last year", MAY, "date:2025"),
        ("this year", MAY, "date:2026"),
        ("last month", JANUARY, "date:2025-12"),
        ("this month", MAY, "date:2026-05"),
        ("last week", MAY, "date:2026-05-11..2026-05-17"),
        ("this week", MAY, "date:2026-05-18..2026-05-24"),
        ("today", MAY, "date:2026-05-20"),
        ("yesterday", date(2026, 1, 1), "date:2025-12-31"),
        # Not dates, or not of one meaning.
        ("winter 2019", MAY, None),
        ("may", MAY, None),
        ("this may work", MAY, None),
        ("march of the penguins", MAY, None),
        ("summer", MAY, None),
        ("1066", MAY, None),
        ("2077", MAY, None),
        ("IMG2019", MAY, None),
        ('"2019"', MAY, None),
        ("date:2018", MAY, None),
        ("-2019", MAY, None),
    ],
)
def test_what_is_offered(text: str, today: date, offered: str | None) -> None:
    found = suggest_dates(text, today)
    assert [each.filter.text() for each in found] == ([offered] if offered else [])
    for each in found:
        assert text[slice(*each.span)] == each.said
        assert parse(each.applied(text)).filters == (each.filter,)


def test_several_dates_keep_their_places() -> None:
    text = "-grass yesterday is:favourite june 2020"
    first, second = suggest_dates(text, MAY)
    assert first.applied(text) == "-grass date:2026-05-19 is:favourite june 2020"
    assert second.applied(text) == "-grass yesterday is:favourite date:2020-06"
