"""Dates in words ("last summer"), offered as filters and never applied without being asked for.

Only English, and the seasons of the northern hemisphere. "Winter 2019" is not offered, since it may mean
the winter at the beginning of the year or the one at its end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from safelight.core.query.conditions import DateRangeCondition
from safelight.core.query.dates import PartialDate
from safelight.core.query.model import Filter, Words
from safelight.core.query.parser import parse

_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_MONTH_NUMBERS = {
    name: number
    for number, month in enumerate(_MONTHS, 1)
    for name in {month, month[:3], *(("sept",) if month == "september" else ())}
}
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
"""The first month of each; a season is three months."""

_FIRST_YEAR = 1826
"""The year of the oldest known photograph."""

_NAMES = "|".join(sorted({*_MONTH_NUMBERS, *_SEASONS}, key=len, reverse=True))
_SAID = re.compile(
    rf"""(?<!\S)(?:(?:in|from|of|on)\s+(?:the\s+)?)?(?:
        (?P<day>today|yesterday)
        | (?P<which>last|this)\s+(?P<unit>year|month|week|{_NAMES})
        | (?P<name>{_NAMES})\s+(?:of\s+)?(?P<named>[0-9]{{4}})
        | (?P<year>[0-9]{{4}})
    )(?!\S)""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class DateSuggestion:
    """The words ``said`` at ``span`` of the text could become ``filter``."""

    said: str
    span: tuple[int, int]
    filter: Filter

    def applied(self, text: str) -> str:
        """The text with the filter in place of what was said."""
        return text[: self.span[0]] + self.filter.text() + text[self.span[1] :]


def suggest_dates(text: str, today: date) -> tuple[DateSuggestion, ...]:
    """Dates in the free text of a query, in order of appearance; quotations and filters are not searched."""
    found = []
    for part in parse(text).leaves():
        if not isinstance(part, Words):
            continue
        for said in _SAID.finditer(text, *part.span):
            meant = _meant(said, today)
            if meant is not None:
                found.append(DateSuggestion(said[0], said.span(), Filter(meant)))
    return tuple(found)


def _meant(said: re.Match[str], today: date) -> DateRangeCondition | None:
    if said["day"]:
        return _days(today - timedelta(days=said["day"].lower() == "yesterday"), 1)
    if said["which"]:
        return _relative(said["which"].lower() == "last", said["unit"].lower(), today)
    year = int(said["named"] or said["year"])
    if not _FIRST_YEAR <= year <= today.year:
        return None
    if said["year"]:
        return _whole(PartialDate(year))
    name = said["name"].lower()
    if name in _SEASONS:
        return None if name == "winter" else _season(name, year)
    return _whole(PartialDate(year, _MONTH_NUMBERS[name]))


def _relative(last: bool, unit: str, today: date) -> DateRangeCondition | None:
    if unit == "year":
        return _whole(PartialDate(today.year - last))
    if unit == "month":
        month = today.replace(day=1) - timedelta(days=int(last))
        return _whole(PartialDate(month.year, month.month))
    if unit == "week":  # ISO 8601: from Monday
        return _days(today - timedelta(days=today.weekday() + 7 * last), 7)
    if not last:
        return None  # "this may" and "this summer" are rarely dates
    if unit in _SEASONS:
        # A winter that ended this year began the year before.
        return next(
            season
            for season in (_season(unit, today.year - back) for back in range(3))
            if season.until is not None and season.until < PartialDate(today.year, today.month)
        )
    month_number = _MONTH_NUMBERS[unit]
    return _whole(PartialDate(today.year - (today.month <= month_number), month_number))


def _season(name: str, year: int) -> DateRangeCondition:
    first = _SEASONS[name]
    end = PartialDate(year + 1, first - 10) if first > 10 else PartialDate(year, first + 2)
    return DateRangeCondition(PartialDate(year, first), end)


def _days(first: date, count: int) -> DateRangeCondition:
    last = first + timedelta(days=count - 1)
    return DateRangeCondition(
        PartialDate(first.year, first.month, first.day), PartialDate(last.year, last.month, last.day)
    )


def _whole(period: PartialDate) -> DateRangeCondition:
    return DateRangeCondition(period, period)
