"""Names of months and weekdays, and dates in words, in the language of the window.

Python and Qt take names from the system's language, for which Safelight may have no translation. Then a
window would have two languages.
"""

from __future__ import annotations

from safelight.ui.translation import translate

MONTHS = (
    translate("Calendar", "January"),
    translate("Calendar", "February"),
    translate("Calendar", "March"),
    translate("Calendar", "April"),
    translate("Calendar", "May"),
    translate("Calendar", "June"),
    translate("Calendar", "July"),
    translate("Calendar", "August"),
    translate("Calendar", "September"),
    translate("Calendar", "October"),
    translate("Calendar", "November"),
    translate("Calendar", "December"),
)
SHORT_MONTHS = (
    translate("Calendar", "Jan"),
    translate("Calendar", "Feb"),
    translate("Calendar", "Mar"),
    translate("Calendar", "Apr"),
    translate("Calendar", "May", "short"),
    translate("Calendar", "Jun"),
    translate("Calendar", "Jul"),
    translate("Calendar", "Aug"),
    translate("Calendar", "Sep"),
    translate("Calendar", "Oct"),
    translate("Calendar", "Nov"),
    translate("Calendar", "Dec"),
)
WEEKDAYS = (
    translate("Calendar", "Monday"),
    translate("Calendar", "Tuesday"),
    translate("Calendar", "Wednesday"),
    translate("Calendar", "Thursday"),
    translate("Calendar", "Friday"),
    translate("Calendar", "Saturday"),
    translate("Calendar", "Sunday"),
)

_MONTH = translate("Calendar", "{month} {year}")
_DATE = translate("Calendar", "{day} {month} {year}")
_WITH_TIME = translate("Calendar", "{date}, {time}")
_WITH_WEEKDAY = translate("Calendar", "{weekday}, {date}")


def month_and_year(month: int, year: int) -> str:
    """``May 2019``; months count from 1."""
    return _MONTH.format(month=MONTHS[month - 1], year=year)


def date_in_words(day: int, month: int, year: int, *, short: bool = False) -> str:
    """``12 May 2019``; months count from 1. ``short`` abbreviates the month."""
    names = SHORT_MONTHS if short else MONTHS
    return _DATE.format(day=day, month=names[month - 1], year=year)


def with_time(date: str, hour: int, minute: int) -> str:
    """``12 May 2019, 10:30``"""
    return _WITH_TIME.format(date=date, time=f"{hour:02}:{minute:02}")


def with_weekday(weekday: int, date: str) -> str:
    """``Sunday, 12 May 2019``; weekdays count from 0, which is Monday."""
    return _WITH_WEEKDAY.format(weekday=WEEKDAYS[weekday], date=date)
