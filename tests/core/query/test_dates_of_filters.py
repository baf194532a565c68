"""Dates other than that on which a photo was taken."""

from __future__ import annotations

import pytest

from safelight.core.query import DateRangeCondition, Filter, PartialDate, parse


@pytest.mark.parametrize(
    ("text", "since", "until", "written"),
    [
        ("added:2026", "2026", "2026", "added:2026"),
        ("added:<2026", None, "2025", "added:..2025"),
        ("added:>2025-12", "2026-01", None, "added:2026-01.."),
        ("added:<2026-03-01", None, "2026-02-28", "added:..2026-02-28"),
        ("added:>2023-12-31", "2024-01-01", None, "added:2024-01-01.."),
        ("added:<2026-01", None, "2025-12", "added:..2025-12"),
        ("added:2026..2025", "2025", "2026", "added:2025..2026"),
        ("added:>=2026-11", "2026-11", None, "added:2026-11.."),
    ],
)
def test_the_date_of_adding(text: str, since: str | None, until: str | None, written: str) -> None:
    (found,) = parse(text).filters
    assert isinstance(found, Filter)
    first, last = (None if each is None else PartialDate.read(each) for each in (since, until))
    assert found.condition == DateRangeCondition(first, last, "added")
    assert found.text() == written
    assert list(parse(written).filters) == [found]


def test_nothing_is_before_or_after_the_calendar() -> None:
    for text in ("added:<0001", "added:<0001-01", "added:>9999", "added:>9999-12-31", "added:soon"):
        assert list(parse(text).filters) == [], text
