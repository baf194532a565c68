"""Photos by day, month and year: sections of the grid, and the place of a date."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING

from safelight.ui import calendar_texts, wording

if TYPE_CHECKING:  # the window loads this before its first paint, and the search language after it
    from safelight.core.query.dates import PartialDate

Days = Sequence[tuple[str, int]]
"""Each day, ``YYYY-MM-DD``, in the order of the grid, and its number of photos."""

_YEARS_BELOW = 104
_DAYS_FROM = 240
"""Cell sizes in pixels at which sections change from years to months, and from months to days."""


class Grouping(StrEnum):
    """What a section of the timeline holds. Stored: never change a value."""

    BY_SIZE = "size"
    """By the size of the thumbnails: years for small ones, days for large ones."""
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


_KEY_LENGTH = {Grouping.MONTH: 7, Grouping.YEAR: 4}


def grouping_for(cell_size: int) -> Grouping:
    """The sections that suit a size of thumbnails."""
    if cell_size < _YEARS_BELOW:
        return Grouping.YEAR
    return Grouping.DAY if cell_size >= _DAYS_FROM else Grouping.MONTH


def days_of(dates: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """The days of sorted dates (``YYYY-MM-DDTHH:MM:SS``).

    Uses exponential search (Bentley and Yao 1976), which looks at only a few dates of each day.
    """
    return tuple(_days(dates))


def _days(dates: Sequence[str]) -> Iterator[tuple[str, int]]:
    start = 0
    while start < len(dates):
        key, step = dates[start][:10], 1
        while start + step < len(dates) and dates[start + step][:10] == key:
            step *= 2
        stop = bisect_left(
            range(min(start + step, len(dates))),
            True,
            lo=start + step // 2,
            key=lambda place: dates[place][:10] != key,
        )
        yield key, stop - start
        start = stop


def section_titles(days: Days, grouping: Grouping) -> Iterable[tuple[str, int]]:
    """The title and the number of photos of each section. ``grouping`` is not BY_SIZE."""
    if grouping is Grouping.DAY:  # thousands of sections, so without grouping
        yield from ((wording.day(key), amount) for key, amount in days)
        return
    length = _KEY_LENGTH[grouping]
    for key, group in groupby(days, key=lambda day: day[0][:length]):
        yield _title(key), sum(amount for _, amount in group)


def _title(key: str) -> str:
    if len(key) == 4 and key.isdecimal():
        return key
    return wording.month(f"{key}-01")


def row_of(days: Days, wanted: PartialDate) -> tuple[int, str]:
    """The first row of a period and the day of its photo; if it has none, the photo that is nearest in the
    order of the grid. ``days`` must not be empty.
    """
    newest_first = days[0][0] >= days[-1][0]
    row = 0
    for key, amount in days:
        if (key < wanted.end) if newest_first else (key >= wanted.first):
            return row, key
        row += amount
    return row - 1, days[-1][0]


def read_date(text: str) -> PartialDate | None:
    """A date as people type it: ``2019``, ``2019-05``, ``2019-05-12``, ``May 2019`` or ``12 May 2019``."""
    from safelight.core.query.dates import PartialDate

    words = text.replace(",", " ").split()
    if len(words) < 2:
        return PartialDate.read(text.strip())
    numbers = [word for word in words if word.isdecimal()]
    months = [number for word in words if (number := _month_number(word))]
    if len(months) != 1 or len(numbers) != len(words) - 1 or not 1 <= len(numbers) <= 2:
        return None
    year = next((number for number in numbers if len(number) == 4), "")
    day = next((number for number in numbers if number != year), "")
    return PartialDate.read("-".join(part for part in (year, str(months[0]), day) if part))


def may_become_date(text: str) -> bool:
    """Whether a text that is not a date yet can be completed to one: ``May``, ``may 20``, ``2019-0``."""
    typed = text.strip()
    before, _, last = typed.rpartition(" ")
    if last.isalpha() and len(last) < 3:  # the beginning of a month
        months = (name for name in calendar_texts.MONTHS if name.casefold().startswith(last.casefold()))
        typed = f"{before} {next(months, last)}".strip()
    endings = ("9", "19", "019", "2019", "-9", "-09", "-1", " 2019", "1")
    return not typed.rstrip(".") or any(read_date(f"{typed}{ending}") is not None for ending in endings)


def _month_number(word: str) -> int:
    """1 to 12 for the name of a month or its first three or more letters; otherwise 0."""
    word = word.rstrip(".").casefold()
    if len(word) < 3:
        return 0
    names = enumerate(("", *calendar_texts.MONTHS))
    return next((number for number, name in names if name.casefold().startswith(word)), 0)
