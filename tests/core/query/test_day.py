"""The filter for a day of any year."""

from __future__ import annotations

import pytest

from safelight.core.query import Filter, ValueCondition, parse


@pytest.mark.parametrize(
    ("text", "value"), [("day:12-24", "12-24"), ("day:TODAY", "today"), ("day:02-29", "02-29")]
)
def test_a_day(text: str, value: str) -> None:
    assert parse(text).parts == (Filter(ValueCondition("day", value)),)


@pytest.mark.parametrize("text", ["day:13-01", "day:12-32", "day:1-1", "day:2019-12-24", "day:monday"])
def test_what_is_no_day_is_no_filter(text: str) -> None:
    assert not parse(text).restrictions
